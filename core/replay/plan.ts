import type { EventRow } from '../events/archive.ts';
import type { EventStatus } from '../events/deferred-event.ts';
import type { FailureLimit } from '../sources/auto-replay.ts';

/** Invocations at once of one replay. */
export const MOST_CONCURRENCY = 500;

/** Plan of a replay: which events, and how. */
export interface ReplayPlan {
  /** Statuses to replay from; finished ones where events are to run again that were named. `unknown` and `replaying` go together: a replay that was cut off is not known. */
  readonly statuses: readonly EventStatus[];
  readonly mode: 'request' | 'event';
  /** Invocations at once. */
  readonly concurrency: number;
  /** Invocations a second; Infinity for no limit. */
  readonly ratePerSecond: number;
  /** At most so many events; Infinity for all. */
  readonly limit: number;
  /** After so many events it waits for all of them, and goes on only where that is agreed. Absent: after none. */
  readonly canary?: number;
  /** One at a time for each order key, in the order of its sequence; a failure holds the rest of its keys. */
  readonly ordered: boolean;
  /** Run the handler inside a window too, and wait for none. */
  readonly duringWindow: boolean;
  /** Of each schedule's missed ticks only the last; the others are discarded. */
  readonly latestPerResource: boolean;
  readonly stopAfter: FailureLimit;
  /** Another version or alias than the one that was invoked. */
  readonly qualifier?: string;
  /** Another function, that gets copies: its name or ARN, with its version or alias. The events stay as they are. */
  readonly to?: string;
}

/** A part of fewer outcomes than this says nothing. */
const LEAST_OUTCOMES = 10;

/** Whether a limit is reached. */
export function isOver(limit: FailureLimit, failures: number, outcomes: number): boolean {
  switch (limit.kind) {
    case 'count':
      return failures >= limit.failures;
    case 'share':
      return outcomes >= LEAST_OUTCOMES && failures * 100 >= limit.percent * outcomes && failures > 0;
  }
}

/** Why a row is left alone; undefined where it is to be replayed. */
export function whyLeft(
  { statuses, to }: ReplayPlan,
  row: EventRow,
  now: number,
): 'not-meant' | 'other-status' | 'leased' | undefined {
  if (row.isAside) return 'not-meant';
  if (!statuses.includes(row.status)) return 'other-status';
  if (to !== undefined) return undefined; // a copy is in nobody's way
  const mayBeAtWork = row.status === 'replaying' || row.status === 'unknown';
  return mayBeAtWork && (row.leaseUntilAt ?? 0) >= now ? 'leased' : undefined;
}
