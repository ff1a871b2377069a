import type { EventRow } from '../../core/events/archive.ts';
import { type EventStatus, isFinished, qualifierIn } from '../../core/events/deferred-event.ts';
import { mergedInOrder, placeOfRow } from '../../core/events/rows-in-order.ts';
import { withAsides } from '../../core/replay/aside.ts';
import { findLatestTicks, type LatestTicks } from '../../core/replay/latest-ticks.ts';
import { type ReplayPlan, whyLeft } from '../../core/replay/plan.ts';
import type { OpenArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { readEvent } from '../events/read.ts';
import { rowsOfFunction, type SelectionOptions, selectionOf, UNFINISHED } from '../events/selection.ts';

/** The events that a replay is about. May be read more than once. */
export interface Meant {
  readonly functionNames: readonly string[];
  /** Those of one function, oldest first. In order, also what holds them back. */
  rows(functionName: string): AsyncGenerator<EventRow>;
  /** What would be replayed now, under this plan. */
  left(plan: ReplayPlan, now: number): AsyncGenerator<EventRow>;
  /** What each was named by, where they were named one by one. */
  readonly wordsOfRows?: ReadonlyMap<EventRow, string>;
  /** Number of events, for the progress. Undefined if counting them would cost as much as replaying them. */
  count(): Promise<number | undefined>;
}

/** An event that was named, and that the plan does not replay. */
export interface NotMeant {
  readonly kind: 'finished' | 'other-status';
  readonly name: string;
  readonly status: EventStatus;
}

/**
 * Finds the events that a filter means. In order, everything unfinished is read: an event that is not replayed holds back
 * those of its key behind it.
 *
 * @throws MaintenanceWindowError as {@link selectionOf}
 */
export async function meantByFilter(
  operator: Operator,
  archive: OpenArchive,
  filter: SelectionOptions,
  { statuses, ordered }: ReplayPlan,
): Promise<Meant> {
  const selection = await selectionOf(operator, archive, filter, statuses);
  const read = { ...selection, statuses: ordered ? UNFINISHED : statuses };
  const { functionNames, window, ...query } = { ...selection, statuses };
  const isPart = [window, query.fromAt, query.untilAt].some((part) => part !== undefined);
  const rows = (functionName: string) => {
    const meant = rowsOfFunction(archive, read, functionName);
    return ordered && isPart ? withAsides(meant, unfinished(archive, functionName)) : meant;
  };
  return {
    functionNames,
    rows,
    left: (plan, now) => rowsToReplay({ functionNames, rows }, plan, now),
    async count() {
      if (window !== undefined) return undefined;
      const counts = await Promise.all(functionNames.map((functionName) => archive.count({ ...query, functionName })));
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
}

/**
 * Finds events that were named one by one, or the first one that the plan does not replay.
 *
 * @throws MaintenanceWindowError as {@link readEvent}
 */
export async function meantByName(
  archive: OpenArchive,
  names: readonly string[],
  { ordered, statuses }: ReplayPlan,
): Promise<({ readonly kind: 'meant' } & Meant) | NotMeant> {
  const found: EventRow[] = [];
  const wordsOfRows = new Map<EventRow, string>();
  for (const name of new Set(names)) {
    const event = await readEvent(archive, name);
    const { status } = event;
    if (isFinished(status)) return { kind: 'finished', name, status };
    if (!statuses.includes(status)) return { kind: 'other-status', name, status };
    const qualifier = event.damaged === undefined ? qualifierIn(event.invokedFunctionArn) : undefined;
    const row = { ...event, ...(qualifier !== undefined && { qualifier }) };
    found.push(row);
    wordsOfRows.set(row, name);
  }
  found.sort((a, b) => (placeOfRow(a) < placeOfRow(b) ? -1 : 1));
  const rowsOf = async function* (functionName: string) {
    yield* found.filter((row) => row.functionName === functionName);
  };
  return {
    kind: 'meant',
    functionNames: [...new Set(found.map(({ functionName }) => functionName))],
    rows: (functionName) =>
      ordered ? withAsides(rowsOf(functionName), unfinished(archive, functionName)) : rowsOf(functionName),
    async *left(plan, now) {
      for (const row of found) {
        const event = await archive.look(row);
        if (event && whyLeft(plan, event, now) === undefined) yield row;
      }
    },
    wordsOfRows,
    count: async () => found.length,
  };
}

function unfinished(archive: OpenArchive, functionName: string): AsyncGenerator<EventRow> {
  return archive.rows({ functionName, statuses: UNFINISHED });
}

/** Rows that a replay would take up, oldest first over all functions, as the run itself has them. */
async function* rowsToReplay(
  meant: Pick<Meant, 'functionNames' | 'rows'>,
  plan: ReplayPlan,
  now: number,
): AsyncGenerator<EventRow> {
  for await (const row of rowsInOrder(meant)) if (whyLeft(plan, row, now) === undefined) yield row;
}

/** All rows, oldest first over all functions. */
export function rowsInOrder({ functionNames, rows }: Pick<Meant, 'functionNames' | 'rows'>): AsyncGenerator<EventRow> {
  return mergedInOrder(functionNames.map(rows), placeOfRow);
}

/** Finds the last missed tick of each schedule. Undefined where the plan replays all of them. */
export async function latestOf(
  { waits }: Operator,
  archive: OpenArchive,
  meant: Meant,
  plan: ReplayPlan,
): Promise<LatestTicks | undefined> {
  if (!plan.latestPerResource) return undefined;
  const now = (await archive.clock()).now();
  const found = findLatestTicks(archive, rowsToReplay(meant, plan, now));
  return waits.during('ticks', () => ({ why: 'every event of a schedule is looked at' }), found);
}
