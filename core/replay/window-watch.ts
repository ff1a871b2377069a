import type { WindowState } from '../calendar/calendar.ts';
import { seenAt } from '../gate/freshness.ts';
import type { Clock } from '../gate/ports.ts';
import type { Timer } from './timer.ts';

/** Why a function has to wait, and until when; absent where that is not known. */
export interface Hold {
  /** A window is active; else somebody edited the windows a moment ago. */
  readonly isActive: boolean;
  readonly why: string;
  /** Epoch milliseconds. */
  readonly untilAt?: number;
}

/** Says which functions have to wait for a window. */
export interface WindowWatch {
  /** Reads the windows again where the reading is old. */
  refresh(): Promise<void>;
  holdOf(functionName: string): Hold | undefined;
}

/** The windows as they are now, and when somebody last edited them. */
export interface WatchedWindows {
  stateAt(functionName: string, now: number): WindowState;
  /** Epoch milliseconds; -Infinity where there is no parameter. */
  readonly editedAt: number;
}

/** How old a reading may be. An edit takes as long to be seen by the functions themselves. */
const READING_MS = 5_000;

export interface WindowWatchParts {
  readonly read: () => Promise<WatchedWindows>;
  /** How long environments of a function keep a reading. */
  readonly ttlSecondsOf: (functionName: string) => number;
  readonly clock: Clock;
  readonly timer: Pick<Timer, 'now'>;
  /** Told where a reading fails after one went well: the last good one stays. */
  readonly onFailure: (fault: unknown) => void;
}

/** No window holds anything up: the handler runs inside them. */
export const NO_WATCH: WindowWatch = { refresh: async () => undefined, holdOf: () => undefined };

/**
 * Watches the windows. A function waits while one that names it is active, and after an edit until every environment can
 * have seen it: the TTL with its jitter, and what a refresh may take.
 *
 * The first reading rejects where it fails.
 */
export function createWindowWatch({ read, ttlSecondsOf, clock, timer, onFailure }: WindowWatchParts): WindowWatch {
  let windows: WatchedWindows | undefined;
  let readAt = { wall: Number.NEGATIVE_INFINITY, steady: Number.NEGATIVE_INFINITY };
  let states = new Map<string, WindowState>();

  return { refresh, holdOf };

  async function refresh(): Promise<void> {
    if (!isOld()) return;
    try {
      windows = await read();
      states = new Map();
    } catch (fault) {
      if (!windows) throw fault;
      onFailure(fault);
    }
    readAt = { wall: clock.now(), steady: timer.now() };
  }

  /** By either clock: one stands still while the machine sleeps, the other one may be set back. */
  function isOld(): boolean {
    return clock.now() - readAt.wall >= READING_MS || timer.now() - readAt.steady >= READING_MS;
  }

  function holdOf(functionName: string): Hold | undefined {
    if (!windows) return undefined;
    const now = clock.now();
    const { active } = stateOf(windows, functionName, now);
    if (active) {
      const { endAt, reason } = active;
      const what = reason === undefined ? 'a maintenance window' : `a maintenance window (${reason})`;
      return {
        isActive: true,
        why: endAt === undefined ? `${what} without a known end is active` : `${what} is active`,
        ...(endAt !== undefined && { untilAt: endAt }),
      };
    }
    const untilAt = seenAt(windows.editedAt, ttlSecondsOf(functionName));
    if (untilAt <= now) return undefined;
    return { isActive: false, why: NOT_SEEN, untilAt };
  }

  function stateOf({ stateAt }: WatchedWindows, functionName: string, now: number): WindowState {
    const known = states.get(functionName);
    if (known && now >= known.validFrom && now < known.validUntil) return known;
    const state = stateAt(functionName, now);
    states.set(functionName, state);
    return state;
  }
}

const NOT_SEEN = 'some environments may not have seen the last edit of the windows yet';
