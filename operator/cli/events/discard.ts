import { MaintenanceWindowError } from '../../../core/errors.ts';
import { type EventStatus, isFinished } from '../../../core/events/deferred-event.ts';
import type { EventIdentity } from '../../../core/events/table.ts';
import { counted } from '../../../core/text/shown.ts';
import { fromNow } from '../../../core/windows/time-text.ts';
import { type OpenArchive, openArchive } from '../../access/archive.ts';
import { EVENT_NAMED, eventNamed, noSuchEvent } from '../../events/named.ts';
import {
  refuseContradictions,
  rowsOfSelection,
  type Selection,
  type SelectionOptions,
  selectionOf,
} from '../../events/selection.ts';
import type { AddNoun } from '../command.ts';
import { commandText } from '../command-text.ts';
import { withExamples } from '../examples.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { confirmed, type Session } from '../session.ts';
import { takesSelection } from './selection-options.ts';

interface DiscardOptions extends SelectionOptions {
  readonly all?: boolean;
  readonly reason: string;
  readonly yes?: boolean;
}

/** What a discard is about: events that were named, or those that filters mean. */
type Meant =
  | { readonly kind: 'named'; readonly events: readonly EventIdentity[] }
  | { readonly kind: 'selection'; readonly selection: Selection };

const AT_ONCE = 16;
const PENDING: readonly EventStatus[] = ['pending'];

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
  const archive = await openArchive(session);
  try {
    // What comes while somebody thinks about the question was not in it.
    const now = (await archive.clock()).now();
    const { from = now, until = now } = options;
    if (from > now) throw usage(`--from ${fromNow(from, now)} is still to come: no event was deferred by then`);
    const meant = await whatIsMeant(session, archive, ids, { ...options, until: Math.min(until, now) });
    const count = await countOf(archive, meant);
    if (count === 0) {
      session.output.show({ discarded: 0, left: 0 }, () => 'No event.');
      return DONE;
    }
    const question = `Discard ${counted(count, 'event')}? Nobody will replay ${count === 1 ? 'it' : 'them'}.`;
    if (!(await confirmed(session, options.yes, question))) return NOT_ALL_DONE;
    return await discardAll(session, archive, meant, options.reason);
  } finally {
    archive.close();
  }
}

/** What destroys is told in one way, without a word that can be taken in two. */
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

async function whatIsMeant(
  session: Session,
  archive: OpenArchive,
  ids: readonly string[],
  options: DiscardOptions,
): Promise<Meant> {
  return ids.length > 0
    ? { kind: 'named', events: await eventsNamed(archive, ids) }
    : { kind: 'selection', selection: await selectionOf(session, archive, options, PENDING) };
}

/** One after the other: each may take a look at every function. */
async function eventsNamed(archive: OpenArchive, ids: readonly string[]): Promise<readonly EventIdentity[]> {
  const events: EventIdentity[] = [];
  for (const id of new Set(ids)) {
    const event = await eventNamed(archive, id);
    if (!(await archive.look(event))) throw noSuchEvent(id);
    events.push(event);
  }
  return events;
}

async function countOf(archive: OpenArchive, meant: Meant): Promise<number> {
  if (meant.kind === 'named') return meant.events.length;
  let count = 0;
  for await (const _ of rowsOfSelection(archive, meant.selection)) count += 1;
  return count;
}

async function discardAll(session: Session, archive: OpenArchive, meant: Meant, reason: string): Promise<number> {
  let discarded = 0;
  const left: string[] = [];
  const events = eventsMeant(archive, meant);
  const signal = session.interrupted();
  const work = async () => {
    for await (const event of events) {
      if (signal.aborted) break;
      if (await archive.discard(event, reason)) discarded += 1;
      else left.push(event.id);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  session.output.show({ discarded, left }, () => `${counted(discarded, 'event')} discarded`);
  for (const id of left.slice(0, 10)) {
    session.output.warn(
      `${id} is not discarded: it is being replayed, was dealt with, or takes no more writing; see  maintenance-window events show ${id}`,
    );
  }
  if (signal.aborted) session.output.note(`not all of them: to go on,  ${commandText(session.words)}`);
  // How far it came is told first.
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  if (signal.aborted) return Number(signal.reason);
  return left.length > 0 ? NOT_ALL_DONE : DONE;
}

async function* eventsMeant(archive: OpenArchive, meant: Meant): AsyncGenerator<EventIdentity> {
  yield* meant.kind === 'named' ? meant.events : rowsOfSelection(archive, meant.selection);
}

function usage(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Usage', message);
}
