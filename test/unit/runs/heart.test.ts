import { describe, expect, it } from 'vitest';
import { noCounts } from '../../../core/replay/progress/news.ts';
import { startHeart } from '../../../core/runs/heart.ts';
import type { RunOrders, RunStore } from '../../../core/runs/ports.ts';
import { ALIVE_MS, type RunFacts, type RunShare, runPlanOf } from '../../../core/runs/run.ts';
import { createMemoryRuns } from '../../fakes/memory/memory-runs.ts';
import { PLAN } from '../../fakes/memory/simulated-replay.ts';
import { createSimulatedTime } from '../../fakes/memory/simulated-time.ts';

const ID = '3f2a91c0';

/** A heart that beats, its record, and all that was told. */
async function beating(shareCount = 1, { orders, isHeard = true }: { orders?: RunOrders; isHeard?: boolean } = {}) {
  const time = createSimulatedTime();
  const store = createMemoryRuns(time.now);
  const facts: RunFacts = {
    id: ID,
    name: 'orders',
    by: 'alice@laptop',
    from: 'laptop',
    selection: { functions: ['orders'] },
    plan: runPlanOf(PLAN),
    startedAt: time.now(),
  };
  await store.create(facts, shareCount, time.now() + 60_000);
  const beats: RunShare[] = [];
  const troubles: unknown[] = [];
  let answer: RunStore['beat'] = isHeard ? store.beat : () => new Promise(() => undefined);
  const heart = startHeart({
    store: {
      beat(id, share) {
        beats.push(share);
        return answer(id, share);
      },
    },
    runId: ID,
    share: { number: 0, counts: { ...noCounts(), replayed: 100 } },
    pace: { ratePerSecond: 40, concurrency: 8 },
    ...(orders && { orders }),
    partOf: ({ ratePerSecond, concurrency }, shares) => ({
      ratePerSecond: ratePerSecond / shares,
      concurrency: Math.floor(concurrency / shares),
    }),
    waiting: () => ({ why: 'a maintenance window is active', untilAt: 7 }),
    clock: time,
    timer: time,
    onTrouble: (fault) => troubles.push(fault),
  });
  const answerBy = (next: RunStore['beat'] | undefined) => {
    answer = next ?? store.beat;
  };
  return { time, store, heart, beats, troubles, answerBy };
}

