import { type Occurrence, occurrenceAfter, occurrenceAt } from '../../core/calendar/occurrence.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { shown } from '../../core/text/shown.ts';
import type { Window } from '../../core/windows/window.ts';
import { whenText } from '../../core/windows/window-text.ts';
import { OperatorFault } from '../access/remedy.ts';
import type { Times } from '../times/times.ts';
import { callerText } from '../windows/caller.ts';
import { isOverSince, sameFunctions } from '../windows/changes.ts';
import { readChanges } from '../windows/history.ts';
import { windowWithId } from '../windows/known-windows.ts';
import type { Draft, DraftWindow } from './draft.ts';

/** A window that is active, and the occurrence of it that is. */
export interface ActiveWindow extends DraftWindow {
  readonly occurrence: Occurrence;
}

/** A window that is over. */
export interface OverWindow {
  readonly id: string;
  readonly window: Window;
  /** Epoch milliseconds; absent where it is not known any more. */
  readonly endedAt?: number;
  /** ARN of whoever ended it; absent: it came to its own end, or that is not known any more. */
  readonly endedBy?: string;
}

/** What an id means for somebody who wants to change an active window. */
export type Meant =
  | { readonly kind: 'active'; readonly window: ActiveWindow }
  | { readonly kind: 'over'; readonly window: OverWindow };

/** Every active window of a parameter. */
export async function activeWindows({ windows }: Draft, now: number): Promise<readonly ActiveWindow[]> {
  const occurrences = await Promise.all(windows.map(({ window }) => occurrenceAt(window, now)));
  return windows.flatMap((window, index) => {
    const occurrence = occurrences[index];
    return occurrence ? [{ ...window, occurrence }] : [];
  });
}

/**
 * The window that an id means: an active one, also by the id of the window whose occurrence it is, set apart; or one that is
 * over, as far as the parameter or its history tells.
 *
 * @throws MaintenanceWindowError for an id that means no window, several, or one that is still to come
 */
export async function meantBy(draft: Draft, id: string, now: number, times: Times): Promise<Meant> {
  const found = await entryOf(draft, id, now, times);
  if (!('index' in found)) return { kind: 'over', window: found };
  const occurrence = await occurrenceAt(found.window, now);
  if (occurrence) return { kind: 'active', window: { ...found, occurrence } };
  const apart = await occurrenceApart(draft, found, now);
  if (apart) return { kind: 'active', window: apart };
  const next = await occurrenceAfter(found.window, now);
  if (!next) return { kind: 'over', window: await overWindow(draft, found) };
  throw new OperatorFault(
    'MaintenanceWindow.Usage',
    `${found.id} (${whenText(found.window, times.text)}) is not active: it begins ${times.fromNow(next.startAt, now)}`,
    { kind: 'remove-window', id: found.id },
  );
}

/**
 * The entry that an id means; or the window that is over and that the parameter does not have any more.
 *
 * @throws MaintenanceWindowError for an id that means no window, or several
 */
export async function entryOf(draft: Draft, id: string, now: number, times: Times): Promise<DraftWindow | OverWindow> {
  const found = findEntry(draft, id);
  return found instanceof MaintenanceWindowError ? goneWindow(draft, id, times, now, found) : found;
}

/** That a window is over: since when, and by whom. */
export function overText({ id, endedAt, endedBy }: OverWindow, now: number, times: Times): string {
  const when = endedAt === undefined ? 'is over' : `ended ${times.fromNow(endedAt, now)}`;
  return endedBy === undefined ? `${id} ${when}` : `${id} ${when}, by ${shown(callerText(endedBy))}`;
}

function findEntry({ windows, parameter }: Draft, id: string): DraftWindow | MaintenanceWindowError {
  try {
    return windowWithId(windows, id, parameter);
  } catch (error) {
    if (error instanceof MaintenanceWindowError && error.name === 'MaintenanceWindow.NotFound') return error;
    throw error;
  }
}

/** The active occurrence of a window that an extension set apart from it. */
async function occurrenceApart(draft: Draft, { window }: DraftWindow, now: number): Promise<ActiveWindow | undefined> {
  if (window.kind === 'one-off') return undefined;
  const { fromAt: _from, untilAt: _until, ...unbound } = window;
  for (const active of await activeWindows(draft, now)) {
    const other = active.window;
    if (other.kind !== 'one-off' || !sameFunctions(other.functions, window.functions)) continue;
    if ((await occurrenceAt(unbound, other.startAt))?.startAt === other.startAt) return active;
  }
  return undefined;
}

/** When and by whom a window was ended that the parameter still has. */
export async function overWindow(draft: Draft, { id, window }: DraftWindow): Promise<OverWindow> {
  const ended = (await readChanges(draft.parameter, draft.versions))
    .flatMap(({ changes, by }) => changes.map((change) => ({ change, by })))
    .findLast(({ change }) => change.kind === 'ended' && (change.id === id || change.occurrenceId === id));
  if (ended?.change.kind === 'ended') {
    const { endAt } = ended.change;
    return { id, window, endedAt: endAt, ...(ended.by !== undefined && { endedBy: ended.by }) };
  }
  return { id, window, ...(window.kind === 'one-off' && { endedAt: window.endAt }) };
}

/** A window that the parameter had once, and that was over when it went. */
async function goneWindow(
  draft: Draft,
  id: string,
  times: Times,
  now: number,
  unknown: MaintenanceWindowError,
): Promise<OverWindow> {
  const changes = await readChanges(draft.parameter, draft.versions);
  const last = changes
    .flatMap(({ changes, at, by }) => changes.map((change) => ({ change, at, by })))
    .findLast(({ change }) => 'id' in change && change.id.startsWith(id));
  if (!last || !('id' in last.change)) throw unknown;
  const { change, at, by } = last;
  if (change.kind === 'cleared' || (await isOverSince(change.window, at))) {
    return overWindow(draft, { id: change.id, window: change.window, index: -1 });
  }
  throw new MaintenanceWindowError(
    'MaintenanceWindow.NotFound',
    `${change.id} is not in ${draft.parameter} any more: ${shown(callerText(by))} took it out ${times.fromNow(at, now)}`,
  );
}
