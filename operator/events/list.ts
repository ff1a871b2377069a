import type { EventFacts, EventRow } from '../../core/events/archive.ts';
import { placeOfRow } from '../../core/events/rows-in-order.ts';
import type { OpenArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { countEvents, type EventCounts } from './counts.ts';
import { errorOf, factsOf, mayHaveError } from './select/rows-by-facts.ts';
import { rowsOfSelection, type SelectionOptions, selectionOf, UNFINISHED } from './select/selection.ts';

/** Which page of a list. */
export interface PageOptions {
  /** Events on a page. */
  readonly limit: number;
  /** The place that the page before ends with. */
  readonly after?: string;
  /**
   * Reads the clients' versions as well: of each event its item, as the index has none. Without it only the items of events
   * that may have an error are read.
   */
  readonly withClients?: boolean;
}

/** An event of a list. */
export type ListedEvent = EventRow & Pick<EventFacts, 'clientVersion' | 'lastError'>;

/** Events, oldest first. */
export interface EventPage {
  readonly events: readonly ListedEvent[];
  /** Place behind which the next page begins; absent on the last page. */
  readonly next?: string;
}

/** Lists stored events page by page; unfinished ones, unless the filter has statuses. */
export async function listEvents(
  operator: Operator,
  archive: OpenArchive,
  filter: SelectionOptions,
  { limit, after, withClients }: PageOptions,
): Promise<EventPage> {
  const selection = await selectionOf(operator, archive, filter, UNFINISHED);
  const rows = rowsOfSelection(archive, {
    ...selection,
    ...(after !== undefined && { after }),
    pageRows: Math.min(selection.pageRows ?? limit, limit + 1),
  });
  const events: EventRow[] = [];
  let next: string | undefined;
  for await (const row of rows) {
    const last = events.at(-1);
    if (last && events.length === limit) {
      next = placeOfRow(last);
      break;
    }
    events.push(row);
  }
  return {
    events: await withFacts(archive, events, withClients ? () => true : mayHaveError),
    ...(next !== undefined && { next }),
  };
}

/** @param isAsked whether an event's item is read */
async function withFacts(
  archive: OpenArchive,
  rows: readonly EventRow[],
  isAsked: (row: EventRow) => boolean,
): Promise<readonly ListedEvent[]> {
  const byFunction = Map.groupBy(rows.filter(isAsked), ({ functionName }) => functionName);
  const found = new Map<EventRow, EventFacts>();
  for (const own of byFunction.values()) {
    const facts = await factsOf(archive, own);
    for (const row of own) found.set(row, facts.get(row.id) ?? {});
  }
  return rows.map((row) => {
    const facts = found.get(row);
    const { clientVersion } = facts ?? {};
    const lastError = errorOf(row, facts);
    return {
      ...row,
      ...(clientVersion !== undefined && { clientVersion }),
      ...(lastError !== undefined && { lastError }),
    };
  });
}

/** Counts stored events by function, source and status; unfinished ones, unless the filter has statuses. */
export async function countStored(
  operator: Operator,
  archive: OpenArchive,
  filter: SelectionOptions,
): Promise<EventCounts> {
  return countEvents(rowsOfSelection(archive, await selectionOf(operator, archive, filter, UNFINISHED)));
}
