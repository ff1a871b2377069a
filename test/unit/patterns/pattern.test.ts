import { describe, expect, it } from 'vitest';
import { matcherOf } from '../../../core/patterns/match.ts';
import { comparisonsOf, faultOfPattern, type Pattern } from '../../../core/patterns/pattern.ts';
import { answeredPatterns } from '../../data/event-patterns.ts';

/** Everything that can be wrong with a pattern, in the order in which a reader of the snapshot would look for it. */
const FAULTY: readonly unknown[] = [
  null,
  'warm-up',
  [],
  {},
  { type: 'warm-up' },
  { type: 7 },
  { type: null },
  { type: { prefix: 'warm' } },
  { type: { name: {} } },
  { type: [] },
  { type: [['warm-up']] },
  { type: [{}] },
  { type: [{ prefix: 'a', suffix: 'b' }] },
  { type: [{ regex: 'a' }] },
  { type: [{ Prefix: 'a' }] },
  { type: [{ 'anything-bat': 'a' }] },
  { type: [{ constructor: 'a' }] },
  { type: [{ prefix: 1 }] },
  { type: [{ prefix: { wildcard: 'a*' } }] },
  { type: [{ prefix: { 'equals-ignore-case': 1 } }] },
  { type: [{ suffix: null }] },
  { type: [{ 'equals-ignore-case': ['a'] }] },
  { type: [{ wildcard: 'a**b' }] },
  { type: [{ wildcard: 'a\\b' }] },
  { type: [{ wildcard: 'a\\' }] },
  { type: [{ wildcard: 1 }] },
  { type: [{ 'anything-but': null }] },
  { type: [{ 'anything-but': [] }] },
  { type: [{ 'anything-but': ['a', 1] }] },
  { type: [{ 'anything-but': [true] }] },
  { type: [{ 'anything-but': {} }] },
  { type: [{ 'anything-but': { exists: true } }] },
  { type: [{ 'anything-but': { prefix: '' } }] },
  { type: [{ 'anything-but': { suffix: ['a', ''] } }] },
  { type: [{ 'anything-but': { wildcard: ['a', 'b**'] } }] },
  { type: [{ numeric: '>5' }] },
  { type: [{ numeric: [] }] },
  { type: [{ numeric: ['!=', 5] }] },
  { type: [{ numeric: ['>', '5'] }] },
  { type: [{ numeric: ['<', 5, '>', 1] }] },
  { type: [{ numeric: ['>', 5, '<', 5] }] },
  { type: [{ numeric: ['>', Number.NaN] }] },
  { type: [{ cidr: '10.0.0.0' }] },
  { type: [{ cidr: '10.0.0.0/32' }] },
  { type: [{ cidr: '10.0.0.256/8' }] },
  { type: [{ cidr: '2001:db8::/128' }] },
  { type: [{ cidr: 10 }] },
  { type: [{ exists: 'true' }] },
  { $or: { type: ['a'] } },
  { $or: [] },
  { $or: [{ type: ['a'] }] },
  { $or: [{ type: ['a'] }, 'b'] },
  { $or: [{ type: ['a'] }, {}] },
  { $or: [{ type: ['a'] }, { prefix: ['b'] }] },
  { type: ['a'], $or: [{ type: ['b'] }, { kind: ['c'] }] },
  { detail: { type: ['a'] }, $or: [{ detail: { type: ['b'] } }, { kind: ['c'] }] },
  { 'a name with blanks': 'x' },
  { ['x'.repeat(200)]: 'x'.repeat(200) },
  nested(11),
];

