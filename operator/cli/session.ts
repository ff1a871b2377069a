import { MaintenanceWindowError } from '../../core/errors.ts';
import type { Clock } from '../../core/gate/ports.ts';
import { type Parsed, parsed, quoted } from '../../core/text/parsed.ts';
import { instantToText } from '../../core/time/instant.ts';
import { trapOf, UTC } from '../../core/time/timezone.ts';
import { createOperator, type Operator } from '../access/operator.ts';
import { instantMeant } from '../times/instant-meant.ts';
import { localZone } from '../times/local-zone.ts';
import type { TypedTime } from '../times/typed-time.ts';
import type { Host } from './host.ts';
import type { JsonView } from './json/view.ts';
import type { Change } from './place/place-text.ts';
import { type GlobalOptions, readSettings, type Settings } from './settings.ts';
import { createOutput, type Output } from './terminal/output.ts';

/** One run of one command: an operator, and the terminal that it sits at. */
export interface Session extends Operator {
  readonly settings: Settings;
  readonly output: Output;
  /** As it was typed, but for times whose meaning changes with the clock: to be typed again, they are instants. */
  readonly words: readonly string[];
  /** Whether there is somebody to ask. */
  readonly isInteractive: boolean;
  /** Asks; anything but yes is no. In a production context its name is typed for yes. For an interactive session. */
  confirm(question: string): Promise<boolean>;
  /**
   * Says on one line of stderr in which account, region, parameter and table something is about to be changed. Every command that
   * changes something does this first, once its words make sense.
   *
   * @throws MaintenanceWindowError `MaintenanceWindow.Config` without a region, `MaintenanceWindow.Denied` without credentials;
   *   `MaintenanceWindow.Usage` for a production context that nobody named, where nobody can be asked and `--yes` was not said
   */
  place(change?: Change): Promise<void>;
  /** Whether a change may be made: in a production context its name is typed once, unless `--yes` was said. */
  mayChange(change?: Change): Promise<boolean>;
  /** From this call on the first Ctrl-C aborts the signal instead of ending the process. */
  interrupted: Host['interrupted'];
  /** For what changes something, and cannot be interrupted: an output that goes away is no good end of it. */
  changing(): void;
  /** The replay has this record from now on; undefined: it goes on without. */
  recorded(runId: string | undefined): void;
  readonly stdin: Host['stdin'];
  /**
   * The instant that a typed time means, in the operator's zone and by AWS's clock, as epoch milliseconds. Warns where daylight
   * saving makes it another one than was typed.
   *
   * @param clock the clock of whoever asks AWS something else than windows; by default `Operator.clock`
   * @param after an instant that a time of day or a weekday comes after, instead of now
   * @throws MaintenanceWindowError `MaintenanceWindow.Config` where the zone is needed and `TZ` is none
   */
  instantOf(typed: TypedTime, how?: { clock?: () => Promise<Clock>; after?: number }): Promise<number>;
}

/**
 * Makes the session of a command.
 *
 * @param words as it was typed
 * @param view what of its JSON is shown; undefined: all of it
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` or `MaintenanceWindow.Config`
 */
