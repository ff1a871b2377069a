import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventIdentity } from '../../core/events/table.ts';
import type { ReplayPlan } from '../../core/replay/plan.ts';
import { isAnyUndone, type ReplayNews } from '../../core/replay/progress/news.ts';
import { type Heart, startHeart } from '../../core/runs/heart.ts';
import type { RunStore } from '../../core/runs/ports.ts';
import { runPlanOf } from '../../core/runs/run.ts';
import { createMemoryRuns } from '../fakes/memory/memory-runs.ts';
import { PLAN, type SimulatedReplays, simulateReplays } from '../fakes/memory/simulated-replay.ts';

/**
 * Replays as records, as a story: several processes with clocks of their own replay the same events; somebody pauses them,
 * resumes, cancels, sets rate and concurrency; a process is killed, or stands still for longer than a lease, so that another
 * one takes over from it and it goes on beside that; a table of records fails for a while. Whatever the order:
 *
 * - no event runs twice, unless the process that ran it first was killed, stood still, or had no answer, and the second said so;
 * - what is pending at the end, nobody has run; once all is said and done, a last replay leaves none;
 * - a process that comes to its end has told of every event that still waits then;
 * - what a living process counts is what its events say, also where its record was ended meanwhile, as it was lost; and
 *   nothing is sent more than 5 s after a pause or a cancellation.
 */
const PROCESSES = 3;
const EVENTS = 12;
const HEARD_MS = 5_000;

interface Process {
  readonly id: string;
  readonly heart: Heart;
  readonly news: ReplayNews[];
  /** Ids of events that waited at its end, of which it never told. */
  passedOver: string[];
  isKilled: boolean;
  /** While it stands still: until it goes on. */
  standing?: Promise<void> | undefined;
  isOver: boolean;
  /** The table of records did not answer at its end. */
  isEndUnheard: boolean;
  /** Since when nothing of it is to be sent. */
  quietSince?: number | undefined;
}

type Step =
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'start'; readonly which: number }
  | Said
  | { readonly kind: 'outage'; readonly isOut: boolean };

/** What is said to a process, or done to it. */
type Said =
  | { readonly kind: 'pause' | 'resume' | 'cancel' | 'kill'; readonly which: number }
  | { readonly kind: 'stand-still'; readonly which: number; readonly ms: number }
  | { readonly kind: 'set'; readonly which: number; readonly ratePerSecond: number; readonly concurrency: number };

const which = fc.nat({ max: PROCESSES - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(50, 900, 2_100, 6_000, 70_000) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('start' as const), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('pause' as const, 'resume' as const, 'cancel' as const, 'kill' as const),
      which,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      which,
      ratePerSecond: fc.constantFrom(0.5, 3, Number.POSITIVE_INFINITY),
      concurrency: fc.constantFrom(1, 2, 6),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('stand-still' as const),
      which,
      ms: fc.constantFrom(4_000, 62_000, 130_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('outage' as const), isOut: fc.boolean() }) },
);

/** What a handler does with an event each time: how long it takes, and what comes of it. */
const handling = fc.record({
  ms: fc.constantFrom(10, 700, 2_500),
  end: fc.constantFrom(
    'reply' as const,
    'reply' as const,
    'reply' as const,
    'function-error' as const,
    'no-answer' as const,
  ),
});

class Killed extends Error {}

describe('runs', () => {
  it('have an event run once, or say that nobody knows', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(handling, { minLength: EVENTS, maxLength: EVENTS }),
        fc.array(fc.integer({ min: -5_000, max: 5_000 }), { minLength: PROCESSES, maxLength: PROCESSES }),
        fc.record({ ordered: fc.boolean(), ratePerSecond: fc.constantFrom(1, Number.POSITIVE_INFINITY) }),
        fc.array(step, { maxLength: 25 }),
        async (handlings, skews, plan, steps) => {
          const story = begin(handlings, skews, plan);
          await story.start(0);
          for (const each of steps) {
            await story.take(each);
            story.holdLaws();
          }
          await story.conclude();
        },
      ),
      { numRuns: 4_000 },
    );
  });
});

