import type { EventArchive, EventRow } from '../../core/events/archive.ts';
import { type EventStatus, isFinished } from '../../core/events/deferred-event.ts';
import { inPages } from '../../core/events/in-pages.ts';
import { type ReplayPlan, whyLeft } from '../../core/replay/plan.ts';
import type { EventOutcome, ReplayCounts, ReplayNews } from '../../core/replay/progress/news.ts';
import type { RunShare, Uncounted } from '../../core/runs/run.ts';
import { rowsOfShare, type ShareRows } from './share-rows.ts';

/** Outcomes that an event's item has, with who brought them about. */
const WRITTEN = ['replayed', 'accepted', 'failed', 'unknown', 'discarded'] as const;
type Written = (typeof WRITTEN)[number];

/** What of a stretch's counts would be uncertain if it were cut off now. */
export interface Ledger {
  /** The same rows, noted as they are read. Reads the first one at once: what lies before it is of no stretch of this run. */
  reading(rows: AsyncGenerator<EventRow>): Promise<AsyncGenerator<EventRow>>;
  hear(news: ReplayNews): void;
  uncounted(): Uncounted;
}

/**
 * Events are read oldest first, so all that is uncertain comes behind the oldest one that was read and has no outcome yet.
 *
 * @param by what `doneBy` of this stretch's events begins with
 */
export function createLedger(by: string, plan: ReplayPlan, now: () => number): Ledger {
  /** When events were deferred that may still have an outcome. */
  const open = new Map<string, number>();
  let readTo = now(); // where there is no row, nothing is uncertain
  let counted: { readonly deferredAt: number; readonly outcome: Written }[] = [];
  return {
    async reading(rows) {
      const first = await rows.next();
      if (!first.done) note(first.value);
      return noted(first, rows);
    },
    hear(news) {
      if (news.kind !== 'event') return;
      const { row, outcome } = news;
      open.delete(row.id);
      if (isWritten(outcome)) counted.push({ deferredAt: row.deferredAt, outcome });
    },
    uncounted() {
      let fromAt = readTo;
      for (const deferredAt of open.values()) fromAt = Math.min(fromAt, deferredAt);
      counted = counted.filter(({ deferredAt }) => deferredAt >= fromAt);
      const counts: { [Outcome in Written]?: number } = {};
      for (const { outcome } of counted) counts[outcome] = (counts[outcome] ?? 0) + 1;
      return { by, fromAt, counts };
    },
  };

  async function* noted(first: IteratorResult<EventRow>, rest: AsyncGenerator<EventRow>): AsyncGenerator<EventRow> {
    if (first.done) return;
    yield first.value;
    for await (const row of rest) {
      note(row);
      yield row;
    }
  }

  function note(row: EventRow): void {
    const why = whyLeft(plan, row, now());
    // What is leased is looked at again at the end.
    if (why === undefined || why === 'leased') open.set(row.id, row.deferredAt);
    readTo = row.deferredAt;
  }
}

/**
 * The counts of a share as the events themselves have them, where its last stretch was cut off: what it wrote into an event,
 * and did not live to tell, is counted. It is found in the index, so that has to have it.
 */
export async function recounted(
  archive: Pick<EventArchive, 'rows' | 'groups' | 'facts'>,
  { counts, progress }: Pick<RunShare, 'counts' | 'progress'>,
  rows: ShareRows,
): Promise<ReplayCounts> {
  const { uncounted } = progress ?? {};
  if (!uncounted) return counts;
  const { by, fromAt } = uncounted;
  const outcomes = new Map<string, Written>();
  for (const statuses of [WRITTEN.filter(isFinished), WRITTEN.filter((status) => !isFinished(status))]) {
    const from = Math.max(fromAt, rows.selection.fromAt ?? 0);
    const found = rowsOfShare(archive, {
      ...rows,
      selection: { ...rows.selection, fromAt: from },
      plan: { statuses, ordered: false },
    });
    for await (const page of inPages(found)) await note(page);
  }
  const sum = { ...counts };
  for (const outcome of WRITTEN) sum[outcome] -= uncounted.counts[outcome] ?? 0;
  for (const outcome of outcomes.values()) sum[outcome] += 1;
  return sum;

  async function note(page: readonly EventRow[]): Promise<void> {
    const facts = await archive.facts(
      rows.functionName,
      page.map(({ id }) => id),
    );
    for (const { id, status } of page) {
      const { doneBy = '' } = facts.get(id) ?? {};
      if (!isWritten(status) || (doneBy !== by && !doneBy.startsWith(`${by}/`))) continue;
      // A batch that failed in part is two events of one claim, and counts once, as failed.
      const claim = doneBy === by ? id : doneBy;
      if (outcomes.get(claim) !== 'failed') outcomes.set(claim, status);
    }
  }
}

function isWritten(outcome: EventOutcome | EventStatus): outcome is Written {
  return WRITTEN.some((each) => each === outcome);
}
