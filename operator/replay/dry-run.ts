import type { EventRow } from '../../core/events/archive.ts';
import { inSequence } from '../../core/replay/in-sequence.ts';
import type { LatestTicks } from '../../core/replay/latest-ticks.ts';
import { createKeyOrder } from '../../core/replay/order-keys.ts';
import { whyNotAsEvent } from '../../core/replay/outcome.ts';
import { type ReplayPlan, whyLeft } from '../../core/replay/plan.ts';
import type { OpenArchive } from '../access/archive.ts';
import { countEvents, type EventCounts } from '../events/counts.ts';
import { type Meant, rowsInOrder } from './meant.ts';

/** What a replay would do. */
export interface DryRun {
  /** Events that would be replayed. */
  readonly counts: EventCounts;
  readonly others: Readonly<OtherCounts>;
}

/** Rows that would not be replayed, by what would become of them. */
interface OtherCounts {
  discarded: number;
  refused: number;
  held: number;
  /** They would be marked as failed. */
  damaged: number;
  /** Somebody else has them in hand, or had. */
  leased: number;
}

type Rows = Pick<Meant, 'functionNames' | 'rows'>;

/**
 * Counts what a replay would do, and does nothing of it: in the order of the run, and with what uses up its limit. What an
 * invocation would tell, or the body of an event, is not known before it.
 */
export async function dryRun(
  archive: OpenArchive,
  meant: Rows,
  plan: ReplayPlan,
  latest: LatestTicks | undefined,
): Promise<DryRun> {
  const now = (await archive.clock()).now();
  const others: OtherCounts = { discarded: 0, refused: 0, held: 0, damaged: 0, leased: 0 };
  const inOrder = plan.ordered ? orderedRows(archive, meant) : meant;
  const counts = await countEvents(rowsReplayed(inOrder, plan, now, latest, others));
  return { counts, others };
}

async function* rowsReplayed(
  meant: Rows,
  plan: ReplayPlan,
  now: number,
  latest: LatestTicks | undefined,
  others: OtherCounts,
): AsyncGenerator<EventRow> {
  const orders = new Map(meant.functionNames.map((name) => [name, createKeyOrder()]));
  let left = plan.limit;
  for await (const row of rowsInOrder(meant)) {
    if (left === 0) return;
    const keys = plan.ordered ? orders.get(row.functionName) : undefined;
    const why = whyLeft(plan, row, now);
    if (why !== undefined) {
      keys?.hold(row);
      if (why === 'leased') others.leased += 1;
      continue;
    }
    if (keys?.add(row) !== undefined) {
      others.held += 1;
      continue;
    }
    if (row.damaged === undefined) keys?.done(row);
    else keys?.hold(row);
    if ((await latest?.laterThan(row)) !== undefined) others.discarded += 1;
    else {
      left -= 1;
      if (row.damaged !== undefined) others.damaged += 1;
      else if (plan.mode === 'event' && whyNotAsEvent(row) !== undefined) others.refused += 1;
      else yield row;
    }
  }
}

/** The same rows, as an ordered run takes them up. */
function orderedRows(archive: OpenArchive, { functionNames, rows }: Rows): Rows {
  return {
    functionNames,
    rows: (name) => inSequence(rows(name), (ids) => archive.facts(name, ids), ignore),
  };
}

function ignore(): void {}