export function createSession(options: GlobalOptions, words: readonly string[], host: Host, view?: JsonView): Session {
  const settings = readSettings(options, host.environment);
  const { stdin, stderr, interrupted, changing } = host;
  if (settings.access.profile) host.useProfile(settings.access.profile);
  const zone = () => zoneOf(settings, host.environment);
  const output = createOutput(settings.format, words, host, () => orUtc(zone()), view);
  const operator = createOperator(settings, output, host.clock, host);
  const instants = createInstants();
  const { context } = settings;
  const isInteractive = stdin.isTTY && stderr.isTTY;
  let isAgreed = !context?.isProduction;
  const confirm = async (question: string) => {
    const name = context?.isProduction ? context.name : undefined;
    const answer = await (await import('./terminal/confirm.ts')).confirm(question, stdin, stderr, name);
    isAgreed ||= answer;
    return answer;
  };
  return {
    ...operator,
    settings,
    output,
    get words() {
      return withInstants(words, instants);
    },
    isInteractive,
    confirm,
    async place(change = {}) {
      if (context?.isProduction && !context.isNamed && !isInteractive && !change.yes) throw unnamed(context.name);
      const [{ whereabouts }, { placeText }] = await Promise.all([
        import('../access/caller.ts'),
        import('./place/place-text.ts'),
      ]);
      output.place(placeText(settings, await whereabouts(operator), change));
    },
    async mayChange({ yes } = {}) {
      if (isAgreed || yes || !isInteractive || (await confirm('This is production.'))) return true;
      output.note('nothing was changed');
      return false;
    },
    interrupted,
    changing,
    recorded: (runId) => host.recorded?.(runId),
    stdin,
    async instantOf(typed, { clock = operator.clock, after } = {}) {
      if (typed.kind === 'instant') return typed.at;
      const now = (await clock()).now();
      const timezone = typed.kind === 'clock' && typed.timezone === undefined ? zone() : parsed(UTC);
      if (timezone.kind === 'fault') {
        throw new MaintenanceWindowError(
          'MaintenanceWindow.Config',
          `TZ: ${quoted(host.environment['TZ'])} ${timezone.message}, or say --timezone`,
        );
      }
      const trap = trapOf(timezone.value);
      if (trap !== undefined) output.warn(`the time zone ${timezone.value} ${trap}`);
      const { at, warning } = instantMeant(typed, now, timezone.value, after);
      if (warning !== undefined) output.warn(warning);
      (after === undefined ? instants.typed : instants.ends).set(typed.text, at);
      return at;
    },
  };
}

/** To name it is what typing its name is on a terminal. */
function unnamed(name: string): MaintenanceWindowError {
  return new MaintenanceWindowError(
    'MaintenanceWindow.Usage',
    `the context ${name} is production, and nobody is here to type its name: say --context ${name}`,
  );
}

/** Instants that typed times meant, by their text. The end of what starts at 23:00 may be 23:00 as well, a day later. */
function createInstants() {
  return { typed: new Map<string, number>(), ends: new Map<string, number>() };
}

/** A command that is run again later means the same instants. */
function withInstants(words: readonly string[], instants: ReturnType<typeof createInstants>): readonly string[] {
  return words.map((word, index) => {
    const [, option = words[index - 1], isJoined, value = word] = /^(--[a-z]+)(=)(.*)$/s.exec(word) ?? [];
    const end = option === '--end' ? instants.ends.get(value) : undefined;
    const at = end ?? instants.typed.get(value);
    if (at === undefined || option === undefined || !TIME_OPTIONS.includes(option)) return word;
    return isJoined === undefined ? instantToText(at) : `${option}=${instantToText(at)}`;
  });
}

const TIME_OPTIONS = ['--from', '--until', '--at', '--start', '--end'];

/** The zone that was asked for, else that of this machine. */
function zoneOf({ timezone }: Settings, environment: Host['environment']): Parsed<string> {
  return timezone === undefined ? localZone(environment['TZ']) : parsed(timezone);
}

function orUtc(timezone: Parsed<string>): string {
  return timezone.kind === 'value' ? timezone.value : UTC;
}

/**
 * Asks before something that cannot be undone, and says so where the answer is no.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` where nobody can be asked and `--yes` was not said
 */
export async function confirmed(session: Session, yes: boolean | undefined, question: string): Promise<boolean> {
  if (yes) return true;
  if (!session.isInteractive) {
    throw new MaintenanceWindowError('MaintenanceWindow.Usage', `${question} Nobody is here to answer: say --yes.`);
  }
  if (await session.confirm(question)) return true;
  session.output.note('nothing was changed');
  return false;
}
