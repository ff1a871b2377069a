import type { Timer } from '../../core/replay/timer.ts';

/** Time that passes only while everybody waits. */
export interface SimulatedTime {
  readonly timer: Timer;
  /** Epoch milliseconds. */
  now(): number;
  /** Lets time pass until the work is done. */
  during<Value>(work: Promise<Value>): Promise<Value>;
}

interface Alarm {
  readonly atMs: number;
  wake: (() => void) | undefined;
}

/**
 * For code that waits through its {@link Timer} and does no I/O. Whoever wakes at one millisecond, wakes at once.
 *
 * @param beginsAt epoch milliseconds
 */
export function createSimulatedTime(beginsAt: number): SimulatedTime {
  const alarms: Alarm[] = [];
  let elapsedMs = 0;
  return { timer: { now: () => elapsedMs, sleep }, now: () => beginsAt + elapsedMs, during };

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const alarm: Alarm = {
        atMs: elapsedMs + Math.max(1, Math.ceil(ms)),
        wake() {
          alarm.wake = undefined;
          signal?.removeEventListener('abort', wakeUp);
          resolve();
        },
      };
      const wakeUp = () => alarm.wake?.();
      signal?.addEventListener('abort', wakeUp, { once: true });
      push(alarms, alarm);
    });
  }

  async function during<Value>(work: Promise<Value>): Promise<Value> {
    let isDone = false;
    const settled = work.finally(() => {
      isDone = true;
    });
    settled.catch(() => undefined);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve)); // every promise that can go on has gone on by then
      if (isDone) return settled;
      let next = pop(alarms);
      while (next && !next.wake) next = pop(alarms);
      if (!next) throw new Error('everybody waits for nothing');
      elapsedMs = next.atMs;
      for (; next && next.atMs === elapsedMs; next = alarms[0]?.atMs === elapsedMs ? pop(alarms) : undefined)
        next.wake?.();
    }
  }
}

/** A binary heap, the earliest first. */
function push(heap: Alarm[], alarm: Alarm): void {
  let index = heap.push(alarm) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (timeAt(heap, parent) <= alarm.atMs) break;
    heap[index] = heap[parent] as Alarm;
    index = parent;
  }
  heap[index] = alarm;
}

function pop(heap: Alarm[]): Alarm | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (!last || heap.length === 0) return first;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && timeAt(heap, child + 1) < timeAt(heap, child)) child += 1;
    if (timeAt(heap, child) >= last.atMs) break;
    heap[index] = heap[child] as Alarm;
    index = child;
  }
  heap[index] = last;
  return first;
}

function timeAt(heap: readonly Alarm[], index: number): number {
  return heap[index]?.atMs ?? Number.POSITIVE_INFINITY;
}
