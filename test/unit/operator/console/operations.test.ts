/** What the page may ask for, and how often. */
import { expect, it } from 'vitest';
import { againOf, askedOf } from '../../../../operator/console/operations.ts';

function again(name: string, options: Readonly<Record<string, readonly string[]>> = {}, readUnits = 0) {
  const asked = askedOf(name, { names: [], options });
  if (asked.kind === 'refused') throw new Error(asked.why);
  return againOf(asked, readUnits);
}

it('looks again at what costs little, and seldom at what costs more or is done by hand', () => {
  expect(again('status')).toEqual({ againMs: 3_000 });
  expect(again('events list', { function: ['orders'] })).toEqual({ againMs: 3_000 });
  expect(again('history')).toEqual({ againMs: 30_000 });
  expect(again('audit')).toEqual({ againMs: 30_000 });
  expect(again('metrics')).toEqual({ againMs: 60_000 });
  expect(again('events backlog', { last: ['12h'] })).toEqual({ againMs: 60_000 });
  expect(again('events list', { grep: ['customer-4711'] })).toEqual({ againMs: 60_000 });
});

it('looks the less often at something the more it reads of the table, in steps, and never less than each five minutes', () => {
  const status = (readUnits: number) => again('status', {}, readUnits);
  expect(status(300)).toEqual({ againMs: 3_000 });
  expect(status(301)).toEqual({ againMs: 10_000, dearUnits: 300 });
  expect(status(2_345.5)).toEqual({ againMs: 30_000, dearUnits: 2_300 });
  expect(status(4_000).againMs).toBe(60_000);
  expect(status(40_000).againMs).toBe(300_000);
  expect(status(4_000_000).againMs).toBe(300_000);
});

it('looks again once what was told is over by its own words: a window begins, is quiet or ends', () => {
  const at = '2026-11-30T01:00:00Z';
  const told = (more: object) => {
    const asked = askedOf('status', { names: [], options: {} });
    if (asked.kind === 'refused') throw new Error(asked.why);
    return againOf(asked, 40_000, [{ at, ...more }]);
  };
  expect(told({ maintenance: [], windows: [] }).againMs).toBe(300_000);
  expect(told({ maintenance: [], windows: [], next: { start: '2026-11-30T01:00:40Z' } }).againMs).toBe(40_500);
  const maintenance = [
    { since: '2026-11-30T00:00:00Z', quietFrom: '2026-11-30T00:02:00Z', until: '2026-11-30T01:01:00Z' },
  ];
  expect(told({ maintenance })).toEqual({ againMs: 60_500, dearUnits: 40_000 });
  expect(told({ maintenance: [{ ...maintenance[0], quietFrom: '2026-11-30T01:00:02Z' }] }).againMs).toBe(2_500);
  expect(told({ windows: [{ end: '2026-11-30T01:00:09Z' }], maintenance }).againMs).toBe(9_500);
});

it('leaves what is seldom looked at anyway as it is, unless it reads more than that', () => {
  expect(again('audit', {}, 2_900)).toEqual({ againMs: 30_000 });
  expect(again('metrics', {}, 5_900)).toEqual({ againMs: 60_000 });
  expect(again('metrics', {}, 6_100)).toEqual({ againMs: 300_000, dearUnits: 6_100 });
});
