import { FAULTS } from '../../../core/errors.ts';
import { counted } from '../../../core/text/shown.ts';
import { instantToText } from '../../../core/time/instant.ts';
import { UTC } from '../../../core/time/timezone.ts';
import type { Window } from '../../../core/windows/window.ts';
import {
  functionsText,
  lengthText,
  reasonText,
  replayText,
  whenText,
  windowJson,
} from '../../../core/windows/window-text.ts';
import { commitEdit } from '../../edits/draft.ts';
import { outlookOf } from '../../edits/outlook.ts';
import {
  type ListedWindow,
  listWindows,
  type PreparedAdd,
  prepareAdd,
  prepareRemove,
  type Standing,
} from '../../edits/schedule.ts';
import type { TypedTime } from '../../times/typed-time.ts';
import { type AddNoun, usage } from '../command.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import { confirmed, type Session } from '../session.ts';
import type { Output } from '../terminal/output.ts';
import { durationValue, functionNameValue, timeAhead } from '../values.ts';
import { wouldChangeText } from '../windows/difference-text.ts';
import { addScheduleTimes } from '../windows/schedule-times.ts';
import { commit } from './commit.ts';
import {
  type DescriptionOptions,
  type EditOptions,
  takesDescription,
  takesEdits,
  tellEditPlace,
} from './edit-options.ts';
import { outlookJson, outlookText } from './outlook-text.ts';
import { showPlannedWindow } from './planned-window.ts';
import { addScheduleEdit } from './schedule-edit.ts';

interface AddOptions extends EditOptions, DescriptionOptions {
  readonly start?: TypedTime;
  readonly end?: TypedTime;
  /** Milliseconds. */
  readonly for?: number;
  readonly from?: TypedTime;
  readonly until?: TypedTime;
}

/** `schedule`: windows that are to come, once or again and again. */
export const addSchedule: AddNoun = (program, acting) => {
  const schedule = program.command('schedule').description('add, edit, list and remove windows, and list their times');
  addAdd(schedule, acting);
  addScheduleEdit(schedule, acting);
  addList(schedule, acting);
  addScheduleTimes(schedule, acting);
  addRemove(schedule, acting);
};

