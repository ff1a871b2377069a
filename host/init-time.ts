import { withinLimit } from '../aws/time/time-limit.ts';

/** INIT ends here, counted from the start of the process; Lambda begins it anew then, at the expense of the first invocation. */
const INIT_MS = 10_000;
/** Part of INIT that is kept for the first poll, and for the start of the process. */
const INIT_MARGIN_MS = 700;
/** The least that is waited: an answer that has long arrived is read in it. */
const LEAST_WAIT_MS = 100;

/**
 * Waits for work until INIT's time is up, whatever part of it loading the handler has taken.
 *
 * Source: Lambda developer guide, "Understanding the Lambda execution environment lifecycle". Where a process is older
 * than INIT may become, INIT has no such limit (provisioned concurrency, SnapStart, a second INIT): the work has its own.
 */
export function waitDuringInit(work: Promise<void>): Promise<void> {
  const limitMs = initWaitMs(process.uptime() * 1_000);
  return limitMs === undefined ? work : withinLimit(work, limitMs, () => undefined);
}

/** How long INIT may still wait, in milliseconds, when the process is so old; undefined for no limit. */
export function initWaitMs(ageMs: number): number | undefined {
  return ageMs < INIT_MS ? Math.max(INIT_MS - INIT_MARGIN_MS - ageMs, LEAST_WAIT_MS) : undefined;
}
