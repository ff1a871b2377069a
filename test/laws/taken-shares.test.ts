import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { begin } from '../../cloud/drain/begin.ts';
import { end } from '../../cloud/drain/end.ts';
import type { DrainParts } from '../../cloud/drain/parts.ts';
import { runStretch } from '../../cloud/drain/stretch.ts';
import { FROM_DRAIN, runPlanOf } from '../../core/runs/run.ts';
import { MINUTE_MS } from '../../core/units.ts';
import { createMemoryBacklogs } from '../fakes/memory/memory-backlog.ts';
import { createMemoryRuns } from '../fakes/memory/memory-runs.ts';
import { PLAN } from '../fakes/memory/simulated-replay.ts';
import { createSimulatedTime } from '../fakes/memory/simulated-time.ts';

/**
 * A share of a drain that several executions do: Step Functions asks Lambda again where an answer was lost, and somebody
 * resumes a replay whose execution was ended, while its stretch goes on. The table of records does not answer a stretch for
 * a while, so that another one takes the share from it; a stretch is killed. Whatever the order:
 *
 * - no event runs twice, unless it was in the hands of a stretch that was killed, and its record says so;
 * - who has lost the share sends nothing more 5 s after it can hear that;
 * - there is always somebody who may have the share in hand, and in the end every event is done;
 * - no event is counted twice, and where each stretch heard the table, and lived, all are counted.
 */
const RUN = '0123abcd';
const NAME = 'orders';
const EVENTS = 60;
const HEARD_MS = 5_000;
const WHOLE_MS = 15 * MINUTE_MS;
const EXECUTION = 'arn:aws:states:eu-south-1:123456789012:execution:drain:one';

type Step =
  | { readonly kind: 'pass'; readonly ms: number }
  /** Another execution begins a stretch; `resumed`: as somebody found that the one before was ended. */
  | { readonly kind: 'another'; readonly isResumed: boolean }
  | { readonly kind: 'deaf'; readonly which: number; readonly ms: number }
  | { readonly kind: 'kill'; readonly which: number };

const which = fc.nat({ max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(100, 1_500, 7_500, 30_000) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('another' as const), isResumed: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('deaf' as const), which, ms: fc.constantFrom(3_000, 9_000, 40_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), which }) },
);

interface Stretch {
  /** What it is called in the table. */
  readonly names: string[];
  hand?: string | undefined;
  isKilled: boolean;
  isOver: boolean;
  wasDeaf: boolean;
  /** Until then the table of records does not answer it. */
  deafUntil: number;
  /** Since when it can know that somebody else has the share in hand. */
  lostAt?: number | undefined;
  readonly sentAt: number[];
}

describe('a share of the drain', () => {
  it('that is taken over while a stretch is at work on it has each event run once', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 16 }),
        fc.record({ ordered: fc.boolean(), concurrency: fc.constantFrom(1, 3) }),
        fc.constantFrom(300, 2_500),
        async (steps, plan, takesMs) => {
          const story = await begun(plan, takesMs);
          story.another(false);
          for (const each of steps) {
            await story.take(each);
            story.holdLaws();
          }
          await story.conclude();
        },
      ),
      { numRuns: 400 },
    );
  });
});

