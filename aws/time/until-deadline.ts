import type { Clock } from '../../core/gate/ports.ts';

/** No answer is waited for longer: a connection that hangs must not eat the time in which a new one would do. */
const ATTEMPT_LIMIT_MS = 5_000;
/** Below this an attempt is not worth its request. */
const ATTEMPT_LEAST_MS = 100;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** What `setTimeout` can wait for. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Time was up. Its `cause` is the latest fault that another attempt might have got over, where there was one. */
export class TimeUpError extends Error {
  override readonly name = 'TimeUpError';
}

/** Sends a request, with retries after faults that may pass, until it has an answer or the time is up. */
export type Attempt = <T>(request: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/**
 * Runs work until a deadline. Afterwards nothing goes on: requests and pauses are cut off as soon as the work has
 * settled, well or not. Each attempt gets half of the time that is left, 5 s at most; pauses between attempts have full
 * jitter, up to 2 s.
 *
 * @param clock in it the deadline is told
 * @param deadlineAt of that clock, milliseconds
 * @param mayPass whether a fault may be gone at the next attempt
 * @throws the work's fault, or {@link TimeUpError}
 */
export async function untilDeadline<T>(
  clock: Clock,
  deadlineAt: number,
  mayPass: (fault: unknown) => boolean,
  work: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  let latest: unknown;
  return limited(leftMs(), undefined, (signal) =>
    work(async (request) => {
      for (let tries = 0; ; tries++) {
        try {
          return await limited(Math.min(ATTEMPT_LIMIT_MS, Math.max(ATTEMPT_LEAST_MS, leftMs() / 2)), signal, request);
        } catch (fault) {
          if (signal.aborted || !(fault instanceof TimeUpError || mayPass(fault))) throw fault;
          latest = fault;
        }
        await pause(clock.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries), signal);
      }
    }),
  ).catch((fault) => {
    throw fault instanceof TimeUpError ? new TimeUpError('time is up', { cause: latest }) : fault;
  });

  function leftMs(): number {
    return deadlineAt - clock.now();
  }
}

/**
 * Runs what takes a signal. Rejects and aborts it once `limitMs` are over or `outer` is aborted; a fault of one request
 * aborts the rest of the work.
 */
function limited<T>(
  limitMs: number,
  outer: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (limitMs <= 0 || outer?.aborted) throw new TimeUpError('no time is left');
    const controller = new AbortController();
    const stop = () => {
      reject(new TimeUpError(`no answer within ${Math.round(limitMs)} ms`));
      controller.abort();
    };
    // After a freeze, or a handler that held the event loop, timers fire before sockets are read: an answer that has
    // come meanwhile is let in first. (A write whose answer is missed all the same is found by its writeId.)
    const timer = setTimeout(() => setImmediate(stop), Math.min(limitMs, LONGEST_TIMER_MS));
    outer?.addEventListener('abort', stop, { once: true });
    run(controller.signal)
      .finally(() => {
        clearTimeout(timer);
        outer?.removeEventListener('abort', stop);
      })
      .then(resolve, (fault) => {
        reject(fault);
        controller.abort();
      });
  });
}

/** Rejects where the signal is aborted meanwhile. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new TimeUpError('no time is left'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
