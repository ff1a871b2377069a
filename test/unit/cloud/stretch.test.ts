import { describe, expect, it } from 'vitest';
import type { DrainParts } from '../../../cloud/drain/parts.ts';
import { runStretch } from '../../../cloud/drain/stretch.ts';
import type { EventArchive } from '../../../core/events/archive.ts';
import type { InvokeAnswer } from '../../../core/replay/invoker.ts';
import { noCounts } from '../../../core/replay/progress/news.ts';
import { planOf, type ReplayWish } from '../../../core/replay/wish.ts';
import { FROM_DRAIN, type RunShare, runPlanOf } from '../../../core/runs/run.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../core/units.ts';
import { createMemoryBacklogs } from '../../fakes/memory/memory-backlog.ts';
import { createMemoryRuns } from '../../fakes/memory/memory-runs.ts';
import { createSimulatedTime } from '../../fakes/memory/simulated-time.ts';

const RUN = '0123abcd';
const NAME = 'orders';
const EVENTS = 40;
const WHOLE_MS = 15 * MINUTE_MS;

const FINE: InvokeAnswer = { kind: 'reply', text: '{}' };
const FAILS: InvokeAnswer = { kind: 'function-error', text: '{"errorMessage":"no"}' };

interface Given {
  readonly wish?: ReplayWish;
  readonly timeoutSeconds?: number;
  /** What it was when the events were deferred. Default: the same. */
  readonly timeoutSecondsThen?: number;
  /** How long an invocation takes. Default: 100 ms. */
  readonly takesMs?: number;
  readonly reserved?: number;
  /** From and until: milliseconds from now. */
  readonly window?: readonly [number, number];
  readonly answer?: (index: number) => InvokeAnswer;
  /** How many shares the run has. */
  readonly shares?: number;
  /** Whose credentials invoke. */
  readonly account?: string;
  /** Versions or aliases that events were sent to, in turn. */
  readonly qualifiers?: readonly string[];
}

/** A run of one function in memory, by a clock that nobody waits for. */
async function drained(given: Given = {}) {
  const {
    wish = {},
    timeoutSeconds = 3,
    timeoutSecondsThen = timeoutSeconds,
    takesMs = 100,
    reserved,
    window,
    answer = () => FINE,
    shares = 1,
    account,
    qualifiers,
  } = given;
  const time = createSimulatedTime();
  const beganAt = time.now();
  const backlogs = createMemoryBacklogs(new Map([[NAME, EVENTS]]), timeoutSecondsThen * 1_000, time.now);
  const runs = createMemoryRuns(time.now);
  const planned = planOf(wish, false);
  if (planned.kind === 'none') throw new Error(planned.why.kind);
  const selection = { functions: [NAME], untilAt: beganAt };
  const facts = { id: RUN, name: 'test', by: 'test', from: FROM_DRAIN, startedAt: beganAt, selection };
  await runs.create({ ...facts, plan: runPlanOf(planned.plan) }, shares, beganAt + MINUTE_MS);
  /** Events that were sent, each with when: milliseconds from the beginning. */
  const sent: { readonly index: number; readonly atMs: number }[] = [];
  const windows = window
    ? [{ start: beganAt + window[0], end: beganAt + window[1] }].map(({ start, end }) => ({
        start: new Date(start).toISOString(),
        end: new Date(end).toISOString(),
      }))
    : [];
  let [underWay, atOnce] = [0, 0];
  const parts: DrainParts = {
    runs: {
      ...runs,
      // A table takes its time: what a stretch hears, it does not know when it begins.
      async beat(id, share) {
        await time.sleep(200);
        return runs.beat(id, share);
      },
    },
    account,
    archive: (by) => sentTo(qualifiers, backlogs.archive(by)),
    lambda: () => ({
      async invoke({ text, limitMs }) {
        const index = Number(text.split('/')[1]);
        sent.push({ index, atMs: time.now() - beganAt });
        underWay += 1;
        atOnce = Math.max(atOnce, underWay);
        await time.sleep(Math.min(takesMs, limitMs));
        underWay -= 1;
        return limitMs < takesMs ? { kind: 'no-answer', message: `no answer within ${limitMs} ms` } : answer(index);
      },
      reservedConcurrency: async () => ({ kind: 'known', invocations: reserved }),
      close: () => undefined,
    }),
    functions: { find: async (name) => ({ name, timeoutSeconds, environment: {}, mayHoldClient: true }) },
    parameterStore: {
      read: async (name) => ({
        name,
        text: JSON.stringify({ version: 1, windows }),
        version: 1,
        modifiedAt: beganAt - DAY_MS,
      }),
    },
    parameters: ['maintenance-window'],
    announcer: { announce: async () => undefined },
    clock: time,
    timer: time,
    wholeMs: WHOLE_MS,
    write: () => undefined,
  };
  const stretchOf = (own: DrainParts, number = 0, forMs = WHOLE_MS) => {
    const endsAt = time.now() + forMs;
    const task = { task: 'stretch', run: RUN, share: { number, functionName: NAME } } as const;
    return time.during(runStretch(own, task, () => endsAt - time.now()));
  };
  const stretch = (number?: number, forMs?: number) => stretchOf(parts, number, forMs);
  return {
    time,
    runs,
    parts,
    sent,
    atOnce: () => atOnce,
    indexes: () => sent.map(({ index }) => index),
    stretch,
    stretchOf,
    /** Says something in the middle of the next stretch. */
    soon(atMs: number, say: () => Promise<unknown>): void {
      void time.sleep(atMs).then(say);
    },
    share: async (number = 0) => (await runs.read(RUN))?.shares.find((each) => each.number === number),
    async tell(number: number, share: Partial<RunShare>): Promise<void> {
      const at = time.now();
      const told = { number, functionName: NAME, state: 'more', counts: noCounts(), at, aliveUntil: at } as const;
      await runs.beat(RUN, { ...told, ...share });
    },
  };
}

