import { durationText } from '../../../core/time/time-text.ts';
import { HOUR_MS } from '../../../core/units.ts';
import { functionsText, lengthText, namesEvery, windowJson } from '../../../core/windows/window-text.ts';
import { type BeginRequest, commitBegin, type PreparedBegin, prepareBegin } from '../../edits/begin.ts';
import { outlookOf } from '../../edits/outlook.ts';
import type { TypedTime } from '../../times/typed-time.ts';
import type { Quiet } from '../../windows/quiet-time.ts';
import { type AddNoun, usage } from '../command.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { endsFirstText, timedOutText, waitInSight } from '../status/quiet-wait.ts';
import { durationValue, timeAhead } from '../values.ts';
import { wouldChangeText } from '../windows/difference-text.ts';
import { quietFromText, quietText } from '../windows/quiet-text.ts';
import { commit, type Slip } from './commit.ts';
import {
  type DescriptionOptions,
  type EditOptions,
  refuseEmptyReason,
  takesDescription,
  takesEdits,
  tellEditPlace,
} from './edit-options.ts';
import { outlookJson, outlookText } from './outlook-text.ts';

interface BeginOptions extends EditOptions, DescriptionOptions {
  /** Milliseconds. */
  readonly for?: number;
  readonly until?: TypedTime;
  readonly wait?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** Long enough for most, and short enough to be forgotten without harm. It is said aloud. */
const DEFAULT_LENGTH_MS = 2 * HOUR_MS;

/** As many names as a line has room for. */
const SHOWN_READERS = 5;

/** `begin`: a window from now on. */
export const addBegin: AddNoun = (program, acting) => {
  const command = program
    .command('begin')
    .description('begin a maintenance window now')
    .option('--for <duration>', 'how long: 2h, 90m, 1h30 (default 2h)', durationValue)
    .option('--until <time>', 'until when: 23:00 (the next), tomorrow 02:00, +2h', timeAhead)
    .option('--wait', 'return once it is quiet: no handler can run any more')
    .option('--timeout <duration>', 'of --wait: for this long at most; exit with 1 then', durationValue);
  withExamples(
    takesEdits(takesDescription(command)).action(acting(begin)),
    'begin',
    "begin --for 4h --reason 'database upgrade CHG-1042'",
    "begin --wait --reason 'database upgrade CHG-1042'",
    'begin --for 4h --replay auto',
    "begin --until 23:00 --function 'orders-*' billing",
  );
};

async function begin(session: Session, options: BeginOptions): Promise<number> {
  const { output, settings } = session;
  refuseWrongWords(options);
  await tellEditPlace(session, options);
  const prepared = await prepareBegin(session, await requestFrom(session, options));
  if (options.for === undefined && options.until === undefined)
    output.note(`it lasts ${durationText(DEFAULT_LENGTH_MS)}, as neither --for nor --until was said`);
  const committed = await commit(session, prepared, options, commitBegin, slipOf(options, prepared));
  if (committed.kind === 'declined') return NOT_ALL_DONE;

  const isWritten = committed.kind === 'written';
  const { draft, id, window, difference } = prepared;
  const { parameter } = draft;
  const outlook = isWritten ? undefined : await outlookOf(session, prepared, [{ id, window }], prepared.lookup);
  const { version, quiet, now } = isWritten ? committed.outcome : { ...prepared, version: draft.base.version };
  const json = {
    written: isWritten,
    parameter,
    version,
    window: { id, ...windowJson(window) },
    quietFrom: quietFromText(quiet),
    quietBecause: quiet.why,
    ...(outlook && outlookJson(outlook)),
    ...difference,
  };
  const text = () =>
    isWritten
      ? begunText(session, prepared, quiet, `${parameter}, version ${version}`, now)
      : wouldChangeText(parameter, version, difference, output, outlook && outlookText(outlook, output));
  const tellPlace = () => {
    if (settings.parameters.length > 1 && isWritten) output.note(`written to ${parameter}: --edit names another one`);
  };
  if (options.wait && isWritten) {
    if (output.format === 'table') output.showLine(json, text);
    tellPlace();
    return waitForQuiet(session, id, options, json);
  }
  output.show(json, text);
  tellPlace();
  return DONE;
}

function refuseWrongWords({ for: lengthMs, until, reason, timeout, wait }: BeginOptions): void {
  if (lengthMs !== undefined && until !== undefined)
    throw usage('--for and --until both say when it ends: say one of them');
  if (timeout !== undefined && !wait) throw usage('--timeout is of --wait: add it');
  refuseEmptyReason(reason);
}

/** The window is there: whoever does not wait for it leaves it so. */
async function waitForQuiet(
  session: Session,
  windowId: string,
  { timeout: timeoutMs = Number.POSITIVE_INFINITY }: BeginOptions,
  json: object,
): Promise<number> {
  const { output } = session;
  const signal = session.interrupted();
  const waited = await waitInSight(session, { windowId, timeoutMs, signal });
  const isQuiet = waited.kind === 'quiet';
  const toEnd = `the window goes on; to end it:  ${output.command(['end', windowId])}`;
  if (output.format === 'json') output.show({ ...json, isQuiet }, () => '');
  switch (waited.kind) {
    case 'quiet':
      if (output.format === 'table') output.showLine({}, () => output.paint.bold('Quiet: no handler runs any more'));
      return DONE;
    case 'none-active':
      output.warn('the window has ended meanwhile: handlers run again');
      return NOT_ALL_DONE;
    case 'ends-first':
      output.warn(endsFirstText(waited.quiet, output, windowId));
      return NOT_ALL_DONE;
    case 'timed-out':
      output.warn(`${timedOutText(waited.quiet, durationText(timeoutMs), output.times)}; ${toEnd}`);
      return NOT_ALL_DONE;
    case 'interrupted':
      output.warn(`not quiet before ${output.times.text(waited.quiet.at)}: ${toEnd}`);
      return Number(signal.reason);
  }
}

async function requestFrom(session: Session, options: BeginOptions): Promise<BeginRequest> {
  const { for: lengthMs = DEFAULT_LENGTH_MS, until, reason, function: functions, replay, edit } = options;
  return {
    end: until === undefined ? { lengthMs } : await endFrom(session, until),
    ...(reason !== undefined && { reason }),
    ...(functions && { functions }),
    ...(replay !== undefined && { replay }),
    ...(edit !== undefined && { parameter: edit }),
  };
}

/** Every function of an account is soon put under maintenance by two words: it is said which these are. */
function slipOf({ function: functions }: BeginOptions, { readers, lookup, draft }: PreparedBegin): Slip | undefined {
  if (!namesEvery(functions)) return undefined;
  const question = 'Begin it for all of them?';
  const { parameter } = draft;
  if (lookup.kind === 'unknown') {
    return { text: `every function that reads ${parameter}; which these are is not known: ${lookup.why}`, question };
  }
  const names = [...readers.slice(0, SHOWN_READERS), ...(readers.length > SHOWN_READERS ? ['…'] : [])].join(', ');
  return { text: `every function that reads ${parameter}, or may: ${readers.length} (${names})`, question };
}

/** The end that a typed time means; a duration from now is one from the start, to the second. */
async function endFrom(session: Session, until: TypedTime): Promise<BeginRequest['end']> {
  return until.kind === 'distance' && until.distanceMs > 0
    ? { lengthMs: until.distanceMs }
    : { at: await session.instantOf(until) };
}

function begunText(
  { output }: Session,
  { id, window }: PreparedBegin,
  quiet: Quiet,
  where: string,
  now: number,
): string {
  const { command, paint, times } = output;
  const { bold, yellow } = paint;
  return [
    `${bold(yellow('Under maintenance'))}: ${functionsText(window)}, until ${times.fromNow(window.endAt, now)}, for ${lengthText(window)}`,
    `  window  ${id} in ${where}`,
    `  ${quietText(quiet, now, times)}`,
    `  to end  ${command(['end', id])}`,
  ].join('\n');
}
