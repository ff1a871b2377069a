import { InvalidArgumentError } from 'commander';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import { isFinished } from '../../../core/events/deferred-event.ts';
import { counted, numberText, shown } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/time/instant.ts';
import { withArchive } from '../../access/archive.ts';
import {
  type DiscardDraft,
  type Discarded,
  type DiscardRequest,
  draftDiscard,
  type FinishedEvent,
} from '../../events/discard.ts';
import { eventsOfFingerprint, isFingerprint } from '../../events/fingerprint.ts';
import { noteDeed } from '../../events/note-deed.ts';
import { UNFINISHED } from '../../events/select/selection.ts';
import { type AddNoun, usage } from '../command.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import { confirmed, type Session } from '../session.ts';
import { commandText } from '../terminal/command-text.ts';
import type { Output } from '../terminal/output.ts';
import { countValue } from '../values.ts';
import { countsJson, countsText } from './counts-text.ts';
import { EVENT_NAMED } from './event-text.ts';
import { meantSelection, type TypedSelection, takesSelection } from './selection-options.ts';

interface DiscardOptions extends TypedSelection {
  readonly all?: boolean;
  readonly limit?: number;
  /** As {@link DiscardDraft.fingerprint} has it. */
  readonly ifEvents?: string;
  readonly dryRun?: boolean;
  readonly reason: string;
  readonly yes?: boolean;
}

/** `events discard`: never replay them. */
export const addDiscard: AddNoun = (events, acting) => {
  const command = takesSelection(
    events
      .command('discard')
      .description('never replay these events; pending ones, unless --status says otherwise')
      .argument('[ids...]', `events, each by ${EVENT_NAMED}`),
    UNFINISHED,
  )
    .option('--all', 'everything that is pending')
    .option('--limit <number>', 'no more events than this, the oldest', countValue)
    .option('--if-events <fingerprint>', 'only if these are the events that --dry-run showed as JSON', fingerprintValue)
    .option('--dry-run', 'count what would be discarded, and discard nothing')
    .option('--reason <text>', 'why: events show tells it', 'discarded by hand')
    .option('-y, --yes', 'ask nothing')
    .action(acting(discard));
  withExamples(
    command,
    "events discard 9f1c0a52 --reason 'a duplicate'",
    'events discard --function thumbnails --source s3 --until 2026-11-21T02:00:00Z --dry-run',
    "events discard --status failed --error-is 'Orders.Unknown: order <n> is unknown'",
  );
};

async function discard(session: Session, ids: readonly string[], typed: DiscardOptions): Promise<number> {
  refuseWrongWords(ids, typed);
  await session.place(typed);
  const options = await meantSelection(session, typed);
  const { limit, dryRun } = typed;
  return withArchive(session, async (archive) => {
    const now = (await archive.clock()).now();
    const { from = now } = options;
    if (from > now)
      throw usage(`--from ${session.output.times.fromNow(from, now)} is still to come: no event was deferred by then`);
    const request: DiscardRequest =
      ids.length > 0
        ? { kind: 'named', names: ids }
        : { kind: 'filtered', filter: options, ...(limit !== undefined && { limit }) };
    const draft = await draftDiscard(session, archive, request);
    const { counts, finished, commit } = draft;
    if (typed.ifEvents !== undefined) refuseOthers(draft, typed.ifEvents);
    if (dryRun) {
      showDryRun(session.output, draft);
      return DONE;
    }
    if (counts.events === 0) return showDiscarded(session, { discarded: 0, left: [] }, finished);
    const question = `Discard ${counted(counts.events, 'event')}? Nobody will replay ${counts.events === 1 ? 'it' : 'them'}.`;
    if (!(await confirmed(session, options.yes, question))) return NOT_ALL_DONE;
    const signal = session.interrupted();
    const result = await commit(options.reason, signal);
    if (result.discarded > 0) {
      const functions = counts.groups.map(({ functionName }) => functionName);
      const { reason } = options;
      await noteDeed(session, archive, { kind: 'discarded', events: result.discarded, functions, ids, reason });
    }
    return showDiscarded(session, result, finished, signal);
  });
}

/** What somebody was shown is what they mean: other events have failed since, or are pending again. */
function refuseOthers({ counts, fingerprint }: DiscardDraft, expected: string): void {
  if (fingerprint === expected) return;
  const shownEvents = counted(eventsOfFingerprint(expected), 'event');
  const [now, before] = [counts.events, eventsOfFingerprint(expected)];
  const meant = now === before ? 'others are' : now === 1 ? '1 is' : `${numberText(now)} are`;
  throw new MaintenanceWindowError(
    'MaintenanceWindow.Conflict',
    `${shownEvents} ${before === 1 ? 'was' : 'were'} shown, and ${meant} meant now: nothing was discarded; look again`,
  );
}

