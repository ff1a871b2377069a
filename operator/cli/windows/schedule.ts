import { nextWindows } from '../../../core/calendar/upcoming.ts';
import { FAULTS, MaintenanceWindowError } from '../../../core/errors.ts';
import { counted } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/windows/instant.ts';
import { fromNow } from '../../../core/windows/time-text.ts';
import { UTC } from '../../../core/windows/timezone.ts';
import type { Window } from '../../../core/windows/window.ts';
import { functionsText, lengthText, reasonText, whenText, windowJson } from '../../../core/windows/window-text.ts';
import { commitEdit } from '../../windows/draft.ts';
import {
  type ListedWindow,
  listWindows,
  type PreparedAdd,
  prepareAdd,
  prepareRemove,
  type Standing,
} from '../../windows/schedule.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { confirmed, type Session } from '../session.ts';
import type { Output } from '../terminal/output.ts';
import { durationValue, functionGlobs, functionNameValue, instantValue, timezoneValue } from '../values.ts';
import { commit } from './commit.ts';
import { differenceText } from './difference-text.ts';
import { type EditOptions, takesEdits } from './edit-options.ts';
import { type Coming, upcomingJson, upcomingTable } from './upcoming-text.ts';

interface AddOptions extends EditOptions {
  /** Epoch milliseconds. */
  readonly start?: number;
  /** Epoch milliseconds. */
  readonly end?: number;
  /** Milliseconds. */
  readonly for?: number;
  readonly timezone?: string;
  /** Epoch milliseconds. */
  readonly from?: number;
  /** Epoch milliseconds. */
  readonly until?: number;
  readonly reason?: string;
  readonly function?: readonly string[];
}

/** How many of a new window's occurrences are shown. */
const SHOWN_OCCURRENCES = 3;

/** `schedule`: windows that are to come, once or again and again. */
export const addSchedule: AddNoun = (program, acting) => {
  const schedule = program.command('schedule').description('add, list and remove windows');
  addAdd(schedule, acting);
  addList(schedule, acting);
  addRemove(schedule, acting);
};

const addAdd: AddNoun = (schedule, acting) => {
  const command = schedule
    .command('add')
    .description('add a window: one that comes once (--start), or again and again (an expression)')
    .argument('[expression]', "when it starts: AWS's six-field cron(…), or at(…) for once at a local time")
    .option('--start <instant>', 'of a window that comes once: when it starts', instantValue)
    .option('--end <instant>', 'and when it ends, instead of --for', instantValue)
    .option('--for <duration>', 'how long: 2h, 1h30m, PT2H', durationValue)
    .option('--timezone <name>', 'of the expression: an IANA name (default UTC)', timezoneValue)
    .option('--from <instant>', 'of the expression: nothing starts before', instantValue)
    .option('--until <instant>', 'of the expression: nothing starts from then on', instantValue)
    .option('--reason <text>', 'why: shown to operators, in logs, and to direct callers')
    .option(
      '--function <globs...>',
      'only these functions: names, with * and ? (default: every function)',
      functionGlobs,
    )
    .action(acting(add));
  withExamples(
    takesEdits(command),
    "schedule add --start 2027-01-16T22:00:00Z --for 4h --reason 'database upgrade CHG-1042'",
    "schedule add 'cron(0 2 ? * SUN *)' --timezone Europe/Rome --for 2h --reason 'weekly vacuum'",
    "schedule add 'cron(30 1 1 * ? *)' --for 30m --function 'orders-*' --from 2027-01-01T00:00:00Z",
  );
};

const addList: AddNoun = (schedule, acting) => {
  const command = schedule
    .command('list')
    .description('list all windows: those of every named parameter')
    .option('--function <name>', 'only windows that name this function', functionNameValue)
    .action(acting(list));
  withExamples(command, 'schedule list', 'schedule list --function orders-api -o json');
};

const addRemove: AddNoun = (schedule, acting) => {
  const command = schedule
    .command('remove')
    .description('take windows out; to stop one that is active, see end')
    .argument('<ids...>', 'windows, as schedule list shows them')
    .action(acting(remove));
  withExamples(takesEdits(command), 'schedule remove 3f9a1c', 'schedule remove 3f9a1c 77b0d2 --yes');
};

async function add(session: Session, expression: string | undefined, options: AddOptions): Promise<number> {
  const { output } = session;
  const prepared = await prepareAdd(session, windowFrom(expression, options), options.edit);
  const committed = await commit(session, prepared, options, commitEdit);
  if (committed.kind === 'declined') return NOT_ALL_DONE;

  const isWritten = committed.kind === 'written';
  const { draft, id, window, difference } = prepared;
  const { parameter } = draft;
  const { version, now } = isWritten ? committed.outcome : { version: draft.base.version, now: prepared.now };
  const next = await nextWindows([{ id, window }], now, SHOWN_OCCURRENCES);
  output.show(
    {
      written: isWritten,
      parameter,
      version,
      window: { id, ...windowJson(window) },
      next: next.map(upcomingJson),
      ...difference,
    },
    () =>
      isWritten
        ? addedText(output, prepared, next, `${parameter}, version ${version}`, now)
        : `${parameter}, version ${version}, would change:\n${differenceText(difference, output)}`,
  );
  return DONE;
}

