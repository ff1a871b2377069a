import { occurrenceAfter, occurrenceAt } from '../../../core/calendar/occurrence.ts';
import { nextWindows } from '../../../core/calendar/upcoming.ts';
import { FAULTS, MaintenanceWindowError } from '../../../core/errors.ts';
import { counted } from '../../../core/text/shown.ts';
import { durationToText } from '../../../core/windows/duration.ts';
import { instantToText } from '../../../core/windows/instant.ts';
import { fromNow } from '../../../core/windows/time-text.ts';
import { parseWindows, type Window } from '../../../core/windows/window.ts';
import { functionsText, lengthText, reasonText, whenText, windowJson } from '../../../core/windows/window-text.ts';
import { lookUpFunctions } from '../../access/function-lookup.ts';
import { openDraft } from '../../windows/draft.ts';
import { type PlacedWindow, readWindows, windowId, windowsWithId } from '../../windows/known-windows.ts';
import { doubtsOfFunctions, doubtsOfTimes } from '../../windows/warnings.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { confirmed, type Session } from '../session.ts';
import { durationValue, functionGlobs, functionNameValue, instantValue, timezoneValue } from '../values.ts';
import { commitDraft } from './commit.ts';
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
  const window = windowFrom(expression, options);
  const [draft, lookup] = await Promise.all([
    openDraft(session, options.edit),
    lookUpFunctions(session, window.functions),
  ]);
  const clock = await session.clock();
  const doubts = [
    ...(await doubtsOfTimes(window, clock.now())),
    ...doubtsOfFunctions(lookup, window.functions, draft, output),
  ];
  const committed = await commitDraft(session, draft, { added: [window] }, options, doubts);
  if (committed.kind === 'declined') return NOT_ALL_DONE;

  const { kind, version, difference } = committed;
  const now = clock.now();
  const id = windowId(window);
  const next = await nextWindows([{ id, window }], now, SHOWN_OCCURRENCES);
  output.show(
    {
      written: kind === 'written',
      parameter: draft.parameter,
      version,
      window: { id, ...windowJson(window) },
      next: next.map(upcomingJson),
      ...difference,
    },
    () =>
      kind === 'written'
        ? addedText(session, id, window, next, `${draft.parameter}, version ${version}`, now)
        : `${draft.parameter}, version ${version}, would change:\n${differenceText(difference, output)}`,
  );
  return DONE;
}

/** The window that the words describe. It goes through the language's own parser, so that there is one rule for all. */
function windowFrom(expression: string | undefined, options: AddOptions): Window {
  const entry = expression === undefined ? onceEntry(options) : scheduleEntry(expression, options);
  const { reason, function: functions } = options;
  const parsed = parseWindows(JSON.stringify({ version: 1, windows: [{ ...entry, reason, functions }] }));
  if (parsed.kind === 'fault') throw usage(parsed.message.replace(/^windows\[0\]\.?/, ''));
  const [window] = parsed.document.windows;
  if (!window) throw new MaintenanceWindowError('MaintenanceWindow.Fault', 'a document lost its window');
  return window;
}

function onceEntry({ start, end, for: lengthMs, timezone, from, until }: AddOptions): object {
  if (start === undefined)
    throw usage("say when: --start INSTANT for once, or an expression such as 'cron(0 2 ? * SUN *)'");
  if (timezone !== undefined || from !== undefined || until !== undefined) {
    throw usage(
      '--timezone, --from and --until go with an expression: leave them out, or say --end for when the window ends',
    );
  }
  if ((end === undefined) === (lengthMs === undefined)) throw usage('say how long: one of --for and --end');
  return { start: instantToText(start), end: instantToText(end ?? start + (lengthMs ?? 0)) };
}

function scheduleEntry(expression: string, { start, end, for: lengthMs, timezone, from, until }: AddOptions): object {
  if (start !== undefined || end !== undefined)
    throw usage('--start and --end go without an expression: with one, say --from and --until');
  if (lengthMs === undefined) throw usage('say how long: --for DURATION');
  return {
    schedule: expression,
    timezone,
    duration: durationToText(lengthMs),
    from: from === undefined ? undefined : instantToText(from),
    until: until === undefined ? undefined : instantToText(until),
  };
}

