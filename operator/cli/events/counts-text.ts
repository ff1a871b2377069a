import { counted, numberText, shown } from '../../../core/text/shown.ts';
import { instantText } from '../../../core/time/time-text.ts';
import type { EventCounts } from '../../events/counts.ts';
import type { Output } from '../terminal/output.ts';
import { sizeText } from './event-text.ts';

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

/**
 * Counts for people.
 *
 * @param isPart there may be more
 */
export function countsText({ events, bytes, groups }: EventCounts, output: Output, isPart = false): string {
  if (events === 0) return 'No event.';
  const rows = groups.map((group) => [
    group.functionName,
    shown(group.source),
    group.status,
    numberText(group.events),
    sizeText(group.bytes),
    output.times.cell(group.oldestAt),
  ]);
  const table = output.table(['FUNCTION', 'SOURCE', 'STATUS', 'EVENTS', 'SIZE', output.times.head('OLDEST')], rows);
  return `${table}\n${isPart ? 'at least ' : ''}${counted(events, 'event')}, ${sizeText(bytes)}`;
}
