import { type EventRow, mergedInOrder, placeOfRow } from '../aws/event-rows.ts';
import { whyNotAsEvent } from '../gate/replay.ts';
import { countEvents, countsJson, countsText } from './events-counts.ts';
import { DONE } from './exit-code.ts';
import { createKeyOrder } from './replay-keys.ts';
import type { LatestTicks } from './replay-latest.ts';
import { type ReplayPlan, whyLeft } from './replay-plan.ts';
import type { Session } from './session.ts';
import { counted } from './text.ts';

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
}

/** The rows that a replay would take up, oldest first over all functions, as the run itself has them. */
export async function* rowsToReplay(meant: MeantRows, plan: ReplayPlan, now: number): AsyncGenerator<EventRow> {
  for await (const row of rowsOf(meant)) if (whyLeft(plan, row, now) === undefined) yield row;
}

/** Counts what a replay would do, and does nothing of it. What an invocation would tell is not known before it. */
export async function showDryRun(
  { output }: Session,
  meant: MeantRows,
  plan: ReplayPlan,
  now: number,
  latest: LatestTicks | undefined,
): Promise<number> {
  const others: Others = { discarded: 0, refused: 0, held: 0 };
  const counts = await countEvents(rowsReplayed(meant, plan, now, latest, others));
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
    if (whyLeft(plan, row, now) !== undefined) {
      keys?.hold(row);
      continue;
    }
    const isHeld = keys?.add(row) !== undefined;
    keys?.done(row);
    if (isHeld) others.held += 1;
    else if ((await latest?.laterThan(row)) !== undefined) others.discarded += 1;
    else if (plan.mode === 'event' && whyNotAsEvent(row) !== undefined) others.refused += 1;
    else {
      left -= 1;
      yield row;
    }
  }
}

function rowsOf({ functionNames, rows }: MeantRows): AsyncGenerator<EventRow> {
  return mergedInOrder(functionNames.map(rows), placeOfRow);
}

function othersText({ discarded, refused, held }: Others): readonly string[] {
  return [
    ...(discarded > 0
      ? [`Would discard ${counted(discarded, 'event')}, as a later tick of their schedule is there.`]
      : []),
    ...(refused > 0 ? [`Would refuse ${counted(refused, 'event')}, which cannot go through Lambda’s own queue.`] : []),
    ...(held > 0 ? [`Would hold back ${counted(held, 'event')} behind what is not done in their order keys.`] : []),
  ];
}
