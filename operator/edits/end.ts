import { type Occurrence, occurrenceAt } from '../../core/calendar/occurrence.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { seenAt } from '../../core/gate/freshness.ts';
import { lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';
import { remarkOf } from '../access/remedy.ts';
import type { Times } from '../times/times.ts';
import { type KnownWindows, type PlacedWindow, readWindows } from '../windows/known-windows.ts';
import { slowestTtl } from '../windows/quiet-time.ts';
import { type ActiveWindow, activeWindows, meantBy, type OverWindow } from './active-windows.ts';
import { commitEdit, type Draft, openDraft, type Prepared, prepareEdit, type Written } from './draft.ts';
import { withEnd } from './set-end.ts';

/** Which windows are to end. */
export interface EndRequest {
  /** Each of an active window; none: every active one. */
  readonly ids: readonly string[];
  /** Why they end. */
  readonly reason?: string;
  /** Which of the named parameters; absent: the first. */
  readonly parameter?: string;
}

/** An end that can be written, or that there is nothing to end. */
export type PlannedEnd = PreparedEnd | NothingToEnd;

/** Windows that are about to end. */
export interface PreparedEnd extends Prepared {
  readonly kind: 'prepared';
  readonly ending: readonly ActiveWindow[];
  /** Windows that were named, and are over. */
  readonly over: readonly OverWindow[];
}

/** No window of the parameter is active, or none of those that were named. */
export interface NothingToEnd {
  readonly kind: 'none-active';
  readonly parameter: string;
  /** Epoch milliseconds, by AWS's clock. */
  readonly now: number;
  /** Windows that were named. */
  readonly over: readonly OverWindow[];
  readonly elsewhere: StillActive;
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
 * @throws MaintenanceWindowError as {@link openDraft}, {@link meantBy} and {@link prepareEdit} have it
 */
export async function prepareEnd(operator: Operator, { ids, reason, parameter }: EndRequest): Promise<PlannedEnd> {
  const draft = await openDraft(operator, parameter);
  const now = (await operator.clock()).now();
  const { ending, over } = await windowsToEnd(draft, ids, now, operator.remarks.times);
  if (ending.length === 0) {
    return {
      kind: 'none-active',
      parameter: draft.parameter,
      now,
      over,
      elsewhere: await windowsStillActive(operator),
    };
  }
  const ended = ending.map(
    async ({ index, window, occurrence }) =>
      [index, await withEnd(window, occurrence, endOf(occurrence, now))] as const,
  );
  const edits = { replaced: new Map(await Promise.all(ended)) };
  const prepared = await prepareEdit(operator, draft, edits, undefined, reason);
  return { kind: 'prepared', ...prepared, ending, over };
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

/** Windows to end: those that were named, or every active one. */
async function windowsToEnd(
  draft: Draft,
  ids: readonly string[],
  now: number,
  times: Times,
): Promise<Pick<PreparedEnd, 'ending' | 'over'>> {
  if (ids.length === 0) return { ending: await activeWindows(draft, now), over: [] };
  const meant = await Promise.all([...new Set(ids)].map((id) => meantBy(draft, id, now, times)));
  const ending = new Map(
    meant.flatMap((one) => (one.kind === 'active' ? [[one.window.index, one.window] as const] : [])),
  );
  return { ending: [...ending.values()], over: meant.flatMap((one) => (one.kind === 'over' ? [one.window] : [])) };
}

/** When a window that ends now ends: in whole seconds, and after its start. */
function endOf({ startAt }: Occurrence, now: number): number {
  return Math.max(Math.floor(now / 1_000) * 1_000, startAt + 1);
}

/** Windows that are still active. Never rejects for a fault of AWS's, which is reported. */
async function windowsStillActive(operator: Operator): Promise<StillActive> {
  const { windows, faults, warnings } = await readWindows(operator).catch((fault) => {
    if (!(fault instanceof MaintenanceWindowError)) throw fault;
    const warnings = [{ ...remarkOf(fault), text: `whether another window is active is not known: ${fault.message}` }];
    return { windows: [], faults: [fault], warnings };
  });
  const now = (await operator.clock()).now();
  const occurrences = await Promise.all(windows.map(({ window }) => occurrenceAt(window, now)));
  return { windows: windows.filter((_, index) => occurrences[index] !== undefined), faults, warnings };
}
