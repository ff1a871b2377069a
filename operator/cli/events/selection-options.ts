import { type Command, InvalidArgumentError } from 'commander';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import { type EventStatus, STATUSES } from '../../../core/events/deferred-event.ts';
import { EVENT_SOURCES } from '../../../core/sources/sources.ts';
import { quoted } from '../../../core/text/parsed.ts';
import { withArchive } from '../../access/archive.ts';
import { type Contradiction, contradictionIn, type SelectionOptions } from '../../events/select/selection.ts';
import type { Times } from '../../times/times.ts';
import type { TypedTime } from '../../times/typed-time.ts';
import type { Session } from '../session.ts';
import { functionGlobs, timeBack } from '../values.ts';

/** Which events, as it was typed. */
export interface TypedSelection extends Omit<SelectionOptions, 'from' | 'until'> {
  readonly from?: TypedTime;
  readonly until?: TypedTime;
}

/** The same, once it is known which instants are meant. */
export type MeantSelection<Typed extends TypedSelection> = Omit<Typed, 'from' | 'until'> &
  Pick<SelectionOptions, 'from' | 'until'>;

const SOURCES = Object.keys(EVENT_SOURCES);

/**
 * Adds the options that say which events.
 *
 * @param statuses those that the command takes, or what it says of them
 */
export function takesSelection(command: Command, statuses: readonly EventStatus[] | string = STATUSES): Command {
  return takesWhose(command)
    .option(
      '--status <statuses...>',
      `in these statuses: ${typeof statuses === 'string' ? statuses : statuses.join(', ')}`,
      eventStatuses,
    )
    .option('--window <which>', 'stored inside this window: its start, or words of its reason')
    .option('--error <text>', 'whose last error has these words, as events list or events failures shows them')
    .option('--error-is <text>', 'whose last error is the one that events failures shows, whole')
    .option('--grep <text>', 'whose body has these words; reads every body that the other options leave')
    .option('--from <time>', 'deferred then or later: 23:00 (the last), yesterday 02:00, 2h (ago)', timeBack)
    .option('--until <time>', 'deferred before then', timeBack);
}

/** Adds the options that say whose events. */
export function takesWhose(command: Command): Command {
  return command
    .option('--function <globs...>', 'of these functions: names, with * and ? (default: every function)', functionGlobs)
    .option('--source <keys...>', 'from these event sources: sqs, eventbridge, …', sourceKeys);
}

/**
 * Finds the instants that typed times mean, and says them. Refuses options that contradict each other, before anything is
 * asked of AWS where that can be seen.
 *
 * @param after the place behind which a page begins
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for a contradiction; as `Session.instantOf` has it
 */
export async function meantSelection<Typed extends TypedSelection>(
  session: Session,
  typed: Typed,
  after?: string,
): Promise<MeantSelection<Typed>> {
  const { from, until, ...filter } = typed;
  const { output, clockSoFar } = session;
  const words = {
    ...(typed.window !== undefined && { window: typed.window }),
    ...(typed.error !== undefined && { error: typed.error }),
    ...(typed.errorIs !== undefined && { errorIs: typed.errorIs }),
    ...(typed.grep !== undefined && { grep: typed.grep }),
  };
  refuseContradictions(output.times, { ...words, ...known('from', from), ...known('until', until) }, after);
  const clock = () => withArchive(session, (archive) => archive.clock());
  const instants = {
    ...(from && { from: await session.instantOf(from, { clock }) }),
    ...(until && { until: await session.instantOf(until, { clock }) }),
  };
  refuseContradictions(output.times, { ...words, ...instants }, after);
  const understood = (['from', 'until'] as const).flatMap((name) => {
    const at = instants[name];
    const isPlain = typed[name]?.kind === 'instant';
    return at === undefined || isPlain ? [] : [`${name} ${output.times.fromNow(at, clockSoFar.now())}`];
  });
  if (understood.length > 0) output.note(`deferred ${understood.join(', ')}`);
  return { ...filter, ...instants };
}

/** An instant that is known without a clock. */
function known(name: 'from' | 'until', typed: TypedTime | undefined): Pick<SelectionOptions, 'from' | 'until'> {
  return typed?.kind === 'instant' ? { [name]: typed.at } : {};
}

function refuseContradictions(times: Times, options: SelectionOptions, after: string | undefined): void {
  const contradiction = contradictionIn(options, after);
  if (contradiction)
    throw new MaintenanceWindowError('MaintenanceWindow.Usage', contradictionText(contradiction, times));
}

function contradictionText(contradiction: Contradiction, times: Times): string {
  switch (contradiction.kind) {
    case 'nothing-between': {
      const { from, until } = contradiction;
      return `--from ${times.text(from)} is not before --until ${times.text(until)}: nothing is between them`;
    }
    case 'empty-window':
      return '--window says nothing: write the start of a window, or words of its reason';
    case 'empty-text':
      return `--${TEXT_OPTIONS[contradiction.option]} says nothing: write words to look for`;
    case 'no-instant':
      return `--window: ${quoted(contradiction.window)} ${contradiction.message}`;
    case 'no-place':
      return `--after: ${quoted(contradiction.after)} is no place; write the one that the page before ends with`;
    case 'place-behind-until':
      return `--after is behind --until ${times.text(contradiction.until)}: nothing is between them`;
  }
}

const TEXT_OPTIONS = { error: 'error', errorIs: 'error-is', grep: 'grep' } as const;

/** For commander: one or several statuses. */
function eventStatuses(text: string, before: readonly EventStatus[] = []): readonly EventStatus[] {
  const status = STATUSES.find((each) => each === text);
  if (status) return [...before, status];
  throw new InvalidArgumentError(`Write one of ${STATUSES.join(', ')}.`);
}

/** For commander: one or several event sources. */
function sourceKeys(text: string, before: readonly string[] = []): readonly string[] {
  if (SOURCES.includes(text)) return [...before, text];
  throw new InvalidArgumentError(`Write one of ${SOURCES.join(', ')}.`);
}
