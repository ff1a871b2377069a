import type { EventRow } from '../../core/events/archive.ts';

import type { EventStatus } from '../../core/events/deferred-event.ts';

/** How many events there are, and how much they weigh. */
export interface EventCounts {
  readonly events: number;
  readonly bytes: number;
  /** The largest first. */
  readonly groups: readonly CountedGroup[];
}

/** Events of one function, source and status. */
interface CountedGroup {
  readonly functionName: string;
  readonly source: string;
  readonly status: EventStatus;
  readonly events: number;
  readonly bytes: number;
  /** Epoch milliseconds. */
  readonly oldestAt: number;
}

/** Counts rows that come oldest first. Memory grows with the groups alone. */
export async function countEvents(rows: AsyncIterable<EventRow>): Promise<EventCounts> {
  const groups = new Map<string, CountedGroup>();
  let events = 0;
  let bytes = 0;
  for await (const row of rows) {
    const { functionName, source, status } = row;
    const key = `${functionName} ${source} ${status}`;
    const before = groups.get(key) ?? { events: 0, bytes: 0, oldestAt: row.deferredAt };
    groups.set(key, {
      functionName,
      source,
      status,
      events: before.events + 1,
      bytes: before.bytes + row.bytes,
      oldestAt: before.oldestAt,
    });
    events += 1;
    bytes += row.bytes;
  }
  return { events, bytes, groups: [...groups.values()].sort((a, b) => b.events - a.events) };
}
