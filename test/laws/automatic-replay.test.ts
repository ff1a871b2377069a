import fc from 'fast-check';
import { expect, it } from 'vitest';
import { maintenanceOf, type WindowTime } from '../../core/calendar/ended.ts';
import { type DueFacts, type DueRun, dueOf } from '../../core/runs/due.ts';
import type { ReplayPolicy } from '../../core/sources/auto-replay.ts';
import { DAY_MS, MINUTE_MS } from '../../core/units.ts';

/**
 * Windows with words of their own, in any position, and an event of each minute: what was deferred under windows one of which
 * says `manual`, or whose word nobody says, is in no run. All else is in exactly one, also what was deferred late, by an
 * environment that still saw windows that were over; unless windows whose events wait for somebody had begun by then.
 */
const MINUTES = 90;
/** An environment sees an end so late at most. */
const LATE_MINUTES = 4;
const START = Date.UTC(2026, 10, 21);
const at = (minute: number) => START + minute * MINUTE_MS;

interface Spell {
  readonly fromMinute: number;
  readonly minutes: number;
  readonly replay: ReplayPolicy | undefined;
}

const spell: fc.Arbitrary<Spell> = fc.record({
  fromMinute: fc.integer({ min: 0, max: MINUTES - 20 }),
  minutes: fc.integer({ min: 1, max: 20 }),
  replay: fc.constantFrom<ReplayPolicy | undefined>(undefined, 'manual', {}, { rate: '5/s' }),
});

it('an event is replayed by itself once where all of its windows let it, and else left to somebody', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(spell, { minLength: 1, maxLength: 6 }),
      fc.constantFrom<ReplayPolicy | undefined>(undefined, 'manual', { rate: '1/s' }),
      async (spells, parameters) => {
        const runs = await runsOf(spells, parameters);
        for (const { startMinute, endMinute, isManual } of unionsOf(spells, parameters)) {
          for (let minute = startMinute; minute < endMinute + LATE_MINUTES; minute += 1) {
            const taking = runs.filter((run) => takes(run, at(minute), at(startMinute)));
            const isLate = minute >= endMinute;
            const isLeft =
              isManual ||
              (isLate &&
                unionsOf(spells, parameters).some(
                  (other) => other.isManual && other.startMinute > startMinute && other.startMinute <= minute,
                ));
            expect([minute, taking.length]).toEqual([minute, isLeft ? 0 : 1]);
          }
        }
      },
    ),
    { numRuns: 3_000 },
  );
});

/** All runs that a monitor starts, look after look. */
async function runsOf(spells: readonly Spell[], parameters: ReplayPolicy | undefined): Promise<readonly DueRun[]> {
  const times = spells.map(
    ({ fromMinute, minutes, replay }, index): WindowTime => ({
      parameter: 'p',
      window: String(index),
      startAt: at(fromMinute),
      endAt: at(fromMinute + minutes),
      ...(replay !== undefined && { replay }),
    }),
  );
  const now = at(MINUTES + 60);
  const facts: DueFacts = {
    settings: async () => ({ ttlSeconds: 60 }),
    hasPending: async () => true,
    isShut: async () => false,
    isUnderWay: async () => false,
  };
  const runs: DueRun[] = [];
  let settled: string | undefined;
  for (;;) {
    const due = await dueOf(
      {
        functionName: 'orders',
        maintenance: maintenanceOf('orders', times, now),
        ...(parameters !== undefined && { parameters }),
        editedAt: START - DAY_MS,
        ...(settled !== undefined && { settled }),
        now,
      },
      facts,
    );
    if (due.kind !== 'start') return runs;
    runs.push(due.run);
    settled = due.settledThen;
  }
}

/** As `cloud/drain/begin.ts` has it. */
function takes({ window }: DueRun, deferredAt: number, windowStartAt: number): boolean {
  const { startAt, nextAt = Number.POSITIVE_INFINITY, underFromAt } = window;
  return deferredAt >= startAt && deferredAt < nextAt && windowStartAt >= underFromAt;
}

/** Minute by minute: what is not apart is one. */
function unionsOf(spells: readonly Spell[], parameters: ReplayPolicy | undefined) {
  const unions: { startMinute: number; endMinute: number; isManual: boolean }[] = [];
  for (let minute = 0; minute < MINUTES; minute += 1) {
    const active = spells.filter(({ fromMinute, minutes }) => minute >= fromMinute && minute < fromMinute + minutes);
    if (active.length === 0) continue;
    const last = unions.at(-1);
    if (last?.endMinute === minute) last.endMinute = minute + 1;
    else unions.push({ startMinute: minute, endMinute: minute + 1, isManual: false });
  }
  return unions.map(({ startMinute, endMinute }) => {
    const words = spells
      .filter(({ fromMinute }) => fromMinute >= startMinute && fromMinute < endMinute)
      .flatMap(({ replay }) => replay ?? []);
    const isManual = words.includes('manual') || (words.length === 0 && (parameters ?? 'manual') === 'manual');
    return { startMinute, endMinute, isManual };
  });
}
