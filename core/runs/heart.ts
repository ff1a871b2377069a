import type { Clock } from '../gate/ports.ts';
import type { RunControls } from '../replay/controls.ts';
import { noCounts, type ReplayCounts, type ReplayNews } from '../replay/progress/news.ts';
import type { Timer } from '../replay/timer.ts';
import type { RunOrders, RunStore } from './ports.ts';
import {
  ALIVE_MS,
  HEARTBEAT_MS,
  isFinal,
  type RunShare,
  type RunWaiting,
  type ShareProgress,
  type ShareState,
  tellingAt,
} from './run.ts';

/** How fast a share goes. */
export interface Pace {
  /** Infinity for no limit. */
  readonly ratePerSecond: number;
  readonly concurrency: number;
}

export interface HeartParts {
  readonly store: Pick<RunStore, 'beat'>;
  readonly runId: string;
  /** With what another process counted, and when it told that, where it did some of the share. */
  readonly share: Pick<RunShare, 'number' | 'functionName' | 'hand'> & Partial<Pick<RunShare, 'counts' | 'at'>>;
  /** What is left to the next process if this one is cut off. It belongs to the counts as they are when it is asked. */
  readonly progress?: () => ShareProgress;
  /** As the run's plan has it. */
  readonly pace: Pace;
  /** What is wanted of the run, where somebody has asked: else the pace is the plan's until the first heartbeat is answered. */
  readonly orders?: RunOrders;
  /** This share's part of the pace of the run. Absent: all of it. */
  readonly partOf?: (whole: Pace, sharesLeft: number) => Pace;
  /** Whether a pause ends its process: until that has ended, nobody else is to go on with the share. */
  readonly endsAtPause?: boolean;
  /** Why it waits now. */
  readonly waiting: () => RunWaiting | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly timer: Timer;
  /** Told of each heartbeat that fails, or finds no record (`gone`), and with undefined of the first one after that. The replay goes on. */
  readonly onTrouble: (fault: unknown) => void;
  /** Told where somebody else has taken the share in hand: nothing more of it is to be sent. */
  readonly onTaken?: () => void;
  /** Told of what somebody wants, each time that it changes. */
  readonly onOrders?: (orders: RunOrders) => void;
}

/**
 * The heartbeat of a share: every two seconds it tells how far the share is, and hears what is wanted of the run. An outage
 * of the record stops no replay: what was wanted last stays so.
 *
 * ```ts
 * const heart = startHeart({ store, runId, share: { number: 0 }, pace: plan, … });
 * await runReplay({ …, controls: heart.controls, signal: heart.cancelled, tell: heart.hear }, plan);
 * await heart.stop('done');
 * ```
 */
export interface Heart {
  readonly controls: RunControls;
  /** Aborted once somebody cancelled the run, or ended it. Its reason says who: {@link RunCancelled}. */
  readonly cancelled: AbortSignal;
  /** Counts what the engine tells. */
  hear(news: ReplayNews): void;
  /** All that was counted, in this process and before. */
  counts(): ReplayCounts;
  /** The last heartbeat. Never rejects. */
  stop(
    state: ShareState,
    more?: { readonly why?: string; readonly waiting?: RunWaiting; readonly aliveUntil?: number },
  ): Promise<void>;
}

/** Why a run was cancelled, as the reason of {@link Heart.cancelled}. */
export interface RunCancelled {
  readonly why: string;
}

/** Begins with a heartbeat at once: the run is under way. */
export function startHeart(parts: HeartParts): Heart {
  const {
    store,
    runId,
    share,
    progress,
    pace,
    partOf = whole,
    endsAtPause,
    waiting,
    clock,
    timer,
    onTrouble,
    onTaken,
    onOrders,
  } = parts;
  const counts = { ...(share.counts ?? noCounts()) };
  const cancelled = new AbortController();
  const over = new AbortController();
  const listeners = new Set<() => void>();
  let told = { at: share.at ?? 0 };
  let { orders } = parts;
  let current = orders ? paceBy(orders) : partOf(pace, 1);
  let hasTrouble = false;
  const controls: RunControls = {
    pausedWhy: () => (orders?.wanted === 'paused' ? `paused${byText(orders)}` : undefined),
    ratePerSecond: () => current.ratePerSecond,
    concurrency: () => Math.max(1, current.concurrency),
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
  };
  const beating = beatOn();
  return { controls, cancelled: cancelled.signal, hear, counts: () => ({ ...counts }), stop };

  function hear(news: ReplayNews): void {
    if (news.kind === 'event') counts[news.outcome] += 1;
  }

  async function beatOn(): Promise<void> {
    while (!over.signal.aborted) {
      await beat(controls.pausedWhy() === undefined || endsAtPause ? 'running' : 'paused', {});
      await timer.sleep(HEARTBEAT_MS, over.signal);
    }
  }

  async function beat(state: ShareState, more: Parameters<Heart['stop']>[1]): Promise<void> {
    const waits = isFinal(state) ? undefined : waiting();
    const at = tellingAt(told, clock.now());
    told = { at };
    const beaten: RunShare = {
      ...share,
      state,
      counts: { ...counts },
      at,
      aliveUntil: at + ALIVE_MS,
      ...(progress && { progress: progress() }),
      ...(waits && { waiting: waits }),
      ...more,
    };
    try {
      const heard = await store.beat(runId, beaten);
      if (heard === 'gone') trouble('gone');
      else if (heard === 'taken') onTaken?.();
      else {
        if (hasTrouble) onTrouble(undefined);
        hasTrouble = false;
        obey(heard);
      }
    } catch (fault) {
      trouble(fault);
    }
  }

  function trouble(fault: unknown): void {
    hasTrouble = true;
    onTrouble(fault);
  }

  function obey(heard: RunOrders): void {
    const before = orders;
    orders = heard;
    current = paceBy(heard);
    if (before && JSON.stringify(before) === JSON.stringify(heard)) return;
    onOrders?.(heard);
    const why = whyCancelled(heard);
    if (why !== undefined && !cancelled.signal.aborted) cancelled.abort({ why } satisfies RunCancelled);
    for (const onChange of listeners) onChange();
  }

  function paceBy({ ratePerSecond = pace.ratePerSecond, concurrency = pace.concurrency, sharesLeft }: RunOrders): Pace {
    return partOf({ ratePerSecond, concurrency }, sharesLeft);
  }

  async function stop(state: ShareState, more: Parameters<Heart['stop']>[1] = {}): Promise<void> {
    over.abort();
    await beating;
    await beat(state, more);
  }
}

function whyCancelled(orders: RunOrders): string | undefined {
  if (orders.wanted === 'stopped') return `cancelled${byText(orders)}`;
  return orders.isEnded ? 'somebody else ended its record' : undefined;
}

function byText({ by }: RunOrders): string {
  return by === undefined ? '' : ` by ${by}`;
}

function whole(pace: Pace): Pace {
  return pace;
}
