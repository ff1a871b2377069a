import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText, fromNow } from '../../../core/time/time-text.ts';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

describe('a duration', () => {
  it.each([
    [0, '0 s'],
    [499, '0 s'],
    [500, '1 s'],
    [59 * SECOND + 600, '1 min'],
    [61 * SECOND, '1 min 1 s'],
    [2 * HOUR - 400, '2 h'],
    [HOUR + 12 * MINUTE + 29 * SECOND, '1 h 12 min'],
    [DAY - 10 * SECOND, '1 d'],
    [DAY + HOUR, '1 d 1 h'],
    [1.5 * DAY, '1 d 12 h'],
    [400 * DAY, '400 d'],
  ])('of %d ms is shown as %s', (durationMs, text) => {
    expect(durationText(durationMs)).toBe(text);
  });

  it('is shown with two units at most, and off by half of the smaller one at most', () => {
    const units: Record<string, number> = { d: DAY, h: HOUR, min: MINUTE, s: SECOND };
    fc.assert(
      fc.property(fc.nat(1_000 * DAY), (durationMs) => {
        const parts = [...durationText(durationMs).matchAll(/(\d+) (\w+)/g)];
        expect(parts.length).toBeLessThanOrEqual(2);
        const shown = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (units[unit] ?? 0), 0);
        const coarsest = durationMs >= DAY - HOUR / 2 ? HOUR : durationMs >= HOUR - MINUTE / 2 ? MINUTE : SECOND;
        expect(Math.abs(shown - durationMs)).toBeLessThanOrEqual(coarsest / 2);
      }),
    );
  });
});

it('an instant is shown with its distance from now', () => {
  const now = Date.UTC(2026, 10, 21, 2, 0, 0, 400);
  expect(fromNow(Date.UTC(2026, 10, 21, 4), now)).toBe('2026-11-21T04:00:00Z (in 2 h)');
  expect(fromNow(Date.UTC(2026, 10, 21, 1, 59), now)).toBe('2026-11-21T01:59:00Z (1 min ago)');
});
