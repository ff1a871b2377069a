import { describe, expect, it } from 'vitest';
import { begin } from '../../../cloud/drain/begin.ts';
import type { DrainParts } from '../../../cloud/drain/parts.ts';
import { noCounts } from '../../../core/replay/progress/news.ts';
import { planOf, type ReplayWish } from '../../../core/replay/wish.ts';
import { FROM_DRAIN, type RunShare, runPlanOf } from '../../../core/runs/run.ts';
import type { Word } from '../../../core/words/words.ts';
import { type BacklogKind, createMemoryBacklogs } from '../../fakes/memory/memory-backlog.ts';
import { createMemoryRuns } from '../../fakes/memory/memory-runs.ts';
import { PLAN } from '../../fakes/memory/simulated-replay.ts';
import { createSimulatedTime } from '../../fakes/memory/simulated-time.ts';

const RUN = '0123abcd';
const EXECUTION = 'arn:aws:states:eu-south-1:123456789012:execution:drain:orders-20261130040000';
/** One more than a function has in one share. */
const MANY = 20_001;
/** When the first event of a backlog was deferred. */
const STORED_AT = Date.UTC(2026, 10, 21);

/** The drain over backlogs of these sizes. */
function drainOf(sizes: Readonly<Record<string, number>>, kind: BacklogKind = {}) {
  const time = createSimulatedTime();
  const runs = createMemoryRuns(time.now);
  const said: Word[] = [];
  const lines: string[] = [];
  let beatsLeft = Number.POSITIVE_INFINITY;
  let isBusDown = false;
  const backlogs = createMemoryBacklogs(new Map(Object.entries(sizes)), 3_000, time.now, kind);
  const parts = {
    runs: {
      ...runs,
      async beat(id: string, share: RunShare) {
        if (beatsLeft <= 0) throw new Error('it was killed');
        beatsLeft -= 1;
        return runs.beat(id, share);
      },
    },
    archive: (by: string) => backlogs.archive(by),
    clock: time,
    timer: time,
    announcer: {
      async announce(words: readonly Word[]) {
        if (isBusDown) throw new Error('not authorized to perform: events:PutEvents');
        said.push(...words);
      },
    },
    write: (line: string) => void lines.push(line),
  } as unknown as DrainParts;
  const startedAt = new Date(time.now()).toISOString();
  return {
    runs,
    time,
    said: () => said.map(({ type, detail }) => [type, detail.id]),
    lines,
    killAfterShares: (count: number) => {
      beatsLeft = count;
    },
    busGoesDown: () => {
      isBusDown = true;
    },
    begin: (input: Parameters<typeof begin>[1]['input'], execution = EXECUTION) =>
      begin(parts, { task: 'begin', execution, startedAt, input }),
    async make(wish: ReplayWish = {}): Promise<void> {
      const planned = planOf(wish, false);
      if (planned.kind === 'none') throw new Error(planned.why.kind);
      const facts = { id: RUN, name: 'test', by: 'test', from: FROM_DRAIN, startedAt: time.now() };
      const selection = { functions: Object.keys(sizes), untilAt: time.now() };
      await runs.create({ ...facts, selection, plan: runPlanOf(planned.plan) }, 0, time.now() + 60_000);
    },
  };
}

