import { describe, expect, it } from 'vitest';
import { noCounts } from '../../../core/replay/progress/news.ts';
import { FROM_DRAIN, type RunFacts, type RunShare, type ShareState } from '../../../core/runs/run.ts';
import { changeRun, listRuns, type RunChange, runNamed } from '../../../operator/replay/runs.ts';
import { createMemoryRuns } from '../../fakes/memory/memory-runs.ts';

const NOW = Date.parse('2026-11-30T01:00:00Z');
const MINUTE = 60_000;
const ID = '3f2a91c0';

/** A run whose share is so, told a while ago, and the tool that is to change it. */
async function runWith(state: ShareState, { from = 'laptop', agoMs = 0 } = {}) {
  let now = NOW - agoMs;
  const runs = createMemoryRuns(() => now);
  const plan = { statuses: ['pending'], mode: 'request', concurrency: 10, ordered: false } as const;
  const facts = {
    id: ID,
    name: 'orders',
    by: 'alice@laptop',
    from,
    startedAt: now,
    selection: { functions: ['orders'] },
  };
  await runs.create({ ...facts, plan } as unknown as RunFacts, 1, now + MINUTE);
  const counts = { ...noCounts(), replayed: 7 };
  const share: RunShare = { number: 0, state, counts, at: now, aliveUntil: now + MINUTE };
  await runs.beat(ID, share);
  now = NOW;
  const clock = { now: () => now, random: Math.random };
  const archive = { runs, worker: { by: 'bob@desk', host: 'desk', runId: '00000000' }, clock: async () => clock };
  return {
    runs,
    change: async (change: RunChange) => changeRun(archive, await runNamed(archive, ID), change),
    read: () => runNamed(archive, ID),
  };
}

const CHANGES: readonly RunChange[] = [
  { kind: 'pause' },
  { kind: 'resume' },
  { kind: 'cancel' },
  { kind: 'set', concurrency: 3 },
];

describe('a replay that somebody wants something of', () => {
  it('gets it said, with who said so', async () => {
    const { change, read } = await runWith('running');
    expect(await change({ kind: 'pause' })).toEqual({ kind: 'changed' });
    expect(await change({ kind: 'pause' })).toEqual({ kind: 'as-before' });
    expect((await read()).wishes).toEqual({ wanted: 'paused', by: 'bob@desk', at: NOW });
    expect(await change({ kind: 'set', ratePerSecond: 5 })).toEqual({ kind: 'changed' });
    expect(await change({ kind: 'resume' })).toEqual({ kind: 'changed' });
    expect((await read()).wishes).toMatchObject({ wanted: 'running', ratePerSecond: 5 });
    expect(await change({ kind: 'cancel' })).toEqual({ kind: 'changed' });
    expect(await change({ kind: 'cancel' })).toEqual({ kind: 'as-before' });
    expect((await read()).status).toBe('stopping');
  });

  it('cannot be had back once it is cancelled', async () => {
    const { change } = await runWith('running');
    await change({ kind: 'cancel' });
    for (const each of CHANGES.filter(({ kind }) => kind !== 'cancel'))
      expect(await change(each)).toEqual({ kind: 'over', status: 'stopping' });
  });

  it('is cancelled whoever pauses or resumes it in the same moment, and they are told', async () => {
    const { runs, change, read } = await runWith('running');
    const store = { ...runs };
    let isCancelled = false;
    runs.wish = async (id, wishes) => {
      if (!isCancelled) {
        isCancelled = true;
        await store.wish(id, { wanted: 'stopped', by: 'alice@laptop' });
      }
      return store.wish(id, wishes);
    };
    expect(await change({ kind: 'pause' })).toEqual({ kind: 'over', status: 'stopping' });
    expect(await read()).toMatchObject({ status: 'stopping', wishes: { by: 'alice@laptop' } });
  });

  it('is left as it is where it has ended', async () => {
    const { change, runs } = await runWith('done');
    await runs.end(ID, { status: 'done', counts: noCounts() });
    for (const each of CHANGES) expect(await change(each)).toEqual({ kind: 'over', status: 'done' });
  });

  it('can only be ended where it is lost, which keeps its counts', async () => {
    const { change, read } = await runWith('running', { agoMs: 2 * MINUTE });
    expect((await read()).status).toBe('lost');
    for (const each of CHANGES.filter(({ kind }) => kind !== 'cancel'))
      expect(await change(each)).toEqual({ kind: 'over', status: 'lost' });
    expect(await change({ kind: 'cancel' })).toEqual({ kind: 'ended' });
    expect(await read()).toMatchObject({ status: 'stopped', why: 'cancelled by bob@desk', counts: { replayed: 7 } });
  });

  it.each<[ShareState, string]>([
    ['held', 'ended'],
    ['paused', 'ended'],
    ['more', 'ended'],
    ['running', 'changed'],
  ])('is a drain’s: nobody would hear of a cancellation while its share is %s, unless it runs', async (state, kind) => {
    const { change } = await runWith(state, { from: FROM_DRAIN });
    expect(await change({ kind: 'cancel' })).toEqual({ kind });
  });

  it('is a drain’s whose stretch was cut off: it is not lost, nobody is at work on it, and somebody may end it', async () => {
    const { change, read } = await runWith('running', { from: FROM_DRAIN, agoMs: 2 * MINUTE });
    expect(await read()).toMatchObject({ status: 'running', waiting: { sinceAt: NOW - 2 * MINUTE } });
    expect(await change({ kind: 'cancel' })).toEqual({ kind: 'ended' });
    expect(await read()).toMatchObject({ status: 'stopped', counts: { replayed: 7 } });
  });
});

describe('a list of replays', () => {
  /** Runs that begin a second apart, the first of them running and all others done. */
  async function listed(count: number, limit: number, { isLost = false } = {}) {
    let now = NOW;
    const runs = createMemoryRuns(() => now);
    const plan = { statuses: ['pending'], mode: 'request', concurrency: 10, ordered: false } as const;
    const ids = Array.from({ length: count }, (_, index) => `0000000${index}`);
    for (const [index, id] of ids.entries()) {
      now = NOW + index * 1_000;
      const facts = { id, name: 'orders', by: 'alice@laptop', from: 'laptop', startedAt: now };
      await runs.create(
        { ...facts, selection: { functions: ['orders'] }, plan } as unknown as RunFacts,
        1,
        now + MINUTE,
      );
      if (index > 0) await runs.end(id, { status: 'done', counts: noCounts() });
    }
    if (isLost) now += 2 * MINUTE;
    const worker = { by: 'bob@desk', host: 'desk', runId: '00000000' };
    const archive = { runs, worker, clock: async () => ({ now: () => now, random: Math.random }) };
    const { runs: found, hasMore } = await listRuns(archive, limit);
    return { ids: found.map(({ id }) => id), hasMore };
  }

  it('has the newest, and one that is under way, however many are newer', async () => {
    expect(await listed(5, 2)).toEqual({ ids: ['00000004', '00000003', '00000000'], hasMore: true });
    expect(await listed(4, 2)).toEqual({ ids: ['00000003', '00000002', '00000000'], hasMore: true });
  });

  it('says whether there are more', async () => {
    expect(await listed(3, 2)).toEqual({ ids: ['00000002', '00000001', '00000000'], hasMore: false });
    expect(await listed(2, 2)).toEqual({ ids: ['00000001', '00000000'], hasMore: false });
    expect(await listed(4, 2, { isLost: true })).toEqual({ ids: ['00000003', '00000002'], hasMore: true });
  });
});
