import { nearest } from '../text/nearest.ts';
import { quoted } from '../text/parsed.ts';
import { isObject, type JsonObject } from '../text/shape.ts';
import { parseCidr } from './cidr.ts';
import { parseWildcard } from './wildcard.ts';

/**
 * An event pattern of EventBridge: names of fields, and lists of what their values may be. All fields that it names have to
 * match; of a list, one of its members does. Of a list in the event, one of its elements does.
 *
 * ```json
 * { "source": ["warm-up"], "detail": { "state": [{ "anything-but": ["stopped"] }], "count": [{ "numeric": [">", 0] }] } }
 * ```
 *
 * Source: Amazon EventBridge user guide, "Comparison operators for use in event patterns",
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export interface Pattern {
  readonly [name: string]: Pattern | readonly Comparison[] | readonly Pattern[];
}

/** What a value is compared with: itself, or an operator. */
export type Comparison = string | number | boolean | null | Operator;

/** An operator and its operand: one in each pair of braces. */
export type Operator =
  | { readonly prefix: string | IgnoringCase }
  | { readonly suffix: string | IgnoringCase }
  | IgnoringCase
  | { readonly wildcard: string }
  | { readonly 'anything-but': string | number | readonly string[] | readonly number[] | AnythingBut }
  | { readonly numeric: readonly (string | number)[] }
  | { readonly cidr: string }
  | { readonly exists: boolean };

interface IgnoringCase {
  readonly 'equals-ignore-case': string;
}

/** An operator of texts that `anything-but` turns round. */
type AnythingBut =
  | { readonly prefix: string | readonly string[] }
  | { readonly suffix: string | readonly string[] }
  | { readonly 'equals-ignore-case': string | readonly string[] }
  | { readonly wildcard: string | readonly string[] };

/** Of the members of this list of patterns one has to match. */
export const OR = '$or';

/** Names that stand one in another, so that nothing that reads a pattern runs out of stack. */
const MAX_DEPTH = 10;
/** What one comparison counts that goes through a text letter by letter. */
const LETTER_BY_LETTER = 10;
const EXAMPLE = '{"type":["warm-up"]}';

/** Name of an operator, by the types above. */
type OperatorName = Operator extends infer One ? (One extends unknown ? keyof One : never) : never;
type Check = (operand: unknown, place: string) => string | undefined;

/** Each operator with the check of its operand. */
const OPERATORS: { readonly [Name in OperatorName]: Check } = {
  prefix: faultOfBeginning,
  suffix: faultOfBeginning,
  'equals-ignore-case': faultOfText,
  wildcard: faultOfWildcard,
  'anything-but': faultOfAnythingBut,
  numeric: faultOfNumeric,
  cidr: faultOfCidr,
  exists: (operand, place) =>
    typeof operand === 'boolean' ? undefined : `${place}: ${quoted(operand)} is neither true nor false; write one`,
};

/** What `anything-but` takes beside texts and numbers, each with the check of one text. */
const TURNED_ROUND: Readonly<Record<string, Check>> = {
  prefix: faultOfSomeText,
  suffix: faultOfSomeText,
  'equals-ignore-case': faultOfText,
  wildcard: faultOfWildcard,
};

/**
 * What is wrong with a value as a {@link Pattern}: place and remedy of the first fault. Never throws, however deep the value.
 *
 * As strict as EventBridge where that is strict, and where it lets a slip pass: a field that is named beside `$or` and in it
 * is refused, where EventBridge takes the one for the other.
 */
export function faultOfPattern(value: unknown, place: string): string | undefined {
  return faultOfFields(value, place, 1) ?? faultOfRepeats(value as Pattern, place);
}

/**
 * What matching costs, for each value of a field in the event: the comparisons that a pattern names, for each combination of
 * what its `$or` lists offer. A list of values to be equal to is one; `wildcard`, `equals-ignore-case` and `cidr` are ten each.
 */
export function comparisonsOf(pattern: Pattern): number {
  return combinationsOf(pattern) * comparisonsIn(pattern);
}

function faultOfFields(value: unknown, place: string, depth: number): string | undefined {
  if (!isObject(value)) return `${place}: ${quoted(value)} is no event pattern; write one such as ${EXAMPLE}`;
  if (depth > MAX_DEPTH) return `${place}: is deeper than ${MAX_DEPTH} names; name a field that is less deep`;
  const fields = Object.entries(value);
  if (fields.length === 0) return `${place}: names no field; write one, such as ${EXAMPLE}`;
  for (const [name, inner] of fields) {
    const fault = faultOfField(name, inner, placeIn(place, name), depth);
    if (fault) return fault;
  }
  return undefined;
}

function faultOfField(name: string, inner: unknown, place: string, depth: number): string | undefined {
  if (name === OR) return faultOfAlternatives(inner, place, depth);
  if (Array.isArray(inner)) return faultOfComparisons(inner, place);
  if (isObject(inner)) return faultOfFields(inner, place, depth + 1);
  return isNameIn(OPERATORS, name)
    ? `${place}: an operator stands in a list; write [{"${name}":${quoted(inner)}}]`
    : `${place}: ${quoted(inner)} stands alone; write a list of what the value may be, [${quoted(inner)}]`;
}

