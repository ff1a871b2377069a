import { occurrenceAfter, occurrenceAt } from '../../core/calendar/occurrence.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import type { Window } from '../../core/windows/window.ts';
import { windowJson } from '../../core/windows/window-text.ts';
import { parseWithReplay } from '../../core/windows/with-replay.ts';
import { type FunctionLookup, lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';
import { type KnownWindows, type PlacedWindow, readWindows, windowWithId } from '../windows/known-windows.ts';
import { doubtsOfTimes } from '../windows/warnings.ts';
import { type DraftWindow, openDraft, type Prepared, prepareEdit } from './draft.ts';
import { doubtsOfFunctions, notesOfFunctions } from './function-doubts.ts';

/** A window that is about to be added. */
export interface PreparedAdd extends Prepared {
  readonly id: string;
  readonly window: Window;
  readonly lookup: FunctionLookup;
}

/** All windows, in the order of the parameters and in each one's own. */
export interface WindowList extends Pick<KnownWindows, 'faults' | 'warnings'> {
  /** When it was looked: epoch milliseconds, by AWS's clock. */
  readonly now: number;
  readonly windows: readonly ListedWindow[];
}

/** A window, and when it is active. */
export interface ListedWindow extends PlacedWindow {
  readonly standing: Standing;
}

/** When a window is active: now, next at an instant (epoch milliseconds), or never again. */
export type Standing =
  | { readonly kind: 'active' }
  | { readonly kind: 'next'; readonly at: number }
  | { readonly kind: 'over' };

/** Windows that are about to be taken out. */
export interface PreparedRemove extends Prepared {
  readonly removing: readonly DraftWindow[];
  /** Ids of those that are active: they end by that, and nothing tells afterwards that they were. */
  readonly active: readonly string[];
}

/**
 * Prepares a window that is to come; `commitEdit` writes it. It goes through the language's own parser, so that there is one rule
 * for all.
 *
 * @param parameter which of the named parameters; absent: the first
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for a window that the language does not have; as `openDraft` and
 *   `prepareEdit` have it
 */
export async function prepareAdd(operator: Operator, asked: Window, parameter?: string): Promise<PreparedAdd> {
  const window = windowOf(asked);
  const { functions } = window;
  const [draft, lookup] = await Promise.all([openDraft(operator, parameter), lookUpFunctions(operator, functions)]);
  const now = (await operator.clock()).now();
  const prepared = await prepareEdit(
    operator,
    draft,
    { added: [window] },
    {
      doubts: [
        ...(await doubtsOfTimes(window, now, operator.remarks.times)),
        ...doubtsOfFunctions(lookup, functions, draft),
      ],
      notes: notesOfFunctions(lookup, functions),
    },
  );
  return { ...prepared, id: prepared.windows.at(-1)?.id ?? '', window, lookup };
}

/**
 * A window as the language's own parser reads it.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for one that the language does not have
 */
export function windowOf(asked: Window): Window {
  const parsed = parseWithReplay(JSON.stringify({ version: 1, windows: [{ id: asked.id, ...windowJson(asked) }] }));
  if (parsed.kind === 'fault')
    throw new MaintenanceWindowError('MaintenanceWindow.Usage', parsed.message.replace(/^windows\[0\]\.?/, ''));
  const [window] = parsed.document.windows;
  if (!window) throw new MaintenanceWindowError('MaintenanceWindow.Fault', 'a document lost its window');
  return window;
}

/**
 * Reads all windows of all named parameters.
 *
 * @param functionName only windows that name it; undefined: all
 * @throws MaintenanceWindowError where no parameter could be read
 */
export async function listWindows(operator: Operator, functionName?: string): Promise<WindowList> {
  const { windows, faults, warnings } = await readWindows(operator, functionName);
  const now = (await operator.clock()).now();
  const listed = windows.map(async (placed) => ({ ...placed, standing: await standingOf(placed.window, now) }));
  return { now, windows: await Promise.all(listed), faults, warnings };
}

async function standingOf(window: Window, now: number): Promise<Standing> {
  if (await occurrenceAt(window, now)) return { kind: 'active' };
  const next = await occurrenceAfter(window, now);
  return next ? { kind: 'next', at: next.startAt } : { kind: 'over' };
}

/**
 * Prepares the removal of windows; `commitEdit` writes it.
 *
 * @param ids as {@link windowWithId} has them
 * @param parameter which of the named parameters; absent: the first
 * @throws MaintenanceWindowError for an id that means no window, or several; as `openDraft` and `prepareEdit` have it
 */
export async function prepareRemove(
  operator: Operator,
  ids: readonly string[],
  parameter?: string,
): Promise<PreparedRemove> {
  const draft = await openDraft(operator, parameter);
  const removing = [...new Set(ids.map((id) => windowWithId(draft.windows, id, draft.parameter)))];
  const replaced = new Map(removing.map(({ index }) => [index, []]));
  const prepared = await prepareEdit(operator, draft, { replaced });
  const occurrences = await Promise.all(removing.map(({ window }) => occurrenceAt(window, prepared.now)));
  const active = removing.filter((_, index) => occurrences[index] !== undefined).map(({ id }) => id);
  return { ...prepared, removing, active };
}
