import type { EventRow } from '../events/archive.ts';

import type { Clock } from '../gate/ports.ts';
import type { RunControls } from './controls.ts';
import { createKeyOrder, type Held, type KeyOrder } from './order/order-keys.ts';
import { createThrottle, type Throttle } from './pace.ts';
import type { Timer } from './timer.ts';
import type { Hold, WindowWatch } from './window-watch.ts';

/** Rows of a function that are searched for one that nothing before it holds back. */
const AHEAD_ROWS = 1_000;
/** How long the queue may rest before it looks again, whatever happens. */
const REST_MS = 1_000;

/** An event whose turn it is. Whoever takes it settles it. */
export interface Turn {
  readonly row: EventRow;
  settle(settlement: Settlement): void;
}

/** How a turn ended. */
export type Settlement =
  /**
   * The function succeeded or failed, or another tool has the event, or nothing was sent (`ran` absent). `ok` false
   * holds back later events in any of its order keys, or only in those of `holds` if it failed in part; `counts` false
   * leaves the limit as it was.
   */
  | {
      readonly kind: 'settled';
      readonly ran?: 'well' | 'ill' | 'elsewhere';
      readonly ok: boolean;
      readonly counts: boolean;
      readonly holds?: readonly string[];
    }
  /** It did not run, and its turn comes again, later. */
  | { readonly kind: 'turned-away' }
  /** Nothing was sent, for no fault of its function's: its turn comes again. */
  | { readonly kind: 'given-back' }
  /** It did not run, and no event would: of this function, or (`one`) of those that were sent to the same version or alias. */
  | { readonly kind: 'shut'; readonly reach: 'function' | 'one' };

/** Hands out events, oldest first over all functions, each once its function and its order keys are free. */
export interface ReplayQueue {
  /** The next turn; waits for it. Undefined once there is none and none can come. */
  next(): Promise<Turn | undefined>;
  /** Has it look again at once: its controls have changed. */
  wake(): void;
}

/** One function's events. */
export interface LaneSource {
  readonly functionName: string;
  readonly rows: AsyncGenerator<EventRow>;
}

export interface QueueParts {
  readonly sources: readonly LaneSource[];
  readonly controls: Pick<RunControls, 'pausedWhy' | 'concurrency'>;
  /** No more turns than this that count. One is handed out only where it may count. */
  readonly limit: number;
  /** A first limit: at it, once nothing is under way, whether to go on is asked. */
  readonly canary?: { readonly limit: number; readonly goesOn: () => Promise<boolean> } | undefined;
  readonly ordered: boolean;
  readonly windows: WindowWatch;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly signal: AbortSignal;
  /** Says why a row is left alone; `holds`: what comes after it in its order keys has to wait too. */
  readonly leave: (row: EventRow) => { readonly holds: boolean } | undefined;
  /** What a row is sent to, besides its function: a version or alias. */
  readonly qualifierOf: (row: EventRow) => string;
  /** Told of each row that is held back. */
  readonly onHeld: (row: EventRow, behindId: string) => void;
  /** Called when a function begins to wait for a window, and when what it waits for changes. */
  readonly onWaiting: (functionName: string, hold: Hold) => void;
  /** Told when it waits no more. */
  readonly onResumed: (functionName: string) => void;
}

interface Lane extends LaneSource {
  /** Read and not handed out yet. */
  readonly ahead: EventRow[];
  /** Turned away: they come first. */
  readonly again: EventRow[];
  readonly throttle: Throttle;
  /** Absent where no order is kept. */
  readonly keys?: KeyOrder;
  underWay: number;
  isAtEnd: boolean;
  isShut: boolean;
  /** Versions and aliases to which nothing more is sent. */
  readonly shut: Set<string>;
  waitsFor?: string;
}

/** What ends a rest, whatever happens. */
interface Alarm {
  /** By the timer. */
  readonly atMs: number;
  readonly over: AbortController;
}