describe('the heart of a run', () => {
  it('beats every two seconds, with all that was counted from the beginning on, and why it waits', async () => {
    const { time, heart, beats } = await beating();
    await time.pass(1_000);
    heart.hear({ kind: 'event', row: { id: 'e' } as never, outcome: 'failed' });
    await time.pass(9_500);
    expect(beats).toHaveLength(6);
    expect(beats[0]).toMatchObject({ state: 'running', counts: { replayed: 100, failed: 0 } });
    expect(beats[5]).toMatchObject({ counts: { replayed: 100, failed: 1 }, waiting: { untilAt: 7 } });
    await time.during(heart.stop('done'));
    expect(beats.at(-1)).toMatchObject({ state: 'done', counts: { failed: 1 } });
    expect(beats.at(-1)).not.toHaveProperty('waiting');
    await time.pass(60_000);
    expect(beats).toHaveLength(7);
  });

  it('hears a pause, another pace and its end, and tells whoever subscribed', async () => {
    const { time, store, heart } = await beating();
    const { controls, cancelled } = heart;
    let changes = 0;
    await time.pass(100);
    controls.subscribe(() => {
      changes += 1;
    });
    await store.wish(ID, { wanted: 'paused', by: 'bob@desk' });
    await time.pass(2_000);
    expect([controls.pausedWhy(), changes]).toEqual(['paused by bob@desk', 1]);
    await store.wish(ID, { wanted: 'running', ratePerSecond: Number.POSITIVE_INFINITY, concurrency: 1 });
    await time.pass(2_000);
    expect([controls.pausedWhy(), controls.ratePerSecond(), controls.concurrency()]).toEqual([undefined, Infinity, 1]);
    await time.pass(20_000);
    expect([changes, cancelled.aborted]).toEqual([2, false]);
    await store.wish(ID, { wanted: 'stopped' });
    await time.pass(2_000);
    expect(cancelled.reason).toEqual({ why: 'cancelled by bob@desk' });
    await time.during(heart.stop('stopped'));
  });

  it('has its part of the pace, and more of it as other shares end', async () => {
    const { time, store, heart } = await beating(4);
    await time.pass(100);
    const pace = () => [heart.controls.ratePerSecond(), heart.controls.concurrency()];
    expect(pace()).toEqual([10, 2]);
    const over = { state: 'done', counts: noCounts(), at: time.now(), aliveUntil: time.now() } as const;
    for (const number of [1, 2]) await store.beat(ID, { ...over, number });
    await time.pass(2_000);
    expect(pace()).toEqual([20, 4]);
    await store.wish(ID, { concurrency: 1 });
    await time.pass(2_000);
    expect(pace()).toEqual([20, 1]); // no share stands still
    await time.during(heart.stop('done'));
  });

  it('begins with its part where somebody has asked what is wanted, and with all of it elsewhere', async () => {
    const orders: RunOrders = { wanted: 'running', concurrency: 6, sharesLeft: 2, isEnded: false };
    const asked = (await beating(4, { orders, isHeard: false })).heart.controls;
    expect([asked.ratePerSecond(), asked.concurrency()]).toEqual([20, 3]);
    const { controls } = (await beating(4, { isHeard: false })).heart;
    expect([controls.ratePerSecond(), controls.concurrency()]).toEqual([40, 8]);
  });

  it('goes on through an outage as was wanted last, and says when it is over', async () => {
    const { time, store, heart, troubles, answerBy } = await beating();
    await store.wish(ID, { ratePerSecond: 5 });
    await time.pass(2_100);
    answerBy(() => Promise.reject(new Error('no answer')));
    await time.pass(4_000);
    expect(troubles).toEqual([new Error('no answer'), new Error('no answer')]);
    expect([heart.controls.ratePerSecond(), heart.cancelled.aborted]).toEqual([5, false]);
    answerBy(async () => 'gone');
    await time.pass(2_000);
    answerBy(undefined);
    await time.pass(4_000);
    expect(troubles.slice(2)).toEqual(['gone', undefined]);
    await time.during(heart.stop('done'));
  });

  it('tells nothing that is older than what it goes on from, though its clock is behind, or set back', async () => {
    const time = createSimulatedTime();
    const beats: RunShare[] = [];
    let aheadMs = 0;
    const before = time.now() + 240_000;
    const heart = startHeart({
      store: {
        async beat(_, share) {
          beats.push(share);
          return { wanted: 'running', sharesLeft: 1, isEnded: false };
        },
      },
      runId: ID,
      share: { number: 0, at: before },
      pace: { ratePerSecond: 40, concurrency: 8 },
      waiting: () => undefined,
      clock: { now: () => time.now() + aheadMs },
      timer: time,
      onTrouble: () => undefined,
    });
    await time.pass(2_100);
    expect(beats.map(({ at }) => at)).toEqual([before, before]);
    aheadMs = 300_000;
    await time.pass(2_000);
    const latest = beats.at(-1)?.at ?? 0;
    expect(latest).toBeGreaterThan(before);
    aheadMs = 0;
    await time.during(heart.stop('done'));
    expect(beats.at(-1)).toMatchObject({ state: 'done', at: latest, aliveUntil: latest + ALIVE_MS });
  });

  it('takes a record that somebody else ended for a cancellation', async () => {
    const { time, store, heart } = await beating();
    await store.end(ID, { status: 'stopped', counts: noCounts() });
    await time.pass(2_100);
    expect(heart.cancelled.reason).toEqual({ why: 'somebody else ended its record' });
    await time.during(heart.stop('stopped'));
  });
});
