import { withArchive } from '../../access/archive.ts';
import { noteDeed } from '../../events/note-deed.ts';
import { readEvent, readEventText } from '../../events/read.ts';
import type { AddNoun } from '../command.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { EVENT_NAMED, eventJson, eventText } from './event-text.ts';

interface ShowOptions {
  readonly body?: boolean;
}

/** `events show`: all that is known of one event, or its exact bytes. */
export const addShow: AddNoun = (events, acting) => {
  const command = events
    .command('show')
    .description('show all that is known of one event: who replayed it, with which result')
    .argument('<id>', `the event: ${EVENT_NAMED}`)
    .option('--body', 'write the event itself, byte for byte, and nothing else')
    .action(acting(show));
  withExamples(command, 'events show 9f1c0a52', 'events show 9f1c0a52-6f7e-4d2b-8a51-3d0b5f6c7e11 --body > event.json');
};

async function show(session: Session, named: string, { body }: ShowOptions): Promise<number> {
  const { output } = session;
  return withArchive(session, async (archive) => {
    if (body) {
      const { text, functionName, id } = await readEventText(archive, named);
      await noteDeed(session, archive, { kind: 'looked', events: 1, functions: [functionName], ids: [id] });
      await output.showExactly(text);
      return DONE;
    }
    const event = await readEvent(archive, named);
    output.show(eventJson(event), () => eventText(event, output));
    return event.damaged === undefined ? DONE : NOT_ALL_DONE;
  });
}