describe('a run that begins', () => {
  it('has one share for a function where it stops at so many failures: each share would count its own', async () => {
    const { begin, make, runs } = drainOf({ many: MANY });
    await make({ stopAfter: { kind: 'count', failures: 5 } });
    expect((await begin({ run: RUN })).shares).toHaveLength(1);
    expect((await runs.read(RUN))?.shareCount).toBe(1);
  });

  it('has an id of its own where a record of somebody else’s has the first one, however often it is tried', async () => {
    const { begin, runs } = drainOf({ few: 3 });
    const window = { startAt: '2026-11-20T22:00:00Z', endAt: '2026-11-21T04:00:00Z' };
    const input = { name: 'few-20261130040000', functionName: 'few', window, replay: {} };
    const { run: first } = await begin(input);
    const facts = { by: 'alice', from: 'laptop', startedAt: 1, selection: { functions: ['x'] } };
    const { run: taken } = await drainOf({ few: 3 }).begin(input, `${EXECUTION}0`);
    await runs.create({ ...facts, id: taken, name: 'other', plan: runPlanOf(PLAN) }, 1, 1);
    await runs.end(taken, { status: 'done', counts: noCounts() });
    const begun = await begin(input, `${EXECUTION}0`);
    expect(begun.shares).toHaveLength(1);
    expect([first, taken]).not.toContain(begun.run);
    expect(await runs.read(begun.run)).toMatchObject({ name: 'few-20261130040000', status: 'running' });
    expect(await begin(input, `${EXECUTION}0`)).toEqual(begun);
  });

  it('has a share for each function that has something, and eight for one that has much', async () => {
    const { begin, make, runs, said } = drainOf({ few: 3, none: 0, many: MANY });
    await make({ canary: 5 });
    const { shares } = await begin({ run: RUN });
    expect(shares.map(({ functionName }) => functionName)).toEqual(['few', ...Array(8).fill('many')]);
    const run = await runs.read(RUN);
    expect(run).toMatchObject({ shareCount: 9, execution: EXECUTION, status: 'running' });
    // Of a function’s shares the first has the canary, and the others wait for it.
    expect(run?.shares.map(({ progress }) => [progress?.group, progress?.leader])).toEqual([
      [undefined, undefined],
      [0, undefined],
      ...[1, 2, 3, 4, 5, 6, 7].map((group) => [group, 1]),
    ]);
    expect(said().map(([type]) => type)).toEqual(['Replay Started']);
  });

  it.each<[string, ReplayWish]>([
    ['order is kept', { ordered: true }],
    ['fewer than eight at once are wanted', { concurrency: 7 }],
    ['there is a limit', { limit: MANY }],
  ])('has one share for a function that has much where %s', async (_, wish) => {
    const { begin, make } = drainOf({ many: MANY });
    await make(wish);
    expect((await begin({ run: RUN })).shares).toHaveLength(1);
  });

  it('is the same run for one execution, however often that begins, and another one for another', async () => {
    const { begin, runs, said, time } = drainOf({ orders: 3 });
    const input = {
      name: 'orders-20261130040000',
      functionName: 'orders',
      window: { startAt: '2026-11-20T22:00:00Z', endAt: '2026-11-21T04:00:00Z' },
      replay: { ratePerSecond: 5, canary: 2, stopAfter: { kind: 'count', failures: 3 }, ordered: true },
    } as const;
    const first = await begin(input);
    expect(first.shares).toHaveLength(1);
    expect(await runs.read(first.run)).toMatchObject({
      by: 'monitor',
      from: 'drain',
      ratePerSecond: 5,
      plan: { canary: 2, stopAfter: { kind: 'count', failures: 3 }, ordered: true },
      selection: {
        functions: ['orders'],
        fromAt: Date.UTC(2026, 10, 20, 22),
        untilAt: time.now(),
        underFromAt: Date.UTC(2026, 10, 20, 22),
      },
    });
    const again = await begin(input);
    expect(again).toEqual(first);
    expect(new Set(said().map(([, id]) => id)).size).toBe(1);
    expect((await begin(input, `${EXECUTION}-2`)).run).not.toBe(first.run);
  });

  it('means what was deferred in its windows’ time, and says how much else is pending', async () => {
    const [fromAt, nextAt] = [STORED_AT + 10, STORED_AT + 30];
    // The first four of its time were deferred under the windows before, whose end was not seen at once; one says nothing.
    const windowStartAt = (index: number) => (index === 20 ? undefined : index < 14 ? fromAt - 9 : fromAt);
    const { begin, runs, said } = drainOf({ orders: 40 }, { windowStartAt });
    const text = (at: number) => new Date(at).toISOString();
    const window = { startAt: text(fromAt), endAt: text(nextAt - 5), nextAt: text(nextAt), underFromAt: text(fromAt) };
    const input = { name: 'orders-20261121000000', functionName: 'orders', window, replay: {} };
    const { run } = await begin(input);
    const selection = { functions: ['orders'], fromAt, untilAt: nextAt, underFromAt: fromAt };
    expect(await runs.read(run)).toMatchObject({ selection, left: { events: 10 + 4 + 1 } });
    expect(said()).toHaveLength(1);
    const all = await begin({ ...input, window: { ...window, underFromAt: text(fromAt - 9) } }, `${EXECUTION}-2`);
    expect((await runs.read(all.run))?.left).toEqual({ events: 10 + 1 });
  });

  it('counts a thousand of them, and no more', async () => {
    const { begin, runs } = drainOf({ orders: 2_000 });
    const startAt = new Date(STORED_AT + 1_500).toISOString();
    const input = { name: 'orders-1', functionName: 'orders', window: { startAt, endAt: startAt }, replay: {} };
    expect((await runs.read((await begin(input)).run))?.left).toEqual({ events: 1_000, isMore: true });
  });

  it('is begun whole by the next try, whichever share it was killed at', async () => {
    for (const written of [0, 1, 3, 8]) {
      const { begin, killAfterShares, make, runs } = drainOf({ few: 3, many: MANY });
      await make();
      killAfterShares(written);
      await expect(begin({ run: RUN })).rejects.toThrow('it was killed');
      killAfterShares(Number.POSITIVE_INFINITY);
      expect((await begin({ run: RUN })).shares).toHaveLength(9);
      expect(await runs.read(RUN)).toMatchObject({ shareCount: 9, status: 'running' });
    }
  });

  it('has no more shares than Step Functions takes the names of: one for each function, then, or none', async () => {
    const named = (count: number, events: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [String(index).padStart(64, 'f'), events]));
    const many = drainOf({ ...named(300, MANY) });
    await many.make();
    const { shares } = await many.begin({ run: RUN });
    expect(shares).toHaveLength(300);
    const tooMany = drainOf(named(2_700, 1));
    await tooMany.make();
    expect(await tooMany.begin({ run: RUN })).toEqual({ run: RUN, shares: [] });
    expect(await tooMany.runs.read(RUN)).toMatchObject({
      status: 'stopped',
      why: '2,700 functions are too many for one replay of the drain: name some of them at a time',
    });
  });

  it('goes on where nobody can be told that it has begun, which its log has', async () => {
    const { begin, busGoesDown, lines, make } = drainOf({ orders: 3 });
    await make();
    busGoesDown();
    expect((await begin({ run: RUN })).shares).toHaveLength(1);
    expect(lines).toEqual([expect.stringMatching(/Replay Started.*events:PutEvents/)]);
  });
});

