import { type Occurrence, occurrenceAfter, occurrenceAt } from '../../core/calendar/occurrence.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import type { ReplayPolicy } from '../../core/sources/auto-replay.ts';
import { SECOND_MS } from '../../core/units.ts';
import { type OneOffWindow, type RecurringWindow, type Window, windowToText } from '../../core/windows/window.ts';
import { lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';
import { OperatorFault } from '../access/remedy.ts';
import type { Doubt } from '../windows/warnings.ts';
import { doubtsOfTimes } from '../windows/warnings.ts';
import { entryOf, overText, overWindow } from './active-windows.ts';
import {
  commitEdit,
  type Draft,
  type DraftWindow,
  openDraft,
  type Prepared,
  prepareEdit,
  type Said,
  type Written,
} from './draft.ts';
import { doubtsOfFunctions, notesOfFunctions } from './function-doubts.ts';
import { windowOf } from './schedule.ts';
import { setApart } from './set-end.ts';

/** A window that can be edited. */
export interface Editable {
  readonly draft: Draft;
  readonly editing: DraftWindow;
  /** The occurrence of it that is active. */
  readonly occurrence?: Occurrence;
}

/** What an edit changes of any window. What is absent stays; null takes it away. */
interface CommonEdit {
  readonly reason?: string | null;
  /** Globs over names of functions; null: every function. */
  readonly functions?: readonly string[] | null;
  /** What becomes of its events; null: as the policy says. */
  readonly replay?: ReplayPolicy | null;
}

/** What an edit changes of a window that comes once. */
export interface OneOffEdit extends CommonEdit {
  readonly kind: 'one-off';
  /** Epoch milliseconds. */
  readonly startAt?: number;
  /** When it ends, in epoch milliseconds, or for how long it lasts from its start. */
  readonly end?: { readonly at: number } | { readonly lengthMs: number };
}

/** What an edit changes of a window that comes again. */
export interface RecurringEdit extends CommonEdit {
  readonly kind: 'recurring';
  readonly schedule?: string;
  readonly timezone?: string;
  readonly durationMs?: number;
  /** Epoch milliseconds. */
  readonly fromAt?: number | null;
  /** Epoch milliseconds. */
  readonly untilAt?: number | null;
}

export type WindowEdit = OneOffEdit | RecurringEdit;

/** An edit that can be written, or that the window is as the edit would make it. */
export type PlannedScheduleEdit = PreparedScheduleEdit | { readonly kind: 'same'; readonly now: number };

/** An edited window, before it is written. */
export interface PreparedScheduleEdit extends Prepared, Editable {
  readonly kind: 'prepared';
  readonly draft: Draft;
  readonly window: Window;
  /** Id of the entry that the active occurrence has from now on, which the edit leaves as it is. */
  readonly occurrenceId?: string;
}

/**
 * Finds the window that is to be edited.
 *
 * @param id as `windowWithId` has it
 * @param parameter which of the named parameters; absent: the first
 * @throws MaintenanceWindowError as {@link openDraft} and {@link entryOf} have it; `MaintenanceWindow.Usage` for a window that came once
 *   and is over
 */
export async function findEditable(operator: Operator, id: string, parameter?: string): Promise<Editable> {
  const { times } = operator.remarks;
  const draft = await openDraft(operator, parameter);
  const now = (await operator.clock()).now();
  const found = await entryOf(draft, id, now, times);
  const isOver = !('index' in found) || (found.window.kind === 'one-off' && found.window.endAt <= now);
  if (isOver) {
    const over = 'index' in found ? await overWindow(draft, found) : found;
    throw new OperatorFault('MaintenanceWindow.Usage', overText(over, now, times), { kind: 'begin-anew' });
  }
  const occurrence = await occurrenceAt(found.window, now);
  return { draft, editing: found, ...(occurrence && { occurrence }) };
}

/**
 * Prepares an edit of a window, which keeps its id. Of a window that comes again and is active, the edit is for the times to come: the
 * occurrence becomes an entry of its own wherever the edit would change it.
 *
 * @param edit of the kind that the window is
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for a window that the language does not have, and for times of an active
 *   window that are over; as {@link prepareEdit} has it
 */
export async function prepareScheduleEdit(
  operator: Operator,
  { draft, editing, occurrence }: Editable,
  edit: WindowEdit,
): Promise<PlannedScheduleEdit> {
  const now = (await operator.clock()).now();
  const { index, id, window: before } = editing;
  const asked = windowOf({ ...edited(before, edit), ...(before.id !== undefined && { id: before.id }) });
  if (windowToText(asked) === windowToText(before)) return { kind: 'same', now };
  if (occurrence && asked.kind === 'one-off') refuseOtherStart(operator, editing, asked, now);
  const entries =
    occurrence && asked.kind === 'recurring' ? await leavingActive(before, asked, occurrence, now) : [asked];
  const window = entries.at(-1) ?? asked;
  const [apart] = entries.slice(0, -1);
  const said = await saidOf(operator, { draft, editing, ...(occurrence && { occurrence }) }, edit, window, now);
  const prepared = await prepareEdit(operator, draft, { replaced: new Map([[index, entries]]) }, said);
  const found = apart && prepared.windows.find((one) => one.id !== id && isSame(one.window, apart));
  return {
    ...prepared,
    kind: 'prepared',
    editing,
    ...(occurrence && { occurrence }),
    window,
    ...(found && { occurrenceId: found.id }),
  };
}

/**
 * Writes it, unless the window has begun or ended since it was prepared.
 *
 * @throws MaintenanceWindowError as {@link commitEdit} has it; `MaintenanceWindow.Conflict` where it began or ended meanwhile
 */
export async function commitScheduleEdit(operator: Operator, prepared: PreparedScheduleEdit): Promise<Written> {
  const { editing, occurrence } = prepared;
  const now = (await operator.clock()).now();
  const current = await occurrenceAt(editing.window, now);
  if (current?.startAt !== occurrence?.startAt) {
    throw new OperatorFault(
      'MaintenanceWindow.Conflict',
      `${editing.id} ${current ? 'began' : 'ended'} meanwhile: nothing was written`,
      { kind: 'look-first', isWritten: false },
    );
  }
  return commitEdit(operator, prepared);
}

/** The window with what the edit says, not looked at yet. */
function edited(window: Window, edit: WindowEdit): Window {
  const { reason = window.reason, functions = window.functions, replay = window.replay } = edit;
  const common = {
    ...(reason !== undefined && reason !== null && { reason }),
    ...(functions && { functions }),
    ...(replay !== undefined && replay !== null && { replay }),
  };
  if (window.kind === 'one-off' && edit.kind === 'one-off') return { ...oneOffTimes(window, edit), ...common };
  if (window.kind === 'recurring' && edit.kind === 'recurring') return { ...recurringTimes(window, edit), ...common };
  throw new MaintenanceWindowError('MaintenanceWindow.Fault', `a ${window.kind} window and an edit of another kind`);
}

function oneOffTimes(window: OneOffWindow, { startAt = window.startAt, end }: OneOffEdit): OneOffWindow {
  const endAt = end === undefined ? window.endAt : 'at' in end ? end.at : startAt + end.lengthMs;
  return { kind: 'one-off', startAt, endAt };
}

function recurringTimes(window: RecurringWindow, edit: RecurringEdit): RecurringWindow {
  const { schedule = window.schedule, timezone = window.timezone, durationMs = window.durationMs } = edit;
  const { fromAt = window.fromAt, untilAt = window.untilAt } = edit;
  return {
    kind: 'recurring',
    schedule,
    timezone,
    durationMs,
    ...(typeof fromAt === 'number' && { fromAt }),
    ...(typeof untilAt === 'number' && { untilAt }),
  };
}

/** What began cannot begin at another time, and what is over cannot end at one. */
function refuseOtherStart(
  { remarks: { times } }: Operator,
  { id, window }: DraftWindow,
  { startAt, endAt }: OneOffWindow,
  now: number,
): void {
  if (window.kind !== 'one-off') return;
  const ending = { kind: 'end-window', id } as const;
  if (startAt !== window.startAt) {
    const text = `${id} has begun, ${times.fromNow(window.startAt, now)}, and its start stays`;
    throw new OperatorFault('MaintenanceWindow.Usage', text, ending);
  }
  if (endAt > now) return;
  const text = `the end of ${id}, ${times.fromNow(endAt, now)}, would be over`;
  throw new OperatorFault('MaintenanceWindow.Usage', text, ending);
}

/** The edited window; before it, the active occurrence as it is, where the edit would change that. */
async function leavingActive(
  before: Window,
  asked: RecurringWindow,
  occurrence: Occurrence,
  now: number,
): Promise<readonly Window[]> {
  const { startAt, endAt } = occurrence;
  const current = await occurrenceAt(asked, now);
  const isLeft = current?.startAt === startAt && current.endAt === endAt && sameGlobs(before, asked);
  // One without an end has no entry of its own.
  if (isLeft || endAt === undefined) return [asked];
  const soonest = Math.ceil(now / SECOND_MS) * SECOND_MS;
  const fromAt = Math.max(soonest, asked.fromAt ?? soonest);
  const apart = setApart(before, startAt, endAt);
  const isOver = asked.untilAt !== undefined && asked.untilAt <= fromAt;
  const rest = { ...asked, fromAt };
  return !isOver && (await occurrenceAfter(rest, fromAt - 1)) ? [apart, rest] : [apart];
}

/** Doubts and notes about what the edit changes, and about nothing else. */
async function saidOf(
  operator: Operator,
  { draft, editing, occurrence }: Editable,
  edit: WindowEdit,
  window: Window,
  now: number,
): Promise<Said> {
  const { times } = operator.remarks;
  const isActive = occurrence !== undefined;
  const after = await occurrenceAt(window, now);
  const doubts: Doubt[] = [];
  if (hasTimes(edit)) doubts.push(...(await doubtsOfTimes(window, now, times, isActive ? 'stored' : 'draft')));
  if (isActive && occurrence.endAt === undefined && !after)
    doubts.push(runAgain(`${editing.id} is active, and would not be`));
  if (edit.functions === undefined) return { doubts, notes: [] };
  if (after && isActive && !keepsGlobs(editing.window, window)) {
    doubts.push(runAgain(`${editing.id} is active, and would no longer name all that it names`));
  }
  const globs = edit.functions ?? undefined;
  const lookup = await lookUpFunctions(operator, globs);
  return {
    doubts: [...doubts, ...doubtsOfFunctions(lookup, globs, draft)],
    notes: notesOfFunctions(lookup, globs),
  };
}

function runAgain(what: string): Doubt {
  return { text: `${what}: those functions run again as soon as they see the edit` };
}

function hasTimes(edit: WindowEdit): boolean {
  const { kind: _kind, reason: _reason, functions: _functions, replay: _replay, ...times } = edit;
  return Object.values(times).some((value) => value !== undefined);
}

function sameGlobs(one: Window, other: Window): boolean {
  return keepsGlobs(one, other) && keepsGlobs(other, one);
}

/** Whether a window names all that it did. */
function keepsGlobs({ functions: before }: Window, { functions: after }: Window): boolean {
  return !after || (before?.every((glob) => after.includes(glob)) ?? false);
}

function isSame(one: Window, other: Window): boolean {
  return windowToText(one) === windowToText(other);
}
