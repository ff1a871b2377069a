import type { ReplayPolicy } from '../../../core/sources/auto-replay.ts';
import { functionsText, lengthText, whenText, windowJson } from '../../../core/windows/window-text.ts';
import { type Concerned, outlookOf } from '../../edits/outlook.ts';
import {
  commitScheduleEdit,
  type Editable,
  findEditable,
  type OneOffEdit,
  type PreparedScheduleEdit,
  prepareScheduleEdit,
  type RecurringEdit,
  type WindowEdit,
} from '../../edits/schedule-edit.ts';
import type { TypedTime } from '../../times/typed-time.ts';
import { type AddNoun, usage } from '../command.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import type { Output } from '../terminal/output.ts';
import { durationValue, functionGlobs, replayValue, timeAhead } from '../values.ts';
import { changedFields } from '../windows/change-text.ts';
import { commit } from './commit.ts';
import { type EditOptions, REPLAY_MEANING, refuseEmptyReason, takesEdits, tellEditPlace } from './edit-options.ts';
import { showPlannedWindow } from './planned-window.ts';

/** False stands for what is to be taken away. */
interface ScheduleEditOptions extends EditOptions {
  readonly start?: TypedTime;
  readonly end?: TypedTime;
  /** Milliseconds. */
  readonly for?: number;
  readonly from?: TypedTime | false;
  readonly until?: TypedTime | false;
  readonly reason?: string | false;
  /** Globs. */
  readonly function?: readonly string[] | false;
  readonly replay?: ReplayPolicy | false;
}

/** `schedule edit`: another time, reason or other functions of a window. */
export const addScheduleEdit: AddNoun = (schedule, acting) => {
  const command = schedule
    .command('edit')
    .description('change a window: what is not named stays as it is, and so does its id')
    .argument('<id>', 'the window, as schedule list shows it')
    .argument('[expression]', 'of one that comes again: when it starts, with --timezone where')
    .option('--start <time>', 'of a window that comes once: when it starts', timeAhead)
    .option('--end <time>', 'of a window that comes once: when it ends, instead of --for', timeAhead)
    .option('--for <duration>', 'how long: 2h, 90m, 1h30', durationValue)
    .option('--from <time>', 'of one that comes again: nothing starts before', timeAhead)
    .option('--no-from', 'take that limit away')
    .option('--until <time>', 'of one that comes again: nothing starts from then on', timeAhead)
    .option('--no-until', 'take that limit away')
    .option('--reason <text>', 'why: shown to operators, in logs, and to direct callers')
    .option('--no-reason', 'take the reason away')
    .option('--function <globs...>', 'only these functions: names, with * and ?', functionGlobs)
    .option('--no-function', 'for every function')
    .option('--replay <how>', REPLAY_MEANING, replayValue)
    .option('--no-replay', 'as the policy says')
    .action(acting(edit));
  withExamples(
    takesEdits(command),
    "schedule edit 3f9a1c --reason 'database upgrade CHG-1043'",
    "schedule edit 3f9a1c --start 'sunday 23:00' --for 3h",
    "schedule edit 77b0d2 'cron(0 3 ? * SUN *)' --timezone Europe/Rome",
    'schedule edit 77b0d2 --until 2027-12-31 --no-function',
  );
};

async function edit(
  session: Session,
  id: string,
  expression: string | undefined,
  options: ScheduleEditOptions,
): Promise<number> {
  const { output, settings } = session;
  refuseWrongWords(expression, options, settings.timezone);
  await tellEditPlace(session, options);
  const editable = await findEditable(session, id, options.edit);
  const prepared = await prepareScheduleEdit(
    session,
    editable,
    await typedEdit(session, editable, expression, options),
  );
  if (prepared.kind === 'same') return tellSame(output, editable);
  const committed = await commit(session, prepared, options, commitScheduleEdit);
  if (committed.kind === 'declined') return NOT_ALL_DONE;

  const { editing, window, occurrenceId } = prepared;
  await showPlannedWindow(output, prepared, committed, {
    id: editing.id,
    window,
    ...(committed.kind === 'dry-run' && { outlook: await outlookOf(session, prepared, concernedBy(prepared)) }),
    more: { before: windowJson(editing.window), occurrenceId },
    text: (where) => editedText(output, prepared, where),
  });
  return DONE;
}

