/** What the page may ask for, and how often. */
import { expect, it } from 'vitest';
import { againMsOf, askedOf, dearOf } from '../../../../operator/console/operations.ts';

function againMs(name: string, options: Readonly<Record<string, readonly string[]>> = {}): number {
  const asked = askedOf(name, { names: [], options });
  if (asked.kind === 'refused') throw new Error(asked.why);
  return againMsOf(asked);
}

it('looks again at what costs little, and seldom at what costs more or is done by hand', () => {
  expect(againMs('status')).toBe(3_000);
  expect(againMs('events list', { function: ['orders'] })).toBe(3_000);
  expect(againMs('history')).toBe(30_000);
  expect(againMs('audit')).toBe(30_000);
  expect(againMs('metrics')).toBe(60_000);
  expect(againMs('events backlog', { last: ['12h'] })).toBe(60_000);
  expect(againMs('events list', { grep: ['customer-4711'] })).toBe(60_000);
});

it('looks the less often at something the more it reads of the table, in steps, and never less than each five minutes', () => {
  expect(dearOf(300, 3_000)).toBeUndefined();
  expect(dearOf(301, 3_000)).toEqual({ readUnits: 300, againMs: 10_000 });
  expect(dearOf(2_345.5, 3_000)).toEqual({ readUnits: 2_300, againMs: 30_000 });
  expect(dearOf(4_000, 3_000)?.againMs).toBe(60_000);
  expect(dearOf(40_000, 3_000)?.againMs).toBe(300_000);
  expect(dearOf(4_000_000, 3_000)?.againMs).toBe(300_000);
});

it('leaves what is seldom looked at anyway as it is, unless it reads more than that', () => {
  expect(dearOf(2_900, 30_000)).toBeUndefined();
  expect(dearOf(5_900, 60_000)).toBeUndefined();
  expect(dearOf(6_100, 60_000)?.againMs).toBe(300_000);
});