export function createReplayQueue(parts: QueueParts): ReplayQueue {
  const { sources, controls, ordered, windows, clock, timer, signal } = parts;
  const { concurrency } = controls;
  const { leave, onHeld, onWaiting, onResumed } = parts;
  const { qualifierOf } = parts;
  const lanes = new Map(sources.map((source) => [source.functionName, laneOf(source, concurrency, ordered)]));
  /** Turns that count, or may still. */
  let handedOut = 0;
  let { canary } = parts;
  let wake: () => void = () => undefined;
  let last: Promise<unknown> = Promise.resolve();
  let alarm: Alarm | undefined;
  signal.addEventListener('abort', () => {
    silence();
    wake();
  });

  return {
    next() {
      const turn = last.then(choose);
      last = turn.then((chosen) => chosen ?? silence(), ignore);
      return turn;
    },
    wake: () => wake(),
  };

  /** One caller at a time. */
  async function choose(): Promise<Turn | undefined> {
    while (!signal.aborted) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (isAtRest()) {
        await rest(changed, REST_MS);
        continue;
      }
      await windows.refresh();
      if (handedOut >= Math.min(parts.limit, canary?.limit ?? Number.POSITIVE_INFINITY)) {
        if ([...lanes.values()].some(({ underWay }) => underWay > 0)) await rest(changed, REST_MS);
        else if (handedOut >= parts.limit || !(await hasMore()) || !(await canary?.goesOn())) return undefined;
        else canary = undefined;
        continue;
      }
      let oldest: { readonly lane: Lane; readonly row: EventRow } | undefined;
      let restMs = REST_MS;
      for (const lane of lanes.values()) {
        const laneRestsMs = restOf(lane);
        if (laneRestsMs !== undefined) {
          restMs = Math.min(restMs, laneRestsMs);
          continue;
        }
        const row = await candidateOf(lane);
        if (row && (!oldest || row.deferredAt < oldest.row.deferredAt)) oldest = { lane, row };
      }
      if (signal.aborted) return undefined;
      if (oldest) return take(oldest.lane, oldest.row);
      if ([...lanes.values()].every(isOver)) return undefined;
      await rest(changed, restMs);
    }
    return undefined;
  }

  /** Whether nothing may be handed out, although something is left: it is paused, or as much is under way as is wanted. */
  function isAtRest(): boolean {
    const all = [...lanes.values()];
    if (handedOut >= parts.limit || all.every(isOver)) return false;
    return controls.pausedWhy() !== undefined || all.reduce((sum, lane) => sum + lane.underWay, 0) >= concurrency();
  }

  /** Where nothing is under way: whether there is anything to go on with. */
  async function hasMore(): Promise<boolean> {
    for (const lane of lanes.values()) if (!isOver(lane) && (await candidateOf(lane))) return true;
    return false;
  }

  /**
   * Resolves with the change, or after the time. An alarm that rings sooner stays for the next rests: most of them end with
   * a change, thousands a second, and each of them would set a timer of its own for a second and take it back.
   */
  async function rest(changed: Promise<void>, ms: number): Promise<void> {
    const restMs = Math.max(1, Math.min(ms, REST_MS));
    if (!alarm || alarm.atMs > timer.now() + restMs) setAlarm(restMs);
    await changed;
  }

  function setAlarm(ms: number): void {
    silence();
    const own: Alarm = { atMs: timer.now() + ms, over: new AbortController() };
    alarm = own;
    void timer.sleep(ms, own.over.signal).then(() => {
      if (alarm !== own) return;
      alarm = undefined;
      wake();
    });
  }

  /** Nobody rests any more: a timer would keep the process. */
  function silence(): void {
    alarm?.over.abort();
    alarm = undefined;
  }

  /** For how long nothing of this lane may be handed out, in milliseconds. */
  function restOf(lane: Lane): number | undefined {
    if (isOver(lane)) return Number.POSITIVE_INFINITY;
    const hold = windows.holdOf(lane.functionName);
    const waitsFor = hold && `${hold.why} ${hold.untilAt}`;
    if (hold && waitsFor !== lane.waitsFor) onWaiting(lane.functionName, hold);
    if (!hold && lane.waitsFor !== undefined) onResumed(lane.functionName);
    if (waitsFor !== undefined) lane.waitsFor = waitsFor;
    else delete lane.waitsFor;
    if (hold) return hold.untilAt === undefined ? Number.POSITIVE_INFINITY : hold.untilAt - clock.now();
    const backOffMs = lane.throttle.notBefore - timer.now();
    if (backOffMs > 0) return backOffMs;
    return lane.underWay >= lane.throttle.allowed ? Number.POSITIVE_INFINITY : undefined;
  }

  async function candidateOf(lane: Lane): Promise<EventRow | undefined> {
    const isFree = (row: EventRow) => !lane.keys || lane.keys.isFirst(row);
    for (;;) {
      const row = lane.again.find(isFree) ?? lane.ahead.find(isFree);
      if (row || lane.isAtEnd || lane.ahead.length >= AHEAD_ROWS) return row;
      await readOn(lane);
    }
  }

  async function readOn(lane: Lane): Promise<void> {
    const { value: row, done } = await lane.rows.next();
    if (done) {
      lane.isAtEnd = true;
      return;
    }
    const left = lane.shut.has(qualifierOf(row)) ? { holds: true } : leave(row);
    if (left?.holds) holdBehind(lane, row);
    if (left) return;
    const behindId = lane.keys?.add(row);
    if (behindId === undefined) lane.ahead.push(row);
    else onHeld(row, behindId);
  }

  function take(lane: Lane, row: EventRow): Turn {
    remove(lane.again, row) || remove(lane.ahead, row);
    lane.underWay += 1;
    handedOut += 1;
    return { row, settle: (settlement) => settle(lane, row, settlement) };
  }

  function settle(lane: Lane, row: EventRow, settlement: Settlement): void {
    lane.underWay -= 1;
    if (settlement.kind !== 'settled' || !settlement.counts) handedOut -= 1;
    switch (settlement.kind) {
      case 'settled':
        // Behind another tool there is nothing to spare the function: who keeps to two there never gets ahead of it.
        if (settlement.ran === 'well' || settlement.ran === 'elsewhere') lane.throttle.succeeded();
        if (settlement.ran === 'ill') lane.throttle.failed();
        if (settlement.ok) lane.keys?.done(row);
        else holdBehind(lane, row, settlement.holds);
        break;
      case 'turned-away':
        lane.again.push(row);
        lane.throttle.turnedAway(timer.now(), clock.random());
        break;
      case 'given-back':
        lane.again.push(row);
        break;
      case 'shut':
        if (settlement.reach === 'function') lane.isShut = true;
        else shutOne(lane, row);
        break;
    }
    wake();
  }

  /** Holds back events for the same version or alias, and later ones in their order keys; all others go on. */
  function shutOne(lane: Lane, row: EventRow): void {
    const qualifier = qualifierOf(row);
    lane.shut.add(qualifier);
    holdBehind(lane, row);
    for (const list of [lane.again, lane.ahead]) {
      for (const each of list.filter((one) => qualifierOf(one) === qualifier)) {
        // what came before it may have held it back meanwhile
        if (remove(list, each)) holdBehind(lane, each);
      }
    }
  }

  /** What comes behind this row in its order keys is not replayed by this run. */
  function holdBehind(lane: Lane, row: EventRow, keys?: readonly string[]): void {
    const held: readonly Held[] = lane.keys?.hold(row, keys) ?? [];
    for (const { row: each, behindId } of held) {
      remove(lane.again, each) || remove(lane.ahead, each);
      onHeld(each, behindId);
    }
  }
}

function laneOf(source: LaneSource, concurrency: () => number, ordered: boolean): Lane {
  return {
    ...source,
    ahead: [],
    again: [],
    throttle: createThrottle(concurrency),
    ...(ordered && { keys: createKeyOrder() }),
    underWay: 0,
    isAtEnd: false,
    isShut: false,
    shut: new Set(),
  };
}

/** Nothing comes of it any more. What is under way may still be turned away. */
function isOver({ isShut, isAtEnd, ahead, again, underWay }: Lane): boolean {
  return isShut || (isAtEnd && ahead.length === 0 && again.length === 0 && underWay === 0);
}

function remove(list: EventRow[], row: EventRow): boolean {
  const index = list.indexOf(row);
  if (index >= 0) list.splice(index, 1);
  return index >= 0;
}

function ignore(): void {}