async function begun(plan: { readonly ordered: boolean; readonly concurrency: number }, takesMs: number) {
  const time = createSimulatedTime();
  const backlogs = createMemoryBacklogs(
    new Map([[NAME, EVENTS]]),
    3_000,
    time.now,
    plan.ordered ? { orderKeys: 3 } : {},
  );
  const runs = createMemoryRuns(time.now);
  const stretches: Stretch[] = [];
  const inKilledHands = new Set<string>();
  const startedAt = time.now();
  const facts = { id: RUN, name: 'test', by: 'test', from: FROM_DRAIN, startedAt, execution: EXECUTION };
  const selection = { functions: [NAME], untilAt: startedAt };
  await runs.create({ ...facts, selection, plan: runPlanOf({ ...PLAN, ...plan }) }, 0, startedAt + MINUTE_MS);
  let executions = 0;
  const input = { run: RUN };
  const first = { task: 'begin', execution: EXECUTION, startedAt: new Date(startedAt).toISOString(), input } as const;
  await time.during(begin(partsOf(newStretch()), first));
  return { another, take, holdLaws, conclude };

  function newStretch(): Stretch {
    return { names: [], isKilled: false, isOver: false, wasDeaf: false, deafUntil: 0, sentAt: [] };
  }

  function another(isResumed: boolean): void {
    const stretch = newStretch();
    stretches.push(stretch);
    const own = partsOf(stretch);
    executions += 1;
    const endsAt = time.now() + WHOLE_MS;
    const task = { task: 'stretch', run: RUN, share: { number: 0, functionName: NAME } } as const;
    const execution = `${EXECUTION}-${executions}`;
    const ended = [EXECUTION, ...Array.from({ length: executions }, (_, index) => `${EXECUTION}-${index}`)];
    const input = { run: RUN, ended };
    const resumed = isResumed
      ? begin(own, { task: 'begin', execution, startedAt: new Date().toISOString(), input })
      : Promise.resolve(undefined);
    void resumed
      .then(() => runStretch(own, task, () => endsAt - time.now()))
      .catch(() => undefined) // the table did not answer: the machine asks again
      .then(() => {
        stretch.isOver = true;
      });
  }

  /** What a stretch works with: killed, it reaches nothing and hears nothing; deaf, its records fail. */
  function partsOf(stretch: Stretch): DrainParts {
    const alive =
      <Args extends unknown[], Value>(call: (...args: Args) => Promise<Value>) =>
      async (...args: Args): Promise<Value> => {
        if (stretch.isKilled) return new Promise<Value>(() => undefined);
        const value = await call(...args);
        return stretch.isKilled ? new Promise<Value>(() => undefined) : value;
      };
    const heard = <Args extends unknown[], Value>(call: (...args: Args) => Promise<Value>) =>
      alive(async (...args: Args): Promise<Value> => {
        await time.sleep(50);
        if (time.now() < stretch.deafUntil) throw new Error('no answer');
        return call(...args);
      });
    return {
      runs: {
        ...runs,
        share: heard(runs.share),
        beat: heard(runs.beat),
        take: heard(async (id, share, seen) => {
          const isTaken = await runs.take(id, share, seen);
          if (isTaken) {
            stretch.hand = share.hand;
            for (const other of stretches)
              if (other !== stretch && other.hand !== undefined) other.lostAt ??= time.now();
          }
          return isTaken;
        }),
      },
      archive(by) {
        stretch.names.push(by);
        const archive = backlogs.archive(by);
        return { ...archive, claim: alive(archive.claim), end: alive(archive.end), facts: alive(archive.facts) };
      },
      lambda: () => ({
        invoke: alive(async ({ text }) => {
          backlogs.ran(text);
          stretch.sentAt.push(time.now());
          await time.sleep(takesMs);
          return { kind: 'reply', text: '{}' };
        }),
        reservedConcurrency: async () => ({ kind: 'known', invocations: undefined }),
        close: () => undefined,
      }),
      functions: { find: async (name) => ({ name, timeoutSeconds: 3, environment: {}, mayHoldClient: true }) },
      parameterStore: {
        read: async (name) => ({ name, text: '{"version":1,"windows":[]}', version: 1, modifiedAt: startedAt - 1e9 }),
      },
      parameters: ['maintenance-window'],
      announcer: { announce: async () => undefined },
      clock: time,
      timer: { now: time.now, sleep: alive(time.sleep) },
      wholeMs: WHOLE_MS,
      write: () => undefined,
    };
  }

  async function take(each: Step): Promise<void> {
    switch (each.kind) {
      case 'pass':
        return time.pass(each.ms);
      case 'another':
        return another(each.isResumed);
      default: {
        const alive = stretches.filter(({ isOver, isKilled }) => !isOver && !isKilled);
        const stretch = alive[each.which % Math.max(1, alive.length)];
        if (!stretch) return;
        if (each.kind === 'kill') {
          stretch.isKilled = true;
          for (const event of stretch.names.flatMap(backlogs.inHandsOf)) inKilledHands.add(event);
        } else {
          stretch.deafUntil = time.now() + each.ms;
          stretch.wasDeaf = true;
        }
      }
    }
  }

  function holdLaws(): void {
    const doubted = backlogs.doubted();
    const twice = backlogs.twice();
    expect(twice.filter((event) => !inKilledHands.has(event))).toEqual([]);
    expect(doubted.filter((event) => !inKilledHands.has(event))).toEqual([]);
    for (const { lostAt, deafUntil, sentAt } of stretches) {
      if (lostAt === undefined) continue;
      const quietFrom = Math.max(lostAt, deafUntil) + HEARD_MS;
      expect(sentAt.filter((at) => at > quietFrom)).toEqual([]);
    }
  }

  /** Stretch after stretch, as the machine asks for them, until the share is over. */
  async function conclude(): Promise<void> {
    for (const stretch of stretches) stretch.deafUntil = Math.min(stretch.deafUntil, time.now());
    for (let more = 0; more < 20; more += 1) {
      another(false);
      await time.pass(3 * MINUTE_MS);
      holdLaws();
    }
    expect(backlogs.statuses()).toEqual({ replayed: EVENTS });
    await time.during(end(partsOf(newStretch()), { task: 'end', run: RUN }));
    const run = await runs.read(RUN);
    expect(run).toMatchObject({ status: 'done', endedAt: expect.any(Number) });
    const replayed = run?.counts.replayed ?? 0;
    expect(replayed).toBeLessThanOrEqual(EVENTS);
    if (stretches.every(({ wasDeaf, isKilled, lostAt }) => !wasDeaf && !isKilled && lostAt === undefined))
      expect(replayed).toBe(EVENTS);
  }
}
