import type { EventRow } from '../../core/events/archive.ts';
import { placeOfRow } from '../../core/events/rows-in-order.ts';
import type { OpenArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { countEvents, type EventCounts } from './counts.ts';
import { rowsOfSelection, type SelectionOptions, selectionOf, UNFINISHED } from './selection.ts';

/** Which page of a list. */
export interface PageOptions {
  /** Events on a page. */
  readonly limit: number;
  /** The place that the page before ends with. */
  readonly after?: string;
}

/** Events, oldest first. */
export interface EventPage {
  readonly events: readonly EventRow[];
  /** Place behind which the next page begins; absent on the last page. */
  readonly next?: string;
}

/** Lists stored events page by page; unfinished ones, unless the filter has statuses. */
export async function listEvents(
  operator: Operator,
  archive: OpenArchive,
  filter: SelectionOptions,
  { limit, after }: PageOptions,
): Promise<EventPage> {
  const selection = await selectionOf(operator, archive, filter, UNFINISHED);
  const rows = rowsOfSelection(archive, {
    ...selection,
    ...(after !== undefined && { after }),
    pageRows: Math.min(selection.pageRows ?? limit, limit + 1),
  });
  const events: EventRow[] = [];
  for await (const row of rows) {
    const last = events.at(-1);
    if (last && events.length === limit) return { events, next: placeOfRow(last) };
    events.push(row);
  }
  return { events };
}

/** Counts stored events by function, source and status; unfinished ones, unless the filter has statuses. */
export async function countStored(
  operator: Operator,
  archive: OpenArchive,
  filter: SelectionOptions,
): Promise<EventCounts> {
  return countEvents(rowsOfSelection(archive, await selectionOf(operator, archive, filter, UNFINISHED)));
}
