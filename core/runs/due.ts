import type { EndedMaintenance, Maintenance } from '../calendar/ended.ts';
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
  /** The keys of what was seen to before; absent: nothing was. */
  readonly settled?: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Facts about a function that somebody has to be asked for: one by one, and as few as do. */
export interface DueFacts {
  /** How long its environments keep a reading of the windows, in seconds, and what its own policy says. */
  settings(functionName: string): Promise<{ readonly ttlSeconds: number; readonly replay?: ReplayWords['function'] }>;
  /** Whether something of it is pending that was deferred from one instant on, and before another. Epoch milliseconds. */
  hasPending(functionName: string, span: DeferredSpan): Promise<boolean>;
  /** Whether its reserved concurrency is 0. */
  isShut(functionName: string): Promise<boolean>;
  /** Whether a run is under way that may have its events in hand. */
  isUnderWay(functionName: string): Promise<boolean>;
}

/** When events were deferred: epoch milliseconds. */
export interface DeferredSpan {
  readonly fromAt: number;
  /** Absent: until now. */
  readonly untilAt?: number;
}

/** Whether a run is to be started for what a maintenance left behind. `settled`: the keys of what is seen to, if any is. */
export type Due = {
  readonly settled?: string;
} & (
  | { readonly kind: 'start'; readonly run: DueRun /** Once it is started. */; readonly settledThen: string }
  /** Not yet: it is looked at again. */
  | { readonly kind: 'wait'; readonly why: WhyNotDue }
  /** Nothing is to be done any more, as long as nobody says something else. */
  | { readonly kind: 'settled' }
);

type WhyNotDue = 'active' | 'not-seen' | 'shut' | 'under-way' | 'nothing-pending';

/** A run to be started. */
export interface DueRun {
  /** Of the execution. */
  readonly name: string;
  readonly functionName: string;
  readonly window: DueWindow;
  readonly replay: AutoReplayPlan;
}

/**
 * What is over, and which events that means: those that were deferred from its start on, under windows that began from
 * `underFromAt` on. An event says under which start of windows it was deferred.
 */
export interface DueWindow {
  readonly startAt: number;
  readonly endAt: number;
  /** When the next one began, which has a run of its own; absent where there is none. */
  readonly nextAt?: number;
  /**
   * The start of the earliest maintenance from which on all are replayed by themselves: who did not see at once that one was
   * over deferred under it still. Else `startAt`.
   */
  readonly underFromAt: number;
}

const KEY_DIGITS = 12;
/** Maintenances of one function that are seen to: what is older is left to somebody. The monitor writes their keys each minute. */
const MOST_MAINTENANCES = 10;
/** Storing is tried for 10 s at most, and then the index has to have it. */
const STORED_MS = 20 * SECOND_MS;
/** For so long after that something may still turn up: an environment was frozen, a clock is late. */
const LATE_MS = 10 * MINUTE_MS;

/**
 * Whether a run is due: a maintenance has ended, every environment has seen that, something of it waits, and nothing is in
 * the way. What costs a request is asked last. Each maintenance has a run of its own, one after the other, as each has its
 * own word about what it left.
 */
export async function dueOf(query: DueQuery, facts: DueFacts): Promise<Due> {
  const { functionName, maintenance, parameters } = query;
  if (maintenance.kind === 'active')
    return { kind: 'wait', why: 'active', ...(query.settled !== undefined && { settled: query.settled }) };
  if (maintenance.kind === 'none') return { kind: 'settled' };
  const ended = maintenance.ended.slice(-MOST_MAINTENANCES);
  const before = query.settled?.split(' ') ?? [];
  const settled: string[] = [];
  const replayOf = ({ replays: windows }: EndedMaintenance, own?: ReplayWords['function']) =>
    replayInForce({
      windows,
      ...(own !== undefined && { function: own }),
      ...(parameters !== undefined && { parameters }),
    });

  let isOneEmpty = false;
  for (const [index, one] of ended.entries()) {
    const key = keyOf(one, parameters);
    const isSettled = before.includes(key) || (one.replays.length > 0 && replayOf(one) === 'manual');
    const due = isSettled ? 'settled' : await dueOfOne(one, index);
    if (due === 'settled') settled.push(key);
    else if (due === 'nothing-pending') isOneEmpty = true;
    else if (typeof due === 'string') return { kind: 'wait', why: due, ...keys(settled) };
    else return { kind: 'start', run: due, ...keys(settled), settledThen: [...settled, key].join(' ') };
  }
  return isOneEmpty
    ? { kind: 'wait', why: 'nothing-pending', ...keys(settled) }
    : { kind: 'settled', ...keys(settled) };

  async function dueOfOne(one: EndedMaintenance, index: number): Promise<DueRun | WhyNotDue | 'settled'> {
    const { startAt, endAt } = one;
    const { now } = query;
    if (seenEndAt(query, endAt, 0) > now) return 'not-seen';
    const { ttlSeconds, replay: own } = await facts.settings(functionName);
    const replay = replayOf(one, own);
    if (replay === 'manual') return 'settled';
    const seenEnd = seenEndAt(query, endAt, ttlSeconds);
    if (seenEnd > now) return 'not-seen';
    const nextAt = ended[index + 1]?.startAt;
    const next = nextAt === undefined ? {} : { untilAt: nextAt };
    if (!(await facts.hasPending(functionName, { fromAt: startAt, ...next })))
      return now > seenEnd + LATE_MS ? 'settled' : 'nothing-pending';
    if (await facts.isUnderWay(functionName)) return 'under-way';
    if (await facts.isShut(functionName)) return 'shut';
    const manual = ended.slice(0, index).findLastIndex((earlier) => replayOf(earlier, own) === 'manual');
    const underFromAt = ended[manual + 1]?.startAt ?? startAt;
    const window = { startAt, endAt, ...(nextAt !== undefined && { nextAt }), underFromAt };
    return { name: executionName(functionName, endAt), functionName, window, replay };
  }
}

/** Short: the monitor writes those of all functions each minute. It is another one once somebody says something else. */
function keyOf({ endAt, replays }: EndedMaintenance, parameters: ReplayWords['parameters']): string {
  return sha256Of(JSON.stringify([endAt, replays, parameters])).slice(0, KEY_DIGITS);
}

function keys(settled: readonly string[]): { readonly settled?: string } {
  return settled.length > 0 ? { settled: settled.join(' ') } : {};
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