describe('a pattern', () => {
  it('that is refused names the place and the remedy', async () => {
    const messages = FAULTY.map((value) => `${shortened(value)}\n  ${faultOfPattern(value, 'match') ?? 'NO FAULT'}`);
    expect(messages.filter((message) => message.includes('NO FAULT'))).toEqual([]);
    await expect(`${messages.join('\n')}\n`).toMatchFileSnapshot('__snapshots__/pattern-faults.txt');
  });

  it('that is deeper than the stack is refused, too', () => {
    expect(faultOfPattern(nested(1_000_000), 'match')).toContain('is deeper than 10 names');
    expect(faultOfPattern({ type: nested(1_000_000) }, 'match')).toContain('is deeper than 10 names');
  });

  it('is refused, matches or does not match as AWS’s own matcher has it', () => {
    const answered = answeredPatterns();
    expect(answered.length).toBeGreaterThan(700);
    const others = answered.filter(({ pattern, event, answer }) => ourAnswer(pattern, event) !== answer);
    expect(others.map(({ pattern, answer }) => [JSON.stringify(pattern).slice(-40), answer])).toEqual([
      // A block of addresses is about texts of its own version here. The library compares digits, be they of a number.
      ['{"six":[{"cidr":"0.0.0.0/0"}]}', 'true'],
      ['{"ip":[{"cidr":"::/0"}]}', 'true'],
      // An empty list is refused here. The library takes it, and throws at the first event.
      ['{"a":[{"anything-but":{"prefix":[]}}]}', 'false'],
      // And a number once more.
      ['[{"cidr":"0.0.0.0/0"}]}]},{"b":["Ab"]}]}', 'true'],
    ]);
  });

  it('reads own fields alone, whatever their names', () => {
    const pattern = JSON.parse('{"__proto__":[{"exists":true}]}');
    expect(faultOfPattern(pattern, 'match')).toBeUndefined();
    expect(matcherOf(pattern)({})).toBe(false);
    expect(matcherOf(pattern)(JSON.parse('{"__proto__":1}'))).toBe(true);
    expect(matcherOf({ constructor: [{ exists: true }] })({})).toBe(false);
    expect(matcherOf({ 'a.b': ['x'] })({ a: { b: 'x' } })).toBe(false);
  });

  it('meets an event that is deeper than the stack', () => {
    const lists = JSON.parse(`{"type":${'['.repeat(1_000_000)}"warm-up"${']'.repeat(1_000_000)}}`);
    expect(matcherOf({ type: ['warm-up'] })(lists)).toBe(true);
    expect(matcherOf({ type: { name: [{ exists: false }] } })(lists)).toBe(true);
  });
});

describe('what a pattern costs', () => {
  it.each<[Pattern, number]>([
    [{ type: ['a', 'b', 1, null] }, 1],
    [{ type: ['a', { prefix: 'b' }] }, 2],
    [{ type: [{ 'anything-but': ['a', 'b'] }], n: [{ numeric: ['>', 0, '<', 9] }] }, 2],
    [{ type: [{ wildcard: '*a*' }, { suffix: { 'equals-ignore-case': 'b' } }] }, 20],
    [{ type: [{ 'anything-but': { wildcard: ['*a', '*b'] } }, { 'anything-but': { prefix: ['a', 'b', 'c'] } }] }, 23],
    [{ $or: [{ type: ['a'] }, { kind: ['b'] }], name: ['c'] }, 6],
  ])('%j: %d comparisons', (pattern, comparisons) => {
    expect(faultOfPattern(pattern, 'match')).toBeUndefined();
    expect(comparisonsOf(pattern)).toBe(comparisons);
  });

  it('multiplies with each $or, and is told without making the combinations', () => {
    let pattern: Pattern = { last: ['x'] };
    for (let level = 0; level < 9; level++) {
      const names = Array.from({ length: 30 }, (_, index) => ({ [`${level}-${index}`]: ['x'] }));
      pattern =
        level % 2 === 0 ? { [`in-${level}`]: pattern, $or: names } : { ...pattern, [`of-${level}`]: { $or: names } };
    }
    expect(faultOfPattern(pattern, 'match')).toBeUndefined();
    expect(comparisonsOf(pattern)).toBeGreaterThan(30 ** 9);
  });
});

function ourAnswer(pattern: unknown, event: unknown): string {
  return faultOfPattern(pattern, 'match') ? 'refused' : String(matcherOf(pattern as Pattern)(event));
}

function nested(depth: number): unknown {
  return JSON.parse(`${'{"a":'.repeat(depth)}["x"]${'}'.repeat(depth)}`);
}

function shortened(value: unknown): string {
  const text = JSON.stringify(value, (_, inner) => (Number.isNaN(inner) ? 'NaN' : inner), 0);
  return text
    .replace(/x{20,}/g, (run) => `x…(${run.length})`)
    .replace(/(\{"a":){9,}/, (run) => `{"a":…(${run.length / 5})`);
}
