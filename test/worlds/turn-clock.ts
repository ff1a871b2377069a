import { afterEach, beforeEach, vi } from 'vitest';

/** Chances to read what has come, for each step of the clock. A request and its answer within this process take a few. */
const TURNS = 5;
const STEP_MS = 5;

// The machine's own timers: a test replaces the global ones.
const { setTimeout: soon, setImmediate: nextTurn } = globalThis;

/** Other event loops that go by this clock. */
const others = new Set<() => Promise<void>>();

/**
 * Has another process take part: the clock waits for its turns, too, which learns the time at each.
 *
 * @returns ends that
 */
export function takePart(turn: () => Promise<void>): () => void {
  others.add(turn);
  return () => void others.delete(turn);
}

/**
 * Gives each test of a file a clock that goes by turns of the event loop, so that a busy machine breaks no time limit:
 * what client and server of one process say to each other takes the same time by it, however long they have to wait
 * for the CPU. On an idle machine it goes about four times as fast as the one on the wall.
 *
 * It drives the global timers, `AbortSignal.timeout`, `Date`, `performance` and `process.hrtime`.
 * `node:timers/promises` stays with the machine: `pause` of `fakes/scripted-service.ts` follows the test.
 */
export function useTurnClock(): void {
  let stop = () => {};
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance', 'hrtime'],
    });
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(abortAfter);
    let goes = true;
    stop = () => {
      goes = false;
    };
    void go(() => goes);
  });
  afterEach(() => {
    stop();
    vi.mocked(AbortSignal.timeout).mockRestore();
    vi.useRealTimers();
  });
}

function abortAfter(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new DOMException('the time is up', 'TimeoutError')), ms).unref();
  return controller.signal;
}

async function go(goes: () => boolean): Promise<void> {
  while (goes()) {
    for (let turn = 0; turn < TURNS; turn += 1) {
      await new Promise((resolve) => nextTurn(resolve));
      for (const takeTurn of others) await takeTurn();
    }
    await new Promise((resolve) => soon(resolve, 1));
    if (goes()) vi.advanceTimersByTime(STEP_MS);
  }
}
