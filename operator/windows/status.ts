import { type ActiveWindow, createCalendar } from '../../core/calendar/calendar.ts';
import { occurrenceAt } from '../../core/calendar/occurrence.ts';
import { nextWindows, type Upcoming } from '../../core/calendar/upcoming.ts';
import { coversAll, groupsOf } from '../../core/windows/window-text.ts';
import { lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';
import { type KnownWindows, type PlacedWindow, readWindows } from './known-windows.ts';
import { type Quiet, quietFrom } from './quiet-time.ts';
import { writtenAt } from './written-at.ts';

/** Whether functions are under maintenance at an instant, and what comes after it. */
export interface Status extends Pick<KnownWindows, 'faults' | 'warnings'> {
  /** When it was looked: epoch milliseconds, by AWS's clock. */
  readonly now: number;
  /** The instant that is meant: epoch milliseconds. */
  readonly at: number;
  /** One entry for each set of functions that an active window names; for one function, one entry. */
  readonly maintenance: readonly Maintenance[];
  /** The windows that are active then. */
  readonly active: readonly PlacedWindow[];
  /** The window that begins next after it. */
  readonly next?: Upcoming<PlacedWindow>;
}

/** Functions that are under maintenance, as the windows name them, and for how long. */
export interface Maintenance {
  /** Absent: every function. */
  readonly functions?: readonly string[];
  readonly state: ActiveWindow;
  readonly quiet: Quiet;
}

/** Which instant, and which function, is meant. */
export interface StatusQuery {
  /** Epoch milliseconds; absent: now. */
  readonly at?: number;
  /** Absent: all of them. */
  readonly functionName?: string;
}

/**
 * Reads whether functions are under maintenance.
 *
 * @throws MaintenanceWindowError where no parameter could be read
 */
export async function readStatus(operator: Operator, query: StatusQuery): Promise<Status> {
  const { functionName } = query;
  const { windows, faults, warnings } = await readWindows(operator, functionName);
  const now = (await operator.clock()).now();
  const at = query.at ?? now;
  const active = await activeAt(windows, at);
  const maintenance = await maintenanceAt(operator, windows, active, at, functionName);
  const [next] = await nextWindows(windows, at, 1);
  return { now, at, maintenance, active, ...(next && { next }), faults, warnings };
}

async function activeAt(windows: readonly PlacedWindow[], at: number): Promise<readonly PlacedWindow[]> {
  const occurrences = await Promise.all(windows.map(({ window }) => occurrenceAt(window, at)));
  return windows.filter((_, index) => occurrences[index] !== undefined);
}

/** One entry for each set of functions that an active window names; for one function, one entry. */
async function maintenanceAt(
  operator: Operator,
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
  const lookup = groups.length > 0 ? await lookUpFunctions(operator, unitedGlobs(groups)) : undefined;
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
    const quieting = await Promise.all(
      covering.map(async (placed) => {
        const startAt = (await occurrenceAt(placed.window, at))?.startAt ?? at;
        const editedAt = await writtenAt(operator, placed, startAt);
        return { parameter: placed.parameter.name, startAt, editedAt };
      }),
    );
    const quiet = quietFrom(lookup, functions, quieting, state.endAt);
    found.push({ ...(functions && { functions }), state, quiet });
  }
  return found;
}

function unitedGlobs(groups: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  return groups.includes(undefined) ? undefined : [...new Set(groups.flatMap((globs) => globs ?? []))];
}