const addAdd: AddNoun = (schedule, acting) => {
  const command = schedule
    .command('add')
    .description('add a window: one that comes once (--start), or again and again (an expression)')
    .argument('[expression]', "when it starts: AWS's six-field cron(…), or at(…) for once at a local time")
    .option('--start <time>', "of a window that comes once: 23:00, 'sunday 02:00', '2040-01-14 22:00'", timeAhead)
    .option('--end <time>', 'and when it ends, instead of --for', timeAhead)
    .option('--for <duration>', 'how long: 2h, 90m, 1h30', durationValue)
    .option('--from <time>', 'of the expression: nothing starts before', timeAhead)
    .option('--until <time>', 'of the expression: nothing starts from then on', timeAhead);
  withExamples(
    takesEdits(takesDescription(command)).action(acting(add)),
    "schedule add --start 2027-01-16T22:00:00Z --for 4h --reason 'database upgrade CHG-1042'",
    "schedule add 'cron(0 2 ? * SUN *)' --timezone Europe/Rome --for 2h --reason 'weekly vacuum'",
    "schedule add 'cron(30 1 1 * ? *)' --for 30m --function 'orders-*' --from 2027-01-01",
    "schedule add 'cron(0 2 ? * SUN *)' --for 2h --replay auto",
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
  const windowFrom = typedWindow(expression, options);
  await tellEditPlace(session, options);
  const prepared = await prepareAdd(session, await windowFrom(session), options.edit);
  const committed = await commit(session, prepared, options, commitEdit);
  if (committed.kind === 'declined') return NOT_ALL_DONE;

  const { id, window, lookup } = prepared;
  await showPlannedWindow(output, prepared, committed, {
    id,
    window,
    ...(committed.kind === 'dry-run' && { outlook: await outlookOf(session, prepared, [{ id, window }], lookup) }),
    text: (where) => addedText(output, prepared, where),
  });
  return DONE;
}

/** The window that the words describe, not looked at yet. Which instants they mean is asked for once the words make sense. */
function typedWindow(expression: string | undefined, options: AddOptions): (session: Session) => Promise<Window> {
  const timesFrom = expression === undefined ? typedOnce(options) : typedRecurring(expression, options);
  const { reason, function: functions, replay } = options;
  return async (session) => ({
    ...(await timesFrom(session)),
    ...(reason !== undefined && { reason }),
    ...(functions && { functions }),
    ...(replay !== undefined && { replay }),
  });
}

function typedOnce({ start, end, for: lengthMs, from, until }: AddOptions): (session: Session) => Promise<Window> {
  if (start === undefined)
    throw usage("say when: --start TIME for once, or an expression such as 'cron(0 2 ? * SUN *)'");
  if (from !== undefined || until !== undefined) {
    throw usage('--from and --until go with an expression: leave them out, or say --end for when the window ends');
  }
  if ((end === undefined) === (lengthMs === undefined)) throw usage('say how long: one of --for and --end');
  return async ({ instantOf }) => {
    const startAt = await instantOf(start);
    return {
      kind: 'one-off',
      startAt,
      endAt: end ? await instantOf(end, { after: startAt }) : startAt + (lengthMs ?? 0),
    };
  };
}

function typedRecurring(schedule: string, options: AddOptions): (session: Session) => Promise<Window> {
  const { start, end, for: durationMs, from, until } = options;
  if (start !== undefined || end !== undefined)
    throw usage('--start and --end go without an expression: with one, say --from and --until');
  if (durationMs === undefined) throw usage('say how long: --for DURATION');
  return async ({ settings, instantOf }) => ({
    kind: 'recurring',
    schedule,
    timezone: settings.timezone ?? UTC,
    durationMs,
    ...(from && { fromAt: await instantOf(from) }),
    ...(until && { untilAt: await instantOf(until) }),
  });
}

function addedText({ paint, times }: Output, { id, window }: PreparedAdd, where: string): string {
  const { bold, green } = paint;
  return `${bold(green('Added'))}: ${whenText(window, times.text)}, for ${lengthText(window)}, ${functionsText(window)}\n  window  ${id} in ${where}`;
}

async function list(session: Session, { function: functionName }: { readonly function?: string }): Promise<number> {
  const { output } = session;
  const { windows, now, faults, warnings } = await listWindows(session, functionName);
  for (const warning of warnings) output.warn(warning);
  const replays = windows.some(({ replay }) => replay !== undefined);
  output.show({ windows: windows.map(listedJson) }, () =>
    windows.length === 0
      ? 'No windows.'
      : output.table(
          [
            ...['ID', 'PARAMETER', output.times.head('STARTS'), 'LASTS', output.times.head('NEXT')],
            ...['FUNCTIONS', 'REASON', ...(replays ? ['REPLAY'] : [])],
          ],
          windows.map(({ id, parameter, window, replay, standing }) => [
            id,
            parameter.name,
            whenText(window, output.times.cell),
            lengthText(window),
            standingText(standing, output, now),
            functionsText(window),
            reasonText(window),
            ...(replays ? [replayText(replay)] : []),
          ]),
        ),
  );
  return faults[0] ? FAULTS[faults[0].name].exitCode : DONE;
}

function listedJson({ id, parameter, window, replay, standing }: ListedWindow): object {
  return {
    id,
    parameter: parameter.name,
    version: parameter.version,
    ...windowJson(window),
    replay,
    active: standing.kind === 'active',
    ...(standing.kind === 'next' && { next: instantToText(standing.at) }),
  };
}

function standingText(standing: Standing, { paint, times }: Output, now: number): string {
  switch (standing.kind) {
    case 'active':
      return paint.yellow('active');
    case 'next':
      return times.cellFromNow(standing.at, now);
    case 'over':
      return paint.dim('over');
  }
}

async function remove(session: Session, ids: readonly string[], options: EditOptions): Promise<number> {
  const { output } = session;
  await tellEditPlace(session, options);
  const prepared = await prepareRemove(session, ids, options.edit);
  const { draft, removing, active, difference } = prepared;
  const { parameter } = draft;
  const lines = removing.map(
    ({ id, window }) =>
      `  ${id}  ${whenText(window, output.times.text)}, ${functionsText(window)}, ${reasonText(window)}`,
  );
  for (const id of active) {
    output.warn(
      `${id} is active: without it functions run again as soon as they see the edit; to end it, and keep it on record,  ${output.command(['end', id])}`,
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
  const outlook = isWritten ? undefined : await outlookOf(session, prepared, removing);
  output.show(
    {
      written: isWritten,
      parameter,
      version,
      windows: removing.map(({ id, window }) => ({ id, ...windowJson(window) })),
      ...(outlook && outlookJson(outlook)),
      ...difference,
    },
    () =>
      isWritten
        ? `${output.paint.bold('Removed')}: ${counted(removing.length, 'window')} from ${parameter}, version ${version}\n${lines.join('\n')}`
        : wouldChangeText(parameter, version, difference, output, outlook && outlookText(outlook, output)),
  );
  return DONE;
}