function fingerprintValue(text: string): string {
  if (isFingerprint(text)) return text;
  throw new InvalidArgumentError('Write the fingerprint as --dry-run -o json has it: 5-3f2a91c0b7d4.');
}

function showDryRun(output: Output, { counts, first, finished, until, fingerprint }: DiscardDraft): void {
  output.show(
    {
      dryRun: true,
      ...countsJson(counts),
      first: first.map(({ id }) => id),
      ...(until !== undefined && { until: instantToText(until), fingerprint }),
      ...finishedJson(finished),
    },
    () =>
      [
        ...(counts.events > 0 ? [`Would discard:\n${countsText(counts, output)}`] : []),
        ...finished.map((event) => finishedText(event, output)),
      ].join('\n') || 'No event.',
  );
}

/** Description of a destructive command, without words that can be read in two ways. */
function refuseWrongWords(ids: readonly string[], options: DiscardOptions): void {
  const { all = false, status = [], reason, limit, ifEvents } = options;
  const ways = [ids.length > 0, FILTERS.some((name) => options[name] !== undefined), all];
  if (ways.filter(Boolean).length !== 1) {
    throw usage(
      'say which events to discard in one way: their ids, or filters such as --function and --source, or --all',
    );
  }
  if (ids.length > 0 && limit !== undefined)
    throw usage('--limit is for filters and --all: name as many events as you mean');
  if (ids.length > 0 && ifEvents !== undefined) throw usage('--if-events is for filters and --all: ids mean no others');
  const finished = status.find(isFinished);
  if (finished) throw usage(`--status ${finished}: an event that is ${finished} is dealt with, and not discarded`);
  if (reason.trim() === '') throw usage('--reason says nothing: say why, or leave it out');
}

const FILTERS = ['function', 'source', 'status', 'window', 'error', 'errorIs', 'grep', 'from', 'until'] as const;

function showDiscarded(
  { output, words }: Session,
  result: Discarded,
  finished: readonly FinishedEvent[],
  signal?: AbortSignal,
): number {
  const { discarded, left } = result;
  const [before, others] = [finished.filter(isDiscarded), finished.filter((event) => !isDiscarded(event))];
  const notDone = [...others.map(({ id }) => id), ...left];
  output.show({ discarded, left: notDone, ...finishedJson(before) }, () => {
    const isNone = discarded === 0 && notDone.length === 0 && before.length === 0;
    const number = isNone
      ? ['No event.']
      : before.length > 0 && discarded === 0
        ? []
        : [`${counted(discarded, 'event')} discarded`];
    return [...number, ...before.map((event) => finishedText(event, output))].join('\n');
  });
  for (const event of others.slice(0, MOST_TOLD)) output.warn(finishedText(event, output));
  for (const id of left.slice(0, MOST_TOLD)) {
    output.warn(
      `${id} is not discarded: it is being replayed, was dealt with, or takes no more writing; see  ${output.command(['events', 'show', id])}`,
    );
  }
  const untold = notDone.length - [others, left].reduce((sum, each) => sum + Math.min(MOST_TOLD, each.length), 0);
  if (untold > 0) output.warn(`and ${counted(untold, 'event')} more are not discarded; -o json has their ids`);
  if (signal?.aborted) output.note(`not all of them: to go on,  ${commandText(words)}`);
  // How far it came is told first.
  if ('fault' in result) throw result.fault;
  if (signal?.aborted) return Number(signal.reason);
  return notDone.length > 0 ? NOT_ALL_DONE : DONE;
}

const MOST_TOLD = 10;

function isDiscarded({ status }: FinishedEvent): boolean {
  return status === 'discarded';
}

function finishedJson(finished: readonly FinishedEvent[]): object {
  return finished.length > 0 ? { already: finished.map(({ id, status }) => ({ id, status })) } : {};
}

/** `9f1c… was discarded before, 2026-11-21T05:00:00Z, by alice@laptop/3f2a91c0`. */
function finishedText(event: FinishedEvent, { times }: Output): string {
  const { id, status, doneAt, doneBy } = event;
  const since = doneAt === undefined ? '' : `, since ${times.text(doneAt)}`;
  const by = doneBy === undefined ? '' : `, by ${shown(doneBy)}`;
  return isDiscarded(event)
    ? `${shown(id)} is discarded already${since}${by}`
    : `${shown(id)} is not discarded: it is ${status}${since}`;
}