/** The window that the words describe, not looked at yet. */
function windowFrom(expression: string | undefined, options: AddOptions): Window {
  const times = expression === undefined ? onceFrom(options) : recurringFrom(expression, options);
  const { reason, function: functions } = options;
  return { ...times, ...(reason !== undefined && { reason }), ...(functions && { functions }) };
}

function onceFrom({ start, end, for: lengthMs, timezone, from, until }: AddOptions): Window {
  if (start === undefined)
    throw usage("say when: --start INSTANT for once, or an expression such as 'cron(0 2 ? * SUN *)'");
  if (timezone !== undefined || from !== undefined || until !== undefined) {
    throw usage(
      '--timezone, --from and --until go with an expression: leave them out, or say --end for when the window ends',
    );
  }
  if ((end === undefined) === (lengthMs === undefined)) throw usage('say how long: one of --for and --end');
  return { kind: 'one-off', startAt: start, endAt: end ?? start + (lengthMs ?? 0) };
}

function recurringFrom(schedule: string, options: AddOptions): Window {
  const { start, end, for: lengthMs, timezone = UTC, from, until } = options;
  if (start !== undefined || end !== undefined)
    throw usage('--start and --end go without an expression: with one, say --from and --until');
  if (lengthMs === undefined) throw usage('say how long: --for DURATION');
  return {
    kind: 'recurring',
    schedule,
    timezone,
    durationMs: lengthMs,
    ...(from !== undefined && { fromAt: from }),
    ...(until !== undefined && { untilAt: until }),
  };
}

function addedText(
  output: Output,
  { id, window }: PreparedAdd,
  next: readonly Coming[],
  where: string,
  now: number,
): string {
  const { bold, green } = output.paint;
  const head = `${bold(green('Added'))}: ${whenText(window)}, for ${lengthText(window)}, ${functionsText(window)}\n  window  ${id} in ${where}`;
  return next.length > 0 ? `${head}\n\n${upcomingTable(next, output, now)}` : head;
}

async function list(session: Session, { function: functionName }: { readonly function?: string }): Promise<number> {
  const { output } = session;
  const { windows, now, faults, warnings } = await listWindows(session, functionName);
  for (const warning of warnings) output.warn(warning);
  output.show({ windows: windows.map(listedJson) }, () =>
    windows.length === 0
      ? 'No windows.'
      : output.table(
          ['ID', 'PARAMETER', 'STARTS', 'LASTS', 'NEXT', 'FUNCTIONS', 'REASON'],
          windows.map(({ id, parameter, window, standing }) => [
            id,
            parameter.name,
            whenText(window),
            lengthText(window),
            standingText(standing, output, now),
            functionsText(window),
            reasonText(window),
          ]),
        ),
  );
  return faults[0] ? FAULTS[faults[0].name].exitCode : DONE;
}

function listedJson({ id, parameter, window, standing }: ListedWindow): object {
  return {
    id,
    parameter: parameter.name,
    ...windowJson(window),
    active: standing.kind === 'active',
    ...(standing.kind === 'next' && { next: instantToText(standing.at) }),
  };
}

function standingText(standing: Standing, { paint }: Output, now: number): string {
  switch (standing.kind) {
    case 'active':
      return paint.yellow('active');
    case 'next':
      return fromNow(standing.at, now);
    case 'over':
      return paint.dim('over');
  }
}

async function remove(session: Session, ids: readonly string[], options: EditOptions): Promise<number> {
  const { output } = session;
  const prepared = await prepareRemove(session, ids, options.edit);
  const { draft, removing, active, difference } = prepared;
  const { parameter } = draft;
  const lines = removing.map(
    ({ id, window }) => `  ${id}  ${whenText(window)}, ${functionsText(window)}, ${reasonText(window)}`,
  );
  for (const id of active) {
    output.warn(
      `${id} is active: without it functions run again as soon as they see the edit; to end it, and keep it on record,  maintenance-window end ${id}`,
    );
  }
  if (!options.dryRun) {
    const question = `Take ${counted(removing.length, 'window')} out of ${parameter}?`;
    if (session.isInteractive && !options.yes) output.note('about to go:', ...lines);
    if (!(await confirmed(session, options.yes, question))) return NOT_ALL_DONE;
  }
  const committed = await commit(session, prepared, { ...options, yes: true }, commitEdit);
  if (committed.kind === 'declined') return NOT_ALL_DONE;

  const isWritten = committed.kind === 'written';
  const version = isWritten ? committed.outcome.version : draft.base.version;
  output.show(
    {
      written: isWritten,
      parameter,
      version,
      windows: removing.map(({ id, window }) => ({ id, ...windowJson(window) })),
      ...difference,
    },
    () =>
      isWritten
        ? `${output.paint.bold('Removed')}: ${counted(removing.length, 'window')} from ${parameter}, version ${version}\n${lines.join('\n')}`
        : `${parameter}, version ${version}, would change:\n${differenceText(difference, output)}`,
  );
  return DONE;
}

function usage(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Usage', message);
}
