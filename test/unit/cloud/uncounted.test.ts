import { describe, expect, it } from 'vitest';
import { createLedger, recounted } from '../../../cloud/drain/uncounted.ts';
import type { EventFacts, EventRow, RowQuery } from '../../../core/events/archive.ts';
import type { EventStatus } from '../../../core/events/deferred-event.ts';
import { type EventOutcome, noCounts } from '../../../core/replay/progress/news.ts';
import type { Uncounted } from '../../../core/runs/run.ts';
import { PLAN } from '../../fakes/memory/simulated-replay.ts';

const RUN = '0123abcd';
const BY = `drain-5f6a7b8c/${RUN}`;
const NOW = 1_000_000;

function row(deferredAt: number, status: EventStatus, more: Partial<EventRow> = {}): EventRow {
  return {
    id: `e${deferredAt}`,
    status,
    functionName: 'orders',
    source: 'direct',
    bytes: 1,
    attempts: 1,
    deferredAt,
    ...more,
  };
}

async function* of(...rows: EventRow[]): AsyncGenerator<EventRow> {
  yield* rows;
}

/** A stretch that reads these rows, and hears of some of them. */
async function ledgerOf(rows: readonly EventRow[]) {
  const ledger = createLedger(BY, PLAN, () => NOW);
  const reading = await ledger.reading(of(...rows));
  return {
    uncounted: ledger.uncounted,
    next: () => reading.next(),
    hear: (at: number, outcome: EventOutcome) => ledger.hear({ kind: 'event', row: row(at, 'pending'), outcome }),
  };
}

describe('what a stretch leaves uncertain', () => {
  it('begins at the oldest event that it has read and that has no outcome yet', async () => {
    const { uncounted, next, hear } = await ledgerOf([row(11, 'pending'), row(12, 'pending'), row(13, 'pending')]);
    expect(uncounted()).toEqual({ by: BY, fromAt: 11, counts: {} });
    for (let read = 0; read < 3; read += 1) await next();
    hear(12, 'replayed');
    hear(13, 'failed');
    expect(uncounted()).toEqual({ by: BY, fromAt: 11, counts: { replayed: 1, failed: 1 } });
    hear(11, 'replayed');
    expect(uncounted()).toEqual({ by: BY, fromAt: 13, counts: { failed: 1 } });
  });

  it('is not kept open by what it does not send, and is by what is leased, and looked at again', async () => {
    const rows = [row(1, 'failed'), row(2, 'unknown', { isAside: true }), row(5, 'pending'), row(6, 'pending')];
    const { uncounted, next, hear } = await ledgerOf(rows);
    for (let read = 0; read < 4; read += 1) await next();
    expect(uncounted().fromAt).toBe(5);
    hear(5, 'taken');
    hear(6, 'replayed');
    expect(uncounted()).toEqual({ by: BY, fromAt: 6, counts: { replayed: 1 } });

    const leased = await ledgerOf([row(3, 'replaying', { leaseUntilAt: NOW + 1 }), row(4, 'pending')]);
    for (let read = 0; read < 2; read += 1) await leased.next();
    leased.hear(4, 'replayed');
    expect(leased.uncounted()).toEqual({ by: BY, fromAt: 3, counts: { replayed: 1 } });
  });

  it('is nothing where there is no event', async () => {
    const { uncounted, next } = await ledgerOf([]);
    expect(await next()).toEqual({ done: true, value: undefined });
    expect(uncounted()).toEqual({ by: BY, fromAt: NOW, counts: {} });
  });
});

/** An index with these rows, each with who ended it. */
function archiveOf(...events: readonly (readonly [EventRow, string])[]) {
  const asked: RowQuery[] = [];
  const doneBy = new Map(events.map(([{ id }, by]) => [id, by]));
  const rows = (query: RowQuery) => {
    asked.push(query);
    const { statuses, fromAt = 0, untilAt = Number.POSITIVE_INFINITY } = query;
    const found = events.map(([each]) => each);
    return of(
      ...found.filter(
        (each) => statuses.includes(each.status) && each.deferredAt >= fromAt && each.deferredAt < untilAt,
      ),
    );
  };
  const facts = async (_: string, ids: readonly string[]) =>
    new Map(ids.map((id) => [id, { doneBy: doneBy.get(id) } as EventFacts]));
  return { asked, archive: { rows, groups: (query: RowQuery) => [of(), rows(query)], facts } };
}

const SHARE = { functionName: 'orders', selection: { fromAt: 2, untilAt: 90 }, plan: PLAN };

async function countsAfter(
  uncounted: Omit<Uncounted, 'by'>,
  events: readonly (readonly [EventRow, string])[],
  group?: number,
) {
  const { archive } = archiveOf(...events);
  const counts = { ...noCounts(), replayed: 100, failed: 3, taken: 2 };
  const progress = { stretches: 1, damaged: 0, uncounted: { by: BY, ...uncounted } };
  return recounted(archive, { counts, progress }, { ...SHARE, group });
}

describe('the counts of a share whose stretch was cut off', () => {
  it('are those of its record and what the stretch wrote behind that, each event once', async () => {
    const events = [
      [row(9, 'replayed'), `${BY}/1`],
      [row(10, 'replayed'), `${BY}/2`],
      [row(11, 'replayed'), `${BY}/3`],
      [row(12, 'unknown'), `${BY}/4`],
      [row(13, 'failed'), `${BY}/5`],
      [row(14, 'replaying'), `${BY}/6`],
      [row(95, 'replayed'), `${BY}/7`],
    ] as const;
    expect(await countsAfter({ fromAt: 10, counts: { replayed: 1 } }, events)).toEqual({
      ...{ ...noCounts(), taken: 2 },
      ...{ replayed: 101, failed: 4, unknown: 1 },
    });
  });

  it('have nothing of other stretches, runs and people', async () => {
    const events = [
      [row(10, 'replayed'), `drain-00000000/${RUN}/1`],
      [row(11, 'replayed'), `${BY}9/1`],
      [row(12, 'failed'), 'alice@laptop/89abcdef/1'],
      [row(13, 'discarded'), 'alice@laptop/89abcdef'],
    ] as const;
    expect(await countsAfter({ fromAt: 10, counts: {} }, events)).toMatchObject({ replayed: 100, failed: 3 });
  });

  it('have a batch that failed in part once, as failed, and each event that cannot be read', async () => {
    const events = [
      [row(10, 'replayed'), `${BY}/1`],
      [row(10, 'failed', { id: 'e10.1' }), `${BY}/1`],
      [row(11, 'failed'), BY],
      [row(12, 'failed'), BY],
    ] as const;
    expect(await countsAfter({ fromAt: 10, counts: {} }, events)).toMatchObject({ replayed: 100, failed: 6 });
  });

  it('are looked for in the share’s own group of the index, and nowhere where nothing is uncertain', async () => {
    const events = [[row(10, 'replayed'), `${BY}/1`]] as const;
    expect(await countsAfter({ fromAt: 1, counts: {} }, events, 1)).toMatchObject({ replayed: 101 });
    expect(await countsAfter({ fromAt: 1, counts: {} }, events, 0)).toMatchObject({ replayed: 100 });
    const { archive, asked } = archiveOf(...events);
    const progress = { stretches: 1, damaged: 0 };
    expect(await recounted(archive, { counts: noCounts(), progress }, SHARE)).toEqual(noCounts());
    expect(asked).toEqual([]);
  });
});
