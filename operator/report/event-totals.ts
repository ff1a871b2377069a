import type { EventFacts, EventRow } from '../../core/events/archive.ts';
import { type EventStatus, STATUSES } from '../../core/events/deferred-event.ts';
import type { HistoryEntry } from '../../core/events/history.ts';
import { inPages } from '../../core/events/in-pages.ts';
import { LAST_INSTANT } from '../../core/events/table.ts';
import { isRestId } from '../../core/replay/outcome.ts';
import { MINUTE_MS } from '../../core/units.ts';
import type { OpenArchive } from '../access/archive.ts';
import { factsOf } from '../events/select/rows-by-facts.ts';
import type { FoundWindow } from './find-window.ts';

/** How many events there are, by status. */
export type StatusCounts = Readonly<Record<EventStatus, number>>;

/** What was stored inside a window, and what became of it. */
export interface EventTotals {
  /** The sum of all statuses. */
  readonly deferred: number;
  readonly byStatus: StatusCounts;
  /** By function, the fullest first. */
  readonly functions: readonly FunctionTotals[];
  /** Of them: what was left of batches that succeeded in part, each an event of its own. */
  readonly rests: number;
  /** Of them: stored while a window was active, too, that began earlier. They belong to the report of that one as well. */
  readonly shared: number;
  readonly longestWait?: LongestWait;
  /** Who had how many of them in hand, the most first: an event that two people tried counts for both. */
  readonly operators: readonly { readonly who: string; readonly events: number }[];
}

export interface FunctionTotals {
  readonly functionName: string;
  readonly deferred: number;
  readonly byStatus: StatusCounts;
}

/** From the deferral until the function had it, or until now where it still waits. Milliseconds. */
export interface LongestWait extends Pick<EventRow, 'functionName' | 'id' | 'status'> {
  readonly waitMs: number;
}

/** Pages whose facts are asked for at once. */
const ASKED_AT_ONCE = 4;
/** Clocks of environments differ from AWS's by a little. */
const CLOCK_MARGIN_MS = MINUTE_MS;
/** Distinct operators that are told apart; whoever writes into its own items can name any. */
const MOST_OPERATORS = 1_000;

/**
 * Counts the events of a window, page by page: memory stays flat. An event belongs to the window whose start it carries.
 * Windows that overlap are one to a function, with the start of the first: so an event also belongs to a later one that was
 * active when it was deferred.
 *
 * @param functionNames of those that the window names
 * @param told of each page: how many events were looked at so far
 */
export async function countEventsOf(
  archive: Pick<OpenArchive, 'rows' | 'facts'>,
  { life: { startAt, endAt }, seenAt, now }: Pick<FoundWindow, 'life' | 'seenAt' | 'now'>,
  functionNames: readonly string[],
  told: (events: number) => void = () => {},
): Promise<EventTotals> {
  const functions: FunctionTotals[] = [];
  const operators = new Map<string, number>();
  let [rests, shared, lookedAt] = [0, 0, 0];
  let longestWait: LongestWait | undefined;
  for (const functionName of functionNames) {
    const byStatus = noEvents();
    const query = {
      functionName,
      statuses: STATUSES,
      fromAt: Math.max(0, startAt - CLOCK_MARGIN_MS),
      untilAt: Math.min(LAST_INSTANT, seenAt + CLOCK_MARGIN_MS),
    };
    for await (const page of withFacts(archive, archive.rows(query))) {
      for (const { row, facts } of page) {
        const { windowStartAt = Number.NaN } = facts;
        const isShared = windowStartAt < startAt && row.deferredAt >= startAt && row.deferredAt < endAt;
        if (windowStartAt !== startAt && !isShared) continue;
        byStatus[row.status] += 1;
        if (isShared) shared += 1;
        if (isRestId(row.id)) rests += 1;
        const waitMs = waitOf(row, facts, now);
        if (waitMs !== undefined && waitMs > (longestWait?.waitMs ?? -1)) {
          longestWait = { functionName, id: row.id, status: row.status, waitMs };
        }
        for (const who of whoOf(facts)) {
          if (operators.has(who) || operators.size < MOST_OPERATORS) operators.set(who, (operators.get(who) ?? 0) + 1);
        }
      }
      lookedAt += page.length;
      told(lookedAt);
    }
    const deferred = sumOf(byStatus);
    if (deferred > 0) functions.push({ functionName, deferred, byStatus });
  }
  const byStatus = noEvents();
  for (const each of functions) for (const status of STATUSES) byStatus[status] += each.byStatus[status];
  return {
    deferred: sumOf(byStatus),
    byStatus,
    functions: functions.sort((a, b) => b.deferred - a.deferred),
    rests,
    shared,
    ...(longestWait && { longestWait }),
    operators: [...operators].map(([who, events]) => ({ who, events })).sort((a, b) => b.events - a.events),
  };
}

interface RowWithFacts {
  readonly row: EventRow;
  readonly facts: EventFacts;
}

/** Several pages at a time. */
async function* withFacts(
  archive: Pick<OpenArchive, 'facts'>,
  rows: AsyncIterable<EventRow>,
): AsyncGenerator<readonly RowWithFacts[]> {
  for await (const pages of inPages(inPages(rows), ASKED_AT_ONCE)) {
    const asked = pages.map(async (page) => {
      const facts = await factsOf(archive, page);
      return page.map((row) => ({ row, facts: facts.get(row.id) ?? {} }));
    });
    yield (await Promise.all(asked)).flat();
  }
}

/** Everybody who tried, discarded or restored an event: users and machines, without the run. */
function whoOf({ doneBy, history = [] }: EventFacts): ReadonlySet<string> {
  const all = [...history.map(({ by }) => by), ...(doneBy === undefined ? [] : [doneBy])];
  return new Set(all.map((by) => by.split('/')[0] ?? by));
}

/** Undefined for what no function is to have any more. */
function waitOf(
  { status, deferredAt }: EventRow,
  { doneAt, history = [] }: EventFacts,
  now: number,
): number | undefined {
  switch (status) {
    case 'pending':
    case 'replaying':
    case 'failed':
    case 'unknown':
      return (ranAt(history) ?? now) - deferredAt;
    case 'replayed':
    case 'accepted':
    case 'taken-back':
      return doneAt === undefined ? undefined : Math.max(0, Math.min(doneAt, ranAt(history) ?? doneAt) - deferredAt);
    case 'discarded':
      return undefined;
  }
}

/** When its function first had it. A replay again, whatever becomes of it, does not make the wait longer; a copy is none. */
function ranAt(history: readonly HistoryEntry[]): number | undefined {
  const first = history.find(
    ({ outcome, to }) => to === undefined && (outcome === 'replayed' || outcome === 'accepted'),
  );
  return first && first.at + (first.tookMs ?? 0);
}

function noEvents(): Record<EventStatus, number> {
  return Object.fromEntries(STATUSES.map((status) => [status, 0])) as Record<EventStatus, number>;
}

function sumOf(counts: StatusCounts): number {
  return STATUSES.reduce((sum, status) => sum + counts[status], 0);
}