/** The same events, sent to these versions or aliases in turn. */
function sentTo(qualifiers: readonly string[] | undefined, archive: EventArchive): EventArchive {
  if (!qualifiers) return archive;
  return {
    ...archive,
    async *rows(query) {
      for await (const row of archive.rows(query)) {
        const qualifier = qualifiers[Number(row.id.slice(1)) % qualifiers.length];
        yield { ...row, ...(qualifier !== undefined && { qualifier }) };
      }
    },
  };
}

describe('a stretch', () => {
  it('waits for as long as the function may take now, and not as it might when the event was deferred', async () => {
    const { stretch, sent, share } = await drained({ timeoutSeconds: 300, timeoutSecondsThen: 3, takesMs: 200_000 });
    await stretch();
    expect(sent.length).toBeGreaterThan(0);
    expect((await share())?.counts).toMatchObject({ replayed: sent.length, unknown: 0 });
  });

  it.each([
    [
      'windows',
      (parts: DrainParts, fault: Error) => ({ ...parts, parameterStore: { read: () => Promise.reject(fault) } }),
    ],
    ['time-out', (parts: DrainParts, fault: Error) => ({ ...parts, functions: { find: () => Promise.reject(fault) } })],
  ])('holds its share while its %s is not told, looks less and less often, and goes on then', async (_, without) => {
    const { parts, stretchOf, share, time, indexes } = await drained();
    const silent = without(parts, Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' }));
    let looks = 0;
    for (const endsAt = time.now() + DAY_MS; time.now() < endsAt; looks += 1) {
      const { state, untilAt } = await stretchOf(silent);
      expect([state, (await share())?.state]).toEqual(['held', 'held']);
      await time.during(time.sleep(Date.parse(untilAt) - time.now()));
    }
    expect(looks).toBeGreaterThan(20);
    expect(looks).toBeLessThan(80);
    expect(await stretchOf(parts)).toMatchObject({ state: 'over' });
    expect(indexes()).toHaveLength(EVENTS);
  });

  it('leaves its share to a stretch that is at work on it, whose answer was lost', async () => {
    const { parts, time, stretchOf, indexes, share, atOnce } = await drained({
      wish: { concurrency: 2 },
      takesMs: 1_000,
    });
    const first = stretchOf(parts);
    const second = time.sleep(5_000).then(() => stretchOf(parts));
    expect(await time.during(Promise.all([first, second]))).toMatchObject([{ state: 'over' }, { state: 'held' }]);
    expect([new Set(indexes()).size, indexes().length, atOnce()]).toEqual([EVENTS, EVENTS, 2]);
    expect((await share())?.counts).toMatchObject({ replayed: EVENTS, taken: 0 });
    expect(await stretchOf(parts)).toMatchObject({ state: 'over' });
  });

  it('is the only one of its share, where several begin in one moment', async () => {
    const { parts, time, stretchOf, indexes, share, atOnce } = await drained({ wish: { concurrency: 2 } });
    const ended = await time.during(Promise.all([1, 2, 3].map(() => stretchOf(parts))));
    expect(ended.map(({ state }) => state).sort()).toEqual(['held', 'held', 'over']);
    expect([indexes().length, atOnce()]).toEqual([EVENTS, 2]);
    expect(await share()).toMatchObject({ state: 'done', counts: { replayed: EVENTS, taken: 0 } });
  });

  it('fails where the record of its share cannot be read: nobody could go on with it, and none would say so', async () => {
    const { parts, runs, stretchOf, tell, sent } = await drained();
    await tell(0, { state: 'held', hand: 'another' });
    const unreadable = {
      ...parts,
      runs: {
        ...parts.runs,
        async share(id: string, number: number) {
          const { share: _, ...found } = (await runs.share(id, number)) ?? {};
          return found as Awaited<ReturnType<typeof runs.share>>;
        },
      },
    };
    await expect(stretchOf(unreadable)).rejects.toThrow(/^the record of share 0 of the replay 0123abcd cannot be read/);
    expect(sent).toEqual([]);
  });

  it('ends where another one has taken its share, which was silent for too long, and counts nothing for it', async () => {
    const { parts, stretchOf, runs, share, soon, sent } = await drained({
      wish: { concurrency: 1 },
      takesMs: 1_000,
    });
    soon(5_000, async () => {
      const { hand, ...now } = (await share()) as RunShare;
      await runs.take(RUN, { ...now, hand: 'another' } as Parameters<typeof runs.take>[1], hand);
    });
    expect(await stretchOf(parts)).toMatchObject({ state: 'held' });
    expect(sent.length).toBeLessThan(12);
    expect((await share())?.hand).toBe('another');
    expect((await share())?.counts.replayed).toBeLessThan(6);
  });

  it('sends all there is, and says that its share is done', async () => {
    const { stretch, indexes, share } = await drained();
    expect(await stretch()).toMatchObject({ state: 'over' });
    expect(indexes()).toHaveLength(EVENTS);
    expect(await share()).toMatchObject({ state: 'done', counts: { replayed: EVENTS } });
  });

  it('sends nothing inside a window, and looks again in five minutes, then each half hour, until its end', async () => {
    const { stretch, sent, share, time } = await drained({ window: [-HOUR_MS, 3 * HOUR_MS] });
    const beganAt = time.now();
    const looks: number[] = [];
    for (let outcome = await stretch(); outcome.state === 'held'; outcome = await stretch()) {
      expect(sent).toEqual([]);
      const held = await share();
      expect(held).toMatchObject({ state: 'held', waiting: { why: 'a maintenance window is active' } });
      expect(held?.aliveUntil).toBeGreaterThan(Date.parse(outcome.untilAt));
      const waitMs = Date.parse(outcome.untilAt) - time.now();
      looks.push(Math.round(waitMs / MINUTE_MS));
      await time.pass(waitMs);
    }
    expect(looks).toEqual([...Array(12).fill(5), 30, 30, 30, 30]);
    expect(time.now() - beganAt).toBeGreaterThanOrEqual(3 * HOUR_MS);
    expect(sent).toHaveLength(EVENTS);
  });

  it('ends once a window begins', async () => {
    const { stretch, sent, share, time } = await drained({
      wish: { ratePerSecond: 1, concurrency: 1 },
      window: [15 * SECOND_MS, HOUR_MS],
    });
    const beganAt = time.now();
    expect(await stretch()).toMatchObject({ state: 'held' });
    expect(time.now() - beganAt).toBeLessThan(20 * SECOND_MS);
    expect(sent.length).toBeGreaterThan(0);
    // One waited for its turn of the rate already: the gate in its function turns it away.
    expect(sent.filter(({ atMs }) => atMs >= 15 * SECOND_MS).length).toBeLessThanOrEqual(1);
    expect(await share()).toMatchObject({ state: 'held', counts: { replayed: sent.length } });
  });

  it('looks again in five minutes where it has sent something since it was held for long', async () => {
    const { stretch, sent, tell, time } = await drained({
      wish: { ratePerSecond: 1, concurrency: 1 },
      window: [15 * SECOND_MS, 2 * HOUR_MS],
    });
    await tell(0, { state: 'held', progress: { stretches: 9, damaged: 0, heldSinceAt: time.now() - DAY_MS } });
    const { state, untilAt } = await stretch();
    const inMinutes = (instant: string) => Math.round((Date.parse(instant) - time.now()) / MINUTE_MS);
    expect([state, sent.length > 0, inMinutes(untilAt)]).toEqual(['held', true, 5]);
    await time.pass(5 * MINUTE_MS);
    expect(inMinutes((await stretch()).untilAt)).toBe(5);
  });

  it.each([
    ['paused', 'paused', { waiting: { why: 'paused by bob@desk' } }],
    ['stopped', 'stopped', { why: 'cancelled by bob@desk' }],
  ] as const)('ends soon once it is to be %s, and is not begun after that', async (wanted, state, told) => {
    const { stretch, sent, share, runs, time, soon } = await drained({ wish: { ratePerSecond: 1, concurrency: 1 } });
    const beganAt = time.now();
    soon(20 * SECOND_MS, () => runs.wish(RUN, { wanted, by: 'bob@desk' }));
    expect(await stretch()).toMatchObject({ state: 'over' });
    expect(time.now() - beganAt).toBeLessThan(25 * SECOND_MS);
    const before = sent.length;
    expect([before > 0, before < EVENTS]).toEqual([true, true]);
    expect(await share()).toMatchObject({ state, ...told });
    expect(await stretch()).toMatchObject({ state: 'over' });
    expect(sent).toHaveLength(before);
    expect(await share()).toMatchObject({ state, ...told });
  });

  it.each(['paused', 'ended', 'done'])('is not begun where it is %s', async (what) => {
    const { stretch, sent, runs, tell } = await drained();
    if (what === 'paused') await runs.wish(RUN, { wanted: 'paused', by: 'bob@desk' });
    if (what === 'ended') await runs.end(RUN, { status: 'stopped', counts: noCounts() });
    if (what === 'done') await tell(0, { state: 'done' });
    expect(await stretch()).toMatchObject({ state: 'over' });
    expect(sent).toEqual([]);
  });

  it('has its part of the pace of its run', async () => {
    const slow = await drained({ wish: { ratePerSecond: 2, concurrency: 8 }, shares: 2 });
    await slow.tell(0, { progress: { stretches: 1, damaged: 0 } }); // so it has no ramp
    await slow.stretch();
    expect(Math.abs(slow.sent.filter(({ atMs }) => atMs < 20_000).length - 20)).toBeLessThanOrEqual(3);
    const wide = await drained({ wish: { concurrency: 8 }, shares: 3 });
    await wide.stretch();
    expect(wide.atOnce()).toBe(2); // from its first event on
    const narrowed = await drained({ wish: { concurrency: 8 } });
    await narrowed.runs.wish(RUN, { concurrency: 1 });
    await narrowed.stretch();
    expect(narrowed.atOnce()).toBe(1);
  });

  it('is heard of until the next one: Lambda may have no room for it, and who pauses has time', async () => {
    const { stretch, runs, time, share } = await drained({ wish: { ratePerSecond: 1, concurrency: 1 } });
    await stretch(0, 50 * SECOND_MS);
    const endedAt = (await share())?.at ?? 0;
    await time.pass(2 * DAY_MS);
    expect(await runs.read(RUN)).toMatchObject({
      status: 'running',
      waiting: { why: expect.stringMatching(/^its next stretch has not begun/), sinceAt: endedAt },
    });
    await runs.wish(RUN, { wanted: 'paused', by: 'bob@desk' });
    await stretch();
    await time.pass(80 * DAY_MS);
    expect([(await share())?.state, (await runs.read(RUN))?.status]).toEqual(['paused', 'paused']);
  });

  it('counts what is refused once, however many stretches refuse it, and takes it for nothing that was sent', async () => {
    const wish = { ratePerSecond: 0.2, concurrency: 1, limit: 4 };
    const { stretch, sent, share } = await drained({ wish, account: '210987654321' });
    expect(await stretch(0, 55 * SECOND_MS)).toMatchObject({ state: 'more' });
    const { refused: first = 0 } = (await share())?.counts ?? {};
    expect([first > 0, first < 4]).toEqual([true, true]);
    await stretch();
    expect([sent, await share()]).toMatchObject([[], { counts: { refused: 4 } }]);
  });

  it('ends once somebody ends its record', async () => {
    const { stretch, sent, runs, soon } = await drained({ wish: { ratePerSecond: 1, concurrency: 1 } });
    soon(20 * SECOND_MS, () => runs.end(RUN, { status: 'stopped', counts: noCounts() }));
    expect(await stretch()).toMatchObject({ state: 'over' });
    expect(sent.length).toBeLessThan(EVENTS);
  });

  it('sends nothing to a function that never runs, or whose time-out does not fit', async () => {
    const shut = await drained({ reserved: 0 });
    expect(await shut.stretch()).toMatchObject({ state: 'over' });
    expect([shut.sent, await shut.share()]).toMatchObject([[], { state: 'stopped', why: /concurrency is 0/ }]);
    const slow = await drained({ timeoutSeconds: 880 });
    expect(await slow.stretch()).toMatchObject({ state: 'over' });
    expect([slow.sent, await slow.share()]).toMatchObject([[], { state: 'left', why: /880 s does not fit/ }]);
    const short = await drained();
    expect(await short.stretch(0, 40 * SECOND_MS)).toMatchObject({ state: 'more' });
    expect(short.sent).toEqual([]);
  });

  it('leaves what does not fit to the next one, which goes on where it left off', async () => {
    const { stretch, indexes, share } = await drained({ wish: { ratePerSecond: 1, concurrency: 1 } });
    expect(await stretch(0, 50 * SECOND_MS)).toMatchObject({ state: 'more' });
    const first = indexes().length;
    expect([first > 0, first < EVENTS]).toEqual([true, true]);
    expect(await share()).toMatchObject({ state: 'more', counts: { replayed: first } });
    expect(await stretch()).toMatchObject({ state: 'over' });
    expect(indexes()).toEqual(Array.from({ length: EVENTS }, (_, index) => index));
    expect(await share()).toMatchObject({ state: 'done', counts: { replayed: EVENTS } });
  });

  it('tries no event again that its run has tried', async () => {
    const answer = (index: number): InvokeAnswer => (index === 0 ? { kind: 'no-answer', message: 'ECONNRESET' } : FINE);
    const { stretch, indexes, share } = await drained({ wish: { ratePerSecond: 1, concurrency: 1 }, answer });
    await stretch(0, 50 * SECOND_MS);
    await stretch();
    expect(indexes()).toEqual(Array.from({ length: EVENTS }, (_, index) => index));
    expect(await share()).toMatchObject({ counts: { unknown: 1, replayed: EVENTS - 1 } });
  });

  it('stops by the rule of its run, over all of its stretches', async () => {
    const wish = { ratePerSecond: 0.2, concurrency: 1, stopAfter: { kind: 'count', failures: 4 } } as const;
    const { stretch, sent, share } = await drained({ wish, answer: () => FAILS });
    let stretches = 0;
    for (let outcome = await stretch(0, 55 * SECOND_MS); outcome.state === 'more'; stretches += 1)
      outcome = await stretch(0, 55 * SECOND_MS);
    expect(stretches).toBeGreaterThan(0);
    expect(sent).toHaveLength(4);
    expect(await share()).toMatchObject({ state: 'stopped', why: '4 of 4 failed', counts: { failed: 4 } });
  });

  it('has time for something, or leaves it: no time-out is such that each stretch hands on to the next one', async () => {
    const asLambdaHasIt = WHOLE_MS - 2 * SECOND_MS; // the drain's own start takes some of it
    for (const timeoutSeconds of [849, 850, 851, 858, 859, 860, 861]) {
      const { stretch, sent, share } = await drained({ timeoutSeconds });
      expect(await stretch(0, asLambdaHasIt)).toMatchObject({ state: 'over' });
      const fits = timeoutSeconds <= 850;
      expect([timeoutSeconds, sent.length, (await share())?.state]).toEqual([
        timeoutSeconds,
        fits ? EVENTS : 0,
        fits ? 'done' : 'left',
      ]);
    }
  });

  it('leaves what an alias had that is gone, and does all else, over all of its stretches', async () => {
    const gone: InvokeAnswer = { kind: 'not-run', refusal: 'missing', message: 'ResourceNotFoundException' };
    const { stretch, share } = await drained({
      wish: { concurrency: 1, ratePerSecond: 0.5 },
      qualifiers: ['old', 'live'],
      answer: (index) => (index % 2 === 0 ? gone : FINE),
    });
    let stretches = 0;
    for (let { state } = await stretch(0, MINUTE_MS); state === 'more'; ) {
      stretches += 1;
      ({ state } = await stretch(0, MINUTE_MS));
    }
    expect(stretches).toBeGreaterThan(0);
    expect(await share()).toMatchObject({
      state: 'stopped',
      why: expect.stringContaining('ResourceNotFoundException'),
    });
    expect((await share())?.counts.replayed).toBe(EVENTS / 2);
  });

  it('sends no more than the limit, over all of its stretches', async () => {
    const { stretch, sent, share } = await drained({ wish: { ratePerSecond: 0.2, concurrency: 1, limit: 4 } });
    let stretches = 0;
    for (let outcome = await stretch(0, 55 * SECOND_MS); outcome.state === 'more'; stretches += 1)
      outcome = await stretch(0, 55 * SECOND_MS);
    expect(stretches).toBeGreaterThan(0);
    expect(sent).toHaveLength(4);
    expect(await share()).toMatchObject({ state: 'done', counts: { replayed: 4 } });
  });

  it('has its group of the index, and no other share has that', async () => {
    const { stretch, indexes, tell } = await drained();
    for (const group of [0, 1]) await tell(group, { progress: { stretches: 0, damaged: 0, group } });
    await stretch(0);
    expect(indexes()).toEqual([0, 8, 16, 24, 32]);
    await stretch(1);
    expect(indexes().slice(5)).toEqual([1, 9, 17, 25, 33]);
  });
});

describe('a canary', () => {
  it('is so many events, over all stretches, and all of them have to succeed', async () => {
    const wish = { ratePerSecond: 0.2, concurrency: 1, canary: 4 };
    const { stretch, sent, share } = await drained({ wish, answer: (index) => (index === 0 ? FAILS : FINE) });
    let stretches = 0;
    for (let outcome = await stretch(0, 55 * SECOND_MS); outcome.state === 'more'; stretches += 1)
      outcome = await stretch(0, 55 * SECOND_MS);
    expect(stretches).toBeGreaterThan(0);
    expect(sent).toHaveLength(4);
    expect(await share()).toMatchObject({
      state: 'stopped',
      why: '1 of the 4 events of the canary did not succeed',
    });
    expect((await share())?.progress).not.toHaveProperty('hasPassedCanary');
  });

  it('that has done well is told with the next heartbeat: others of its function wait for that', async () => {
    const { stretch, sent, share, tell, time, soon } = await drained({
      wish: { ratePerSecond: 1, concurrency: 1, canary: 2 },
    });
    const beganAt = time.now();
    await tell(1, { progress: { stretches: 0, damaged: 0, group: 1, leader: 0 } });
    expect(await stretch(1)).toMatchObject({ state: 'held' });
    expect(await share(1)).toMatchObject({
      state: 'held',
      waiting: { why: 'the canary of its function is under way' },
    });
    expect(sent).toEqual([]);
    const seen: unknown[] = [];
    for (const atMs of [1_000, 30_000]) soon(atMs, async () => seen.push((await share())?.progress?.hasPassedCanary));
    await stretch(0);
    expect(time.now() - beganAt).toBeGreaterThan(35_000);
    expect(seen).toEqual([undefined, true]);
  });

  it.each<[Partial<RunShare>, string]>([
    [{ state: 'running' }, 'held'],
    [{ state: 'stopped', why: '1 of the 2 events of the canary did not succeed' }, 'over'],
    [{ state: 'running', progress: { stretches: 1, damaged: 0, hasPassedCanary: true } }, 'sends'],
    [{ state: 'done' }, 'sends'],
    [{ state: 'more', aliveUntil: 1 }, 'over'],
  ])('has its function’s other shares wait, stop or go on: %j', async (leader, comesTo) => {
    const answer = (index: number) => (index === 1 ? FAILS : FINE);
    const { stretch, sent, tell, share, time } = await drained({ wish: { canary: 2, concurrency: 1 }, answer });
    await tell(0, { aliveUntil: time.now() + MINUTE_MS, ...leader });
    await tell(1, { progress: { stretches: 0, damaged: 0, group: 1, leader: 0 } });
    const { state } = await stretch(1);
    expect(sent.length > 0 ? 'sends' : state).toBe(comesTo);
    // It has no canary of its own.
    if (comesTo === 'sends') expect(sent).toHaveLength(5);
    const why = leader.why ?? 'nobody has heard of its canary any more';
    if (comesTo === 'over') expect(await share(1)).toMatchObject({ state: 'stopped', why });
  });
});
