/** A timer this late did not time anything: the process was frozen, or busy loading a handler. */
const LATE_MS = 100;
/** Second wait of a late timer, so that an answer that has arrived is read before the limit is called. */
const SECOND_LOOK_MS = 200;

/**
 * Settles as `work` does, or as `onLimit` does once `limitMs` have passed.
 *
 * After a freeze, or a long stretch of synchronous work, timers fire before sockets are read. So a timer that fires
 * much too late is set once more: the answer may be in the buffer.
 */
export function withinLimit<Value>(work: Promise<Value>, limitMs: number, onLimit: () => Value): Promise<Value> {
  return new Promise((resolve, reject) => {
    const dueAt = monotonicMs() + limitMs;
    let timer = setTimeout(() => {
      if (monotonicMs() - dueAt < LATE_MS) resolve(onLimit());
      else timer = setTimeout(() => resolve(onLimit()), SECOND_LOOK_MS);
    }, limitMs);
    work.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

/** Milliseconds of the clock that nobody can set. Not `performance.now()`: its first use loads a module for a millisecond. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
