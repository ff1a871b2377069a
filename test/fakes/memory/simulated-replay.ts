import type { EventStatus } from '../../../core/events/deferred-event.ts';
import type { EventIdentity } from '../../../core/events/table.ts';
import type { RunControls } from '../../../core/replay/controls.ts';
import type { InvokeAnswer, InvokeRequest, Invoker } from '../../../core/replay/invoker.ts';
import type { ReplayPlan } from '../../../core/replay/plan.ts';
import type { ReplayNews } from '../../../core/replay/progress/news.ts';
import { type ReplaySummary, type RunParts, runReplay } from '../../../core/replay/run.ts';
import { NO_WATCH } from '../../../core/replay/window-watch.ts';
import { createMemoryArchive, type MemoryArchive } from './memory-archive.ts';
import { createSimulatedTime, type SimulatedTime } from './simulated-time.ts';

/** The engine of replay over events in memory, in time that goes on only where everything waits for it. */
export interface SimulatedReplays {
  readonly time: SimulatedTime;
  readonly archive: MemoryArchive;
  /** What ran, in the order in which it began. */
  readonly ran: Ran[];
  /** Invocations under way. */
  underWay(): number;
  start(plan?: Partial<ReplayPlan>, parts?: Partial<RunParts> & { readonly by?: string }): Started;
}

interface Ran extends EventIdentity {
  readonly at: number;
  readonly by: string;
}

interface Started {
  readonly news: ReplayNews[];
  readonly done: Promise<ReplaySummary>;
}

export const PLAN: ReplayPlan = {
  statuses: ['pending', 'unknown', 'replaying'],
  mode: 'request',
  concurrency: 4,
  ratePerSecond: Number.POSITIVE_INFINITY,
  limit: Number.POSITIVE_INFINITY,
  ordered: false,
  duringWindow: false,
  latestPerResource: false,
  stopAfter: { kind: 'share', percent: 101 },
};

/** @param answer what an invocation comes to; it takes as long as it waits on the timer */
export function simulateReplays(
  answer: (event: EventIdentity, time: SimulatedTime) => Promise<InvokeAnswer>,
  functionNames: readonly string[] = ['orders'],
): SimulatedReplays {
  const time = createSimulatedTime();
  const archive = createMemoryArchive();
  const ran: Ran[] = [];
  let underWay = 0;
  return { time, archive, ran, underWay: () => underWay, start };

  function start(
    changes: Partial<ReplayPlan> = {},
    { by = 'alice@laptop/1', ...given }: Partial<RunParts> & { readonly by?: string } = {},
  ): Started {
    const plan = { ...PLAN, ...changes };
    const news: ReplayNews[] = [];
    const statuses: readonly EventStatus[] = plan.ordered
      ? ['pending', 'replaying', 'failed', 'unknown']
      : plan.statuses;
    const clock = given.clock ?? time;
    const parts: RunParts = {
      events: archive.open(by, clock.now),
      lambda: invokerOf(by),
      clock,
      timer: time,
      signal: new AbortController().signal,
      windows: NO_WATCH,
      sources: functionNames.map((functionName) => ({ functionName, rows: archive.rows(functionName, statuses) })),
      waits: tellingWaits((waiting) => news.push({ kind: 'waiting', ...waiting })),
      ...given,
      tell(each) {
        news.push(each);
        given.tell?.(each);
      },
    };
    return { news, done: runReplay(parts, plan) };
  }

  function invokerOf(by: string): Invoker {
    return {
      async invoke(request) {
        const event = eventOf(request);
        ran.push({ ...event, at: time.now(), by });
        underWay += 1;
        try {
          return await answer(event, time);
        } finally {
          underWay -= 1;
        }
      },
      reservedConcurrency: async () => ({ kind: 'known', invocations: undefined }),
      close: () => undefined,
    };
  }
}

/** Controls that a test turns. */
export interface TurnedControls extends RunControls {
  set(changes: { pausedWhy?: string | undefined; ratePerSecond?: number; concurrency?: number }): void;
}

export function turnedControls(ratePerSecond = Number.POSITIVE_INFINITY, concurrency = 4): TurnedControls {
  let now: { pausedWhy?: string | undefined; ratePerSecond: number; concurrency: number } = {
    ratePerSecond,
    concurrency,
  };
  const listeners = new Set<() => void>();
  return {
    pausedWhy: () => now.pausedWhy,
    ratePerSecond: () => now.ratePerSecond,
    concurrency: () => now.concurrency,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    set(changes) {
      now = { ...now, ...changes };
      for (const onChange of listeners) onChange();
    },
  };
}

/** Which event an invocation is of, by the mark that it carries. */
function eventOf({ function: functionArn, clientContext = '' }: InvokeRequest): EventIdentity {
  const { custom } = JSON.parse(Buffer.from(clientContext, 'base64').toString()) as { custom: Record<string, string> };
  return { functionName: functionArn.split(':')[6] ?? '', id: custom['maintenance-window.replay'] ?? '' };
}

/** Tells of what is sure to last. */
function tellingWaits(
  tell: (waiting: ReturnType<Parameters<RunParts['waits']['begin']>[1]>) => void,
): RunParts['waits'] {
  return {
    begin(_kind, waiting, isSure) {
      if (isSure) tell(waiting());
      return () => undefined;
    },
    during: (_kind, _waiting, work) => work,
  };
}
