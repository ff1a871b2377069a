import { MaintenanceWindowError } from '../../core/errors.ts';
import type { Window } from '../../core/windows/window.ts';
import { whenText } from '../../core/windows/window-text.ts';
import type { Operator } from '../access/operator.ts';
import { OperatorFault } from '../access/remedy.ts';
import type { Times } from '../times/times.ts';
import { doubtsOfTimes } from '../windows/warnings.ts';
import { type ActiveWindow, activeWindows, meantBy, overText } from './active-windows.ts';
import { commitEdit, type Draft, openDraft, type Prepared, prepareEdit, type Written } from './draft.ts';
import { withEnd } from './set-end.ts';

/** Which window is to last longer. */
export interface ExtendRequest {
  /** Absent: the one that is active. */
  readonly id?: string;
  /** By how much longer, or until when, in epoch milliseconds. */
  readonly end: { readonly byMs: number } | { readonly at: number };
  /** Which of the named parameters; absent: the first. */
  readonly parameter?: string;
}

/** An extension that can be written. */
export interface PreparedExtend extends Prepared {
  readonly extending: ActiveWindow;
  /** Epoch milliseconds, both. */
  readonly endAt: number;
  readonly wasEndAt: number;
  /** Of a window that comes again: the id of the entry that its occurrence has from now on. */
  readonly occurrenceId?: string;
}

/**
 * Prepares a later end of a window that is active, by AWS's clock. Of one that comes again, this occurrence alone lasts longer.
 *
 * @throws MaintenanceWindowError as {@link openDraft}, {@link meantBy} and {@link prepareEdit} have it; `MaintenanceWindow.Usage` for a
 *   window that is over, for an end that is not later, and where several are active and none is named; `MaintenanceWindow.NotFound`
 *   where none is
 */
export async function prepareExtend(
  operator: Operator,
  { id, end, parameter }: ExtendRequest,
): Promise<PreparedExtend> {
  const { times } = operator.remarks;
  const draft = await openDraft(operator, parameter);
  const now = (await operator.clock()).now();
  const extending =
    id === undefined ? await onlyActive(draft, end, now, times) : await activeNamed(draft, id, now, times);
  const { index, window, occurrence } = extending;
  const wasEndAt = occurrence.endAt;
  if (wasEndAt === undefined) {
    throw new MaintenanceWindowError('MaintenanceWindow.Usage', `${extending.id} has no end, which could be later`);
  }
  const endAt = 'at' in end ? end.at : wasEndAt + end.byMs;
  refuseShorter(extending.id, endAt, wasEndAt, now, times);
  const entries = await withEnd(window, occurrence, endAt);
  const doubts = await doubtsOfTimes(lasting(occurrence.startAt, endAt), now, times, 'stored');
  const prepared = await prepareEdit(operator, draft, { replaced: new Map([[index, entries]]) }, { doubts, notes: [] });
  const apart =
    entries.length > 1 ? prepared.windows.find((one) => isFrom(one.window, occurrence.startAt, endAt)) : undefined;
  return { ...prepared, extending, endAt, wasEndAt, ...(apart && { occurrenceId: apart.id }) };
}

/**
 * Writes it, unless the window has ended since it was prepared.
 *
 * @throws MaintenanceWindowError as {@link commitEdit} has it; `MaintenanceWindow.Conflict` where it ended meanwhile
 */
export async function commitExtend(operator: Operator, prepared: PreparedExtend): Promise<Written> {
  const { extending, wasEndAt } = prepared;
  const now = (await operator.clock()).now();
  if (now >= wasEndAt) {
    throw new OperatorFault(
      'MaintenanceWindow.Conflict',
      `${extending.id} ended meanwhile, ${operator.remarks.times.fromNow(wasEndAt, now)}: nothing was written`,
      { kind: 'begin-anew' },
    );
  }
  return commitEdit(operator, prepared);
}

async function activeNamed(draft: Draft, id: string, now: number, times: Times): Promise<ActiveWindow> {
  const meant = await meantBy(draft, id, now, times);
  if (meant.kind === 'active') return meant.window;
  throw new OperatorFault('MaintenanceWindow.Usage', overText(meant.window, now, times), { kind: 'begin-anew' });
}

async function onlyActive(draft: Draft, end: ExtendRequest['end'], now: number, times: Times): Promise<ActiveWindow> {
  const active = await activeWindows(draft, now);
  const [only, ...others] = active;
  if (!only) {
    throw new OperatorFault('MaintenanceWindow.NotFound', `no window of ${draft.parameter} is active`, {
      kind: 'begin-anew',
    });
  }
  if (others.length === 0) return only;
  const which = active.map((one) => `${one.id} (${whenText(one.window, times.text)})`).join(', ');
  throw new OperatorFault('MaintenanceWindow.Usage', `several windows are active: ${which}`, {
    kind: 'name-window',
    ids: active.map((one) => one.id),
    end,
  });
}

function refuseShorter(id: string, endAt: number, wasEndAt: number, now: number, times: Times): void {
  if (endAt > wasEndAt) return;
  const how = endAt === wasEndAt ? 'then already' : `later already, ${times.fromNow(wasEndAt, now)}`;
  throw new OperatorFault('MaintenanceWindow.Usage', `${id} ends ${how}: an extension makes a window longer`, {
    kind: 'end-window',
    id,
  });
}

function lasting(startAt: number, endAt: number): Window {
  return { kind: 'one-off', startAt, endAt };
}

function isFrom(window: Window, startAt: number, endAt: number): boolean {
  return window.kind === 'one-off' && window.startAt === startAt && window.endAt === endAt;
}
