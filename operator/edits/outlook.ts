import { type Occurrence, occurrencesFrom } from '../../core/calendar/occurrence.ts';
import { type Upcoming, upcomingOf } from '../../core/calendar/upcoming.ts';
import { globsMeet } from '../../core/text/glob.ts';
import type { Window } from '../../core/windows/window.ts';
import { type FunctionLookup, lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';
import { readWindows } from '../windows/known-windows.ts';
import { readersOf } from '../windows/quiet-time.ts';
import type { Prepared } from './draft.ts';

/** What an edit is about: a window as it will be, or as it was where it goes. */
export interface Concerned {
  readonly id: string;
  readonly window: Window;
  /** Times of it that are meant; absent: the next ones, that which is active among them. */
  readonly times?: readonly Occurrence[];
}

/** What somebody wants to know of an edit before it is written, beside its difference. */
export interface Outlook {
  readonly covers: Covers;
  /** Times of other windows that overlap those of the ones that the edit is about, for some of the same functions; soonest first. */
  readonly meets: readonly Meeting[];
}

/** The functions that the windows name now, and that read the parameter, sorted; or why they are not known. */
export type Covers =
  | { readonly kind: 'known'; readonly names: readonly string[] }
  | { readonly kind: 'unknown'; readonly why: string };

/** A time of another window. */
export type Meeting = Upcoming<{
  readonly id: string;
  readonly window: Window;
  readonly parameter: { readonly name: string };
}>;

/** How many times of a window are looked at. */
export const FORESEEN_TIMES = 5;
const MOST_MEETINGS = 20;

/**
 * Looks ahead of an edit. Never rejects for what may not be asked: functions that are not known are said to be, and windows of
 * other parameters that cannot be read are left out, as `commit` and every list tell of those.
 *
 * @param edit as it was prepared
 * @param concerned the windows that it is about
 * @param lookup what Lambda has told of the functions of those windows already; absent: it is asked
 */
export async function outlookOf(
  operator: Operator,
  { draft, windows, now }: Pick<Prepared, 'draft' | 'windows' | 'now'>,
  concerned: readonly Concerned[],
  lookup?: FunctionLookup,
): Promise<Outlook> {
  const asking = lookup ?? lookUpFunctions(operator, globsOf(concerned));
  const ids = new Set(concerned.map(({ id }) => id));
  const beside = windows
    .filter(({ id }) => !ids.has(id))
    .map(({ id, window }) => ({ id, window, parameter: { name: draft.parameter } }));
  const others = [...beside, ...(await windowsElsewhere(operator, draft.parameter))];
  const meets: Meeting[] = [];
  for (const { window, times } of concerned) {
    const sharing = others.filter((other) => mayShareFunctions(other.window, window));
    for (const time of times ?? (await timesFrom(window, now)))
      for (const other of sharing) meets.push(...(await meetingsWith(other, time)));
  }
  return { covers: coversOf(await asking, draft.parameter), meets: soonest(meets) };
}

/** Globs of all of them; undefined where one is for every function. */
function globsOf(concerned: readonly Concerned[]): readonly string[] | undefined {
  if (concerned.some(({ window }) => !window.functions)) return undefined;
  return [...new Set(concerned.flatMap(({ window: { functions = [] } }) => functions))];
}

function coversOf(lookup: FunctionLookup, parameter: string): Covers {
  if (lookup.kind === 'unknown') return lookup;
  return { kind: 'known', names: readersOf(lookup, parameter) };
}

async function windowsElsewhere(
  operator: Operator,
  parameter: string,
): Promise<readonly Omit<Meeting, 'occurrence'>[]> {
  if (operator.settings.parameters.length < 2) return [];
  const { windows } = await readWindows(operator);
  return windows.filter((placed) => placed.parameter.name !== parameter);
}

async function timesFrom(window: Window, now: number): Promise<readonly Occurrence[]> {
  const times: Occurrence[] = [];
  for (const time of await occurrencesFrom(window, now)) if (times.push(time) === FORESEEN_TIMES) break;
  return times;
}

function mayShareFunctions({ functions: one }: Window, { functions: other }: Window): boolean {
  return !one || !other || one.some((glob) => other.some((another) => globsMeet(glob, another)));
}

/** The first time of another window that overlaps this one. */
async function meetingsWith(
  { id, window, parameter }: Omit<Meeting, 'occurrence'>,
  { startAt, endAt = Number.POSITIVE_INFINITY }: Occurrence,
): Promise<readonly Meeting[]> {
  const [first] = await occurrencesFrom(window, startAt);
  return first && first.startAt < endAt ? [upcomingOf({ id, window, parameter }, first)] : [];
}

/** Each once. */
function soonest(meets: readonly Meeting[]): readonly Meeting[] {
  const keyOf = ({ id, parameter, occurrence }: Meeting) => `${parameter.name} ${id} ${occurrence.startAt}`;
  return [...new Map(meets.map((meeting) => [keyOf(meeting), meeting])).values()]
    .sort((a, b) => a.occurrence.startAt - b.occurrence.startAt)
    .slice(0, MOST_MEETINGS);
}
