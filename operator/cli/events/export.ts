import type { EventRow } from '../../../core/events/archive.ts';

import type { EventStatus } from '../../../core/events/deferred-event.ts';
import { counted } from '../../../core/text/shown.ts';
import { type OpenArchive, openArchive } from '../../access/archive.ts';
import { rowsOfSelection, type SelectionOptions, selectionOf } from '../../events/selection.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import type { Session } from '../session.ts';
import { jsonText } from '../terminal/text.ts';
import { eventJson } from './event-text.ts';
import { takesSelection } from './selection-options.ts';

const UNFINISHED: readonly EventStatus[] = ['pending', 'replaying', 'failed', 'unknown'];

/** `events export`: events with their texts, one line of JSON each. */
export const addExport: AddNoun = (events, acting) => {
  const command = takesSelection(
    events
      .command('export')
      .description(
        'write events with their texts, one line of JSON each; those that are not finished, unless --status says otherwise',
      ),
  ).action(acting(exportEvents));
  withExamples(
    command,
    'events export > backlog.jsonl',
    "events export --function 'orders-*' --status failed > failed.jsonl",
  );
};

async function exportEvents(session: Session, options: SelectionOptions): Promise<number> {
  const { output } = session;
  const archive = await openArchive(session);
  let exported = 0;
  let damaged = 0;
  try {
    const selection = await selectionOf(session, archive, options, UNFINISHED);
    for await (const row of rowsOfSelection(archive, selection)) {
      const line = await lineOf(archive, row);
      if (line === undefined) continue;
      exported += 1;
      if ('damaged' in line) {
        damaged += 1;
        output.warn(`${row.id}: ${line.damaged}`);
      }
      await output.showExactly(`${jsonText(line)}\n`);
    }
  } finally {
    archive.close();
  }
  output.note(`${counted(exported, 'event')} exported${damaged > 0 ? `, ${damaged} of them damaged` : ''}`);
  return damaged > 0 ? NOT_ALL_DONE : DONE;
}

/** Undefined where the event is gone by now. */
async function lineOf(archive: OpenArchive, row: EventRow): Promise<object | undefined> {
  const found = await archive.read(row);
  if (!found) return undefined;
  const { event, body } = found;
  return body.kind === 'text'
    ? { ...eventJson(event), text: body.text }
    : { ...eventJson(event), damaged: body.message };
}
