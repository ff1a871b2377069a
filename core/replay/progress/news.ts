import type { EventRow } from '../../events/archive.ts';

import type { Advice, Advised } from './advice.ts';
import type { Waiting } from './waits.ts';

/** Progress of a replay. Never a byte of an event. */
export type ReplayNews =
  | EventNews
  /** The replay has a record from now on, by which others see, pause and cancel it. */
  | { readonly kind: 'recorded'; readonly runId: string }
  /** It goes on without one. */
  | { readonly kind: 'unrecorded' }
  /** A function, or all of the replay, has to wait; told within 5 s, and again each minute until it goes on. */
  | ({ readonly kind: 'waiting' } & Waiting)
  /**
   * From now on events go at this rate (Infinity: at none any more), so many milliseconds of its ramp gone, which begins at
   * a tenth of it. Without a rate never told.
   */
  | { readonly kind: 'pace'; readonly ratePerSecond: number; readonly rampedMs: number }
  /** All of the canary has ended. What comes next is being asked, or the replay goes on, or `stopped` comes. */
  | { readonly kind: 'canary-ended'; readonly counts: ReplayCounts }
  /** Each of these events has a record that comes before one of the next: they go in the order of deferral. */
  | { readonly kind: 'out-of-sequence'; readonly functionName: string; readonly ids: readonly string[] }
  /** Nothing more of this function is replayed. */
  | ({ readonly kind: 'stopped'; readonly functionName?: string } & Advised);

/** Outcome of one event. */
export interface EventNews {
  readonly kind: 'event';
  readonly row: EventRow;
  readonly outcome: EventOutcome;
  /** Of an outcome that was sent: which attempt it was, from 1. */
  readonly attempt?: number;
  /** Whether it was not known what became of the attempt before: the function may have run twice. */
  readonly mayHaveRunBefore?: boolean;
  readonly error?: string;
  /** About the error. */
  readonly advice?: Advice;
  /** Whether it failed because it cannot be read: the function is not at fault. */
  readonly damaged?: boolean;
  /** The id of the event that holds what stays of a batch. */
  readonly rest?: string;
  readonly warning?: string;
  /** Time from the claim to the outcome. */
  readonly tookMs?: number;
}

/**
 * `replayed`, `accepted`, `failed`, `unknown`: as the event's status is now. `discarded`: a later tick of its schedule is
 * there. `refused`: it did not run, and would not the next time. `held`: an event before it in one of its order keys is not done.
 * `leased`: somebody else had it, and has told no outcome yet. `taken`: somebody else has it, or has dealt with it. `released`: the run ended first.
 */
export type EventOutcome =
  | 'replayed'
  | 'accepted'
  | 'failed'
  | 'unknown'
  | 'discarded'
  | 'refused'
  | 'held'
  | 'leased'
  | 'taken'
  | 'released';

/** Outcomes after which something is left to do. */
const UNDONE: readonly EventOutcome[] = ['failed', 'unknown', 'refused', 'held', 'leased', 'released'];

/** Whether something is left to do after a replay that came to its end. */
export function isAnyUndone(counts: ReplayCounts): boolean {
  return UNDONE.some((outcome) => counts[outcome] > 0);
}

/** How many events came to what. */
export type ReplayCounts = Readonly<Record<EventOutcome, number>>;

/** Counts of nothing yet. */
export function noCounts(): Record<EventOutcome, number> {
  return {
    replayed: 0,
    accepted: 0,
    failed: 0,
    unknown: 0,
    discarded: 0,
    refused: 0,
    held: 0,
    leased: 0,
    taken: 0,
    released: 0,
  };
}
