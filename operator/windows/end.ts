import { type Occurrence, occurrenceAfter, occurrenceAt } from '../../core/calendar/occurrence.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { seenAt } from '../../core/gate/freshness.ts';
import { fromNow } from '../../core/windows/time-text.ts';
import type { OneOffWindow, Window } from '../../core/windows/window.ts';
import { whenText } from '../../core/windows/window-text.ts';
import { lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';
import {
  commitEdit,
  type Draft,
  type DraftWindow,
  openDraft,
  type Prepared,
  prepareEdit,
  type Written,
} from './draft.ts';
import { type KnownWindows, type PlacedWindow, readWindows, windowsWithId } from './known-windows.ts';
import { slowestTtl } from './quiet-time.ts';

/** Which windows are to end. */
export interface EndRequest {
  /** Each of an active window; none: every active one. */
  readonly ids: readonly string[];
  /** Which of the named parameters; absent: the first. */
  readonly parameter?: string;
}

/** An end that can be written, or that there is nothing to end. */
export type PlannedEnd = PreparedEnd | NothingToEnd;

/** Windows that are about to end. */
export interface PreparedEnd extends Prepared {
  readonly kind: 'prepared';
  readonly ending: readonly EndingWindow[];
}

/** No window of the parameter is active. */
export interface NothingToEnd {
  readonly kind: 'none-active';
  readonly parameter: string;
  readonly elsewhere: StillActive;
}

/** A window that is active, and the occurrence of it that is. */
export interface EndingWindow extends DraftWindow {
  readonly occurrence: Occurrence;
}

/** Windows that have ended. */
export interface Ended extends Written {
  /** When every function has seen it: epoch milliseconds. */
  readonly seenAt: number;
  readonly stillActive: StillActive;
}

/** Windows of all named parameters that are active after an end, as far as they could be read. */
export interface StillActive extends Pick<KnownWindows, 'faults' | 'warnings'> {
  readonly windows: readonly PlacedWindow[];
}

/**
 * Prepares the end of active windows, now by AWS's clock.
 *
 * @throws MaintenanceWindowError as {@link openDraft} and {@link prepareEdit} have it; for an id that means no window, several,
 *   or one that is not active
 */
export async function prepareEnd(operator: Operator, { ids, parameter }: EndRequest): Promise<PlannedEnd> {
  const draft = await openDraft(operator, parameter);
  const now = (await operator.clock()).now();
  const ending = await windowsToEnd(draft, ids, now);
  if (ending.length === 0) {
    return { kind: 'none-active', parameter: draft.parameter, elsewhere: await windowsStillActive(operator) };
  }
  const ended = ending.map(
    async ({ index, window, occurrence }) => [index, await endedWindow(window, occurrence, now)] as const,
  );
  const prepared = await prepareEdit(operator, draft, { replaced: new Map(await Promise.all(ended)) });
  return { kind: 'prepared', ...prepared, ending };
}

/**
 * Writes it, and looks at what is still active. A parameter that cannot be read then is no fault: the windows have ended.
 *
 * @throws MaintenanceWindowError as {@link commitEdit} has it
 */
export async function commitEnd(operator: Operator, prepared: PreparedEnd): Promise<Ended> {
  const lookup = lookUpFunctions(operator, undefined);
  const written = await commitEdit(operator, prepared);
  const stillActive = await windowsStillActive(operator);
  const ttlSeconds = slowestTtl(await lookup, [prepared.draft.parameter]);
  return { ...written, seenAt: seenAt(written.now, ttlSeconds), stillActive };
}

/** Windows to end: those that were named, each of which must be active, or every active one. */
async function windowsToEnd(draft: Draft, ids: readonly string[], now: number): Promise<readonly EndingWindow[]> {
  const named = new Set(ids.flatMap((id) => windowsWithId(draft.windows, id, draft.parameter)));
  const candidates = ids.length > 0 ? [...named] : draft.windows;
  const active: EndingWindow[] = [];
  for (const candidate of candidates) {
    const occurrence = await occurrenceAt(candidate.window, now);
    if (occurrence) active.push({ ...candidate, occurrence });
    else if (ids.length > 0) throw await notActive(candidate.id, candidate.window, now);
  }
  return active;
}

async function notActive(id: string, window: Window, now: number): Promise<MaintenanceWindowError> {
  const next = await occurrenceAfter(window, now);
  const when = next ? `it begins ${fromNow(next.startAt, now)}` : 'it is over';
  return new MaintenanceWindowError(
    'MaintenanceWindow.Usage',
    `${id} (${whenText(window)}) is not active: ${when}; to take it out:  maintenance-window schedule remove ${id}`,
  );
}

/**
 * What stands for an active window once it is ended: the window up to now, which stays so that environments that start
 * later know that one was active; and, of one that recurs, its occurrences from now on.
 */
async function endedWindow(window: Window, { startAt }: Occurrence, now: number): Promise<readonly Window[]> {
  const endAt = Math.max(Math.floor(now / 1_000) * 1_000, startAt + 1);
  if (window.kind === 'one-off') return [{ ...window, endAt }];
  const { reason, functions } = window;
  const past: OneOffWindow = {
    kind: 'one-off',
    startAt,
    endAt,
    ...(reason !== undefined && { reason }),
    ...(functions && { functions }),
  };
  const rest = { ...window, fromAt: endAt };
  const isOver = window.untilAt !== undefined && window.untilAt <= endAt;
  return isOver || !(await occurrenceAfter(rest, now)) ? [past] : [past, rest];
}

/** Windows that are still active. Never rejects for a fault of AWS's, which is reported. */
async function windowsStillActive(operator: Operator): Promise<StillActive> {
  const { windows, faults, warnings } = await readWindows(operator).catch((fault) => {
    if (!(fault instanceof MaintenanceWindowError)) throw fault;
    const warnings = [`whether another window is active is not known: ${fault.message}`];
    return { windows: [], faults: [fault], warnings };
  });
  const now = (await operator.clock()).now();
  const occurrences = await Promise.all(windows.map(({ window }) => occurrenceAt(window, now)));
  return { windows: windows.filter((_, index) => occurrences[index] !== undefined), faults, warnings };
}
