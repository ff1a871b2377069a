import type { Clock } from '../../core/gate/ports.ts';
import type { Timer } from '../../core/replay/timer.ts';
import { monotonicMs } from './time-limit.ts';

/**
 * For durations: the clock that nobody can set, in milliseconds since some instant. It stands still while the machine
 * sleeps, or an environment is frozen.
 */
export const steadyClock: Clock & Timer = { now: monotonicMs, random: Math.random, sleep };

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(over, ms);
    signal?.addEventListener('abort', over);
    function over(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', over);
      resolve();
    }
  });
}
