import { MaintenanceWindowError } from '../../../core/errors.ts';
import { instantToText } from '../../../core/windows/instant.ts';
import { durationText, fromNow } from '../../../core/windows/time-text.ts';
import { functionsText, lengthText, windowJson } from '../../../core/windows/window-text.ts';
import { type BeginRequest, commitBegin, type PreparedBegin, prepareBegin } from '../../windows/begin.ts';
import type { Quiet } from '../../windows/quiet-time.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import type { Session } from '../session.ts';
import { durationValue, functionGlobs, instantValue } from '../values.ts';
import { commit } from './commit.ts';
import { differenceText } from './difference-text.ts';
import { type EditOptions, takesEdits } from './edit-options.ts';
import { quietText } from './quiet-text.ts';

interface BeginOptions extends EditOptions {
  /** Milliseconds. */
  readonly for?: number;
  /** Epoch milliseconds. */
  readonly until?: number;
  readonly reason?: string;
  readonly function?: readonly string[];
}

/** Long enough for most, and short enough to be forgotten without harm. It is said aloud. */
const DEFAULT_LENGTH_MS = 2 * 3_600_000;

/** `begin`: a window from now on. */
export const addBegin: AddNoun = (program, acting) => {
  const command = program
    .command('begin')
    .description('begin a maintenance window now')
    .option('--for <duration>', 'how long: 2h, 1h30m, PT2H (default 2h)', durationValue)
    .option('--until <instant>', 'until when: 2026-11-21T04:00:00Z', instantValue)
    .option('--reason <text>', 'why: shown to operators, in logs, and to direct callers')
    .option(
      '--function <globs...>',
      'only these functions: names, with * and ? (default: every function)',
      functionGlobs,
    )
    .action(acting(begin));
  withExamples(
    takesEdits(command),
    'begin',
    "begin --for 4h --reason 'database upgrade CHG-1042'",
    "begin --until 2026-11-21T04:00:00Z --function 'orders-*' billing",
  );
};

async function begin(session: Session, options: BeginOptions): Promise<number> {
  const { output, settings } = session;
  const prepared = await prepareBegin(session, requestFrom(options));
  if (options.for === undefined && options.until === undefined)
    output.note(`it lasts ${durationText(DEFAULT_LENGTH_MS)}, as neither --for nor --until was said`);
  const committed = await commit(session, prepared, options, commitBegin);
  if (committed.kind === 'declined') return NOT_ALL_DONE;

  const isWritten = committed.kind === 'written';
  const { draft, id, window, difference } = prepared;
  const { parameter } = draft;
  const { version, quiet, now } = isWritten ? committed.outcome : { ...prepared, version: draft.base.version };
  output.show(
    {
      written: isWritten,
      parameter,
      version,
      window: { id, ...windowJson(window) },
      quietFrom: instantToText(quiet.at),
      quietBecause: quiet.why,
      ...difference,
    },
    () =>
      isWritten
        ? begunText(session, prepared, quiet, `${parameter}, version ${version}`, now)
        : `${parameter}, version ${version}, would change:\n${differenceText(difference, output)}`,
  );
  if (settings.parameters.length > 1 && isWritten) output.note(`written to ${parameter}: --edit names another one`);
  return DONE;
}

function requestFrom(options: BeginOptions): BeginRequest {
  const { for: lengthMs = DEFAULT_LENGTH_MS, until, reason, function: functions, edit } = options;
  if (options.for !== undefined && until !== undefined)
    throw usage('--for and --until both say when it ends: say one of them');
  if (reason !== undefined && reason.trim() === '') throw usage('--reason says nothing: say why, or leave it out');
  return {
    end: until === undefined ? { lengthMs } : { at: until },
    ...(reason !== undefined && { reason }),
    ...(functions && { functions }),
    ...(edit !== undefined && { parameter: edit }),
  };
}

function begunText(
  { output }: Session,
  { id, window }: PreparedBegin,
  quiet: Quiet,
  where: string,
  now: number,
): string {
  const { bold, yellow } = output.paint;
  return [
    `${bold(yellow('Under maintenance'))}: ${functionsText(window)}, until ${fromNow(window.endAt, now)}, for ${lengthText(window)}`,
    `  window  ${id} in ${where}`,
    `  ${quietText(quiet, now)}`,
    `  to end  maintenance-window end ${id}`,
  ].join('\n');
}

function usage(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Usage', message);
}
