import type { Clock } from '../../../core/gate/ports.ts';
import type { Timer } from '../../../core/replay/timer.ts';

/** Time that goes on only where everything waits for it: hours take as long as what happens in them. */
export interface SimulatedTime extends Clock, Timer {
  now(): number;
  /** Lets time pass until the work has settled, and gives back what it came to. */
  during<Value>(work: Promise<Value>): Promise<Value>;
  /** Lets so many milliseconds pass, with all that happens in them. */
  pass(ms: number): Promise<void>;
}

/** More rounds of the event loop than any chain of promises between two sleeps has. */
const ROUNDS = 4;

export function createSimulatedTime(startAt = Date.parse('2026-11-29T20:00:00Z')): SimulatedTime {
  let now = startAt;
  const sleeping = new Map<() => void, number>();
  return {
    now: () => now,
    random: () => 0.5,
    sleep(ms, signal) {
      return new Promise((resolve) => {
        const over = () => {
          sleeping.delete(over);
          signal?.removeEventListener('abort', over);
          resolve();
        };
        if (signal?.aborted) return resolve();
        signal?.addEventListener('abort', over);
        sleeping.set(over, now + Math.max(0, ms));
      });
    },
    async during(work) {
      let isOver = false;
      const settled = () => {
        isOver = true;
      };
      work.then(settled, settled);
      while (await hasLeft(() => isOver)) wakeNext(Number.POSITIVE_INFINITY);
      return work;
    },
    async pass(ms) {
      const untilAt = now + ms;
      do await rest();
      while (wakeNext(untilAt));
      now = untilAt;
    },
  };

  async function hasLeft(isOver: () => boolean): Promise<boolean> {
    await rest();
    if (!isOver() && sleeping.size === 0) throw new Error('it waits for something that no time brings');
    return !isOver();
  }

  async function rest(): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) await new Promise(setImmediate);
  }

  /** Wakes whoever sleeps the shortest, of those that do not sleep longer than that. */
  function wakeNext(untilAt: number): boolean {
    const wakesAt = Math.min(...sleeping.values());
    if (sleeping.size === 0 || wakesAt > untilAt) return false;
    now = Math.max(now, wakesAt);
    for (const [over, at] of [...sleeping]) if (at <= now) over();
    return true;
  }
}
