import type { EventArchive, EventRow, FoundEvent, StoredEvent } from '../../core/events/archive.ts';
import { type EventStatus, isFinished } from '../../core/events/deferred-event.ts';
import type { EventIdentity } from '../../core/events/table.ts';
import type { OpenArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { countEvents, type EventCounts } from './counts.ts';
import { createSeenEvents, type SeenEvents } from './fingerprint.ts';
import { readEvents } from './read.ts';
import { firstOf } from './select/first-of.ts';
import { rowsOfSelection, type SelectionOptions, selectionOf } from './select/selection.ts';

/** Which events to discard: by their names, or by a filter; pending ones, unless the filter has statuses; of these the oldest, up to the limit. */
export type DiscardRequest =
  | { readonly kind: 'named'; readonly names: readonly string[] }
  | { readonly kind: 'filtered'; readonly filter: SelectionOptions; readonly limit?: number };

/** A discard that is not done yet, so that a face can ask first. */
export interface DiscardDraft {
  /** Events that are meant now. */
  readonly counts: EventCounts;
  /** The oldest of them, up to three. */
  readonly first: readonly EventRow[];
  /** Named events that are finished: there is nothing to discard. */
  readonly finished: readonly FinishedEvent[];
  /** Of a filter: the instant before which they were deferred, in epoch milliseconds. */
  readonly until?: number;
  /** What tells these events from others, as {@link SeenEvents} has it. */
  readonly fingerprint: string;
  /**
   * Discards them, and none that has come to be meant since: another event may have failed, or be pending again.
   *
   * @param reason stored with each event
   * @param signal aborted: no further event is discarded
   */
  commit(reason: string, signal: AbortSignal): Promise<Discarded>;
}

/** An event that was dealt with before. */
export type FinishedEvent = Pick<FoundEvent, 'id' | 'functionName' | 'status'> &
  Partial<Pick<StoredEvent, 'doneBy' | 'doneAt'>>;

/** What a discard came to. */
export interface Discarded {
  readonly discarded: number;
  /** Ids of events that are in flight, dealt with, or take no more writing. */
  readonly left: readonly string[];
  /** What the table ended it with, so that it did not come to its end. */
  readonly fault?: unknown;
}

const AT_ONCE = 16;
const PENDING: readonly EventStatus[] = ['pending'];

/**
 * Finds and counts events to discard; changes nothing. A filter means what was deferred until now: what comes while
 * somebody thinks about the question was not in it, and neither was what failed, or was taken back, meanwhile.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.NotFound` for an event or a function that does not exist
 */
export async function draftDiscard(
  operator: Operator,
  archive: OpenArchive,
  request: DiscardRequest,
): Promise<DiscardDraft> {
  const { events, limit, ...meant } = await eventsMeant(operator, archive, request);
  const first: EventRow[] = [];
  const seen = createSeenEvents();
  const counts = await countEvents(noted(firstOf(events(), limit), first, seen));
  return {
    counts,
    first,
    ...meant,
    fingerprint: seen.fingerprint(),
    commit: (reason, signal) => discardAll(archive, seenAmong(events(), seen), reason, signal),
  };
}

/** What a request means. */
interface EventsMeant {
  /** The events, oldest first, as often as they are asked for. */
  events(): AsyncGenerator<EventRow>;
  /** No more of them than this. */
  readonly limit?: number | undefined;
  readonly finished: readonly FinishedEvent[];
  readonly until?: number;
}

async function eventsMeant(operator: Operator, archive: OpenArchive, request: DiscardRequest): Promise<EventsMeant> {
  switch (request.kind) {
    case 'named': {
      const named = (await readEvents(archive, request.names)).map(({ event }) => event);
      const [finished, open] = [named.filter(isDealtWith), named.filter((event) => !isDealtWith(event))];
      return { events: () => each(open), finished };
    }
    case 'filtered': {
      const now = (await archive.clock()).now();
      const until = Math.min(request.filter.until ?? now, now);
      const selection = await selectionOf(operator, archive, { ...request.filter, until }, PENDING);
      return { events: () => rowsOfSelection(archive, selection), limit: request.limit, finished: [], until };
    }
  }
}

function isDealtWith({ status }: FoundEvent): boolean {
  return isFinished(status);
}

async function discardAll(
  archive: Pick<EventArchive, 'discard'>,
  events: AsyncGenerator<EventIdentity>,
  reason: string,
  signal: AbortSignal,
): Promise<Discarded> {
  let discarded = 0;
  const left: string[] = [];
  const work = async () => {
    for await (const event of events) {
      if (signal.aborted) break;
      if (await archive.discard(event, reason)) discarded += 1;
      else left.push(event.id);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  const broken = workers.find((worker) => worker.status === 'rejected');
  return { discarded, left, ...(broken && { fault: broken.reason }) };
}

const FIRST_SHOWN = 3;

/** Of events those that were seen: of another one nobody knows. */
async function* seenAmong(events: AsyncGenerator<EventRow>, seen: SeenEvents): AsyncGenerator<EventRow> {
  for await (const event of events) if (seen.has(event)) yield event;
}

async function* noted(events: AsyncGenerator<EventRow>, first: EventRow[], seen: SeenEvents): AsyncGenerator<EventRow> {
  for await (const event of events) {
    if (first.length < FIRST_SHOWN) first.push(event);
    seen.add(event);
    yield event;
  }
}

async function* each<Value>(values: readonly Value[]): AsyncGenerator<Value> {
  yield* values;
}
