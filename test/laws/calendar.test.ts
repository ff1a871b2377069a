import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Calendar, createCalendar, type WindowState } from '../../core/calendar/calendar.ts';
import { type Interval, unite } from '../../core/calendar/timeline.ts';
import { DAY_MS, MINUTE_MS } from '../../core/units.ts';
import type { OneOffWindow, RecurringWindow, Window } from '../../core/windows/window.ts';
import { cronExpressions } from '../data/schedules.ts';
import { readWallClock, startsByTheMinute, type WallClock } from './minute-by-minute.ts';

/** The longest duration here, and so much more that what starts before is over when it is looked at. */
const LONGEST_DAYS = 30;
const MARGIN_MS = (LONGEST_DAYS + 10) * DAY_MS;

describe('a calendar of one-off windows', () => {
  const LAST = 60;
  const oneOff = fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 15 }), fc.constantFrom(undefined, 'a', 'b', 'c')).map(
    ([startAt, length, reason]): OneOffWindow => ({
      kind: 'one-off',
      startAt,
      endAt: startAt + length,
      ...(reason && { reason }),
    }),
  );

  it('says at every instant what going through all instants says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(oneOff, { maxLength: 7 }), async (windows) => {
        const calendar = await createCalendar(windows, 'orders');
        for (let now = -1; now < LAST; now++) expect(calendar.stateAt(now)).toEqual(stateBySteps(windows, now, LAST));
      }),
      { numRuns: 400 },
    );
  });
});

