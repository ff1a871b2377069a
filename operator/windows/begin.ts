import { MaintenanceWindowError } from '../../core/errors.ts';
import { fromNow } from '../../core/windows/time-text.ts';
import type { OneOffWindow } from '../../core/windows/window.ts';
import { type FunctionLookup, lookUpFunctions } from '../access/function-lookup.ts';
import type { Operator } from '../access/operator.ts';
import { commitEdit, openDraft, type Prepared, prepareEdit, type Written } from './draft.ts';
import { windowId } from './known-windows.ts';
import { type Quiet, quietFrom } from './quiet-time.ts';
import { doubtsOfFunctions, doubtsOfTimes, notesOfFunctions } from './warnings.ts';

/** A window from now on. */
export interface BeginRequest {
  /** For how long, or until when, in epoch milliseconds. */
  readonly end: { readonly lengthMs: number } | { readonly at: number };
  readonly reason?: string;
  /** Globs over names of functions; absent: every function. */
  readonly functions?: readonly string[];
  /** Which of the named parameters; absent: the first. */
  readonly parameter?: string;
}

/** A window that is about to begin. */
export interface PreparedBegin extends Prepared {
  readonly id: string;
  readonly window: OneOffWindow;
  readonly lookup: FunctionLookup;
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
  const window = windowFrom(request, clock.now());
  const prepared = await prepareEdit(
    operator,
    draft,
    { added: [window] },
    {
      doubts: [...(await doubtsOfTimes(window, clock.now())), ...doubtsOfFunctions(lookup, functions, draft)],
      notes: notesOfFunctions(lookup, functions),
    },
  );
  const quiet = quietFrom(lookup, functions, [draft.parameter], window.startAt, prepared.now);
  return { ...prepared, id: windowId(window), window, lookup, quiet };
}

/**
 * Writes it: from now on the window holds.
 *
 * @throws MaintenanceWindowError as {@link commitEdit} has it
 */
export async function commitBegin(operator: Operator, prepared: PreparedBegin): Promise<Begun> {
  const { lookup, window, draft } = prepared;
  const written = await commitEdit(operator, prepared);
  return { ...written, quiet: quietFrom(lookup, window.functions, [draft.parameter], window.startAt, written.now) };
}

function windowFrom({ end, reason, functions }: BeginRequest, now: number): OneOffWindow {
  const startAt = Math.floor(now / 1_000) * 1_000;
  if ('at' in end && end.at <= now) {
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Usage',
      `the end, ${fromNow(end.at, now)}, is over already: say a later instant`,
    );
  }
  return {
    kind: 'one-off',
    startAt,
    endAt: 'at' in end ? end.at : startAt + end.lengthMs,
    ...(reason !== undefined && { reason }),
    ...(functions && { functions }),
  };
}
