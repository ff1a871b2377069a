import { steadyClock } from '../../aws/time/steady-clock.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import type { Timer } from '../../core/replay/timer.ts';
import type { Operator } from '../access/operator.ts';
import { remarkOf } from '../access/remedy.ts';
import { sameFunctions } from './changes.ts';
import type { Quiet } from './quiet-time.ts';
import { readStatus, type Status } from './status.ts';

/** What became of a wait. */
export type QuietWait =
  | { readonly kind: 'quiet' | 'timed-out' | 'interrupted'; readonly quiet: Quiet }
  /** Maintenance ends before it is quiet: whoever waits would wait in vain. */
  | { readonly kind: 'ends-first'; readonly quiet: Quiet }
  /** No window is active, or that window is not any more: nothing becomes quiet. */
  | { readonly kind: 'none-active' };

/** What is waited for. */
export interface QuietWaitParts {
  /** Of this function alone. */
  readonly functionName?: string;
  /** Of the functions of this window alone. */
  readonly windowId?: string;
  /** Infinity: however long it takes. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Called with each look: what it waits for. */
  readonly tell: (quiet: Quiet, now: number) => void;
  readonly timer?: Timer;
}

/** A window may end, or be edited, while somebody waits. */
const LOOK_AGAIN_MS = 10_000;
const LEAST_SLEEP_MS = 100;

/**
 * Waits until the functions under maintenance are quiet. Looks at windows and functions again while it waits; a look that
 * fails then is reported, and what was known before holds.
 *
 * @throws MaintenanceWindowError as {@link readStatus}, for the first look and for the one that would end the wait
 */
export async function waitUntilQuiet(operator: Operator, parts: QuietWaitParts): Promise<QuietWait> {
  const { timeoutMs, signal, tell, timer = steadyClock } = parts;
  const beganAt = timer.now();
  const told = new Set<string>();
  let last: Quiet | undefined;
  for (;;) {
    const status = await look(operator, parts, last, told);
    const quiet = status === 'failed' ? last : quietOf(status, parts);
    if (!quiet) return { kind: 'none-active' };
    last = quiet;
    const now = status === 'failed' ? operator.clockSoFar.now() : status.now;
    if (now >= quiet.at) return { kind: 'quiet', quiet };
    if (quiet.overAt !== undefined) return { kind: 'ends-first', quiet };
    const leftMs = timeoutMs - (timer.now() - beganAt);
    if (leftMs <= 0) return { kind: 'timed-out', quiet };
    tell(quiet, now);
    await timer.sleep(Math.max(LEAST_SLEEP_MS, Math.min(quiet.at - now, leftMs, LOOK_AGAIN_MS)), signal);
    if (signal?.aborted) return { kind: 'interrupted', quiet };
  }
}

/** @param told faults that were reported: each once */
async function look(
  operator: Operator,
  { functionName }: QuietWaitParts,
  last: Quiet | undefined,
  told: Set<string>,
): Promise<Status | 'failed'> {
  try {
    return await readStatus(operator, functionName === undefined ? {} : { functionName });
  } catch (fault) {
    const isPassing = fault instanceof MaintenanceWindowError && last && operator.clockSoFar.now() < last.at;
    if (!isPassing) throw fault;
    if (!told.has(fault.message)) operator.remarks.warn({ ...remarkOf(fault), effect: 'it is asked again' });
    told.add(fault.message);
    return 'failed';
  }
}

/** When the last of the meant functions is quiet. Undefined where no such window is active. */
function quietOf({ maintenance, active }: Status, { windowId }: QuietWaitParts): Quiet | undefined {
  const own = active.find(({ id }) => id === windowId);
  if (windowId !== undefined && !own) return undefined;
  const isMeant = (functions: readonly string[] | undefined) => !own || sameFunctions(functions, own.window.functions);
  return maintenance
    .filter(({ functions }) => isMeant(functions))
    .map(({ quiet }) => quiet)
    .sort((a, b) => b.at - a.at)[0];
}
