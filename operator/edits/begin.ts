import { MaintenanceWindowError } from '../../core/errors.ts';
import type { ReplayPolicy } from '../../core/sources/auto-replay.ts';
import type { OneOffWindow } from '../../core/windows/window.ts';
import { type FunctionLookup, lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';
import type { Times } from '../times/times.ts';
import { type Quiet, quietFrom, readersOf } from '../windows/quiet-time.ts';
import { doubtsOfTimes } from '../windows/warnings.ts';
import { commitEdit, openDraft, type Prepared, prepareEdit, type Written } from './draft.ts';
import { doubtsOfFunctions, notesOfFunctions } from './function-doubts.ts';

/** A window from now on. */
export interface BeginRequest {
  /** For how long, or until when, in epoch milliseconds. */
  readonly end: { readonly lengthMs: number } | { readonly at: number };
  readonly reason?: string;
  /** Globs over names of functions; absent: every function. */
  readonly functions?: readonly string[];
  /** What becomes of its events; absent: as the policy says. */
  readonly replay?: ReplayPolicy;
  /** Which of the named parameters; absent: the first. */
  readonly parameter?: string;
}

/** A window that is about to begin. */
export interface PreparedBegin extends Prepared {
  readonly id: string;
  readonly window: OneOffWindow;
  readonly lookup: FunctionLookup;
  /** Of the functions that are meant, those that may read the parameter, by name. Empty where they are not known. */
  readonly readers: readonly string[];
  /** When it would be quiet, were it written now. */
  readonly quiet: Quiet;
}

/** A window that has begun. */
export interface Begun extends Written {
  readonly quiet: Quiet;
}

/**
 * Prepares a window from now on, by AWS's clock.
 *
 * @throws MaintenanceWindowError as {@link openDraft} and {@link prepareEdit} have it; `MaintenanceWindow.Usage` for an end that is over
 */
export async function prepareBegin(operator: Operator, request: BeginRequest): Promise<PreparedBegin> {
  const { functions, parameter } = request;
  const [draft, lookup] = await Promise.all([openDraft(operator, parameter), lookUpFunctions(operator, functions)]);
  const clock = await operator.clock();
  const window = windowFrom(request, clock.now(), operator.remarks.times);
  const prepared = await prepareEdit(
    operator,
    draft,
    { added: [window] },
    {
      doubts: [
        ...(await doubtsOfTimes(window, clock.now(), operator.remarks.times)),
        ...doubtsOfFunctions(lookup, functions, draft),
      ],
      notes: notesOfFunctions(lookup, functions),
    },
  );
  const quiet = quietOf(lookup, window, draft.parameter, prepared.now);
  const readers = readersOf(lookup, draft.parameter);
  return { ...prepared, id: prepared.windows.at(-1)?.id ?? '', window, lookup, readers, quiet };
}

/**
 * Writes it: from now on the window holds.
 *
 * @throws MaintenanceWindowError as {@link commitEdit} has it
 */
export async function commitBegin(operator: Operator, prepared: PreparedBegin): Promise<Begun> {
  const { lookup, window, draft } = prepared;
  const written = await commitEdit(operator, prepared);
  return { ...written, quiet: quietOf(lookup, window, draft.parameter, written.now) };
}

function quietOf(lookup: FunctionLookup, window: OneOffWindow, parameter: string, editedAt: number): Quiet {
  const { functions, startAt, endAt } = window;
  return quietFrom(lookup, functions, [{ parameter, startAt, editedAt }], endAt);
}

function windowFrom({ end, reason, functions, replay }: BeginRequest, now: number, times: Times): OneOffWindow {
  const startAt = Math.floor(now / 1_000) * 1_000;
  if ('at' in end && end.at <= now) {
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Usage',
      `the end, ${times.fromNow(end.at, now)}, is over already: say a later instant`,
    );
  }
  return {
    kind: 'one-off',
    startAt,
    endAt: 'at' in end ? end.at : startAt + end.lengthMs,
    ...(reason !== undefined && { reason }),
    ...(functions && { functions }),
    ...(replay !== undefined && { replay }),
  };
}
