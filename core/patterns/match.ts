import { isObject, type JsonObject } from '../text/shape.ts';
import { isInCidr, parseCidr } from './cidr.ts';
import { type Comparison, type Operator, OR, type Pattern } from './pattern.ts';
import { parseWildcard, wildcardTest } from './wildcard.ts';

/** Whether an event, a parsed JSON value, is what the pattern says. Never throws, whatever the value. */
export type Matcher = (event: unknown) => boolean;

/** A value without parts. */
type Leaf = string | number | boolean | null;
type Test = (leaf: Leaf) => boolean;
/** Names from the event's own fields on. */
type Path = readonly string[];

/** What a field may be, compiled. */
interface FieldTest {
  readonly path: Path;
  readonly test: Test;
  /** Also where the event has no value at this path. */
  readonly mayBeAbsent: boolean;
}

/** One combination of the alternatives of a pattern: fields that all have to match. */
interface Branch {
  readonly tests: ReadonlyMap<string, FieldTest>;
  readonly inner: ReadonlyMap<string, Branch>;
}

const EMPTY: Branch = { tests: new Map(), inner: new Map() };

/**
 * Makes the matcher of a pattern that `faultOfPattern` finds in order.
 *
 * An event that is not an object matches nothing. Fields of one object in a list are looked at together: the pattern
 * `{"lines":{"sku":["a"],"count":[1]}}` matches where one line has both. A value is absent where it stands nowhere in the event,
 * in no element of any list. Each combination of alternatives is looked at by itself, and within it each value once for each
 * field: so the cost is the event's length times `comparisonsOf`, at worst.
 */
export function matcherOf(pattern: Pattern): Matcher {
  const branches = branchesOf(pattern, []);
  return (event) => {
    if (!isObject(event)) return false;
    const isAbsent = absenceIn(event);
    return branches.some((branch) => matchesBranch(branch, event, isAbsent));
  };
}

/** Looks once for each path: an element of a list would ask again for the whole event. */
function absenceIn(event: JsonObject): (path: Path) => boolean {
  const known = new Map<Path, boolean>();
  return (path) => {
    const isAbsent = known.get(path) ?? isAbsentAt(event, path);
    known.set(path, isAbsent);
    return isAbsent;
  };
}

function branchesOf(pattern: Pattern, path: Path): readonly Branch[] {
  return Object.entries(pattern).reduce<readonly Branch[]>(
    (branches, [name, inner]) => {
      const added = addedBranches(name, inner, path);
      return branches.flatMap((branch) => added.map((one) => joined(branch, one)));
    },
    [EMPTY],
  );
}

function addedBranches(name: string, inner: Pattern[string], path: Path): readonly Branch[] {
  if (name === OR) return (inner as readonly Pattern[]).flatMap((one) => branchesOf(one, path));
  if (!Array.isArray(inner)) {
    const within = branchesOf(inner as Pattern, [...path, name]);
    return within.map((branch) => ({ ...EMPTY, inner: new Map([[name, branch]]) }));
  }
  const comparisons: readonly Comparison[] = inner;
  const test = { path: [...path, name], test: testOf(comparisons), mayBeAbsent: comparisons.some(isAbsence) };
  return [{ ...EMPTY, tests: new Map([[name, test]]) }];
}

/** Both, field by field: an object that both look into is looked into once. */
function joined(one: Branch, other: Branch): Branch {
  const inner = new Map(one.inner);
  for (const [name, branch] of other.inner) {
    const same = inner.get(name);
    inner.set(name, same ? joined(same, branch) : branch);
  }
  return { tests: new Map([...one.tests, ...other.tests]), inner };
}

/** @param value the object that the branch is about; undefined where the event has none */
function matchesBranch(
  { tests, inner }: Branch,
  value: JsonObject | undefined,
  isAbsent: (path: Path) => boolean,
): boolean {
  for (const [name, { path, test, mayBeAbsent }] of tests) {
    if (!someLeaf(own(value, name), test) && !(mayBeAbsent && isAbsent(path))) return false;
  }
  for (const [name, branch] of inner) {
    const below = own(value, name);
    const beside = tests.get(name);
    const within =
      beside && !(beside.mayBeAbsent && isAbsent(beside.path)) ? listsHolding(below, beside.test) : [below];
    const matches = (object: JsonObject) => matchesBranch(branch, object, isAbsent);
    if (
      !within.some((one) => someObject(one, matches)) &&
      (isObject(below) || !matchesBranch(branch, undefined, isAbsent))
    )
      return false;
  }
  return true;
}

/**
 * Outermost lists that hold a value which passes, by themselves and not in a list in them. Where a pattern wants of one field both
 * a value and an object, the object stands in such a list, at any depth: elsewhere it is in another element than the value.
 * A value that is no list is what it is.
 */
function listsHolding(value: unknown, test: Test): readonly unknown[] {
  if (!Array.isArray(value)) return [value];
  const found: unknown[] = [];
  const left: (readonly unknown[])[] = [value];
  for (let list = left.pop(); list !== undefined; list = left.pop()) {
    if (list.some((element) => isLeaf(element) && test(element))) found.push(list);
    else for (const element of list) if (Array.isArray(element)) left.push(element);
  }
  return found;
}

