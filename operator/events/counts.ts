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

/** Counts as rows come. Memory grows with the groups alone. */
interface Tally {
  add(row: EventRow): void;
  counts(): EventCounts;
}

export function createTally(): Tally {
  const groups = new Map<string, CountedGroup>();
  let events = 0;
  let bytes = 0;
  return {
    add(row) {
      const { functionName, source, status, deferredAt } = row;
      const key = `${functionName} ${source} ${status}`;
      const before = groups.get(key) ?? { events: 0, bytes: 0, oldestAt: deferredAt };
      groups.set(key, {
        functionName,
        source,
        status,
        events: before.events + 1,
        bytes: before.bytes + row.bytes,
        oldestAt: Math.min(before.oldestAt, deferredAt),
      });
      events += 1;
      bytes += row.bytes;
    },
    counts: () => ({ events, bytes, groups: [...groups.values()].sort((a, b) => b.events - a.events) }),
  };
}

/** Counts all rows. */
export async function countEvents(rows: AsyncIterable<EventRow>): Promise<EventCounts> {
  const tally = createTally();
  for await (const row of rows) tally.add(row);
  return tally.counts();
}
