import { describe, expect, it } from 'vitest';
import { noCounts, type ReplayCounts } from '../../../core/replay/progress/news.ts';
import {
  ALIVE_MS,
  HEARTBEAT_MS,
  hasEnded,
  isAnyAtWork,
  isRunOver,
  type KeptRun,
  MACHINE_TRIES_MS,
  NEXT_STRETCH_MS,
  namedIn,
  planOfRun,
  type RunShare,
  type RunStatus,
  runAt,
  runPlanOf,
  SHARE_STATES,
  sumOfCounts,
} from '../../../core/runs/run.ts';
import { KEPT_RUN, RUN_BEGUN_AT, RUN_PLAN } from '../../data/kept-run.ts';

const NOW = RUN_BEGUN_AT;
const HOUR = 3_600_000;
const PLAN = RUN_PLAN;
const KEPT: KeptRun = { ...KEPT_RUN, aliveUntil: NOW + ALIVE_MS };

function share(number: number, facts: Partial<RunShare>): RunShare {
  return { number, state: 'running', counts: noCounts(), at: NOW, aliveUntil: NOW + ALIVE_MS, ...facts };
}

describe('a plan', () => {
  it.each([PLAN, { ...PLAN, ratePerSecond: 50, limit: 7, canary: 2, qualifier: 'live' }])(
    'goes through JSON',
    (plan) => {
      expect(planOfRun(JSON.parse(JSON.stringify(runPlanOf(plan))))).toEqual(plan);
    },
  );
});

it('keeps a hundred of the ids that were named, and their number', () => {
  const ids = Array.from({ length: 101 }, (_, index) => `id-${index}`);
  expect(namedIn(ids.slice(1))).toEqual({ ids: ids.slice(1) });
  expect(namedIn(ids)).toEqual({ ids: ids.slice(0, 100), idCount: 101 });
});

