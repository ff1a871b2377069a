import { begin } from '../../cloud/drain/begin.ts';
import { end, fail } from '../../cloud/drain/end.ts';
import type { DrainParts } from '../../cloud/drain/parts.ts';
import { runStretch } from '../../cloud/drain/stretch.ts';
import type { DrainTask } from '../../cloud/drain/task.ts';
import { DRAIN_TIMEOUT_SECONDS, drainMachine } from '../../core/deployment/drain-machine.ts';
import type { EventStatus } from '../../core/events/deferred-event.ts';
import { nothingRan } from '../../core/events/replay-mark.ts';
import type { InvokeAnswer, InvokeRequest } from '../../core/replay/invoker.ts';
import { planOf, type ReplayWish } from '../../core/replay/wish.ts';
import { FROM_DRAIN, type ReplayRun, runPlanOf } from '../../core/runs/run.ts';
import { createMachine, type EndedExecution, TaskFault } from '../../local/drain/machine.ts';
import { type BacklogKind, createMemoryBacklogs } from '../fakes/memory/memory-backlog.ts';
import { createMemoryRuns } from '../fakes/memory/memory-runs.ts';
import { createSimulatedTime } from './simulated-time.ts';

export interface Simulation extends BacklogKind {
  readonly functions: number;
  readonly events: number;
  readonly wish?: ReplayWish;
  /** Invocations at once that the account bears: more are throttled. */
  readonly accountConcurrency: number;
  /** A window for every fourth function, so long after the beginning. */
  readonly window?: { readonly afterMs: number; readonly lastsMs: number };
  /** Every so many-th stretch is killed in the middle. */
  readonly killEvery?: number;
  /** Somebody pauses the run so long after its beginning, and resumes it, by an execution of its own. */
  readonly pause?: { readonly afterMs: number; readonly lastsMs: number };
  /** How long the handler takes at the most. Default: a tenth of a second. */
  readonly handlerMs?: number;
  /** The handler fails, each time. `event` is `<function>/<index>`. */
  readonly fails?: (event: string) => boolean;
  /** Clocks of the drain's environments are off by so much at the most. */
  readonly skewMs?: number;
}

export interface Simulated {
  readonly run: ReplayRun | undefined;
  readonly statuses: Readonly<Partial<Record<EventStatus, number>>>;
  /** Events that ran more than once, although no stretch had them in hand as it was killed. */
  readonly twice: readonly string[];
  /** Events that ran more than once, and whose record does not say that they may have. */
  readonly twiceUntold: readonly string[];
  /** Events whose record says that they may have run more than once, although no stretch had them in hand as it was killed. */
  readonly doubtedForNothing: readonly string[];
  readonly killed: Killed;
  /** Invocations that the gate in a function turned away, inside of its window: they waited for their turn when it began. */
  readonly heldByGate: number;
  /** Of each order key, `<function> <key>`, the sequences in the order in which they ran. */
  readonly sequencesRun: ReadonlyMap<string, readonly number[]>;
  readonly throttled: number;
  readonly executions: readonly EndedExecution[];
  readonly tookMs: number;
  readonly stretches: number;
  /** Of all stretches together. */
  readonly stretchMs: number;
  readonly requests: Requests;
}

/** Stretches that were killed, and what became of the events that they had in hand. */
interface Killed {
  readonly stretches: number;
  readonly inHand: number;
  /** Their record says that they may have run more than once. */
  readonly doubted: number;
  readonly ranTwice: number;
}

/** What a drain asked of the table. */
interface Requests {
  readonly claims: number;
  readonly ends: number;
  /** Rows of the index that were read. */
  readonly rows: number;
  readonly heartbeats: number;
}

const BEGINS_AT = Date.UTC(2026, 10, 30);
const TIMEOUT_SECONDS = 30;
const LEAST_MS = 20;
const MOST_MS = 120;
/** From the drain to Lambda. A function's gate goes by the windows at that instant. */
const TRAVEL_MS = 2;

/**
 * The drain's own code (machine, tasks, engine) over a backlog in memory and a Lambda that throttles, by a clock that
 * nobody waits for. The machine is run by the interpreter of `npm start`, which counts its history.
 */
