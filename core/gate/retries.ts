import type { Clock, EventStore } from './ports.ts';

/**
 * How late Lambda's own retry of an invocation may come: 6 h after it was sent, unless the function's event invoke
 * configuration says less. Five minutes more are for clocks, and for what takes its time.
 * https://docs.aws.amazon.com/lambda/latest/api/API_FunctionEventInvokeConfig.html, `MaximumEventAgeInSeconds`
 */
export const RETRIED_MS = 6 * 3_600_000 + 5 * 60_000;

/**
 * How long an environment goes by what it knows of the function's retries. Less than the minute that Lambda waits before
 * its first retry: nothing that was stored since can come again before the table is asked anew.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
const KNOWN_MS = 50_000;

/** What one environment knows of the function's stored invocations that Lambda may send again. */
export interface RetryWatch {
  /** Until then an invocation that arrives may be stored already. Epoch milliseconds; -Infinity for never. */
  readonly untilAt: number;
  /** From then on the table is to be asked. Until then {@link untilAt} holds. Epoch milliseconds. */
  readonly staleAt: number;
  /** Until then nothing is asked, because the table did not answer. Epoch milliseconds. */
  readonly pausedUntil: number;
  /** Asks the table, where what is known is old. Concurrent calls share one request. Rejects by `deadlineAt` where it does not tell. */
  refresh(now: number, deadlineAt: number): Promise<void>;
  /** Something was stored here that may come again until then. */
  learn(storedUntilAt: number): void;
  /** The table did not answer: nothing is asked for a while, so that not every invocation pays for that. @returns until when */
  giveUp(now: number): number;
}

/** Makes it, nothing known yet. */
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

  /** Whether the clock has been set back since: no instant is noted that lies further ahead. */
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
