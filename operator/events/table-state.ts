import { withinLimit } from '../../aws/time/time-limit.ts';
import { eachOf } from '../../core/each-of.ts';
import { type FaultCode, MaintenanceWindowError } from '../../core/errors.ts';
import { WAITING, type WaitingStatus } from '../../core/events/archive.ts';
import { type OpenArchive, withArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { readClientVersion, type SeenClient } from './client-version.ts';
import { COUNTING_LIMIT_MS, FIRST_ANSWER_LIMIT_MS } from './counting-limits.ts';

/** Numbers of events that wait, by status. */
export type WaitingCounts = Readonly<Record<WaitingStatus, number>>;

/** Events that wait for a replay, or for somebody. */
export interface WaitingEvents extends WaitingCounts {
  /** When the oldest was deferred: epoch milliseconds. Absent where none waits. */
  readonly oldestAt?: number;
  /** There may be more: counting them all would have taken too long. */
  readonly isPart: boolean;
}

/** A function that ever deferred an event, as the table has it. */
export interface FunctionState {
  readonly functionName: string;
  /** Client of its last event. Absent where none of its events is left. */
  readonly client?: SeenClient;
  readonly waiting: WaitingEvents;
}

/** What the table has of each function; or why it did not tell. */
export type TableState =
  | { readonly kind: 'known'; readonly functions: readonly FunctionState[] }
  | { readonly kind: 'unknown'; readonly why: string; readonly fault: FaultCode };

/** What is asked of the table. */
export interface TableQuery {
  /** Absent: all of them. */
  readonly functionName?: string;
  /** Counts to the end, however long that takes. */
  readonly countsAll?: boolean;
}

/** Eight queries each, and sixteen for a client: within the connections that the SDK opens at once. */
const COUNTED_AT_ONCE = 6;
const CLIENTS_AT_ONCE = 3;

/**
 * Reads what waits, and which client stored the last event, of each function that ever deferred one, in the order of
 * their names. A table that cannot be read is an answer as well: the windows are known without it.
 */
export async function readTableState(
  operator: Operator,
  { functionName, countsAll }: TableQuery = {},
): Promise<TableState> {
  try {
    return await withArchive(operator, async (archive) => {
      const answer = archive.functionNames();
      answer.catch(() => undefined); // it may fail after the limit
      const names = await withinLimit<readonly string[] | undefined>(answer, FIRST_ANSWER_LIMIT_MS, () => undefined);
      if (!names) {
        const why = `no answer within ${FIRST_ANSWER_LIMIT_MS / 1_000} s`;
        return { kind: 'unknown', why, fault: 'MaintenanceWindow.Unreachable' };
      }
      const meant = names.filter((name) => functionName === undefined || name === functionName).sort();
      // First, as it costs next to nothing: behind the counts it would wait for them where a table is slow.
      const clients = await eachOf(meant, CLIENTS_AT_ONCE, (name) => readClientVersion(archive, name));
      const waiting = await waitingOf(archive, meant, countsAll ?? false);
      const functions = meant.map((name, index): FunctionState => {
        const client = clients[index];
        return { functionName: name, ...(client && { client }), waiting: waiting[index] ?? NOT_COUNTED };
      });
      return { kind: 'known', functions };
    });
  } catch (fault) {
    if (fault instanceof MaintenanceWindowError) return { kind: 'unknown', why: fault.message, fault: fault.name };
    throw fault;
  }
}

/** What waits of several functions together. */
export function totalWaiting(all: readonly WaitingEvents[]): WaitingEvents {
  const oldestAt = Math.min(...all.map((each) => each.oldestAt ?? Number.POSITIVE_INFINITY));
  const sum = (status: WaitingStatus) => all.reduce((events, each) => events + each[status], 0);
  return {
    pending: sum('pending'),
    failed: sum('failed'),
    unknown: sum('unknown'),
    replaying: sum('replaying'),
    ...(Number.isFinite(oldestAt) && { oldestAt }),
    isPart: all.some(({ isPart }) => isPart),
  };
}

/** How many events wait, of whichever status. */
export function eventsWaiting(waiting: WaitingCounts): number {
  return WAITING.reduce((events, status) => events + waiting[status], 0);
}

const NOT_COUNTED: WaitingEvents = { pending: 0, failed: 0, unknown: 0, replaying: 0, isPart: true };

/** Counts of each function, as far as they come in time. */
async function waitingOf(
  archive: OpenArchive,
  names: readonly string[],
  countsAll: boolean,
): Promise<readonly WaitingEvents[]> {
  const counts: WaitingEvents[] = names.map(() => NOT_COUNTED);
  let isOver = false;
  const counting = eachOf(names, COUNTED_AT_ONCE, async (name, index) => {
    if (isOver) return;
    await archive.countWaiting(name, (piece) => {
      const before = counts[index] ?? NOT_COUNTED;
      counts[index] =
        'oldestAt' in piece
          ? { ...before, oldestAt: Math.min(before.oldestAt ?? piece.oldestAt, piece.oldestAt) }
          : { ...before, [piece.status]: before[piece.status] + piece.events };
    });
    counts[index] = { ...(counts[index] ?? NOT_COUNTED), isPart: false };
  });
  await (countsAll ? counting : withinLimit<unknown>(counting, COUNTING_LIMIT_MS, () => undefined));
  isOver = true;
  return [...counts];
}
