import type { ActiveWindow, WindowState } from '../calendar/calendar.ts';
import type { DeferredEvent } from '../events/deferred-event.ts';
import type { Policy } from '../sources/policy.ts';

/**
 * The narrow interfaces between the gate and everything outside it.
 * The gate imports none of their implementations; `host/compose.ts` and the tests bring them.
 */

/** Windows as of the latest reading. A new object for each reading that changed something. */
export interface Reading {
  /** The windows' state at an instant. Pure: it may be asked for any instant. */
  stateAt(now: number): WindowState;
  /** The parameters' policies united, later ones winning key by key. Without the function's own overrides. */
  readonly policy: Policy;
  /**
   * When the windows were last edited, so far as that is known. Where a parameter has never been read, not before this environment
   * started: nobody knows what else was true then. Infinity where an environment that cannot read one counts as under maintenance:
   * another one may be doing so now. Epoch milliseconds; -Infinity for never.
   */
  readonly editedAt: number;
}

/**
 * Source of the windows.
 *
 * ```ts
 * await windows.start();                                       // during INIT
 * if (clock.now() >= windows.staleAt) await windows.refresh(); // before an invocation
 * windows.reading.stateAt(clock.now()).active;                 // under maintenance?
 * ```
 */
export interface WindowSource {
  /** The latest good reading, or what stands in for it where there is none yet. Reading it costs nothing. */
  readonly reading: Reading;
  /** From this instant on (epoch milliseconds) the reading wants {@link refresh}. */
  readonly staleAt: number;
  /** The first read, with retries for up to 5 s. Resolves when it has settled, well or not. Never rejects. */
  start(): Promise<void>;
  /** Reads again. Concurrent calls share one read. Resolves within 1 s whatever happens; never rejects; keeps the last good reading. */
  refresh(): Promise<void>;
}

/** Outcome of a put. `already-stored`: an earlier try of Lambda's stored this request id. */
export type PutOutcome = 'stored' | 'already-stored';

/**
 * Outcome of taking an event back. `absent`: it was never stored. `taken-back`: it is Lambda's own again, and will not
 * be replayed. `done`: it is being replayed, or is finished.
 */
export type TakeBackOutcome = 'absent' | 'taken-back' | 'done';

/**
 * Store of deferred events.
 *
 * ```ts
 * await events.put(event, invocation.deadlineAt - 300); // resolves once DynamoDB has confirmed the write
 * await events.takeBack(invocation.id, deadline);       // Lambda's own retry, after the window
 * await events.retriesUntil(deadline);                  // may there be any?
 * ```
 */
export interface EventStore {
  /** Loads what storing needs (an SDK, a connection). Idempotent; `put` and `takeBack` do it themselves. Never rejects. */
  load(): Promise<void>;
  /**
   * Stores the event whole, or rejects with `MaintenanceWindow.DeferralFailed` by `deadlineAt` (epoch milliseconds).
   * Resolves only once the write is confirmed. An event of this id that was taken back becomes pending again.
   *
   * @param retriedUntilAt until when Lambda may send the invocation again: before the event is there, {@link retriesUntil}
   *   tells of it. Absent where it never does.
   */
  put(event: DeferredEvent, deadlineAt: number, retriedUntilAt?: number): Promise<PutOutcome>;
  /** A consistent look at this id; a pending event moves to `taken-back`. Rejects where the table does not answer by `deadlineAt`. */
  takeBack(id: string, deadlineAt: number): Promise<TakeBackOutcome>;
  /**
   * Time until which Lambda may retry events that this function stored: epoch milliseconds, -Infinity if it stored
   * none. Read consistently. Rejects if the table does not answer by `deadlineAt`.
   */
  retriesUntil(deadlineAt: number): Promise<number>;
}

/** Log entries of the gate and the adapters. Never a byte of an event. */
export type LogEntry =
  | {
      readonly kind: 'deferred';
      readonly id: string;
      readonly source: string;
      /** Index of the policy's rule that had it stored. */
      readonly rule?: number;
      readonly bytes: number;
      readonly outcome: PutOutcome;
      readonly latencyMs: number;
      readonly window: ActiveWindow;
    }
  | {
      readonly kind: 'reject' | 'answer';
      readonly id: string;
      readonly source: string;
      /** Index of the policy's rule that said so. */
      readonly rule?: number;
      /** Of the event. */
      readonly bytes: number;
      readonly window: ActiveWindow;
    }
  | {
      readonly kind: 'deferral-failed';
      readonly id: string;
      readonly source: string;
      readonly bytes: number;
      readonly cause: string;
      readonly window: ActiveWindow;
    }
  | {
      readonly kind: 'taken-back';
      readonly id: string;
      readonly source: string;
      readonly outcome: 'taken-back' | 'done' | 'unknown';
      readonly cause?: string;
      /** Of `unknown`: until then no invocation is looked up. Epoch milliseconds. */
      readonly pausedUntil?: number;
    }
  | { readonly kind: 'window-began'; readonly window: ActiveWindow }
  | { readonly kind: 'window-ended' }
  | {
      readonly kind: 'window-read-failed';
      readonly parameters: readonly string[];
      readonly cause: string;
      readonly firstOfStreak: boolean;
      readonly effect: string;
    }
  | { readonly kind: 'window-missing'; readonly parameters: readonly string[] }
  | { readonly kind: 'window-warning'; readonly cause: string }
  | { readonly kind: 'compile-cache-unused' | 'native-sockets-unused'; readonly cause: string }
  /** The proxy waits since so long, and no runtime has connected to it. */
  | { readonly kind: 'proxy-unused'; readonly seconds: number }
  | {
      readonly kind: 'fault';
      readonly id?: string;
      readonly cause: string;
      /** An invocation inside a window met it: it was neither handled nor, for all that is known, stored. */
      readonly insideWindow?: true;
    };

/** Sink of log entries. Never throws: a log that cannot be written must not cost an event. */
export interface Log {
  write(entry: LogEntry): void;
}

/** Wall-clock time and chance, so that a test can hold both. */
export interface Clock {
  /** Epoch milliseconds. Wall clock, because the monotonic one stops while the environment is frozen. */
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
}