function begin(
  handlings: readonly { readonly ms: number; readonly end: 'reply' | 'function-error' | 'no-answer' }[],
  skews: readonly number[],
  plan: Pick<ReplayPlan, 'ordered' | 'ratePerSecond'>,
) {
  const world = simulateReplays(async ({ id }, time) => {
    const { ms, end } = handlings[Number(id.slice(1))] ?? { ms: 0, end: 'reply' };
    await time.sleep(ms);
    return end === 'no-answer'
      ? { kind: end, message: 'ECONNRESET' }
      : { kind: end, text: end === 'reply' ? '{}' : '{"errorMessage":"no"}' };
  });
  const { time, archive, ran } = world;
  for (let event = 0; event < EVENTS; event += 1) {
    archive.put('orders', plan.ordered ? { orderKeys: [{ key: `q#${event % 3}` }] } : {});
  }
  const store = createMemoryRuns(time.now);
  const processes: (Process | undefined)[] = [];
  /** Those that took an event up not knowing of the time before: `<event> <who>`. */
  const said: string[] = [];
  const killed = new Set<string>();
  /** Those whose leases may have run out while they were at work. */
  const stoodStill = new Set<string>();
  const endOf = (id: string) => handlings[Number(id.slice(1))]?.end;
  let isOut = false;
  return { start, take, holdLaws, conclude };

  async function start(number: number): Promise<void> {
    if (processes[number] && !processes[number].isOver && !processes[number].isKilled) return;
    const id = (processes.length * 16 + number + ran.length * 256 + time.now()).toString(16).slice(-8).padStart(8, '0');
    const facts = {
      id,
      name: id,
      by: `p${number}`,
      from: 'test',
      selection: { functions: ['orders'] },
      plan: runPlanOf({ ...PLAN, ...plan }),
      startedAt: time.now(),
    };
    if (!(await store.create(facts, 1, time.now() + 60_000))) return;
    processes[number] = startProcess(world, {
      id,
      number,
      skewMs: skews[number] ?? 0,
      plan,
      store: failing(store),
      said,
    });
  }

  /** The table of records, which may be out. */
  function failing(real: RunStore): Pick<RunStore, 'beat' | 'end' | 'recount'> {
    return {
      recount: (...args) => (isOut ? Promise.reject(new Error('no answer')) : real.recount(...args)),
      beat: (...args) => (isOut ? Promise.reject(new Error('no answer')) : real.beat(...args)),
      end: (...args) => (isOut ? Promise.reject(new Error('no answer')) : real.end(...args)),
    };
  }

  async function take(each: Step): Promise<void> {
    switch (each.kind) {
      case 'pass':
        return time.pass(each.ms);
      case 'outage':
        isOut = each.isOut;
        for (const one of processes) if (one) one.quietSince = undefined; // it may not hear what was said, nor what is
        return;
      case 'start':
        return start(each.which);
      default: {
        const process = processes[each.which];
        if (process && !process.isOver && !process.isKilled) await say(process, each);
      }
    }
  }

  async function say(process: Process, each: Said): Promise<void> {
    switch (each.kind) {
      case 'pause':
        if ((await wished(process, 'paused')) && !isOut && process.standing === undefined)
          process.quietSince ??= time.now();
        return;
      case 'cancel':
        if ((await wished(process, 'stopped')) && !isOut && process.standing === undefined)
          process.quietSince ??= time.now();
        return endLost(process);
      case 'resume':
        if (await wished(process, 'running')) process.quietSince = undefined;
        return;
      case 'set':
        await store.wish(process.id, { ratePerSecond: each.ratePerSecond, concurrency: each.concurrency });
        return;
      case 'stand-still': {
        if (process.standing !== undefined) return;
        process.quietSince = undefined;
        stoodStill.add(process.id);
        process.standing = time.sleep(each.ms).then(() => {
          process.standing = undefined;
        });
        return;
      }
      case 'kill':
        process.isKilled = true;
        killed.add(process.id);
    }
  }

  /** Whoever cancels one that is lost ends its record, with what it had told. */
  async function endLost({ id }: Process): Promise<void> {
    const run = await store.read(id);
    if (run?.status === 'lost') await store.end(id, { status: 'stopped', counts: run.counts, why: 'cancelled by bob' });
  }

  /** What is cancelled stays so, as the tool has it. */
  async function wished({ id }: Process, wanted: 'paused' | 'running' | 'stopped'): Promise<boolean> {
    if ((await store.read(id))?.wishes.wanted === 'stopped') return false;
    return (await store.wish(id, { wanted, by: 'bob' })) === 'wished';
  }

  function holdLaws(): void {
    for (const event of archive.all()) {
      const runs = ran.filter(({ id }) => id === event.id);
      const open = runs.slice(1).filter(({ by }, index) => {
        const before = runs[index]?.by ?? '';
        const isUnknown = killed.has(before) || stoodStill.has(before) || endOf(event.id) === 'no-answer';
        return !isUnknown || !said.includes(`${event.id} ${by}`);
      });
      expect([event.id, open]).toEqual([event.id, []]);
      if (event.status === 'pending') expect([event.id, runs]).toEqual([event.id, []]);
    }
    for (const process of processes) {
      if (!process) continue;
      const { quietSince = Number.POSITIVE_INFINITY } = process;
      const late = ran.filter(({ by, at }) => by === process.id && at > quietSince + HEARD_MS);
      expect([late, process.passedOver]).toEqual([[], []]);
    }
  }

  /** Everything gets its end: what lives goes on, what is dead is replaced once its leases are over. */
  async function conclude(): Promise<void> {
    isOut = false;
    for (const process of processes) {
      if (process) process.quietSince = undefined;
      if (process && !process.isOver)
        await store.wish(process.id, { wanted: 'running', ratePerSecond: Number.POSITIVE_INFINITY });
    }
    await time.pass(600_000);
    holdLaws();
    for (const process of processes)
      if (process && !process.isKilled) expect([process.id, process.isOver]).toEqual([process.id, true]);
    for (const process of processes) {
      if (!process?.isOver || process.isKilled) continue;
      expect(process.heart.counts().replayed).toBe(countOf(process.news, 'replayed'));
      const record = await store.read(process.id);
      const replayed = process.isEndUnheard ? record?.counts.replayed : countOf(process.news, 'replayed');
      const atItsEnd = record && isAnyUndone(record.counts) ? 'incomplete' : 'done';
      const ends = process.isEndUnheard ? ['lost', 'stopped'] : [atItsEnd, 'stopped'];
      expect([ends.includes(record?.status ?? ''), record?.counts.replayed]).toEqual([true, replayed]);
    }
    for (const process of processes)
      if (process?.isKilled)
        expect((await store.read(process.id))?.status).toMatch(/^(?:lost|done|incomplete|stopped)$/);
    await start(PROCESSES);
    await time.pass(600_000);
    holdLaws();
    const left = archive.all().filter(({ status }) => status === 'pending' || status === 'replaying');
    expect(left.map(({ id }) => id)).toEqual(plan.ordered ? heldIn(archive.all().map(({ status }) => status)) : []);
  }

  /** In order, what comes behind one that failed, or is not known, waits for somebody. */
  function heldIn(statuses: readonly string[]): string[] {
    return statuses.flatMap((status, number) => {
      if (status !== 'pending') return [];
      const before = statuses.filter((_, other) => other < number && other % 3 === number % 3);
      return before.some((each) => each === 'failed' || each === 'unknown') ? [`e${number}`] : [];
    });
  }
}

