import { counted } from '../../../core/text/shown.ts';
import { withArchive } from '../../access/archive.ts';
import type { AddNoun } from '../command.ts';
import { docsFile } from '../docs-file.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { commandText } from '../terminal/command-text.ts';
import { addBacklog } from './backlog.ts';
import { addDiscard } from './discard.ts';
import { addExport } from './export.ts';
import { addFailures } from './failures.ts';
import { addList } from './list.ts';
import { addRestore } from './restore.ts';
import { addShow } from './show.ts';

/** `events`: what was stored inside windows. */
export const addEvents: AddNoun = (program, acting) => {
  const events = program
    .command('events')
    .description('what was stored inside windows: list, backlog, show, failures, discard, restore, export, sweep');
  for (const addVerb of [addList, addBacklog, addShow, addFailures, addDiscard, addRestore, addExport, addSweep])
    addVerb(events, acting);
};

/** `events sweep`: deletes what is left over. */
const addSweep: AddNoun = (events, acting) => {
  const command = events
    .command('sweep')
    .description('delete parts of events, a day old or older, whose event never came or is gone; no event is touched')
    .action(acting(sweep));
  withExamples(command, 'events sweep');
};

async function sweep(session: Session): Promise<number> {
  await session.place();
  if (!(await session.mayChange())) return NOT_ALL_DONE;
  return withArchive(session, async (archive) => {
    const signal = session.interrupted();
    const { deleted, strays, complete } = await archive.sweep(() => signal.aborted);
    session.output.show({ deleted, strays, complete }, () => `${counted(deleted, 'part')} deleted`);
    if (strays > 0) {
      session.output.warn(
        `passed by ${counted(strays, 'item')} among the parts that ${strays === 1 ? 'is' : 'are'} none, and that no client of ours put there: see ${docsFile('security.md')}`,
      );
    }
    if (complete) return DONE;
    session.output.note(`not all was looked at: to go on,  ${commandText(session.words)}`);
    return Number(signal.reason);
  });
}
