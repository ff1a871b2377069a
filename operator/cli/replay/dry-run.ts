import type { EventArchive, EventRow } from '../../../core/events/archive.ts';
import { mergedInOrder, placeOfRow } from '../../../core/events/rows-in-order.ts';

import { inSequence } from '../../../core/replay/in-sequence.ts';
import type { LatestTicks } from '../../../core/replay/latest-ticks.ts';
import { createKeyOrder } from '../../../core/replay/order-keys.ts';
import { whyNotAsEvent } from '../../../core/replay/outcome.ts';
import { type ReplayPlan, whyLeft } from '../../../core/replay/plan.ts';
import { counted } from '../../../core/text/shown.ts';
import { countEvents } from '../../events/counts.ts';
import { countsJson, countsText } from '../events/counts-text.ts';
import { DONE } from '../exit-code.ts';
import type { Session } from '../session.ts';

/** The events that are meant, function by function. */
interface MeantRows {
  readonly functionNames: readonly string[];
  rows(functionName: string): AsyncGenerator<EventRow>;
}

/** Rows that would not be replayed, by what would become of them. */
interface Others {
  discarded: number;
  refused: number;
  held: number;
  /** They would be marked as failed. */
  damaged: number;
  /** Somebody else has them in hand, or had. */
  leased: number;
}

/** The rows that a replay would take up, oldest first over all functions, as the run itself has them. */
export async function* rowsToReplay(meant: MeantRows, plan: ReplayPlan, now: number): AsyncGenerator<EventRow> {
  for await (const row of rowsOf(meant)) if (whyLeft(plan, row, now) === undefined) yield row;
}

/**
 * Counts what a replay would do, and does nothing of it: in the order of the run, and with what uses up its limit. What an
 * invocation would tell, or the body of an event, is not known before it.
 */
export async function showDryRun(
  { output }: Session,
  archive: Pick<EventArchive, 'facts'>,
  meant: MeantRows,
  plan: ReplayPlan,
  now: number,
  latest: LatestTicks | undefined,
): Promise<number> {
  const others: Others = { discarded: 0, refused: 0, held: 0, damaged: 0, leased: 0 };
  const inOrder = plan.ordered ? orderedRows(archive, meant) : meant;
  const counts = await countEvents(rowsReplayed(inOrder, plan, now, latest, others));
  output.show({ dryRun: true, ...countsJson(counts), ...others }, () =>
    [`Would replay:\n${countsText(counts, output)}`, ...othersText(others)].join('\n'),
  );
  return DONE;
}

async function* rowsReplayed(
  meant: MeantRows,
  plan: ReplayPlan,
  now: number,
  latest: LatestTicks | undefined,
  others: Others,
): AsyncGenerator<EventRow> {
  const orders = new Map(meant.functionNames.map((name) => [name, createKeyOrder()]));
  let left = plan.limit;
  for await (const row of rowsOf(meant)) {
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
function orderedRows(archive: Pick<EventArchive, 'facts'>, { functionNames, rows }: MeantRows): MeantRows {
  return {
    functionNames,
    rows: (name) => inSequence(rows(name), (ids) => archive.facts(name, ids), ignore),
  };
}

function rowsOf({ functionNames, rows }: MeantRows): AsyncGenerator<EventRow> {
  return mergedInOrder(functionNames.map(rows), placeOfRow);
}

function othersText({ discarded, refused, held, damaged, leased }: Others): readonly string[] {
  return [
    ...(discarded > 0
      ? [`Would discard ${counted(discarded, 'event')}, as a later tick of their schedule is there.`]
      : []),
    ...(refused > 0 ? [`Would refuse ${counted(refused, 'event')}, which cannot go through Lambda’s own queue.`] : []),
    ...(held > 0 ? [`Would hold back ${counted(held, 'event')} behind what is not done in their order keys.`] : []),
    ...(damaged > 0 ? [`Would mark ${counted(damaged, 'event')} as failed, as the stored event is damaged.`] : []),
    ...(leased > 0
      ? [`Would leave ${counted(leased, 'event')} that may still be running until their lease is over.`]
      : []),
  ];
}

function ignore(): void {}
