import type { EventArchive } from '../../core/events/archive.ts';

/** Client of a function, by the last event that it stored. */
export interface SeenClient {
  /** When it stored that event: epoch milliseconds. It may have been replaced since. */
  readonly deferredAt: number;
  /** Absent where the event has none: an older client stored it, or the function wrote something else there. */
  readonly version?: string;
}

/**
 * Reads which client stored the last event of a function. Undefined where it has none: it never deferred one, or all of
 * them are gone. Costs a query for each of its sixteen groups, side by side, and a read of one item.
 */
export async function readClientVersion(
  archive: Pick<EventArchive, 'newest' | 'facts'>,
  functionName: string,
): Promise<SeenClient | undefined> {
  const newest = await archive.newest(functionName);
  if (!newest) return undefined;
  const { clientVersion: version } = (await archive.facts(functionName, [newest.id])).get(newest.id) ?? {};
  return { deferredAt: newest.deferredAt, ...(version !== undefined && { version }) };
}
