import { type ActiveWindow, createCalendar } from '../../../core/calendar/calendar.ts';
import { occurrenceAt } from '../../../core/calendar/occurrence.ts';
import { nextWindows } from '../../../core/calendar/upcoming.ts';
import { FAULTS } from '../../../core/errors.ts';
import { instantToText } from '../../../core/windows/instant.ts';
import { fromNow } from '../../../core/windows/time-text.ts';
import {
  coversAll,
  functionsText,
  groupsOf,
  instantOrUndefined,
  reasonText,
  whenText,
  windowJson,
} from '../../../core/windows/window-text.ts';
import { lookUpFunctions } from '../../access/function-lookup.ts';
import { type PlacedWindow, readWindows } from '../../windows/known-windows.ts';
import { type Quiet, quietFrom } from '../../windows/quiet-time.ts';
import { writtenAt } from '../../windows/written-at.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE } from '../exit-code.ts';
import type { Session } from '../session.ts';
import { functionNameValue, instantValue } from '../values.ts';
import { quietText } from './quiet-text.ts';
import { type Coming, upcomingJson } from './upcoming-text.ts';

interface StatusOptions {
  /** Epoch milliseconds. */
  readonly at?: number;
  readonly function?: string;
}

/** Functions that are under maintenance, as the windows name them, and for how long. */
interface Maintenance {
  /** Absent: every function. */
  readonly functions?: readonly string[];
  readonly state: ActiveWindow;
  readonly quiet: Quiet;
}

/** `status`: whether functions are under maintenance, since when, until when and why. */
export const addStatus: AddNoun = (program, acting) => {
  const command = program
    .command('status')
    .description('say whether functions are under maintenance: since when, until when, why')
    .option('--at <instant>', 'at another time than now: 2026-11-21T04:00:00Z', instantValue)
    .option('--function <name>', 'for this function alone', functionNameValue)
    .action(acting(status));
  withExamples(command, 'status', 'status --function orders-api', 'status --at 2027-01-16T23:00:00Z -o json');
};

async function status(session: Session, { at, function: functionName }: StatusOptions): Promise<number> {
  const { output } = session;
  const { windows, faults, warnings } = await readWindows(session, functionName);
  for (const warning of warnings) output.warn(warning);
  const now = (await session.clock()).now();
  const instant = at ?? now;
  const active = await activeAt(windows, instant);
  const maintenance = await maintenanceAt(session, windows, active, instant, functionName);
  const [next] = await nextWindows(windows, instant, 1);
  output.show(
    {
      at: instantToText(instant),
      active: active.length > 0,
      maintenance: maintenance.map(maintenanceJson),
      windows: active.map(({ id, parameter, window }) => ({ id, parameter: parameter.name, ...windowJson(window) })),
      next: next && upcomingJson(next),
    },
    () => statusText(session, { at: instant, now }, maintenance, active, next, functionName),
  );
  return faults[0] ? FAULTS[faults[0].name].exitCode : DONE;
}

async function activeAt(windows: readonly PlacedWindow[], at: number): Promise<readonly PlacedWindow[]> {
  const occurrences = await Promise.all(windows.map(({ window }) => occurrenceAt(window, at)));
  return windows.filter((_, index) => occurrences[index] !== undefined);
}

/** One entry for each set of functions that an active window names; for one function, one entry. */
async function maintenanceAt(
  session: Session,
  windows: readonly PlacedWindow[],
  active: readonly PlacedWindow[],
  at: number,
  functionName: string | undefined,
): Promise<readonly Maintenance[]> {
  const groups =
    functionName === undefined
      ? groupsOf(active.map(({ window }) => window))
      : active.length > 0
        ? [[functionName]]
        : [];
  const lookup = groups.length > 0 ? await lookUpFunctions(session, unitedGlobs(groups)) : undefined;
  const found: Maintenance[] = [];
  for (const functions of groups) {
    const covers = ({ window }: PlacedWindow) => functionName !== undefined || coversAll(window, functions);
    const calendar = await createCalendar(
      windows.filter(covers).map(({ window }) => ({ ...window, functions: ['*'] })),
      '',
    );
    const state = calendar.stateAt(at).active;
    if (!state || !lookup) continue;
    const covering = active.filter(covers);
    const quiets = await Promise.all(
      covering.map(async (placed) => {
        const startAt = (await occurrenceAt(placed.window, at))?.startAt ?? at;
        const editedAt = await writtenAt(session, placed, startAt);
        return quietFrom(lookup, functions, [placed.parameter.name], startAt, editedAt);
      }),
    );
    const quiet = quiets.sort((a, b) => a.at - b.at)[0];
    if (quiet) found.push({ ...(functions && { functions }), state, quiet });
  }
  return found;
}

function unitedGlobs(groups: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  return groups.includes(undefined) ? undefined : [...new Set(groups.flatMap((globs) => globs ?? []))];
}

function statusText(
  { output }: Session,
  { at, now }: { readonly at: number; readonly now: number },
  maintenance: readonly Maintenance[],
  active: readonly PlacedWindow[],
  next: Coming | undefined,
  functionName: string | undefined,
): string {
  const { bold, green, yellow } = output.paint;
  const isNow = at === now;
  const about = [...(functionName === undefined ? [] : [functionName]), ...(isNow ? [] : [`at ${fromNow(at, now)}`])];
  if (maintenance.length === 0) {
    return [[bold(green('Not under maintenance')), ...about].join(' '), ...nextLines(next, at)].join('\n');
  }
  return [
    ...(isNow ? [] : [`At ${fromNow(at, now)}:`]),
    ...maintenance.flatMap(({ functions, state, quiet }) => [
      `${bold(yellow('Under maintenance'))}: ${functionsText({ ...(functions && { functions }) })}`,
      `  since   ${fromNow(state.startAt, at)}`,
      `  until   ${state.endAt === undefined ? 'further notice: no end of the windows is in sight' : fromNow(state.endAt, at)}`,
      `  reason  ${reasonText(state)}`,
      `  ${quietText(quiet, at)}`,
    ]),
    '',
    output.table(
      ['ID', 'PARAMETER', 'WINDOW', 'FUNCTIONS', 'REASON'],
      active.map(({ id, parameter, window }) => [
        id,
        parameter.name,
        whenText(window),
        functionsText(window),
        reasonText(window),
      ]),
    ),
  ].join('\n');
}

function nextLines(next: Coming | undefined, at: number): readonly string[] {
  if (!next) return ['  next    none'];
  const { id, window, occurrence, note } = next;
  return [
    `  next    ${fromNow(occurrence.startAt, at)}, ${functionsText(window)}, ${reasonText(window)} (${id})`,
    ...(note === undefined ? [] : [`  note    ${note}`]),
  ];
}

function maintenanceJson({ functions, state, quiet }: Maintenance): object {
  return {
    functions,
    since: instantToText(state.startAt),
    until: instantOrUndefined(state.endAt),
    reason: state.reason,
    quietFrom: instantToText(quiet.at),
    quietBecause: quiet.why,
  };
}
