import { describe, expect, it } from 'vitest';
import { editWindows } from '../../../core/windows/edit.ts';
import { type OneOffWindow, parseWindows, type RecurringWindow, type Window } from '../../../core/windows/window.ts';
import { windowIds } from '../../../core/windows/window-ids.ts';

const NIGHT: OneOffWindow = { kind: 'one-off', startAt: Date.UTC(2026, 10, 21), endAt: Date.UTC(2026, 10, 21, 4) };
const WEEKLY: RecurringWindow = {
  kind: 'recurring',
  schedule: 'cron(0 2 ? * SUN *)',
  timezone: 'Europe/Rome',
  durationMs: 7_200_000,
};
const idOf = (window: Window) => windowIds([window])[0];
const read = (text: string) => {
  const parsed = parseWindows(text);
  if (parsed.kind === 'fault') throw new Error(parsed.message);
  return parsed.document.windows;
};

describe('the id of a window', () => {
  it('is six digits that its end, its length, its bounds and its reason do not change', () => {
    expect(idOf(NIGHT)).toMatch(/^[0-9a-f]{6}$/);
    expect(idOf({ ...NIGHT, endAt: NIGHT.endAt + 1, reason: 'CHG-1' })).toBe(idOf(NIGHT));
    expect(idOf({ ...WEEKLY, durationMs: 1_000, fromAt: 1, untilAt: 2, reason: 'vacuum' })).toBe(idOf(WEEKLY));
  });

  it('is another one for another start, schedule, zone, or set of functions', () => {
    const named = { ...NIGHT, functions: ['a', 'b'] };
    const all = [
      NIGHT,
      { ...NIGHT, startAt: NIGHT.startAt + 1 },
      named,
      { ...NIGHT, functions: ['a'] },
      WEEKLY,
      { ...WEEKLY, schedule: 'cron(0 3 ? * SUN *)' },
      { ...WEEKLY, timezone: 'UTC' },
    ];
    expect(new Set(all.map(idOf)).size).toBe(all.length);
    expect(idOf({ ...NIGHT, functions: ['b', 'a'] })).toBe(idOf(named));
  });

  it('is the one that its entry carries, and no other window has that', () => {
    expect(idOf({ ...NIGHT, id: '3f9a1c' })).toBe('3f9a1c');
    const [taken, derived] = windowIds([{ ...WEEKLY, id: idOf(NIGHT) ?? '' }, NIGHT]);
    expect(taken).toBe(idOf(NIGHT));
    expect(derived).not.toBe(taken);
  });

  it('tells equal windows apart, the same way each time', () => {
    const ids = windowIds([NIGHT, NIGHT, WEEKLY, NIGHT]);
    expect(new Set(ids).size).toBe(4);
    expect(ids[0]).toBe(idOf(NIGHT));
    expect(windowIds([NIGHT, NIGHT, WEEKLY, NIGHT])).toEqual(ids);
  });
});

describe('an edit', () => {
  it('leaves a list a list where the end alone changes', () => {
    const list = '2026-11-21T00:00:00Z,2026-11-21T04:00:00Z';
    const later = { ...NIGHT, endAt: NIGHT.endAt + 3_600_000 };
    expect(editWindows(list, { replaced: new Map([[0, [later]]]) })).toBe('2026-11-21T00:00:00Z,2026-11-21T05:00:00Z');
  });

  it('writes the id into the entry whose start changes, and into no other one', () => {
    const text = editWindows('2026-11-21T00:00:00Z,2026-11-21T04:00:00Z,2026-12-21T00:00:00Z,2026-12-21T04:00:00Z', {
      replaced: new Map([[0, [{ ...NIGHT, startAt: NIGHT.startAt + 60_000 }]]]),
    });
    expect(read(text).map(({ id }) => id)).toEqual([idOf(NIGHT), undefined]);
  });

  it('writes the id of an entry whose equal is taken out before it', () => {
    const text = '2026-11-21T00:00:00Z,2026-11-21T04:00:00Z,2026-11-21T00:00:00Z,2026-11-21T05:00:00Z';
    const [, second] = windowIds(read(text));
    const left = read(editWindows(text, { replaced: new Map([[0, []]]) }));
    expect(left).toEqual([{ ...NIGHT, endAt: NIGHT.endAt + 3_600_000, id: second }]);
    expect(read(editWindows(text, { replaced: new Map([[1, []]]) }))).toEqual([NIGHT]);
  });

  it('gives the id to the last one of several that stand for a window', () => {
    const document = JSON.stringify({
      version: 1,
      windows: [{ schedule: WEEKLY.schedule, timezone: WEEKLY.timezone, duration: 'PT2H' }],
    });
    const edited = editWindows(document, { replaced: new Map([[0, [NIGHT, { ...WEEKLY, fromAt: NIGHT.endAt }]]]) });
    expect(windowIds(read(edited))).toEqual([idOf(NIGHT), idOf(WEEKLY)]);
    expect(edited).not.toContain('"id"');
  });
});
