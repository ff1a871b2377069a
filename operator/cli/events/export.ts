import { once } from 'node:events';
import { counted } from '../../../core/text/shown.ts';
import { withArchive } from '../../access/archive.ts';
import { exportEvents } from '../../events/export.ts';
import { noteDeed } from '../../events/note-deed.ts';
import type { AddNoun } from '../command.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { countValue } from '../values.ts';
import { eventJson } from './event-text.ts';
import { meantSelection, type TypedSelection, takesSelection } from './selection-options.ts';

/** `events export`: events with their texts, one line of JSON each. */
export const addExport: AddNoun = (events, acting) => {
  const command = takesSelection(
    events
      .command('export')
      .description(
        'write events with their texts, one line of JSON each; those that are not finished, unless --status says otherwise',
      ),
  )
    .option('--limit <number>', 'no more events than this, the oldest', countValue)
    .action(acting(writeEvents));
  withExamples(
    command,
    'events export > backlog.jsonl',
    "events export --function 'orders-*' --status failed > failed.jsonl",
  );
};

interface ExportOptions extends TypedSelection {
  readonly limit?: number;
}

async function writeEvents(session: Session, typed: ExportOptions): Promise<number> {
  const options = await meantSelection(session, typed);
  const { output } = session;
  let exported = 0;
  let damaged = 0;
  const functions = new Set<string>();
  const signal = session.interrupted({ isChange: false });
  const isBroken = once(signal, 'abort');
  await withArchive(session, async (archive) => {
    for await (const { row, event, body } of exportEvents(session, archive, options, typed.limit)) {
      if (signal.aborted) break;
      exported += 1;
      functions.add(row.functionName);
      if (body.kind === 'damaged') {
        damaged += 1;
        output.warn(`${row.id}: ${body.message}`);
      }
      const content = body.kind === 'text' ? { text: body.text } : { damaged: body.message };
      // nobody may read any more, and then there is never room
      await Promise.race([output.showJsonLine({ ...eventJson(event), ...content }), isBroken]);
    }
    // what was taken away is noted, however it ends
    if (exported > 0) await noteDeed(session, archive, { kind: 'exported', events: exported, functions });
  });
  if (signal.aborted) return Number(signal.reason);
  output.note(`${counted(exported, 'event')} exported${damaged > 0 ? `, ${damaged} of them damaged` : ''}`);
  return damaged > 0 ? NOT_ALL_DONE : DONE;
}
