import { MaintenanceWindowError } from '../../../core/errors.ts';
import { instantToText } from '../../../core/windows/instant.ts';
import { durationText, fromNow } from '../../../core/windows/time-text.ts';
import type { OneOffWindow } from '../../../core/windows/window.ts';
import { functionsText, lengthText, windowJson } from '../../../core/windows/window-text.ts';
import { lookUpFunctions } from '../../access/function-lookup.ts';
import { openDraft } from '../../windows/draft.ts';
import { windowId } from '../../windows/known-windows.ts';
import { type Quiet, quietFrom } from '../../windows/quiet-time.ts';
import { doubtsOfFunctions, doubtsOfTimes } from '../../windows/warnings.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import type { Session } from '../session.ts';
import { durationValue, functionGlobs, instantValue } from '../values.ts';
import { commitDraft } from './commit.ts';
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
  refuseContradictions(options);
  const [draft, lookup] = await Promise.all([
    openDraft(session, options.edit),
    lookUpFunctions(session, options.function),
  ]);
  const clock = await session.clock();
  const beganAt = clock.now();
  const window = windowFromNow(session, options, beganAt);
  const doubts = [
    ...(await doubtsOfTimes(window, beganAt)),
    ...doubtsOfFunctions(lookup, window.functions, draft, output),
  ];
  const committed = await commitDraft(session, draft, { added: [window] }, options, doubts);
  if (committed.kind === 'declined') return NOT_ALL_DONE;

  const { kind, version, difference } = committed;
  const now = clock.now();
  const quiet = quietFrom(lookup, window.functions, [draft.parameter], window.startAt, now);
  output.show(
    {
      written: kind === 'written',
      parameter: draft.parameter,
      version,
      window: { id: windowId(window), ...windowJson(window) },
      quietFrom: instantToText(quiet.at),
      quietBecause: quiet.why,
      ...difference,
    },
    () =>
      kind === 'written'
        ? begunText(session, window, quiet, `${draft.parameter}, version ${version}`, now)
        : `${draft.parameter}, version ${version}, would change:\n${differenceText(difference, output)}`,
  );
  if (settings.parameters.length > 1 && kind === 'written')
    output.note(`written to ${draft.parameter}: --edit names another one`);
  return DONE;
}

function refuseContradictions({ for: lengthMs, until, reason }: BeginOptions): void {
  if (lengthMs !== undefined && until !== undefined)
    throw usage('--for and --until both say when it ends: say one of them');
  if (reason !== undefined && reason.trim() === '') throw usage('--reason says nothing: say why, or leave it out');
}

function windowFromNow({ output }: Session, options: BeginOptions, now: number): OneOffWindow {
  const { for: lengthMs, until, reason, function: functions } = options;
  const startAt = Math.floor(now / 1_000) * 1_000;
  if (until !== undefined && until <= now)
    throw usage(`--until ${fromNow(until, now)} is over already: say a later instant`);
  if (lengthMs === undefined && until === undefined) {
    output.note(`it lasts ${durationText(DEFAULT_LENGTH_MS)}, as neither --for nor --until was said`);
  }
  return {
    kind: 'one-off',
    startAt,
    endAt: until ?? startAt + (lengthMs ?? DEFAULT_LENGTH_MS),
    ...(reason !== undefined && { reason }),
    ...(functions && { functions }),
  };
}

function begunText({ output }: Session, window: OneOffWindow, quiet: Quiet, where: string, now: number): string {
  const id = windowId(window);
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