function addedText(
  { output }: Session,
  id: string,
  window: Window,
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
  const { windows, faults, warnings } = await readWindows(session, functionName);
  for (const warning of warnings) output.warn(warning);
  const now = (await session.clock()).now();
  const rows = await Promise.all(windows.map(async (placed) => ({ placed, when: await standing(placed, now) })));
  output.show(
    {
      windows: rows.map(({ placed: { id, parameter, window }, when }) => ({
        id,
        parameter: parameter.name,
        ...windowJson(window),
        active: when.kind === 'active',
        ...(when.kind === 'next' && { next: instantToText(when.at) }),
      })),
    },
    () =>
      rows.length === 0
        ? 'No windows.'
        : output.table(
            ['ID', 'PARAMETER', 'STARTS', 'LASTS', 'NEXT', 'FUNCTIONS', 'REASON'],
            rows.map(({ placed: { id, parameter, window }, when }) => [
              id,
              parameter.name,
              whenText(window),
              lengthText(window),
              standingText(when, output, now),
              functionsText(window),
              reasonText(window),
            ]),
          ),
  );
  return faults[0] ? FAULTS[faults[0].name].exitCode : DONE;
}

type Standing =
  | { readonly kind: 'active' }
  | { readonly kind: 'next'; readonly at: number }
  | { readonly kind: 'over' };

async function standing({ window }: PlacedWindow, now: number): Promise<Standing> {
  if (await occurrenceAt(window, now)) return { kind: 'active' };
  const next = await occurrenceAfter(window, now);
  return next ? { kind: 'next', at: next.startAt } : { kind: 'over' };
}

function standingText(when: Standing, { paint }: Session['output'], now: number): string {
  switch (when.kind) {
    case 'active':
      return paint.yellow('active');
    case 'next':
      return fromNow(when.at, now);
    case 'over':
      return paint.dim('over');
  }
}

async function remove(session: Session, ids: readonly string[], options: EditOptions): Promise<number> {
  const { output } = session;
  const draft = await openDraft(session, options.edit);
  const chosen = [...new Set(ids.flatMap((id) => windowsWithId(draft.windows, id, draft.parameter)))];
  const lines = chosen.map(
    ({ id, window }) => `  ${id}  ${whenText(window)}, ${functionsText(window)}, ${reasonText(window)}`,
  );
  await warnOfActive(session, chosen);
  if (!options.dryRun) {
    const question = `Take ${counted(chosen.length, 'window')} out of ${draft.parameter}?`;
    if (session.isInteractive && !options.yes) output.note('about to go:', ...lines);
    if (!(await confirmed(session, options.yes, question))) return NOT_ALL_DONE;
  }
  const replaced = new Map(chosen.map(({ index }) => [index, []]));
  const committed = await commitDraft(session, draft, { replaced }, { ...options, yes: true }, []);
  if (committed.kind === 'declined') return NOT_ALL_DONE;

  const { kind, version, difference } = committed;
  output.show(
    {
      written: kind === 'written',
      parameter: draft.parameter,
      version,
      windows: chosen.map(({ id, window }) => ({ id, ...windowJson(window) })),
      ...difference,
    },
    () =>
      kind === 'written'
        ? `${output.paint.bold('Removed')}: ${counted(chosen.length, 'window')} from ${draft.parameter}, version ${version}\n${lines.join('\n')}`
        : `${draft.parameter}, version ${version}, would change:\n${differenceText(difference, output)}`,
  );
  return DONE;
}

/** It ends by that, and nothing tells afterwards that it was. */
async function warnOfActive(
  session: Session,
  chosen: readonly { readonly id: string; readonly window: Window }[],
): Promise<void> {
  const now = (await session.clock()).now();
  for (const { id, window } of chosen) {
    if (!(await occurrenceAt(window, now))) continue;
    session.output.warn(
      `${id} is active: without it functions run again as soon as they see the edit; to end it, and keep it on record,  maintenance-window end ${id}`,
    );
  }
}

function usage(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Usage', message);
}