describe('a calendar of both kinds of windows', () => {
  const YEAR = 2026;
  const stretch = { startAt: Date.UTC(YEAR, 0, 1), endAt: Date.UTC(YEAR + 1, 0, 1) };
  const seen = { startAt: stretch.startAt - MARGIN_MS, endAt: stretch.endAt + MARGIN_MS };
  const clocks = new Map(
    ['UTC', 'Europe/Rome', 'Australia/Lord_Howe'].map((timezone) => [
      timezone,
      readWallClock(timezone, seen.startAt, seen.endAt),
    ]),
  );
  const instant = fc.integer({ min: stretch.startAt / 1000, max: stretch.endAt / 1000 }).map((second) => second * 1000);
  const reason = fc.constantFrom({}, { reason: 'vacuum' }, { reason: 'upgrade' });
  const durationMs = fc.oneof(
    fc.integer({ min: 1, max: 300 }).map((minutes) => minutes * MINUTE_MS),
    fc.integer({ min: 1, max: LONGEST_DAYS * 24 }).map((hours) => hours * 60 * MINUTE_MS),
  );
  const recurring = fc
    .tuple(cronExpressions([YEAR, YEAR + 1]), fc.constantFrom(...clocks.keys()), durationMs, reason)
    .map(
      ([schedule, timezone, duration, why]): RecurringWindow => ({
        kind: 'recurring',
        schedule,
        timezone,
        durationMs: duration,
        ...why,
      }),
    );
  const oneOff = fc
    .tuple(instant, durationMs, reason)
    .map(([startAt, duration, why]): OneOffWindow => ({ kind: 'one-off', startAt, endAt: startAt + duration, ...why }));
  const windows = fc.array(fc.oneof<fc.Arbitrary<Window>[]>(recurring, recurring, oneOff), {
    minLength: 1,
    maxLength: 4,
  });

  it('is under maintenance when one of its windows, taken minute by minute, is', async () => {
    await fc.assert(
      fc.asyncProperty(windows, fc.array(instant, { minLength: 1, maxLength: 20 }), async (windows, instants) => {
        const calendar = await createCalendar(windows, 'orders');
        const unions = unite(
          windows.flatMap((window) => intervalsOf(window, clocks)).sort((a, b) => a.startAt - b.startAt),
        );
        for (const now of instants.flatMap((near) => [near, ...boundariesAround(unions, near)])) {
          expectUnion(calendar.stateAt(now), now, unions, seen);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('changes at `validUntil`, and at no instant before', async () => {
    await fc.assert(
      fc.asyncProperty(
        windows,
        instant,
        fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 5 }),
        async (windows, start, fractions) => {
          const calendar = await createCalendar(windows, 'orders');
          let now = start;
          for (let step = 0; step < 12; step++) {
            const state = calendar.stateAt(now);
            if (state.validUntil === Number.POSITIVE_INFINITY) return;
            expect(state.validUntil).toBeGreaterThan(now);
            const between = fractions.map((fraction) => now + Math.floor(fraction * (state.validUntil - now)));
            for (const same of [...between, state.validUntil - 1])
              expect(told(calendar, same)).toEqual(told(calendar, now));
            const ends = !state.active || state.active.endAt !== undefined;
            if (ends) expect(told(calendar, state.validUntil)).not.toEqual(told(calendar, now));
            now = state.validUntil;
          }
        },
      ),
      { numRuns: 80 },
    );
  });
});

describe('a calendar of windows that touch', () => {
  const NOW = Date.UTC(2026, 10, 21);
  const touching = fc.tuple(
    fc.constantFrom(1, 2, 3, 5, 6, 10, 15, 30),
    fc.integer({ min: 1, max: 40_000 }),
    fc.constantFrom('UTC', 'Europe/Rome', 'Australia/Lord_Howe'),
  );

  it('tells the end of the union where 3,000 intervals or fewer are left, and when that will be', async () => {
    await fc.assert(
      fc.asyncProperty(touching, fc.nat(3_000), async ([minutes, length, timezone], later) => {
        const untilAt = NOW + length * minutes * MINUTE_MS;
        const parts = { kind: 'recurring', timezone, durationMs: minutes * MINUTE_MS, untilAt } as const;
        const calendar = await createCalendar(
          [0, minutes].map((first) => ({ ...parts, schedule: `cron(${first}/${2 * minutes} * * * ? *)` })),
          'orders',
        );
        const now = NOW + Math.min(later, length - 1) * minutes * MINUTE_MS;
        const { active, validUntil } = calendar.stateAt(now);
        const left = (untilAt - now) / (minutes * MINUTE_MS) - 1;
        expect(active?.endAt).toBe(left <= 3_000 && untilAt - now <= 400 * DAY_MS ? untilAt : undefined);
        expect(validUntil).toBeGreaterThan(now);
        expect(calendar.stateAt(validUntil - 1).active?.endAt).toBe(active?.endAt);
      }),
      { numRuns: 60 },
    );
  });
});

/** All of a state but the two instants between which it holds; and the union's start only where it is followed so far. */
function told(calendar: Calendar, now: number): unknown {
  const { active, lastEndAt } = calendar.stateAt(now);
  if (!active) return { lastEndAt };
  const { startAt, endAt = Number.POSITIVE_INFINITY, reason } = active;
  return { endAt, reason, startAt: endAt - startAt < 400 * DAY_MS ? startAt : undefined };
}

/** What lies near the border of what was looked at may be longer than it was seen there. */
function expectUnion(state: WindowState, now: number, unions: readonly Interval[], seen: Interval): void {
  const union = unions.find(({ startAt, endAt }) => startAt <= now && now < endAt);
  expect(state.active !== undefined).toBe(union !== undefined);
  if (!union) {
    expect(state.validUntil).toBe(unions.find(({ startAt }) => startAt > now)?.startAt ?? state.validUntil);
    const lastEndAt = unions.findLast(({ endAt }) => endAt <= now)?.endAt ?? 0;
    if (lastEndAt > seen.startAt + MARGIN_MS) expect(state.lastEndAt).toBe(lastEndAt);
    return;
  }
  if (union.startAt > seen.startAt + MARGIN_MS) expect(state.active?.startAt).toBe(union.startAt);
  if (union.endAt >= seen.endAt) return;
  expect(state.active?.endAt).toBe(union.endAt);
  expect(state.validUntil).toBeLessThanOrEqual(union.endAt);
}

/** The first and the last instant of the union that is next, and those beside them. */
function boundariesAround(unions: readonly Interval[], near: number): readonly number[] {
  const next = unions.find(({ endAt }) => endAt > near);
  return next
    ? [next.startAt - 1, next.startAt, next.endAt - 1, next.endAt].filter((at) => Math.abs(at - near) < 5 * DAY_MS)
    : [];
}

function intervalsOf(window: Window, clocks: ReadonlyMap<string, WallClock>): readonly Interval[] {
  if (window.kind === 'one-off') return [window];
  const clock = clocks.get(window.timezone);
  if (!clock) throw new Error(`no clock of ${window.timezone}`);
  return startsByTheMinute(window.schedule, clock).map((startAt) => ({ startAt, endAt: startAt + window.durationMs }));
}

/** The definition for one-off windows between the instants 0 and `last`, where all of them lie. */
function stateBySteps(windows: readonly OneOffWindow[], now: number, last: number): WindowState {
  const here = toldBySteps(windows, now);
  let validUntil = now + 1;
  while (validUntil <= last && JSON.stringify(toldBySteps(windows, validUntil)) === JSON.stringify(here)) validUntil++;
  return { validFrom: now, validUntil: validUntil > last ? Number.POSITIVE_INFINITY : validUntil, ...here };
}

function toldBySteps(windows: readonly OneOffWindow[], now: number): Pick<WindowState, 'active' | 'lastEndAt'> {
  const union = unionBySteps(windows, now);
  if (!union) {
    const ends = windows.map(({ endAt }) => endAt).filter((endAt) => endAt <= now);
    return { lastEndAt: Math.max(Number.NEGATIVE_INFINITY, ...ends) };
  }
  const active = windows.filter(({ startAt, endAt }) => startAt <= now && now < endAt).map((window) => window.reason);
  const reason = windows.map((window) => window.reason).find((why) => why !== undefined && active.includes(why));
  return { active: { ...union, ...(reason && { reason }) }, lastEndAt: Number.NEGATIVE_INFINITY };
}

function unionBySteps(windows: readonly OneOffWindow[], now: number): Interval | undefined {
  const covers = (at: number) => windows.some(({ startAt, endAt }) => startAt <= at && at < endAt);
  if (!covers(now)) return undefined;
  let [startAt, endAt] = [now, now];
  while (covers(startAt - 1)) startAt--;
  while (covers(endAt)) endAt++;
  return { startAt, endAt };
}
