import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matcherOf } from '../../core/patterns/match.ts';
import {
  type Comparison,
  comparisonsOf,
  faultOfPattern,
  type Operator,
  type Pattern,
} from '../../core/patterns/pattern.ts';
import { parseWildcard, wildcardTest } from '../../core/patterns/wildcard.ts';
import { parsePolicy } from '../../core/sources/policy.ts';
import { smallEvents, smallPatterns } from '../data/event-patterns.ts';
import { countWork } from './work-count.ts';

const VALUE_AND_OBJECT = { c: ['x'], $or: [{ c: { a: [0] } }, { b: [0] }] };

describe('event patterns', () => {
  it('match what a naive reading of them matches', () => {
    let matching = 0;
    fc.assert(
      fc.property(smallPatterns(), smallEvents(), (pattern, event) => {
        fc.pre(faultOfPattern(pattern, 'match') === undefined);
        const matches = matcherOf(pattern as Pattern)(event);
        if (matches) matching++;
        expect(matches).toBe(naively(pattern as Pattern, event));
      }),
      {
        numRuns: 5_000,
        // A value and an object of one field: in one element of a list or another, and the value in none.
        examples: [
          [VALUE_AND_OBJECT, { c: [{ a: 0 }, ['x']] }],
          [VALUE_AND_OBJECT, { c: [{ a: 0 }, 'x'] }],
          [VALUE_AND_OBJECT, { c: ['x', [{ a: 0 }]] }],
          [VALUE_AND_OBJECT, { c: [[{ a: 0 }, 'x'], ['x']] }],
        ],
      },
    );
    expect(matching).toBeGreaterThan(200);
  });

  it('are read or refused in one line, and met by any event, whatever either says', () => {
    const operator = fc.dictionary(
      fc.constantFrom('prefix', 'wildcard', 'anything-but', 'numeric', 'cidr'),
      fc.jsonValue(),
    );
    const patterns = fc.oneof(
      fc.jsonValue(),
      smallPatterns(),
      fc.dictionary(fc.constantFrom('a', '$or', '__proto__'), fc.oneof(fc.jsonValue(), fc.array(operator))),
    );
    fc.assert(
      fc.property(patterns, fc.oneof(fc.jsonValue(), smallEvents()), (pattern, event) => {
        const fault = faultOfPattern(pattern, 'match');
        if (fault === undefined) expect(typeof matcherOf(pattern as Pattern)(event)).toBe('boolean');
        else expect(fault).toMatch(/^match[^\n\r]{10,1000}$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('read a wildcard as the expression that says the same', () => {
    const pieces = fc.array(fc.constantFrom('a', 'b', '*', '\\*', '\\\\', '.', 'é', '💡'), { maxLength: 8 });
    const texts = fc.array(fc.constantFrom('a', 'b', '*', '\\', '.', 'é', '💡', '\n'), { maxLength: 12 });
    fc.assert(
      fc.property(pieces, texts, (wildcard, text) => {
        const parsed = parseWildcard(wildcard.join(''));
        fc.pre(parsed.kind === 'value');
        const source = wildcard.map((piece) => (piece === '*' ? '.*' : escaped(piece.replace(/^\\(?=.)/, ''))));
        const matches = wildcardTest(parsed.kind === 'value' ? parsed.value : [])(text.join(''));
        expect(matches).toBe(new RegExp(`^${source.join('')}$`, 'su').test(text.join('')));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('rules', () => {
  it('stay what they are in print', () => {
    fc.assert(
      fc.property(smallPatterns(), fc.constantFrom('answer', 'reject', 'defer', 'dispatch'), (match, action) => {
        const rules = [{ match, do: action }];
        const parsed = parsePolicy({ rules }, 'policy');
        fc.pre(parsed.kind === 'policy');
        const again = parsePolicy(JSON.parse(JSON.stringify(parsed.kind === 'policy' && parsed.policy)), 'policy');
        expect(again).toEqual(parsed);
      }),
    );
  });

  /** Steps for each character of an event and each comparison. */
  const MOST_STEPS = 12;
  const LENGTH = 40_000;
  const list = (value: unknown) => ({
    a: Array.from({ length: LENGTH / (JSON.stringify(value).length + 1) }, () => value),
  });
  const many = (count: number, make: (index: number) => unknown) =>
    Array.from({ length: count }, (_, index) => make(index));

  it.each<[string, unknown, unknown]>([
    [
      'wildcards over one text',
      { a: many(20, (n) => ({ wildcard: `*aaaaaaaaaaaaaaab${n}*a*` })) },
      { a: 'a'.repeat(LENGTH) },
    ],
    ['wildcards over texts', { a: many(20, (n) => ({ wildcard: `*${n}*` })) }, list('')],
    [
      'letters of any case',
      { a: many(20, (n) => ({ 'equals-ignore-case': `${'A'.repeat(20)}${n % 10}` })) },
      list('a'.repeat(21)),
    ],
    ['numbers', { a: many(200, (n) => ({ numeric: ['>', n] })) }, list(0)],
    ['addresses', { a: many(20, (n) => ({ cidr: `${n}::/16` })) }, list('::1')],
    ['absence in objects', { a: { b: [{ exists: false }], c: ['x'], d: [{ exists: false }] } }, list({ c: 'y' })],
    ['alternatives', { $or: many(14, (n) => ({ a: { b: [`x${n}`] } })) }, list({ b: 'q' })],
    [
      'alternatives of alternatives',
      { $or: many(2, (n) => ({ $or: many(4, (m) => ({ a: { [`b${n}${m}`]: ['x'] } })) })) },
      list({ b00: 'q' }),
    ],
    [
      'lists in lists',
      { a: ['x', { exists: false }] },
      { a: JSON.parse(`${'['.repeat(LENGTH / 2)}${']'.repeat(LENGTH / 2)}`) },
    ],
  ])('cost no more than their comparisons times the event: %s', async (_, match, event) => {
    expect(parsePolicy({ rules: [{ match, do: 'answer' }] }, 'policy')).toMatchObject({ kind: 'policy' });
    await using work = await countWork('/core/patterns/');
    const matches = matcherOf(match as Pattern);
    const steps = await work.during(async () => expect(typeof matches(event)).toBe('boolean'));
    expect(steps / (LENGTH * comparisonsOf(match as Pattern))).toBeLessThan(MOST_STEPS);
  });
});

/** A field of an event, flattened: its path, its value, and the elements of lists that it stands in. */
interface Field {
  readonly path: string;
  readonly value: unknown;
  readonly elements: ReadonlyMap<string, number>;
}

/** As the library does it: flat fields, every combination of alternatives, every choice of one field for each name. */
function naively(pattern: Pattern, event: Record<string, unknown>): boolean {
  const fields = fieldsOf(event, '', new Map());
  return combinationsOf(pattern, '').some((combination) => choices(combination, fields, new Map()));
}

function choices(
  [first, ...others]: readonly (readonly [string, readonly Comparison[]])[],
  fields: readonly Field[],
  chosen: ReadonlyMap<string, number>,
): boolean {
  if (!first) return true;
  const [path, comparisons] = first;
  const here = fields.filter((field) => field.path === path);
  const mayBeAbsent = comparisons.some((one) => JSON.stringify(one) === '{"exists":false}');
  if (mayBeAbsent && here.length === 0) return choices(others, fields, chosen);
  return here.some(
    ({ value, elements }) =>
      comparisons.some((one) => isMet(one, value)) &&
      [...elements].every(([list, index]) => (chosen.get(list) ?? index) === index) &&
      choices(others, fields, new Map([...chosen, ...elements])),
  );
}

function combinationsOf(
  pattern: Pattern,
  path: string,
): readonly (readonly (readonly [string, readonly Comparison[]])[])[] {
  let all: (readonly (readonly [string, readonly Comparison[]])[])[] = [[]];
  for (const [name, inner] of Object.entries(pattern)) {
    const added =
      name === '$or'
        ? (inner as readonly Pattern[]).flatMap((one) => combinationsOf(one, path))
        : Array.isArray(inner)
          ? [[[`${path}.${name}`, inner as readonly Comparison[]] as const]]
          : combinationsOf(inner as Pattern, `${path}.${name}`);
    all = all.flatMap((one) => added.map((other) => [...one, ...other]));
  }
  return all;
}

let lists = 0;
function fieldsOf(value: unknown, path: string, elements: ReadonlyMap<string, number>): readonly Field[] {
  if (Array.isArray(value)) {
    const list = String(lists++);
    return value.flatMap((one, index) =>
      fieldsOf(one, path, typeof one === 'object' && one ? new Map([...elements, [list, index]]) : elements),
    );
  }
  if (typeof value !== 'object' || value === null) return [{ path, value, elements }];
  return Object.entries(value).flatMap(([name, inner]) => fieldsOf(inner, `${path}.${name}`, elements));
}

function isMet(comparison: Comparison, value: unknown): boolean {
  if (typeof comparison !== 'object' || comparison === null) return comparison === value;
  const [[name, operand] = ['', undefined]] = Object.entries(comparison as Readonly<Record<string, unknown>>);
  switch (name) {
    case 'exists':
      return operand === true;
    case 'anything-but': {
      if (typeof operand !== 'object' || Array.isArray(operand))
        return !([operand].flat() as unknown[]).includes(value);
      const [[inner, texts] = ['', []]] = Object.entries(operand as object);
      return ![texts].flat().some((text) => isMet({ [inner]: text } as unknown as Operator, value));
    }
    case 'numeric': {
      const bounds = operand as readonly unknown[];
      if (typeof value !== 'number') return false;
      return [0, 2].every((at) => {
        const bound = Number(bounds[at + 1]);
        const isLess = value < bound;
        if (bounds[at] === undefined) return true;
        if (value === bound) return String(bounds[at]).includes('=');
        return String(bounds[at]).startsWith('<') ? isLess : String(bounds[at]).startsWith('>') && !isLess;
      });
    }
    case 'cidr': {
      const beginning =
        operand === '10.0.0.0/24' ? /^10\.0\.0\.\d+$/ : operand === '10.0.0.0/8' ? /^10(\.\d+){3}$/ : /^11\./;
      return typeof value === 'string' && beginning.test(value);
    }
    default:
      return typeof value === 'string' && isMetByText(name, operand, value);
  }
}

function isMetByText(name: string, operand: unknown, value: string): boolean {
  if (typeof operand === 'object') {
    const wanted = (operand as { readonly 'equals-ignore-case': string })['equals-ignore-case'].toLowerCase();
    return isMetByText(name, wanted, value.toLowerCase());
  }
  const wanted = String(operand);
  switch (name) {
    case 'prefix':
      return value.startsWith(wanted);
    case 'suffix':
      return value.endsWith(wanted);
    case 'wildcard':
      return new RegExp(
        `^${wanted.replace(/\\.|[\s\S]/g, (one) => (one === '*' ? '.*' : escaped(one.at(-1) ?? '')))}$`,
        's',
      ).test(value);
    default:
      return value.toLowerCase() === wanted.toLowerCase();
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
