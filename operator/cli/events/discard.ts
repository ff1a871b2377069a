import { MaintenanceWindowError } from '../../../core/errors.ts';
import { isFinished } from '../../../core/events/deferred-event.ts';
import { counted } from '../../../core/text/shown.ts';
import { fromNow } from '../../../core/windows/time-text.ts';
import { withArchive } from '../../access/archive.ts';
import { type Discarded, type DiscardRequest, draftDiscard } from '../../events/discard.ts';
import type { SelectionOptions } from '../../events/selection.ts';
import type { AddNoun } from '../command.ts';
import { commandText } from '../command-text.ts';
import { withExamples } from '../examples.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { confirmed, type Session } from '../session.ts';
import { EVENT_NAMED } from './event-text.ts';
import { refuseContradictions, takesSelection } from './selection-options.ts';

interface DiscardOptions extends SelectionOptions {
  readonly all?: boolean;
  readonly reason: string;
  readonly yes?: boolean;
}

/** `events discard`: never replay them. */
export const addDiscard: AddNoun = (events, acting) => {
  const command = takesSelection(
    events
      .command('discard')
      .description('never replay these events; pending ones, unless --status says otherwise')
      .argument('[ids...]', `events: ${EVENT_NAMED}`),
  )
    .option('--all', 'everything that is pending')
    .option('--reason <text>', 'why: events show tells it', 'discarded by hand')
    .option('-y, --yes', 'ask nothing')
    .action(acting(discard));
  withExamples(
    command,
    "events discard 9f1c0a52-6f7e-4d2b-8a51-3d0b5f6c7e11 --reason 'a duplicate'",
    'events discard --function thumbnails --source s3 --until 2026-11-21T02:00:00Z',
  );
};

async function discard(session: Session, ids: readonly string[], options: DiscardOptions): Promise<number> {
  refuseWrongWords(ids, options);
  return withArchive(session, async (archive) => {
    const now = (await archive.clock()).now();
    const { from = now } = options;
    if (from > now) throw usage(`--from ${fromNow(from, now)} is still to come: no event was deferred by then`);
    const request: DiscardRequest =
      ids.length > 0 ? { kind: 'named', names: ids } : { kind: 'filtered', filter: options };
    const { count, commit } = await draftDiscard(session, archive, request);
    if (count === 0) {
      session.output.show({ discarded: 0, left: 0 }, () => 'No event.');
      return DONE;
    }
    const question = `Discard ${counted(count, 'event')}? Nobody will replay ${count === 1 ? 'it' : 'them'}.`;
    if (!(await confirmed(session, options.yes, question))) return NOT_ALL_DONE;
    const signal = session.interrupted();
    return showDiscarded(session, await commit(options.reason, signal), signal);
  });
}

/** Description of a destructive command, without words that can be read in two ways. */
function refuseWrongWords(ids: readonly string[], options: DiscardOptions): void {
  const { all = false, status = [], reason } = options;
  const ways = [ids.length > 0, FILTERS.some((name) => options[name] !== undefined), all];
  if (ways.filter(Boolean).length !== 1) {
    throw usage(
      'say which events to discard in one way: their ids, or filters such as --function and --source, or --all',
    );
  }
  const finished = status.find(isFinished);
  if (finished) throw usage(`--status ${finished}: an event that is ${finished} is dealt with, and not discarded`);
  if (reason.trim() === '') throw usage('--reason says nothing: say why, or leave it out');
  refuseContradictions(options);
}

const FILTERS = ['function', 'source', 'status', 'window', 'from', 'until'] as const;

function showDiscarded({ output, words }: Session, result: Discarded, signal: AbortSignal): number {
  const { discarded, left } = result;
  output.show({ discarded, left }, () => `${counted(discarded, 'event')} discarded`);
  for (const id of left.slice(0, 10)) {
    output.warn(
      `${id} is not discarded: it is being replayed, was dealt with, or takes no more writing; see  maintenance-window events show ${id}`,
    );
  }
  if (signal.aborted) output.note(`not all of them: to go on,  ${commandText(words)}`);
  // How far it came is told first.
  if ('fault' in result) throw result.fault;
  if (signal.aborted) return Number(signal.reason);
  return left.length > 0 ? NOT_ALL_DONE : DONE;
}

function usage(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Usage', message);
}