describe('a run that somebody goes on with', () => {
  it('has those shares handed out that nobody does, with what they counted', async () => {
    const { begin, make, runs, time } = drainOf({ orders: 3 });
    await make();
    const counts = { ...noCounts(), replayed: 7 };
    const tell = (number: number, share: Partial<RunShare>) =>
      runs.beat(RUN, {
        ...{
          number,
          functionName: 'orders',
          state: 'running',
          counts,
          at: time.now(),
          aliveUntil: time.now() + 60_000,
        },
        ...share,
      });
    await runs.begun(RUN, { shareCount: 5, aliveUntil: time.now() + 60_000, execution: EXECUTION });
    await tell(0, { state: 'done' });
    await tell(1, {});
    await tell(2, { state: 'held' });
    await tell(3, { state: 'paused', aliveUntil: time.now() + 1e9 });
    await tell(4, { aliveUntil: time.now() - 1 });
    const { shares } = await begin({ run: RUN }, `${EXECUTION}-2`);
    const given = (await runs.read(RUN))?.shares.map(({ progress }) => progress?.execution);
    expect(given).toEqual([undefined, undefined, undefined, `${EXECUTION}-2`, `${EXECUTION}-2`]);
    expect(shares.map(({ number }) => number)).toEqual([3, 4]);
    const states = (await runs.read(RUN))?.shares.map(({ state }) => state);
    expect(states).toEqual(['done', 'running', 'held', 'more', 'more']);
    expect((await runs.read(RUN))?.shares[3]?.counts).toEqual(counts);
    // The same execution that tries again, as its answer was lost, is who has them in hand.
    expect((await begin({ run: RUN }, `${EXECUTION}-2`)).shares).toEqual(shares);
    // Who comes at once finds them in hand.
    expect((await begin({ run: RUN }, `${EXECUTION}-3`)).shares).toEqual([]);
  });

  it('has those shares handed out whose execution has ended, as whoever resumes it found', async () => {
    const { begin, make, runs, time } = drainOf({ orders: 3 });
    await make();
    await runs.begun(RUN, { shareCount: 5, aliveUntil: time.now() + 60_000, execution: EXECUTION });
    const [first, second, third] = ['', '-2', '-3'].map((each) => `${EXECUTION}${each}`) as [string, string, string];
    const tell = (number: number, state: RunShare['state'], execution?: string) => {
      const at = time.now();
      const progress = { stretches: 1, damaged: 0, ...(execution !== undefined && { execution }) };
      const share = {
        number,
        functionName: 'orders',
        state,
        counts: noCounts(),
        at,
        aliveUntil: at + 600_000,
        progress,
      };
      return runs.beat(RUN, share);
    };
    await tell(0, 'done');
    await tell(1, 'more');
    await tell(2, 'held', second);
    await tell(3, 'running', second);
    await tell(4, 'more', third);
    const { shares } = await begin({ run: RUN, ended: [first, second] }, `${EXECUTION}-4`);
    expect(shares.map(({ number }) => number)).toEqual([1, 2, 3]);
    // Tried again for a lost answer: they are its own by now.
    expect((await begin({ run: RUN, ended: [first, second] }, `${EXECUTION}-4`)).shares).toEqual(shares);
    expect((await begin({ run: RUN, ended: [first, second] }, `${EXECUTION}-5`)).shares).toEqual([]);
  });

  it('is given the shares that its execution names, and none where it has ended', async () => {
    const { begin, make, runs } = drainOf({ orders: 3 });
    await make();
    const named = [{ number: 5, functionName: 'orders' }];
    expect((await begin({ run: RUN, shares: named })).shares).toEqual(named);
    await runs.end(RUN, { status: 'stopped', counts: noCounts() });
    expect((await begin({ run: RUN, shares: named })).shares).toEqual([]);
  });

  it('fails where its record is gone, or cannot be read, and says which and what to do', async () => {
    const { begin } = drainOf({ orders: 3 });
    for (const more of [{}, { shares: [{ number: 5, functionName: 'orders' }] }])
      await expect(begin({ run: '00000000', ...more })).rejects.toThrow(
        /^the record of the replay 00000000 is gone, or cannot be read: .*pending.*"replay"/,
      );
  });
});