/** A process that replays, as a terminal does, until somebody kills it: from then on it reaches nothing, and hears nothing. */
function startProcess(
  { time, archive, start }: SimulatedReplays,
  given: {
    id: string;
    number: number;
    skewMs: number;
    plan: Pick<ReplayPlan, 'ordered' | 'ratePerSecond'>;
    store: Pick<RunStore, 'beat' | 'end' | 'recount'>;
    said: string[];
  },
): Process {
  const { id, skewMs, plan, store, said } = given;
  const clock = { now: () => time.now() + skewMs, random: () => 0.5 };
  const process: Process = {
    id,
    news: [],
    passedOver: [],
    isKilled: false,
    isOver: false,
    isEndUnheard: false,
    heart: undefined as never,
  };
  const never = new Promise<never>(() => undefined);
  const alive =
    <Args extends unknown[], Value>(call: (...args: Args) => Promise<Value>) =>
    async (...args: Args): Promise<Value> => {
      await process.standing;
      if (process.isKilled) return never;
      const value = await call(...args);
      await process.standing;
      return process.isKilled ? never : value;
    };
  const events = archive.open(id, clock.now);
  const heart = startHeart({
    store: { beat: alive(store.beat) },
    runId: id,
    share: { number: 0 },
    pace: { ...PLAN, ...plan },
    waiting: () => undefined,
    clock,
    timer: { now: time.now, sleep: alive(time.sleep) },
    onTrouble: () => undefined,
  });
  const run = start(plan, {
    by: id,
    clock,
    timer: { now: time.now, sleep: alive(time.sleep) },
    controls: heart.controls,
    signal: heart.cancelled,
    events: {
      ...events,
      claim: alive(async (event: EventIdentity, from) => {
        const claim = await events.claim(event, from);
        const isOpen = claim?.kind === 'claim' && ['unknown', 'replaying'].includes(claim.event.status);
        if (isOpen) said.push(`${event.id} ${id}`);
        return claim;
      }),
      end: alive(events.end),
      look: alive(events.look),
    },
    tell(news) {
      if (process.isKilled) throw new Killed();
      heart.hear(news);
      process.news.push(news);
    },
  });
  void run.done.then(async ({ stopped }) => {
    if (process.isKilled) return;
    const isCancelled = heart.cancelled.aborted;
    const told = process.news.flatMap((each) => (each.kind === 'event' ? each.row.id : []));
    const waiting = archive.all().filter(({ status }) => status === 'pending');
    if (!isCancelled) process.passedOver = waiting.map((each) => each.id).filter((each) => !told.includes(each));
    await heart.stop(isCancelled || stopped ? 'stopped' : 'done');
    const counts = heart.counts();
    await store
      .end(id, { status: isCancelled || stopped ? 'stopped' : 'done', counts })
      .then((isOurs) => isOurs || store.recount(id, counts))
      .catch(() => {
        process.isEndUnheard = true;
      });
    process.isOver = true;
  });
  return Object.assign(process, { heart });
}

function countOf(news: readonly ReplayNews[], outcome: string): number {
  return news.filter((each) => each.kind === 'event' && each.outcome === outcome).length;
}
