import type { EventArchive } from '../../core/events/archive.ts';
import type { EventStatus } from '../../core/events/deferred-event.ts';
import type { EventIdentity } from '../../core/events/table.ts';
import type { OpenArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { readEvent } from './read.ts';
import { rowsOfSelection, type SelectionOptions, selectionOf } from './selection.ts';

/** Which events to discard: by their names, or by a filter; pending ones, unless the filter has statuses. */
export type DiscardRequest =
  | { readonly kind: 'named'; readonly names: readonly string[] }
  | { readonly kind: 'filtered'; readonly filter: SelectionOptions };

/** A discard that is not done yet, so that a face can ask first. */
export interface DiscardDraft {
  /** Events that are meant now. */
  readonly count: number;
  /**
   * Discards them.
   *
   * @param reason stored with each event
   * @param signal aborted: no further event is discarded
   */
  commit(reason: string, signal: AbortSignal): Promise<Discarded>;
}

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
 * somebody thinks about the question was not in it.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.NotFound` for an event or a function that does not exist
 */
export async function draftDiscard(
  operator: Operator,
  archive: OpenArchive,
  request: DiscardRequest,
): Promise<DiscardDraft> {
  const events = await eventsMeant(operator, archive, request);
  let count = 0;
  for await (const _ of events()) count += 1;
  return { count, commit: (reason, signal) => discardAll(archive, events(), reason, signal) };
}

/** The events of a request, as often as they are asked for. */
async function eventsMeant(
  operator: Operator,
  archive: OpenArchive,
  request: DiscardRequest,
): Promise<() => AsyncGenerator<EventIdentity>> {
  switch (request.kind) {
    case 'named': {
      const events = await eventsNamed(archive, request.names);
      return () => each(events);
    }
    case 'filtered': {
      const now = (await archive.clock()).now();
      const until = Math.min(request.filter.until ?? now, now);
      const selection = await selectionOf(operator, archive, { ...request.filter, until }, PENDING);
      return () => rowsOfSelection(archive, selection);
    }
  }
}

/** One after the other: each may take a look at every function. */
async function eventsNamed(archive: OpenArchive, names: readonly string[]): Promise<readonly EventIdentity[]> {
  const events: EventIdentity[] = [];
  for (const name of new Set(names)) events.push(await readEvent(archive, name));
  return events;
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

async function* each<Value>(values: readonly Value[]): AsyncGenerator<Value> {
  yield* values;
}
