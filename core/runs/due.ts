import type { Maintenance } from '../calendar/ended.ts';
import { sha256Of } from '../events/body.ts';
import { seenAt } from '../gate/freshness.ts';
import { type AutoReplayPlan, type ReplayWords, replayInForce } from '../sources/auto-replay.ts';
import { MINUTE_MS, SECOND_MS } from '../units.ts';

/** What is known of a function before anybody is asked about it. */
export interface DueQuery {
  readonly functionName: string;
  readonly maintenance: Maintenance;
  /** What the policy of the parameters says. */
  readonly parameters?: ReplayWords['parameters'];
  /** When the last of the window parameters was written: epoch milliseconds. */
  readonly editedAt: number;
  /** The key of what was seen to before; absent: nothing was. */
  readonly settled?: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Facts about a function that somebody has to be asked for: one by one, and as few as do. */
export interface DueFacts {
  /** How long its environments keep a reading of the windows, in seconds, and what its own policy says. */
  settings(functionName: string): Promise<{ readonly ttlSeconds: number; readonly replay?: ReplayWords['function'] }>;
  /** Whether something of it is pending. */
  hasPending(functionName: string): Promise<boolean>;
  /** Whether its reserved concurrency is 0. */
  isShut(functionName: string): Promise<boolean>;
  /** Whether a run is under way that may have its events in hand. */
  isUnderWay(functionName: string): Promise<boolean>;
}

/** Whether a run is to be started for what a maintenance left behind. */
export type Due =
  /** Once it is started, the key is what is settled. */
  | { readonly kind: 'start'; readonly run: DueRun; readonly key: string }
  /** Not yet: it is looked at again. */
  | { readonly kind: 'wait'; readonly why: 'active' | 'not-seen' | 'shut' | 'under-way' | 'nothing-pending' }
  /** Nothing is to be done any more, as long as nobody says something else. */
  | { readonly kind: 'settled'; readonly key?: string };

/** A run to be started. */
export interface DueRun {
  /** Of the execution. */
  readonly name: string;
  readonly functionName: string;
  readonly window: { readonly startAt: number; readonly endAt: number };
  readonly replay: AutoReplayPlan;
}

const KEY_DIGITS = 12;
/** Storing is tried for 10 s at most, and then the index has to have it. */
const STORED_MS = 20 * SECOND_MS;
/** For so long after that something may still turn up: an environment was frozen, a clock is late. */
const LATE_MS = 10 * MINUTE_MS;

/**
 * Whether a run is due: the maintenance has ended, every environment has seen that, something waits, and nothing is in the
 * way. What costs a request is asked last.
 */
export async function dueOf(query: DueQuery, facts: DueFacts): Promise<Due> {
  const { functionName, maintenance, now, parameters } = query;
  if (maintenance.kind === 'active') return { kind: 'wait', why: 'active' };
  if (maintenance.kind === 'none') return { kind: 'settled' };
  const { startAt, endAt, replays: windows } = maintenance.ended;
  // Short: the monitor writes those of all functions each minute.
  const key = sha256Of(JSON.stringify([endAt, windows, parameters])).slice(0, KEY_DIGITS);
  const words = { windows, ...(parameters !== undefined && { parameters }) };
  if (query.settled === key) return { kind: 'settled', key };
  if (windows.length > 0 && replayInForce(words) === 'manual') return { kind: 'settled', key };
  if (seenEndAt(query, endAt, 0) > now) return { kind: 'wait', why: 'not-seen' };
  const { ttlSeconds, replay: own } = await facts.settings(functionName);
  const replay = replayInForce({ ...words, ...(own !== undefined && { function: own }) });
  if (replay === 'manual') return { kind: 'settled', key };
  const seenEnd = seenEndAt(query, endAt, ttlSeconds);
  if (seenEnd > now) return { kind: 'wait', why: 'not-seen' };
  if (!(await facts.hasPending(functionName))) {
    return now > seenEnd + LATE_MS ? { kind: 'settled', key } : { kind: 'wait', why: 'nothing-pending' };
  }
  if (await facts.isUnderWay(functionName)) return { kind: 'wait', why: 'under-way' };
  if (await facts.isShut(functionName)) return { kind: 'wait', why: 'shut' };
  const name = executionName(functionName, endAt);
  return { kind: 'start', key, run: { name, functionName, window: { startAt, endAt }, replay } };
}

/**
 * The name of the execution that replays what a maintenance left behind: the same whenever it is asked, so that it starts
 * once. No two maintenances of a function end in one second. Step Functions takes 80 letters, digits, `-` and `_`; a
 * function's name has 64 at most.
 * Source: AWS Step Functions API reference, "StartExecution".
 *
 * @param endAt epoch milliseconds
 */
export function executionName(functionName: string, endAt: number): string {
  const digits = new Date(endAt).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  return `${functionName}-${digits}`;
}

function seenEndAt({ editedAt }: DueQuery, endAt: number, ttlSeconds: number): number {
  return Math.max(endAt, seenAt(editedAt, ttlSeconds)) + STORED_MS;
}
