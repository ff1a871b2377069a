import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSchedule } from '../../core/calendar/schedule.ts';
import { type Interval, type Timeline, unite } from '../../core/calendar/timeline.ts';
import { createZone } from '../../core/calendar/zone.ts';
import { DAY_MS, MINUTE_MS } from '../../core/units.ts';
import type { RecurringWindow } from '../../core/windows/window.ts';
import { cronExpressions } from '../data/schedules.ts';
import { readWallClock, startsByTheMinute } from './minute-by-minute.ts';

/** Longer than any duration here: what starts before the two years may reach into them. */
const MARGIN_MS = 40 * DAY_MS;
const EXPRESSIONS_PER_ZONE = 36;

/** What each zone's two years are looked at for. */
const ZONES: readonly (readonly [timezone: string, year: number, why: string])[] = [
  ['UTC', 2027, 'a leap day, and no change'],
  ['Europe/Rome', 2026, 'a gap from 2:00 to 3:00'],
  ['America/New_York', 2026, 'a gap on the other side of UTC'],
  ['Australia/Lord_Howe', 2026, 'a change of half an hour'],
  ['Pacific/Apia', 2011, 'a date that never was, 30 December 2011'],
  ['Asia/Kolkata', 2026, 'an offset of half an hour'],
  ['America/Sao_Paulo', 2017, 'a gap and an overlap at midnight'],
  ['America/St_Johns', 2010, 'an overlap from 0:01 back into the day before'],
  ['Africa/Casablanca', 2026, 'four changes a year, with Ramadan'],
  ['Africa/Cairo', 2023, 'daylight saving that came back'],
  ['Antarctica/Troll', 2026, 'a change of two hours'],
  ['Asia/Gaza', 2026, 'changes at odd dates'],
];

describe('a schedule, over two years and against its definition minute by minute', () => {
  it.each(ZONES)('starts when it should in %s, %i: %s', async (timezone, year, _why) => {
    const stretch = { startAt: Date.UTC(year, 0, 1), endAt: Date.UTC(year + 2, 0, 1) };
    const clock = readWallClock(timezone, stretch.startAt - MARGIN_MS, stretch.endAt + MARGIN_MS);
    const zone = createZone(timezone);
    const windows = fc.sample(recurringWindows(timezone, year), { seed: year, numRuns: EXPRESSIONS_PER_ZONE });
    for (const window of windows) {
      const timeline = await createSchedule(window, zone);
      const found = {
        forwards: within(stretch, intervalsForwards(timeline, stretch)),
        backwards: within(stretch, intervalsBackwards(timeline, stretch)),
      };
      const expected = within(stretch, expectedIntervals(window, startsByTheMinute(window.schedule, clock)));
      expect(found, JSON.stringify(window)).toEqual({ forwards: expected, backwards: expected });
    }
  });
});

/** Most are a minute long, so that each start is seen for itself. */
function recurringWindows(timezone: string, year: number): fc.Arbitrary<RecurringWindow> {
  const withinTwoYears = fc
    .integer({ min: 0, max: 730 * 1440 })
    .map((minute) => Date.UTC(year, 0, 1) + minute * MINUTE_MS);
  const clip = fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: withinTwoYears.map((fromAt) => ({ fromAt })) },
    { weight: 1, arbitrary: withinTwoYears.map((untilAt) => ({ untilAt })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(withinTwoYears, fc.nat(90 * 1440))
        .map(([fromAt, minutes]) => ({ fromAt, untilAt: fromAt + 1 + minutes * MINUTE_MS })),
    },
  );
  const durationMs = fc.oneof(
    { weight: 4, arbitrary: fc.constant(MINUTE_MS) },
    { weight: 1, arbitrary: fc.constantFrom(1000, 90 * MINUTE_MS, 26 * 60 * MINUTE_MS, 20 * DAY_MS) },
  );
  return fc.tuple(cronExpressions([year, year + 1]), durationMs, clip).map(([schedule, duration, bounds]) => ({
    kind: 'recurring',
    schedule,
    timezone,
    durationMs: duration,
    ...bounds,
  }));
}

function expectedIntervals(window: RecurringWindow, starts: readonly number[]): readonly Interval[] {
  const { fromAt = Number.NEGATIVE_INFINITY, untilAt = Number.POSITIVE_INFINITY, durationMs } = window;
  return unite(
    starts
      .filter((start) => start >= fromAt && start < untilAt)
      .map((startAt) => ({ startAt, endAt: startAt + durationMs })),
  );
}

function intervalsForwards(timeline: Timeline, { startAt, endAt }: Interval): readonly Interval[] {
  const intervals: Interval[] = [];
  let next = timeline.earliestEndingAfter(startAt);
  while (next && next.startAt < endAt) {
    intervals.push(next);
    next = timeline.earliestEndingAfter(next.endAt);
  }
  return intervals;
}

function intervalsBackwards(timeline: Timeline, { startAt, endAt }: Interval): readonly Interval[] {
  const intervals: Interval[] = [];
  let previous = timeline.latestFrom(endAt - 1);
  while (previous && previous.endAt > startAt) {
    intervals.push(previous);
    previous = timeline.latestFrom(previous.startAt - 1);
  }
  return intervals.reverse();
}

/** What of these intervals lies within the stretch, united. */
function within(stretch: Interval, intervals: readonly Interval[]): readonly Interval[] {
  const clipped = intervals.map(({ startAt, endAt }) => ({
    startAt: Math.max(startAt, stretch.startAt),
    endAt: Math.min(endAt, stretch.endAt),
  }));
  return unite(clipped.filter(({ startAt, endAt }) => startAt < endAt));
}
