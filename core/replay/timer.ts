/**
 * Measures durations and waits, by a clock that nobody can set. It stands still while the machine sleeps.
 * `aws/time/steady-clock.ts` has one; a test brings its own.
 */
export interface Timer {
  /** Milliseconds since some instant. */
  now(): number;
  /** Resolves after so many milliseconds, or at once when the signal is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