function faultOfAlternatives(value: unknown, place: string, depth: number): string | undefined {
  if (!Array.isArray(value) || value.length < 2)
    return `${place}: must be a list of at least two patterns, of which one has to match`;
  for (const [index, alternative] of value.entries()) {
    const fault = faultOfFields(alternative, `${place}[${index}]`, depth + 1);
    if (fault) return fault;
    const operator = Object.keys(alternative).find((name) => isNameIn(OPERATORS, name));
    if (operator !== undefined)
      return `${place}[${index}]: ${quoted(operator)} is an operator, and here the name of a field stands; write {"field":[{"${operator}":…}]}`;
  }
  return undefined;
}

function faultOfComparisons(values: readonly unknown[], place: string): string | undefined {
  if (values.length === 0) return `${place}: is an empty list, which no value matches; name a value`;
  for (const [index, value] of values.entries()) {
    const fault = faultOfComparison(value, `${place}[${index}]`);
    if (fault) return fault;
  }
  return undefined;
}

function faultOfComparison(value: unknown, place: string): string | undefined {
  if (isObject(value)) return faultOfOperator(value, place);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (Array.isArray(value)) return `${place}: is a list in the list; write its members into the outer one`;
  return faultOfNumber(value, place);
}

function faultOfOperator(value: JsonObject, place: string): string | undefined {
  const [first, second] = Object.entries(value);
  if (!first) return `${place}: has no operator; write one of ${namesOf(OPERATORS)}`;
  const [name, operand] = first;
  if (second) return `${place}: has two operators; write {"${name}":…} and ${quoted(second[0])} as members of the list`;
  return isNameIn(OPERATORS, name) ? OPERATORS[name](operand, placeIn(place, name)) : unknownIn(OPERATORS, name, place);
}

function faultOfBeginning(operand: unknown, place: string): string | undefined {
  if (!isObject(operand)) return faultOfText(operand, place);
  const { 'equals-ignore-case': text, ...others } = operand;
  const [other] = Object.keys(others);
  if (other !== undefined)
    return `${place}: ${quoted(other)} does not go here; write a text, or {"equals-ignore-case":"…"}`;
  return faultOfText(text, `${place}.equals-ignore-case`);
}

function faultOfAnythingBut(operand: unknown, place: string): string | undefined {
  if (!isObject(operand))
    return faultOfOneOrSome(operand, place, faultOfTextOrNumber) ?? faultOfMixture(operand, place);
  const [first, second] = Object.entries(operand);
  if (!first || second) return `${place}: must have one of ${namesOf(TURNED_ROUND)}`;
  const [name, texts] = first;
  return isNameIn(TURNED_ROUND, name) && TURNED_ROUND[name]
    ? faultOfOneOrSome(texts, placeIn(place, name), TURNED_ROUND[name])
    : unknownIn(TURNED_ROUND, name, place);
}

function faultOfOneOrSome(operand: unknown, place: string, faultOf: Check): string | undefined {
  if (!Array.isArray(operand)) return faultOf(operand, place);
  if (operand.length === 0) return `${place}: is an empty list; name what the value may not be`;
  for (const [index, one] of operand.entries()) {
    const fault = faultOf(one, `${place}[${index}]`);
    if (fault) return fault;
  }
  return undefined;
}

function faultOfTextOrNumber(operand: unknown, place: string): string | undefined {
  if (typeof operand === 'string') return undefined;
  return typeof operand === 'number'
    ? faultOfNumber(operand, place)
    : `${place}: ${quoted(operand)} is neither a text nor a number; write one`;
}

function faultOfMixture(operand: unknown, place: string): string | undefined {
  const isMixed = Array.isArray(operand) && operand.some((one) => typeof one !== typeof operand[0]);
  return isMixed ? `${place}: mixes texts and numbers; write one operator for each kind` : undefined;
}

function faultOfText(operand: unknown, place: string): string | undefined {
  return typeof operand === 'string' ? undefined : `${place}: ${quoted(operand)} is not a text; write one`;
}

/** EventBridge's own rule: every text begins with nothing, so that nothing would be left. */
function faultOfSomeText(operand: unknown, place: string): string | undefined {
  return operand === '' ? `${place}: is empty, and every text has that; write a text` : faultOfText(operand, place);
}

function faultOfWildcard(operand: unknown, place: string): string | undefined {
  const fault = faultOfText(operand, place);
  if (fault) return fault;
  const wildcard = parseWildcard(operand as string);
  return wildcard.kind === 'fault' ? `${place}: ${quoted(operand)} ${wildcard.message}` : undefined;
}

function faultOfCidr(operand: unknown, place: string): string | undefined {
  const fault = faultOfText(operand, place);
  if (fault) return fault;
  const range = parseCidr(operand as string);
  return range.kind === 'fault' ? `${place}: ${quoted(operand)} ${range.message}` : undefined;
}