describe('a run', () => {
  it('is as its shares are, all together', () => {
    const counts = { ...noCounts(), replayed: 3, failed: 1 };
    expect(sumOfCounts([counts, counts, noCounts()])).toEqual({ ...noCounts(), replayed: 6, failed: 2 });
    const waiting = { why: 'a maintenance window is active' };
    const shares = [share(0, { state: 'done', counts, waiting: { why: 'long ago' } }), share(1, { counts, waiting })];
    expect(runAt({ ...KEPT, shares }, NOW)).toMatchObject({
      counts: { replayed: 6, failed: 2 },
      waiting,
      concurrency: 10,
    });
  });

  it('is alive for as long as its longest share is, which may wait for a window', () => {
    const untilAt = NOW + 5 * 3_600_000;
    const shares = [share(0, { state: 'done' }), share(1, { state: 'held', aliveUntil: untilAt })];
    const statusAt = (now: number) => runAt({ ...KEPT, from: 'laptop', shares }, now).status;
    expect([statusAt(untilAt), statusAt(untilAt + 1)]).toEqual(['running', 'lost']);
    expect(HEARTBEAT_MS * 5).toBeLessThan(ALIVE_MS);
  });

  it.each<[string, Partial<RunShare>, number, RegExp]>([
    [
      'has another stretch to come',
      { state: 'more', aliveUntil: NOW + NEXT_STRETCH_MS },
      NOW,
      /^its next stretch has not/,
    ],
    ['was held', { state: 'held', aliveUntil: NOW + HOUR + NEXT_STRETCH_MS }, NOW + HOUR, /^its next stretch has not/],
    ['was cut off', { state: 'running' }, NOW, /^its stretch was cut off, and the next one has not/],
  ])('of a drain whose share %s is not lost while its machine tries, and says so', (_, facts, sinceAt, why) => {
    const waiting = { why: 'a maintenance window is active' };
    const kept = { ...KEPT, shareCount: 1, shares: [share(0, { functionName: 'orders', waiting, ...facts })] };
    expect(runAt(kept, sinceAt + ALIVE_MS)).toMatchObject({ status: 'running', waiting });
    const { aliveUntil } = kept.shares[0] as RunShare;
    const silent = runAt(kept, aliveUntil + 1);
    const told = { why: expect.stringMatching(why), functionName: 'orders', sinceAt };
    expect(silent).toMatchObject({ status: 'running', waiting: told, silentSinceAt: sinceAt });
    expect(silent.shares[0]?.waiting).toEqual(told);
    expect(runAt(kept, aliveUntil + MACHINE_TRIES_MS).status).toBe('running');
    expect(runAt(kept, aliveUntil + MACHINE_TRIES_MS + 1).status).toBe('lost');
    expect(runAt({ ...kept, from: 'laptop' }, aliveUntil + 1).status).toBe('lost');
    expect(runAt({ ...kept, wishes: { wanted: 'paused' } }, aliveUntil + 1).status).toBe('paused');
  });

  it('of a drain that was paused, and is wanted to go on, waits for that', () => {
    const paused = share(0, { state: 'paused', aliveUntil: NOW + 90 * 24 * HOUR });
    const at = NOW + HOUR;
    const resumed = { ...KEPT, shareCount: 1, shares: [paused], wishes: { wanted: 'running', at } as const };
    expect(runAt({ ...resumed, wishes: { wanted: 'paused', at } }, at + HOUR)).toMatchObject({ status: 'paused' });
    expect(runAt(resumed, at + ALIVE_MS).waiting).toBeUndefined();
    const waiting = { why: expect.stringMatching(/^its next stretch has not begun/), sinceAt: at };
    expect(runAt(resumed, at + ALIVE_MS + 1)).toMatchObject({ status: 'running', waiting });
    expect(runAt(resumed, at + NEXT_STRETCH_MS + 1)).toMatchObject({ silentSinceAt: at, waiting });
    expect(runAt(resumed, at + NEXT_STRETCH_MS + MACHINE_TRIES_MS + 1).status).toBe('lost');
  });

  it('of a drain waits to be begun, and for its end to be written down', () => {
    const handedOver = { ...KEPT, shareCount: 0 };
    expect(runAt(handedOver, KEPT.aliveUntil).waiting).toBeUndefined();
    const waiting = { why: expect.stringMatching(/^it has not begun: Lambda may have no room/), sinceAt: NOW };
    expect(runAt(handedOver, KEPT.aliveUntil + 1)).toMatchObject({ status: 'running', waiting, silentSinceAt: NOW });
    const done = { ...KEPT, shares: [0, 1].map((number) => share(number, { state: 'done', at: NOW + number })) };
    expect(runAt(done, NOW + ALIVE_MS).waiting).toBeUndefined();
    const atEnd = { why: expect.stringMatching(/^its end has not been written down/), sinceAt: NOW + 1 };
    expect(runAt(done, NOW + ALIVE_MS + 2)).toMatchObject({ status: 'running', waiting: atEnd });
  });

  it('of a drain is silent where none of its open shares is heard of, and waits where one is not', () => {
    const at = NOW + NEXT_STRETCH_MS;
    const alive = share(1, { at, aliveUntil: at + ALIVE_MS });
    const silent = share(0, { state: 'more', aliveUntil: NOW + NEXT_STRETCH_MS });
    const some = runAt({ ...KEPT, shares: [silent, alive] }, at + 1);
    expect([some.waiting?.sinceAt, some.silentSinceAt, some.shares[1]?.waiting]).toEqual([NOW, undefined, undefined]);
    const none = { ...KEPT, shares: [silent, { ...alive, state: 'done' as const }] };
    expect(runAt(none, at + 1).silentSinceAt).toBe(NOW);
    expect([isAnyAtWork({ ...KEPT, shares: [alive] }, at), isAnyAtWork(none, at)]).toEqual([true, false]);
  });

  it.each(SHARE_STATES)('that is to pause is paused unless something of it runs: a share that is %s', (state) => {
    const paused: KeptRun = { ...KEPT, wishes: { wanted: 'paused' }, shares: [share(0, { state })] };
    expect(runAt(paused, NOW).status).toBe(state === 'running' ? 'running' : 'paused');
  });

  it('that has ended is what its end says, whatever was wanted, and for ever', () => {
    const end = { status: 'stopped', at: NOW + 5, counts: { ...noCounts(), replayed: 1 }, why: '3 failed' } as const;
    const run = runAt({ ...KEPT, end, wishes: { wanted: 'paused' }, shares: [share(0, {})] }, NOW + 1e9);
    expect(run).toMatchObject({ status: 'stopped', endedAt: NOW + 5, why: '3 failed', counts: { replayed: 1 } });
  });

  it.each<[Partial<ReplayCounts>, RunStatus]>([
    [{}, 'done'],
    [{ replayed: 3, accepted: 1, discarded: 1, taken: 1 }, 'done'],
    [{ refused: 3 }, 'incomplete'],
    [{ failed: 3 }, 'incomplete'],
    [{ replayed: 3, failed: 1 }, 'incomplete'],
    [{ replayed: 3, unknown: 1 }, 'incomplete'],
    [{ replayed: 3, held: 1 }, 'incomplete'],
    [{ replayed: 3, leased: 1 }, 'incomplete'],
  ])('that came to its end says whether its events did: %j', (counts, status) => {
    const end = { status: 'done', at: NOW, counts: { ...noCounts(), ...counts } } as const;
    expect(runAt({ ...KEPT, end }, NOW).status).toBe(status);
    expect(runAt({ ...KEPT, end: { ...end, status: 'stopped' } }, NOW).status).toBe('stopped');
  });

  it('is over where nobody works on it', () => {
    const all: readonly RunStatus[] = ['running', 'paused', 'stopping', 'done', 'incomplete', 'stopped', 'lost'];
    expect(all.filter(isRunOver)).toEqual(['done', 'incomplete', 'stopped', 'lost']);
    expect(all.filter(hasEnded)).toEqual(['done', 'incomplete', 'stopped']);
  });
});