/** Whether there is no value at the path, in any element of the lists on the way. */
function isAbsentAt(object: JsonObject, path: Path): boolean {
  const [name = '', ...further] = path;
  const below = own(object, name);
  return further.length === 0
    ? !someLeaf(below, () => true)
    : !someObject(below, (inner) => !isAbsentAt(inner, further));
}

/** Whether a value without parts passes: this one, or one in this list, or in a list in it. */
function someLeaf(value: unknown, test: Test): boolean {
  return someElement(value, (element) => isLeaf(element) && test(element));
}

/** Whether an object passes: this one, or one in this list, or in a list in it. */
function someObject(value: unknown, test: (object: JsonObject) => boolean): boolean {
  return someElement(value, (element) => isObject(element) && test(element));
}

/** By a list of what is left: lists can stand one in another deeper than the stack. */
function someElement(value: unknown, test: (element: unknown) => boolean): boolean {
  if (!Array.isArray(value)) return test(value);
  const left: (readonly unknown[])[] = [value];
  for (let list = left.pop(); list !== undefined; list = left.pop()) {
    for (const element of list) {
      if (Array.isArray(element)) left.push(element);
      else if (test(element)) return true;
    }
  }
  return false;
}

function isLeaf(value: unknown): value is Leaf {
  return value !== undefined && (value === null || typeof value !== 'object');
}

function own(value: JsonObject | undefined, name: string): unknown {
  return value && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isAbsence(comparison: Comparison): boolean {
  return typeof comparison === 'object' && comparison !== null && 'exists' in comparison && !comparison.exists;
}

function testOf(comparisons: readonly Comparison[]): Test {
  const equal = new Set<unknown>(comparisons.filter((one) => !isObject(one)));
  const tests = comparisons.filter((one): one is Operator => isObject(one)).map(operatorTest);
  return (leaf) => equal.has(leaf) || tests.some((test) => test(leaf));
}

function operatorTest(operator: Operator): Test {
  if ('anything-but' in operator) return anythingButTest(operator['anything-but']);
  if ('numeric' in operator) return numericTest(operator.numeric);
  if ('exists' in operator) return () => operator.exists;
  const test = textTest(operator);
  return (leaf) => typeof leaf === 'string' && test(leaf);
}

type TextOperator = Exclude<Operator, { 'anything-but': unknown } | { numeric: unknown } | { exists: unknown }>;

function textTest(operator: TextOperator): (text: string) => boolean {
  if ('prefix' in operator) {
    const { prefix } = operator;
    if (typeof prefix === 'string') return (text) => text.startsWith(prefix);
    const { 'equals-ignore-case': beginning } = prefix;
    const isEqual = ignoringCase(beginning);
    return (text) => isEqual(text.slice(0, beginning.length));
  }
  if ('suffix' in operator) {
    const { suffix } = operator;
    if (typeof suffix === 'string') return (text) => text.endsWith(suffix);
    const { 'equals-ignore-case': end } = suffix;
    const isEqual = ignoringCase(end);
    return (text) => isEqual(text.slice(Math.max(0, text.length - end.length)));
  }
  if ('wildcard' in operator) {
    const wildcard = parseWildcard(operator.wildcard);
    return wildcard.kind === 'value' ? wildcardTest(wildcard.value) : () => false;
  }
  if ('cidr' in operator) {
    const cidr = parseCidr(operator.cidr);
    return (text) => cidr.kind === 'value' && isInCidr(text, cidr.value);
  }
  return ignoringCase(operator['equals-ignore-case']);
}

/** Anything else passes, of whatever kind: it is there, and is not what is named. */
function anythingButTest(operand: (Operator & { 'anything-but': unknown })['anything-but']): Test {
  if (!isObject(operand)) {
    const named = new Set<unknown>([operand].flat());
    return (leaf) => !named.has(leaf);
  }
  const tests = Object.entries(operand).flatMap(([name, texts]) =>
    [texts].flat().map((text) => textTest({ [name]: text } as unknown as TextOperator)),
  );
  return (leaf) => typeof leaf !== 'string' || !tests.some((test) => test(leaf));
}

function numericTest([operator, bound, second, other]: readonly (string | number)[]): Test {
  const lower = boundTest(operator, bound);
  const upper = second === undefined ? undefined : boundTest(second, other);
  return (leaf) => typeof leaf === 'number' && lower(leaf) && (upper?.(leaf) ?? true);
}

function boundTest(operator: unknown, operand: unknown): (number: number) => boolean {
  const bound = Number(operand);
  switch (operator) {
    case '<':
      return (number) => number < bound;
    case '<=':
      return (number) => number <= bound;
    case '>':
      return (number) => number > bound;
    case '>=':
      return (number) => number >= bound;
    default:
      return (number) => number === bound;
  }
}

/** Letter by letter: each is the wanted one, its capital or its small letter. */
function ignoringCase(wanted: string): (text: string) => boolean {
  const [small, capital] = [wanted.toLowerCase(), wanted.toUpperCase()];
  if (small.length !== wanted.length || capital.length !== wanted.length) {
    return (text) => text.toLowerCase() === small;
  }
  return (text) => {
    if (text.length !== wanted.length) return false;
    for (let at = 0; at < text.length; at += 1) {
      const letter = text[at];
      if (letter !== wanted[at] && letter !== small[at] && letter !== capital[at]) return false;
    }
    return true;
  };
}