/** Of an active window that comes again: the entry of its own that this time has, too. */
function concernedBy({ editing, window, occurrenceId, windows }: PreparedScheduleEdit): readonly Concerned[] {
  return [{ id: editing.id, window }, ...windows.filter(({ id }) => id === occurrenceId)];
}

function refuseWrongWords(
  expression: string | undefined,
  options: ScheduleEditOptions,
  timezone: string | undefined,
): void {
  const { edit: _edit, dryRun: _dryRun, yes: _yes, ...changes } = options;
  const said = [expression, timezone, ...Object.values(changes)].some((value) => value !== undefined);
  if (!said) throw usage('say what to change: its times, --reason, --function or --replay; --help has all');
  if (options.end !== undefined && options.for !== undefined)
    throw usage('--end and --for both say when it ends: say one of them');
  if (options.reason !== false) refuseEmptyReason(options.reason);
}

/** What the words change of the window. Which instants they mean is asked for once they fit the window. */
async function typedEdit(
  session: Session,
  editable: Editable,
  expression: string | undefined,
  options: ScheduleEditOptions,
): Promise<WindowEdit> {
  const { window } = editable.editing;
  const { reason, function: functions, replay } = options;
  const times =
    window.kind === 'one-off'
      ? await typedOnce(session, editable, expression, options)
      : await typedRecurring(session, editable, expression, options);
  return {
    ...times,
    ...(reason !== undefined && { reason: reason === false ? null : reason }),
    ...(functions !== undefined && { functions: functions === false ? null : functions }),
    ...(replay !== undefined && { replay: replay === false ? null : replay }),
  };
}

async function typedOnce(
  { instantOf }: Session,
  { editing: { id, window } }: Editable,
  expression: string | undefined,
  { start, end, for: lengthMs, from, until }: ScheduleEditOptions,
): Promise<OneOffEdit> {
  if (expression !== undefined || from !== undefined || until !== undefined) {
    throw usage(`${id} comes once: say --start, --end or --for, and no expression, --from or --until`);
  }
  const startAt = start && (await instantOf(start));
  const comesAfter = startAt ?? (window.kind === 'one-off' ? window.startAt : undefined);
  const endAt = end && (await instantOf(end, comesAfter === undefined ? {} : { after: comesAfter }));
  return {
    kind: 'one-off',
    ...(startAt !== undefined && { startAt }),
    ...(endAt !== undefined && { end: { at: endAt } }),
    ...(lengthMs !== undefined && { end: { lengthMs } }),
  };
}

async function typedRecurring(
  { instantOf, settings: { timezone } }: Session,
  { editing: { id } }: Editable,
  schedule: string | undefined,
  { start, end, for: durationMs, from, until }: ScheduleEditOptions,
): Promise<RecurringEdit> {
  if (start !== undefined || end !== undefined) {
    throw usage(`${id} comes again: say an expression, --for, --from or --until, and neither --start nor --end`);
  }
  const limit = (typed: TypedTime | false | undefined) =>
    typed ? instantOf(typed) : typed === false ? null : undefined;
  const [fromAt, untilAt] = [await limit(from), await limit(until)];
  return {
    kind: 'recurring',
    ...(schedule !== undefined && { schedule }),
    ...(timezone !== undefined && { timezone }),
    ...(durationMs !== undefined && { durationMs }),
    ...(fromAt !== undefined && { fromAt }),
    ...(untilAt !== undefined && { untilAt }),
  };
}

function tellSame(output: Output, { draft, editing: { id, window } }: Editable): number {
  const { parameter, base } = draft;
  output.show(
    { written: false, parameter, version: base.version, window: { id, ...windowJson(window) } },
    () => `${id} says that already: nothing was written`,
  );
  return DONE;
}

function editedText(
  { paint, times }: Output,
  { editing, window, occurrenceId }: PreparedScheduleEdit,
  where: string,
): string {
  const { bold, green } = paint;
  return [
    `${bold(green('Edited'))}: ${whenText(window, times.text)}, for ${lengthText(window)}, ${functionsText(window)}`,
    `  window  ${editing.id} in ${where}`,
    `  changed ${changedFields(editing.window, window)}`,
    ...(occurrenceId === undefined ? [] : [`  active  as ${occurrenceId}, which goes on as it was`]),
  ].join('\n');
}
