import { HOUR_MS, MINUTE_MS } from '../units.ts';
import type { Clock, EventStore } from './ports.ts';

/**
 * Longest time until Lambda's retry of an invocation: 6 h, unless the function's event invoke configuration says less.
 * Five minutes more allow for clocks.
 * https://docs.aws.amazon.com/lambda/latest/api/API_FunctionEventInvokeConfig.html, `MaximumEventAgeInSeconds`
 */
export const RETRIED_MS = 6 * HOUR_MS + 5 * MINUTE_MS;

/**
 * Time for which an environment keeps what it knows of the function's retries. Less than the minute before Lambda's
 * first retry, so no event that was stored since can come again before the table is asked anew.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
const KNOWN_MS = 50_000;

/** Knowledge of one environment: which stored invocations Lambda may retry. */
export interface RetryWatch {
  /** Until then an arriving invocation may be stored already. Epoch milliseconds; -Infinity for never. */
  readonly untilAt: number;
  /** The table is asked again from then on. Epoch milliseconds. */
  readonly staleAt: number;
  /** No questions to the table until then, because it did not answer. Epoch milliseconds. */
  readonly pausedUntil: number;
  /**
   * Asks the table if the knowledge is old. Concurrent calls share one request. Rejects by `deadlineAt` without an
   * answer.
   */
  refresh(now: number, deadlineAt: number): Promise<void>;
  /** Notes an event stored by this environment, which Lambda may retry until then. */
  learn(storedUntilAt: number): void;
  /** Pauses questions to a table that did not answer, so that not every invocation pays for it. @returns until when */
  giveUp(now: number): number;
}

/** Creates the watch, without knowledge. */
export function createRetryWatch(events: EventStore, clock: Clock, ttlSeconds: number): RetryWatch {
  const knownMs = Math.min(ttlSeconds * 1_000, KNOWN_MS);
  let untilAt = Number.NEGATIVE_INFINITY;
  let staleAt = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> | undefined;

  return {
    get pausedUntil() {
      return isSetBack(pausedUntil) ? Number.NEGATIVE_INFINITY : pausedUntil;
    },
    get untilAt() {
      return untilAt;
    },
    get staleAt() {
      return isSetBack(staleAt) ? Number.NEGATIVE_INFINITY : staleAt;
    },
    async refresh(now, deadlineAt) {
      if (now < this.staleAt) return;
      underWay ??= ask(now, deadlineAt).finally(() => {
        underWay = undefined;
      });
      await underWay;
    },
    learn(storedUntilAt) {
      untilAt = Math.max(untilAt, storedUntilAt);
    },
    giveUp(now) {
      staleAt = now + knownMs;
      pausedUntil = staleAt;
      return pausedUntil;
    },
  };

  /** Whether the clock was set back: no instant is noted further ahead than that. */
  function isSetBack(notedAt: number): boolean {
    return notedAt > clock.now() + knownMs;
  }

  async function ask(now: number, deadlineAt: number): Promise<void> {
    const toldUntilAt = await events.retriesUntil(deadlineAt);
    untilAt = Math.max(untilAt, toldUntilAt); // and not less than was learnt meanwhile
    // By the time before the answer: what is stored while it is on its way is not in it.
    staleAt = now + knownMs;
  }
}
