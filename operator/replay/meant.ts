import { withinLimit } from '../../aws/time/time-limit.ts';
import type { EventRow, StoredEvent } from '../../core/events/archive.ts';
import { type EventStatus, isFinished, qualifierIn } from '../../core/events/deferred-event.ts';
import { mergedInOrder, placeOfRow } from '../../core/events/rows-in-order.ts';
import { withAsides } from '../../core/replay/order/aside.ts';
import { findLatestTicks, type LatestTicks } from '../../core/replay/order/latest-ticks.ts';
import { type ReplayPlan, whyLeft } from '../../core/replay/plan.ts';
import type { OpenArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { readEvents } from '../events/read.ts';
import {
  asksMoreThanIndex,
  rowsOfFunction,
  type Selection,
  type SelectionOptions,
  selectionOf,
  UNFINISHED,
} from '../events/select/selection.ts';

/** The events that a replay is about. May be read more than once. */
export interface Meant {
  readonly functionNames: readonly string[];
  /** Those of one function, oldest first. In order, also what holds them back. */
  rows(functionName: string): AsyncGenerator<EventRow>;
  /** What would be replayed now, under this plan. */
  left(plan: ReplayPlan, now: number): AsyncGenerator<EventRow>;
  /** What each was named by, where they were named one by one. */
  readonly wordsOfRows?: ReadonlyMap<EventRow, string>;
  /** Those that are finished and are to run again, where events were named one by one. */
  readonly again?: readonly StoredEvent[];
  /**
   * Events that have failed, or may have run, and are meant but for their status, which the plan leaves out: the number of
   * each status that has some. None where they were named one by one, and where counting them takes too long.
   */
  passedOver(): Promise<readonly PassedOver[]>;
  /** Number of events, for the progress. Undefined if counting them would cost as much as replaying them. */
  count(): Promise<number | undefined>;
}

/** Events of a status that a plan leaves out. */
export interface PassedOver {
  readonly status: EventStatus;
  readonly events: number;
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
  const { functionNames, window: _, error: __, bodies: ___, ...query } = { ...selection, statuses };
  const asksMore = asksMoreThanIndex(selection);
  const isPart = asksMore || query.fromAt !== undefined || query.untilAt !== undefined;
  const rows = (functionName: string) => {
    const meant = rowsOfFunction(archive, read, functionName);
    return ordered && isPart ? withAsides(meant, unfinished(archive, functionName)) : meant;
  };
  return {
    functionNames,
    rows,
    left: (plan, now) => rowsToReplay({ functionNames, rows }, plan, now),
    passedOver: () => withinLimit(countPassedOver(archive, selection, statuses), COUNTING_MS, () => []),
    async count() {
      if (asksMore) return undefined;
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
  { ordered, statuses, to }: ReplayPlan,
): Promise<({ readonly kind: 'meant' } & Meant) | NotMeant> {
  const found: EventRow[] = [];
  const again: StoredEvent[] = [];
  const wordsOfRows = new Map<EventRow, string>();
  for (const { name, event } of await readEvents(archive, names)) {
    const { status } = event;
    if (isFinished(status) && !statuses.includes(status)) return { kind: 'finished', name, status };
    if (!statuses.includes(status)) return { kind: 'other-status', name, status };
    const qualifier = event.damaged === undefined ? qualifierIn(event.invokedFunctionArn) : undefined;
    const row = { ...event, ...(qualifier !== undefined && { qualifier }) };
    found.push(row);
    if (isFinished(status) && to === undefined && event.damaged === undefined) again.push(event);
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
        // What was to run again and did is finished as before, and has one more attempt.
        const hasRun = event && isFinished(event.status) && event.attempts > row.attempts;
        if (event && !hasRun && whyLeft(plan, event, now) === undefined) yield row;
      }
    },
    wordsOfRows,
    again,
    passedOver: async () => [],
    count: async () => found.length,
  };
}

/** What somebody has to decide about, and a replay of what is pending does not take up by itself. */
const UNSETTLED: readonly EventStatus[] = ['failed', 'unknown'];
/** Whoever has nothing to replay waits for this number. */
const COUNTING_MS = 3_000;

async function countPassedOver(
  archive: OpenArchive,
  selection: Selection,
  statuses: readonly EventStatus[],
): Promise<readonly PassedOver[]> {
  if (selection.bodies) return []; // to read them all again would cost as much as the replay
  const counts = new Map(UNSETTLED.filter((status) => !statuses.includes(status)).map((status) => [status, 0]));
  if (counts.size === 0) return [];
  for (const functionName of selection.functionNames) {
    for await (const { status } of rowsOfFunction(
      archive,
      { ...selection, statuses: [...counts.keys()] },
      functionName,
    ))
      counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return [...counts].map(([status, events]) => ({ status, events })).filter(({ events }) => events > 0);
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
