import { describe, expect, it } from 'vitest';
import { createPlans } from '../../../../operator/console/plans.ts';

const WHERE = { parameters: ['windows'], table: 'events' };
const ADDED = { written: false, parameter: 'windows', version: 3, removed: [], added: ['- {…}'] };
const ONCE = { start: '2040-01-01T02:00:00Z', end: '2040-01-01T04:00:00Z' };

/** What has to be typed before these words are done, where their dry run came to this. */
function typed(words: string, result: object): string | undefined {
  const shown = { exitCode: 0, results: [result], remarks: [], command: words };
  return createPlans(
    () => WHERE,
    () => 0,
  ).keep(words.split(' '), shown).typed;
}

describe('a window for every function wants the name of its parameter', () => {
  it.each(['begin', 'schedule add', 'schedule edit w1'])('%s', (words) => {
    expect(typed(words, { ...ADDED, window: ONCE })).toBe('windows');
    for (const functions of [['*'], ['orders-*', '**'], ['?*']])
      expect(typed(words, { ...ADDED, window: { ...ONCE, functions } })).toBe('windows');
    for (const functions of [['orders-*'], ['??*'], ['?']])
      expect(typed(words, { ...ADDED, window: { ...ONCE, functions } })).toBeUndefined();
  });

  it('also where one that is there becomes one, or comes at another time', () => {
    const edit = (window: object, before: object) => typed('schedule edit w1', { ...ADDED, window, before });
    expect(edit(ONCE, { ...ONCE, functions: ['orders-*'] })).toBe('windows');
    expect(edit({ ...ONCE, start: '2040-01-01T00:00:00Z' }, ONCE)).toBe('windows');
    expect(edit({ ...ONCE, reason: 'CHG-2' }, { ...ONCE, reason: 'CHG-1' })).toBeUndefined();
    expect(edit({ ...ONCE, functions: ['orders-*'] }, ONCE)).toBeUndefined();
  });

  it('but not where nothing is written, or one is taken away', () => {
    expect(typed('schedule edit w1', { written: false, parameter: 'windows', window: ONCE })).toBeUndefined();
    expect(typed('schedule remove w1', { ...ADDED, window: ONCE })).toBeUndefined();
  });
});

it('more than 1,000 events want their number, those among them that a replay discards', () => {
  expect(typed('replay', { dryRun: true, events: 1_000 })).toBeUndefined();
  expect(typed('replay', { dryRun: true, events: 1_001 })).toBe('1001');
  expect(typed('replay --latest-per=resource', { dryRun: true, events: 1, discarded: 10_000 })).toBe('10001');
});
