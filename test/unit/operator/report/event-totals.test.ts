import { describe, expect, it } from 'vitest';
import type { EventFacts, EventRow, RowQuery } from '../../../../core/events/archive.ts';
import { STATUSES } from '../../../../core/events/deferred-event.ts';
import { HOUR_MS, MINUTE_MS } from '../../../../core/units.ts';
import { countEventsOf } from '../../../../operator/report/event-totals.ts';

const START = Date.UTC(2026, 10, 22, 1);
const END = START + 2 * HOUR_MS;
const NOW = START + 10 * HOUR_MS;

interface Stored extends Partial<EventRow> {
  readonly facts?: EventFacts;
}

/** An event of the window, deferred as it began. */
const row = (id: string, { facts: _, ...changes }: Stored): EventRow => ({
  id,
  functionName: 'orders',
  status: 'pending',
  source: 'sqs',
  bytes: 10,
  attempts: 0,
  deferredAt: START,
  ...changes,
});

/** Counts what a table has. */
async function count(stored: Readonly<Record<string, Stored>>, told?: (events: number) => void) {
  const rows = Object.entries(stored).map(([id, each]) => row(id, each));
  const archive = {
    async *rows({ functionName, statuses, fromAt = 0, untilAt = Number.POSITIVE_INFINITY }: RowQuery) {
      yield* rows.filter(
        (each) =>
          each.functionName === functionName &&
          statuses.includes(each.status) &&
          each.deferredAt >= fromAt &&
          each.deferredAt < untilAt,
      );
    },
    facts: async (_: string, ids: readonly string[]) => {
      expect(ids.length).toBeLessThanOrEqual(100);
      return new Map(ids.map((id) => [id, { windowStartAt: START, ...stored[id]?.facts }]));
    },
  };
  const life = { id: 'abcdef', parameter: 'windows', startAt: START, plannedEndAt: END, endAt: END };
  const names = [...new Set(rows.map(({ functionName }) => functionName))];
  return countEventsOf(archive, { life, seenAt: END + HOUR_MS, now: NOW }, names, told);
}

describe('what was stored in a window', () => {
  it('adds up: by status, by function, in all', async () => {
    const stored = Object.fromEntries(
      STATUSES.flatMap((status, index) =>
        ['orders', 'billing'].flatMap((functionName, other) =>
          Array.from({ length: index + 1 + other }, (_, each) => [
            `${functionName}-${status}-${each}`,
            { status, functionName },
          ]),
        ),
      ),
    );
    const { deferred, byStatus, functions } = await count(stored);
    expect(deferred).toBe(Object.keys(stored).length);
    for (const [index, status] of STATUSES.entries()) expect(byStatus[status]).toBe(2 * index + 3);
    expect(functions.map(({ functionName }) => functionName)).toEqual(['billing', 'orders']);
    for (const each of functions) {
      expect(STATUSES.reduce((sum, status) => sum + each.byStatus[status], 0)).toBe(each.deferred);
    }
    expect(functions.reduce((sum, each) => sum + each.deferred, 0)).toBe(deferred);
  });

  it('is what carries its start, and what came while it and an earlier one were active', async () => {
    const other = { windowStartAt: START - HOUR_MS };
    const { deferred, shared } = await count({
      own: {},
      late: { deferredAt: END + MINUTE_MS },
      'of both': { deferredAt: START + MINUTE_MS, facts: other },
      'of the earlier one': { deferredAt: END + MINUTE_MS, facts: other },
      'of a later one': { deferredAt: END + MINUTE_MS, facts: { windowStartAt: END } },
    });
    expect({ deferred, shared }).toEqual({ deferred: 3, shared: 1 });
  });

  it('has the rests of batches among it', async () => {
    expect(await count({ batch: { status: 'replayed' }, 'batch.1': { status: 'failed' } })).toMatchObject({
      deferred: 2,
      rests: 1,
    });
  });

  it('has waited until its function first had it, or until now', async () => {
    const by = 'ada@laptop/run/1';
    const done = (hours: number) => ({ doneBy: by, doneAt: START + hours * HOUR_MS });
    const again = { at: START + HOUR_MS, by, outcome: 'replayed', tookMs: 0 } as const;
    const { longestWait } = await count({
      'replayed again': { status: 'replayed', facts: { ...done(9), history: [again] } },
      'replayed once': { status: 'replayed', facts: done(3) },
      discarded: { status: 'discarded', facts: done(9) },
    });
    expect(longestWait).toMatchObject({ id: 'replayed once', waitMs: 3 * HOUR_MS, status: 'replayed' });
    const waiting = await count({ done: { status: 'replayed', facts: done(3) }, failed: { status: 'failed' } });
    expect(waiting.longestWait).toMatchObject({ id: 'failed', waitMs: NOW - START });
    // it ran after an hour, and failed when it was replayed again on purpose
    const failedAgain = { status: 'failed', facts: { history: [again, { ...again, outcome: 'failed' }] } } as const;
    expect((await count({ failedAgain })).longestWait).toMatchObject({ waitMs: HOUR_MS });
    expect(await count({ discarded: { status: 'discarded' } })).not.toHaveProperty('longestWait');
  });

  it('was in the hands of everybody who tried it, each event once', async () => {
    const entry = (by: string, outcome: 'failed' | 'replayed') => ({ at: START, by, outcome });
    const history = [entry('ada@laptop/a/1', 'failed'), entry('ada@laptop/b/1', 'failed')];
    const { operators } = await count({
      one: { status: 'replayed', facts: { doneBy: 'bob@desk/c/1', doneAt: NOW, history } },
      two: { status: 'failed', facts: { history } },
      three: { status: 'taken-back', facts: { doneBy: 'lambda', doneAt: NOW } },
    });
    expect(operators).toEqual([
      { who: 'ada@laptop', events: 2 },
      { who: 'bob@desk', events: 1 },
      { who: 'lambda', events: 1 },
    ]);
  });

  it('is counted page by page, and tells how far it is', async () => {
    const told: number[] = [];
    const stored = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`event-${index}`, {}]));
    expect(await count(stored, (events) => told.push(events))).toMatchObject({ deferred: 1_001 });
    expect(told).toEqual([400, 800, 1_001]);
  });
});
