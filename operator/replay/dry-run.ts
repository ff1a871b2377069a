import { steadyClock } from '../../aws/time/steady-clock.ts';
import type { EventRow } from '../../core/events/archive.ts';
import { inSequence } from '../../core/replay/order/in-sequence.ts';
import type { LatestTicks } from '../../core/replay/order/latest-ticks.ts';
import { createKeyOrder } from '../../core/replay/order/order-keys.ts';
import { whyNotAsEvent } from '../../core/replay/outcome.ts';
import { type ReplayPlan, whyLeft } from '../../core/replay/plan.ts';
import type { OpenArchive } from '../access/archive.ts';
import { countEvents, type EventCounts } from '../events/counts.ts';
import { type Meant, rowsInOrder } from './meant.ts';

/** What a replay would do. */
export interface DryRun {
  /** Events that would be replayed. */
  readonly counts: EventCounts;
  /** Those of each function; the one with the most first. */
  readonly functions: readonly FunctionCount[];
  /** The first ones to go, up to three. */
  readonly first: readonly EventRow[];
  readonly others: Readonly<OtherCounts>;
  /** There may be more: to look at all of them would have taken too long. */
  readonly isPart: boolean;
}

/** Events of one function that would be replayed. Instants are epoch milliseconds. */
export interface FunctionCount {
  readonly functionName: string;
  readonly events: number;
  readonly oldestAt: number;
  readonly newestAt: number;
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
 *
 * @param forMs after which it counts no further
 */
export async function dryRun(
  archive: OpenArchive,
  meant: Rows,
  plan: ReplayPlan,
  latest: LatestTicks | undefined,
  forMs = Number.POSITIVE_INFINITY,
): Promise<DryRun> {
  const untilMs = steadyClock.now() + forMs;
  const now = (await archive.clock()).now();
  const functions = new Map<string, FunctionCount>();
  const first: EventRow[] = [];
  let isPart = false;
  const others: OtherCounts = { discarded: 0, refused: 0, held: 0, damaged: 0, leased: 0 };
  const inOrder = plan.ordered ? orderedRows(archive, meant) : meant;
  const counts = await countEvents(noted(rowsReplayed(inOrder, plan, now, latest, others)));
  return { counts, functions: [...functions.values()].sort((a, b) => b.events - a.events), first, others, isPart };

  async function* noted(rows: AsyncGenerator<EventRow>): AsyncGenerator<EventRow> {
    for await (const row of rows) {
      isPart = steadyClock.now() > untilMs;
      if (isPart) return;
      const { functionName, deferredAt } = row;
      const before = functions.get(functionName) ?? { events: 0, oldestAt: deferredAt, newestAt: deferredAt };
      functions.set(functionName, {
        functionName,
        events: before.events + 1,
        oldestAt: Math.min(before.oldestAt, deferredAt),
        newestAt: Math.max(before.newestAt, deferredAt),
      });
      if (first.length < FIRST_SHOWN) first.push(row);
      yield row;
    }
  }
}

const FIRST_SHOWN = 3;

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
