import type { EventRow, FoundEvent } from '../../core/events/archive.ts';
import type { DecodedBody } from '../../core/events/body.ts';
import type { OpenArchive } from '../access/archive.ts';
import type { Operator } from '../access/operator.ts';
import { firstOf } from './select/first-of.ts';
import { rowsOfSelection, type SelectionOptions, selectionOf, UNFINISHED } from './select/selection.ts';

/** One event with its text, or why there is none. */
export interface ExportedEvent {
  readonly row: EventRow;
  readonly event: FoundEvent;
  readonly body: DecodedBody;
}

/**
 * Reads stored events with their texts, oldest first; unfinished ones, unless the filter has statuses. Skips what is gone
 * by the time it is read.
 *
 * @param limit no more events than this
 */
export async function* exportEvents(
  operator: Operator,
  archive: OpenArchive,
  filter: SelectionOptions,
  limit?: number,
): AsyncGenerator<ExportedEvent> {
  const rows = rowsOfSelection(archive, await selectionOf(operator, archive, filter, UNFINISHED));
  for await (const row of firstOf(rows, limit)) {
    const found = await archive.read(row);
    if (found) yield { row, ...found };
  }
}
