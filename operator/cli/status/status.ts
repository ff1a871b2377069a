import { FAULTS } from '../../../core/errors.ts';
import { durationText } from '../../../core/time/time-text.ts';
import { SECOND_MS } from '../../../core/units.ts';
import { eventsWaiting, readTableState, totalWaiting } from '../../events/table-state.ts';
import type { TypedTime } from '../../times/typed-time.ts';
import { readStatus, type StatusQuery } from '../../windows/status.ts';
import type { QuietWait } from '../../windows/wait-quiet.ts';
import { type AddNoun, usage } from '../command.ts';
import { DONE, EVENTS_WAIT, NOT_ALL_DONE, NOT_QUIET, QUIET } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { durationValue, functionNameValue, timeAhead } from '../values.ts';
import { endsFirstText, timedOutText, waitInSight } from './quiet-wait.ts';
import { type Found, statusJson, statusText } from './status-text.ts';
import { watch } from './watch.ts';

interface StatusOptions {
  readonly at?: TypedTime;
  readonly function?: string;
  readonly countAll?: boolean;
  readonly exitCode?: boolean;
  readonly watch?: boolean;
  /** Milliseconds. */
  readonly interval?: number;
  readonly waitQuiet?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
}

const DEFAULT_INTERVAL_MS = 5 * SECOND_MS;

/** `status`: whether functions are under maintenance, since when, until when and why; and what waits. */
export const addStatus: AddNoun = (program, acting) => {
  const command = program
    .command('status')
    .description('say whether functions are under maintenance, since when, until when and why; and which events wait')
    .option('--at <time>', 'at another time than now: 23:00, tomorrow 02:00, 2h ago', timeAhead)
    .option('--function <name>', 'for this function alone', functionNameValue)
    .option('--count-all', 'count all events that wait, however long that takes')
    .option('--exit-code', 'exit with 10 inside a window that is quiet, 11 before it is, 12 if events wait outside one')
    .option('--watch', 'show it again and again, until Ctrl-C; in a pipe a line for each change')
    .option('--interval <duration>', 'of --watch: how often it looks (default 5s)', durationValue)
    .option('--wait-quiet', 'wait until no handler can run any more')
    .option('--timeout <duration>', 'of --wait-quiet: for this long at most; exit with 1 then', durationValue)
    .action(acting(status));
  withExamples(
    command,
    'status',
    'status --function orders-api',
    "status --at 'tomorrow 02:00'",
    'status --watch',
    'status --wait-quiet --timeout 20m',
  );
};

async function status(session: Session, options: StatusOptions): Promise<number> {
  refuseContradictions(options);
  const { output } = session;
  const { function: functionName, countAll = false, interval = DEFAULT_INTERVAL_MS } = options;
  const at = options.at && (await session.instantOf(options.at));
  const query: StatusQuery = {
    ...(at !== undefined && { at }),
    ...(functionName !== undefined && { functionName }),
  };
  if (options.watch) return watch(session, () => lookAt(session, query, countAll), interval);
  const isQuiet = options.waitQuiet ? await waitQuiet(session, options) : true;
  const found = await lookAt(session, query, countAll);
  for (const warning of found.status.warnings) output.warn(warning);
  output.show(statusJson(found), () => statusText(found, output));
  const [fault] = found.status.faults;
  if (fault) return FAULTS[fault.name].exitCode;
  if (options.exitCode) return codeOf(found);
  return isQuiet ? DONE : NOT_ALL_DONE;
}

/** The table after the windows: whoever gives the credentials may ask somebody for a code first, and two at once would not be heard. */
async function lookAt(session: Session, query: StatusQuery, countsAll: boolean): Promise<Found> {
  const { functionName } = query;
  const status = await readStatus(session, query);
  const about = functionName === undefined ? {} : { functionName };
  return { status, table: await readTableState(session, { ...about, countsAll }), ...about };
}

/** @returns whether it is quiet */
async function waitQuiet(session: Session, options: StatusOptions): Promise<boolean> {
  const { function: functionName, timeout: timeoutMs = Number.POSITIVE_INFINITY } = options;
  const waited = await waitInSight(session, { ...(functionName !== undefined && { functionName }), timeoutMs });
  if (waited.kind === 'quiet') return true;
  session.output.warn(whyNotQuiet(session, waited, timeoutMs));
  return false;
}

function whyNotQuiet({ output }: Session, waited: QuietWait, timeoutMs: number): string {
  switch (waited.kind) {
    case 'none-active':
      return 'no window is active: handlers run, and it does not become quiet';
    case 'ends-first':
      return endsFirstText(waited.quiet, output);
    default:
      return timedOutText(waited.quiet, durationText(timeoutMs), output.times);
  }
}

/** Outside a window the question is about the events as well: a table that cannot be read is no answer to it. */
function codeOf({ status: { maintenance, at, now }, table }: Found): number {
  if (maintenance.length > 0) return maintenance.every(({ quiet }) => quiet.at <= at) ? QUIET : NOT_QUIET;
  if (at !== now) return DONE;
  if (table.kind === 'unknown') return FAULTS[table.fault].exitCode;
  const total = totalWaiting(table.functions.map(({ waiting }) => waiting));
  return eventsWaiting(total) > 0 || total.isPart ? EVENTS_WAIT : DONE;
}

function refuseContradictions({ at, watch, interval, waitQuiet, timeout, exitCode }: StatusOptions): void {
  if (at && (watch || waitQuiet))
    throw usage(`--at is another time: leave it out, or --${watch ? 'watch' : 'wait-quiet'}`);
  if (watch && (waitQuiet || exitCode)) {
    throw usage(`--watch ends by Ctrl-C alone: leave it out, or --${waitQuiet ? 'wait-quiet' : 'exit-code'}`);
  }
  if (interval !== undefined && !watch) throw usage('--interval is of --watch: add it');
  if (timeout !== undefined && !waitQuiet) throw usage('--timeout is of --wait-quiet: add it');
}