/** One bound, or two: a lower one and then an upper one. */
function faultOfNumeric(operand: unknown, place: string): string | undefined {
  const remedy = 'write one such as [">",0], or two such as [">=",0,"<",10]';
  if (!Array.isArray(operand)) return `${place}: ${quoted(operand)} is no list of bounds; ${remedy}`;
  const [first, bound, second, other] = operand;
  const isRange = operand.length === 4 && (first === '>' || first === '>=') && (second === '<' || second === '<=');
  const isOne = operand.length === 2 && ['=', '<', '<=', '>', '>='].includes(first);
  if (!isOne && !isRange) return `${place}: is neither one bound nor a lower and an upper one; ${remedy}`;
  const fault = faultOfNumber(bound, `${place}[1]`) ?? (isRange ? faultOfNumber(other, `${place}[3]`) : undefined);
  if (fault) return fault;
  return isRange && bound >= other
    ? `${place}: no number lies between ${bound} and ${other}; write the lower bound first`
    : undefined;
}

function faultOfNumber(operand: unknown, place: string): string | undefined {
  return Number.isFinite(operand) ? undefined : `${place}: ${quoted(operand)} is not a number; write one`;
}

/** A field that is named twice has no meaning that everybody reads into it: in EventBridge the later one holds. */
function faultOfRepeats(pattern: Pattern, place: string): string | undefined {
  const named = new Set<string>();
  const twice = pathsIn(pattern, place).find((path) => named.size === named.add(path).size);
  if (twice !== undefined)
    return `${twice}: is named beside ${OR} and in it, or in two of them; name it in one of both`;
  for (const alternative of alternativesIn(pattern)) {
    const fault = faultOfRepeats(alternative, place);
    if (fault) return fault;
  }
  return undefined;
}

/** Places of all fields; of the alternatives of one list each once. */
function pathsIn(pattern: Pattern, place: string): readonly string[] {
  return Object.entries(pattern).flatMap(([name, inner]) => {
    if (name === OR) return [...new Set((inner as readonly Pattern[]).flatMap((one) => pathsIn(one, place)))];
    return Array.isArray(inner) ? [placeIn(place, name)] : pathsIn(inner as Pattern, placeIn(place, name));
  });
}

/** Alternatives at any depth, but for those within alternatives. */
function alternativesIn(pattern: Pattern): readonly Pattern[] {
  return Object.entries(pattern).flatMap(([name, inner]) => {
    if (name === OR) return inner as readonly Pattern[];
    return Array.isArray(inner) ? [] : alternativesIn(inner as Pattern);
  });
}

function combinationsOf(pattern: Pattern): number {
  return Object.entries(pattern).reduce((count, [name, inner]) => {
    if (name === OR) return count * (inner as readonly Pattern[]).reduce((sum, one) => sum + combinationsOf(one), 0);
    return Array.isArray(inner) ? count : count * combinationsOf(inner as Pattern);
  }, 1);
}

function comparisonsIn(pattern: Pattern): number {
  return Object.entries(pattern).reduce((count, [name, inner]) => {
    if (name === OR) return (inner as readonly Pattern[]).reduce((sum, one) => sum + comparisonsIn(one), count);
    return (
      count + (Array.isArray(inner) ? comparisonsWith(inner as readonly Comparison[]) : comparisonsIn(inner as Pattern))
    );
  }, 0);
}

/** Values that have to be equal are one look, however many they are. */
function comparisonsWith(comparisons: readonly Comparison[]): number {
  const operators = comparisons.filter((one) => isObject(one));
  return operators.reduce<number>(
    (count, operator) => count + comparisonsBy(operator),
    operators.length < comparisons.length ? 1 : 0,
  );
}

/** Those that go through a value letter by letter count for more; of several texts, which are tried in turn, each counts. */
function comparisonsBy(operator: unknown): number {
  const [[name, operand] = []] = Object.entries(isObject(operator) ? operator : {});
  if (name === 'wildcard' || name === 'equals-ignore-case' || name === 'cidr')
    return LETTER_BY_LETTER * [operand].flat().length;
  if (isObject(operand)) return comparisonsBy(operand);
  return name === 'prefix' || name === 'suffix' ? [operand].flat().length : 1;
}

function unknownIn(known: object, name: string, place: string): string {
  const meant = nearest(name, Object.keys(known));
  return `${place}: ${quoted(name)} is no operator; ${meant ? `did you mean ${meant}?` : `use ${namesOf(known)}`}`;
}

function isNameIn<Known extends object>(known: Known, name: string): name is Extract<keyof Known, string> {
  return Object.hasOwn(known, name);
}

function namesOf(known: object): string {
  return Object.keys(known).join(', ');
}

function placeIn(place: string, name: string): string {
  return `${place}.${/^[\w$][\w-]{0,40}$/.test(name) ? name : quoted(name)}`;
}