export async function simulateDrain(options: Simulation): Promise<Simulated> {
  const { functions, events, wish = {}, accountConcurrency, window, pause, handlerMs = MOST_MS } = options;
  const { killEvery = Number.POSITIVE_INFINITY, skewMs = 0, fails = () => false } = options;
  const time = createSimulatedTime(BEGINS_AT);
  const random = createRandom();
  const names = Array.from({ length: functions }, (_, index) => `f${index}`);
  const backlogs = createMemoryBacklogs(sizesOf(names, events), TIMEOUT_SECONDS * 1_000, time.now, options);
  const windowAt = window && { from: BEGINS_AT + window.afterMs, until: BEGINS_AT + window.afterMs + window.lastsMs };
  const inKilledHands = new Set<string>();
  const executions: EndedExecution[] = [];
  let [underWay, throttled, heldByGate, stretches, killed, stretchMs, heartbeats] = [0, 0, 0, 0, 0, 0, 0];
  const memoryRuns = createMemoryRuns(time.now);
  const runs: DrainParts['runs'] = {
    ...memoryRuns,
    beat(id, share) {
      heartbeats += 1;
      return memoryRuns.beat(id, share);
    },
  };
  const parts: DrainParts = {
    runs,
    archive: backlogs.archive,
    lambda: () => ({
      invoke,
      reservedConcurrency: async () => ({ kind: 'known', invocations: undefined }),
      close: ignore,
    }),
    functions: {
      find: async (name) => ({ name, timeoutSeconds: TIMEOUT_SECONDS, environment: {}, mayHoldClient: true }),
    },
    parameterStore: {
      read: async (name) => ({ name, text: windowsText(), version: 1, modifiedAt: BEGINS_AT - 86_400_000 }),
    },
    parameters: ['maintenance-window'],
    announcer: { announce: async () => undefined },
    clock: { now: time.now, random },
    timer: time.timer,
    wholeMs: DRAIN_TIMEOUT_SECONDS * 1_000,
    write: ignore,
  };
  const machine = createMachine({
    definition: drainMachine({ functionArn: 'drain' }),
    invoke: (task) => invokeDrain(task as DrainTask),
    timer: time.timer,
    now: time.now,
    onEnd: (execution) => executions.push(execution),
  });
  const planned = planOf(wish, false);
  if (planned.kind === 'none') throw new Error(planned.why.kind);
  const id = '0123abcd';
  await runs.create(
    {
      id,
      name: 'simulated',
      by: 'test',
      from: FROM_DRAIN,
      selection: { functions: names, untilAt: BEGINS_AT },
      plan: runPlanOf(planned.plan),
      startedAt: BEGINS_AT,
    },
    0,
    BEGINS_AT + 60_000,
  );
  await time.during(Promise.all([machine.execute('run', { run: id }), pause && pauseFor(pause)]).then(machine.ended));
  const [ranTwice, doubted] = [backlogs.twice(), backlogs.doubted()];
  const isDoubted = new Set(doubted);
  const wasInKilledHands = (event: string) => inKilledHands.has(event);
  return {
    run: await runs.read(id),
    statuses: backlogs.statuses(),
    twice: ranTwice.filter((event) => !wasInKilledHands(event)),
    twiceUntold: ranTwice.filter((event) => !isDoubted.has(event)),
    doubtedForNothing: doubted.filter((event) => !wasInKilledHands(event)),
    killed: {
      stretches: killed,
      inHand: inKilledHands.size,
      doubted: doubted.filter(wasInKilledHands).length,
      ranTwice: ranTwice.filter(wasInKilledHands).length,
    },
    heldByGate,
    sequencesRun: backlogs.sequencesRun(),
    throttled,
    executions,
    tookMs: time.now() - BEGINS_AT,
    stretches,
    stretchMs,
    requests: { ...backlogs.requests, heartbeats },
  };

  async function pauseFor({ afterMs, lastsMs }: NonNullable<Simulation['pause']>): Promise<void> {
    await time.timer.sleep(afterMs);
    await runs.wish(id, { wanted: 'paused', by: 'test' });
    await time.timer.sleep(lastsMs);
    await runs.wish(id, { wanted: 'running', by: 'test' });
    await machine.execute('resume', { run: id });
  }

  async function invokeDrain(task: DrainTask): Promise<object> {
    const aheadMs = Math.round(skewMs * (2 * random() - 1));
    const clock = { now: () => time.now() + aheadMs, random };
    const own = { ...parts, clock, archive: (by: string) => backlogs.archive(by, clock.now) };
    switch (task.task) {
      case 'begin':
        return begin(own, task);
      case 'end':
        return end(own, task);
      case 'failed':
        await fail(own, task);
        return {};
      case 'stretch':
        break;
    }
    stretches += 1;
    const [beganAt, isToBeKilled] = [time.now(), stretches % killEvery === 0];
    const remainingMs = () => DRAIN_TIMEOUT_SECONDS * 1_000 - (time.now() - beganAt);
    const life = createLife();
    const work = runStretch(isToBeKilled ? mortal(own, life) : own, task, remainingMs);
    const killing = isToBeKilled
      ? time.timer.sleep(5_000 + random() * 20_000).then(() => {
          if (life.isOver) return;
          life.isOver = true;
          killed += 1;
          for (const event of life.names.flatMap(backlogs.inHandsOf)) inKilledHands.add(event);
          throw new TaskFault('Sandbox.Timedout', 'it was killed');
        })
      : new Promise<never>(ignore);
    try {
      return await Promise.race([work, killing.then(() => new Promise<never>(ignore))]);
    } finally {
      life.isOver = true;
      stretchMs += time.now() - beganAt;
    }
  }

  /** What a dead process has asked is answered to nobody, and it asks no more. */
  function mortal(own: DrainParts, life: Life): DrainParts {
    const whileAlive = <Arguments extends unknown[], Value>(call: (...given: Arguments) => Promise<Value>) => {
      return async (...given: Arguments): Promise<Value> => {
        if (life.isOver) return new Promise<Value>(ignore);
        const value = await call(...given);
        return life.isOver ? new Promise<Value>(ignore) : value;
      };
    };
    return {
      ...own,
      runs: { ...runs, beat: whileAlive(runs.beat), share: whileAlive(runs.share) },
      archive: (by) => {
        life.names.push(by);
        const archive = own.archive(by);
        return { ...archive, claim: whileAlive(archive.claim), end: whileAlive(archive.end) };
      },
      lambda: () => ({
        ...parts.lambda(1),
        invoke: whileAlive(invoke),
      }),
    };
  }

  async function invoke(request: InvokeRequest): Promise<InvokeAnswer> {
    const { text } = request;
    const arrivesAt = time.now() + TRAVEL_MS;
    const isInWindow = windowAt && arrivesAt >= windowAt.from && arrivesAt < windowAt.until;
    if (isInWindow && isNamed(text.slice(0, text.indexOf('/')))) {
      heldByGate += 1;
      await time.timer.sleep(TRAVEL_MS);
      return { kind: 'function-error', text: heldText(request) };
    }
    if (underWay >= accountConcurrency) {
      throttled += 1;
      await time.timer.sleep(TRAVEL_MS);
      return { kind: 'not-run', refusal: 'busy', message: 'TooManyRequestsException' };
    }
    underWay += 1;
    backlogs.ran(text);
    await time.timer.sleep(LEAST_MS + random() * (handlerMs - LEAST_MS));
    underWay -= 1;
    if (fails(text)) return { kind: 'function-error', text: '{"errorType":"Error","errorMessage":"it fails"}' };
    return { kind: 'reply', text: '{"ok":true}' };
  }

  function windowsText(): string {
    if (!windowAt) return '{"version":1,"windows":[]}';
    const [start, end] = [windowAt.from, windowAt.until].map((at) => new Date(at).toISOString());
    return JSON.stringify({ version: 1, windows: [{ start, end, functions: names.filter(isNamed) }] });
  }
}

/** As the gate proves that nothing ran. */
function heldText({ function: functionArn, clientContext = '' }: InvokeRequest): string {
  const { custom } = JSON.parse(Buffer.from(clientContext, 'base64').toString());
  const errorMessage = nothingRan(functionArn, custom['maintenance-window.proof']);
  return JSON.stringify({ errorType: 'MaintenanceWindow.Active', errorMessage, trace: [] });
}

interface Life {
  isOver: boolean;
  /** What it was called in the table. */
  readonly names: string[];
}

function createLife(): Life {
  return { isOver: false, names: [] };
}

function isNamed(name: string): boolean {
  return Number(name.slice(1)) % 4 === 0;
}

/** Half of all events, or all, are one function's, so that it has a share for each group of its index. */
function sizesOf(names: readonly string[], events: number): ReadonlyMap<string, number> {
  const each = names.length === 1 ? 0 : Math.floor(events / 2 / (names.length - 1));
  return new Map(names.map((name, index) => [name, index === 0 ? events - each * (names.length - 1) : each]));
}

/** The same numbers each time. Source: "mulberry32", in the public domain. */
function createRandom(): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function ignore(): void {}
