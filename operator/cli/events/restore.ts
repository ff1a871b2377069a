import { MaintenanceWindowError } from '../../../core/errors.ts';
import type { Restored } from '../../../core/events/archive.ts';
import { shown } from '../../../core/text/shown.ts';
import { withArchive } from '../../access/archive.ts';
import { noteDeed } from '../../events/note-deed.ts';
import { restoreEvents } from '../../events/restore.ts';
import type { AddNoun } from '../command.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { commandText } from '../terminal/command-text.ts';
import { EVENT_NAMED } from './event-text.ts';

interface RestoreOptions {
  readonly reason?: string;
}

/** `events restore`: takes discarded events back. */
export const addRestore: AddNoun = (events, acting) => {
  const command = events
    .command('restore')
    .description('take discarded events back to what they were: pending, failed or unknown')
    .argument('<ids...>', `events, each by ${EVENT_NAMED}`)
    .option('--reason <text>', 'why: events show tells it')
    .action(acting(restore));
  withExamples(command, "events restore 9f1c0a52 --reason 'it was no duplicate'");
};

async function restore(session: Session, ids: readonly string[], { reason }: RestoreOptions): Promise<number> {
  if (reason?.trim() === '') {
    throw new MaintenanceWindowError('MaintenanceWindow.Usage', '--reason says nothing: say why, or leave it out');
  }
  await session.place();
  return withArchive(session, async (archive) => {
    if (!(await session.mayChange())) return NOT_ALL_DONE;
    const signal = session.interrupted();
    const events = await restoreEvents(archive, ids, reason, signal);
    const restored = events.filter(({ outcome }) => outcome.kind === 'restored');
    const left = events.filter(({ outcome }) => outcome.kind !== 'restored');
    if (restored.length > 0) {
      await noteDeed(session, archive, {
        kind: 'restored',
        events: restored.length,
        functions: restored.map(({ functionName }) => functionName),
        ids: restored.map(({ id }) => id),
        ...(reason !== undefined && { reason }),
      });
    }
    const statuses = restored.map(({ id, outcome }) => ({ id, status: 'status' in outcome ? outcome.status : '' }));
    // of what is left, each has its warning
    if (restored.length > 0 || session.output.format === 'json') {
      session.output.show({ restored: statuses, left: left.map(({ id }) => id) }, () =>
        statuses.map(({ id, status }) => `Restored: ${shown(id)} is ${status} again`).join('\n'),
      );
    }
    for (const { id, outcome } of left) session.output.warn(`${shown(id)} is not restored: ${whyText(outcome)}`);
    if (signal.aborted) {
      session.output.note(`not all of them: to go on,  ${commandText(session.words)}`);
      return Number(signal.reason);
    }
    return left.length > 0 ? NOT_ALL_DONE : DONE;
  });
}

function whyText(outcome: Restored): string {
  switch (outcome.kind) {
    case 'restored':
      return '';
    case 'other-status':
      return `it is ${outcome.status}, and not discarded`;
    case 'gone':
      return 'it has expired, or was deleted';
    case 'damaged':
      return shown(outcome.why);
  }
}
