import type { EventRow } from '../../core/events/archive.ts';

import type { EventStatus } from '../../core/events/deferred-event.ts';
import { sizeText } from '../cli/events/event-text.ts';
import type { Output } from '../cli/terminal/output.ts';
import { counted, shown } from '../cli/terminal/text.ts';
import { instantText } from '../cli/terminal/time.ts';

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

/** Counts for programs. */
export function countsJson({ events, bytes, groups }: EventCounts): object {
  return {
    events,
    bytes,
    groups: groups.map(({ functionName, oldestAt, ...group }) => ({
      function: functionName,
      ...group,
      oldestAt: instantText(oldestAt),
    })),
  };
}

/** Counts for people. */
export function countsText({ events, bytes, groups }: EventCounts, output: Output): string {
  if (events === 0) return 'No event.';
  const rows = groups.map((group) => [
    group.functionName,
    shown(group.source),
    group.status,
    group.events.toLocaleString('en-US'),
    sizeText(group.bytes),
    instantText(group.oldestAt),
  ]);
  const table = output.table(['FUNCTION', 'SOURCE', 'STATUS', 'EVENTS', 'SIZE', 'OLDEST'], rows);
  return `${table}\n${counted(events, 'event')}, ${sizeText(bytes)}`;
}
