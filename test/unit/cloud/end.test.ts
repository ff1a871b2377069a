import { describe, expect, it } from 'vitest';
import { end, fail } from '../../../cloud/drain/end.ts';
import type { DrainParts } from '../../../cloud/drain/parts.ts';
import { noCounts } from '../../../core/replay/progress/news.ts';
import { FROM_DRAIN, type RunShare, runPlanOf } from '../../../core/runs/run.ts';
import type { Word } from '../../../core/words/words.ts';
import { eventOf, faultsOfEvent } from '../../data/event-schema.ts';
import { createMemoryRuns } from '../../fakes/memory/memory-runs.ts';
import { PLAN } from '../../fakes/memory/simulated-replay.ts';
import { createSimulatedTime } from '../../fakes/memory/simulated-time.ts';

const RUN = '0123abcd';

/** A run with these shares, and what is said of it. */
async function runWith(...shares: readonly Partial<RunShare>[]) {
  const time = createSimulatedTime();
  const runs = createMemoryRuns(time.now);
  const said: Word[] = [];
  let refusals = 0;
  const parts = {
    runs,
    clock: time,
    timer: time,
    announcer: {
      async announce(words: readonly Word[]) {
        refusals -= 1;
        if (refusals >= 0) throw new Error('the bus is throttled');
        said.push(...words);
      },
    },
  } as unknown as DrainParts;
  const facts = { id: RUN, name: 'orders', by: 'monitor', from: FROM_DRAIN, startedAt: time.now() };
  const selection = { functions: ['orders'] };
  await runs.create({ ...facts, selection, plan: runPlanOf(PLAN) }, shares.length, time.now() + 60_000);
  for (const [number, share] of shares.entries()) {
    const told = { number, functionName: `f${number}`, state: 'done', counts: noCounts() } as const;
    await runs.beat(RUN, { ...told, at: time.now(), aliveUntil: time.now() + 60_000, ...share });
  }
  return {
    parts,
    runs,
    time,
    words: () => said,
    said: () => said.map(({ type }) => type),
    ids: () => said.map(({ detail }) => detail.id),
    refuse: (times: number) => {
      refusals = times;
    },
    read: () => runs.read(RUN),
  };
}

describe('the end of a run', () => {
  it('is the end of its last share, and has all counts', async () => {
    const { parts, runs, time, said, ids, read } = await runWith(
      { counts: { ...noCounts(), replayed: 3 } },
      { state: 'held', counts: { ...noCounts(), replayed: 4 } },
    );
    expect(await end(parts, { task: 'end', run: RUN })).toEqual({ run: RUN, status: 'running' });
    expect([said(), (await read())?.endedAt]).toEqual([[], undefined]);
    const counts = { ...noCounts(), replayed: 5 };
    await runs.beat(RUN, { number: 1, state: 'done', counts, at: time.now(), aliveUntil: time.now() });
    expect(await end(parts, { task: 'end', run: RUN })).toEqual({ run: RUN, status: 'done' });
    expect(said()).toEqual(['Replay Finished']);
    // Whoever comes later tells the same, as it may be that nobody was told.
    expect(await end(parts, { task: 'end', run: RUN })).toEqual({ run: RUN, status: 'done' });
    expect(said()).toEqual(['Replay Finished', 'Replay Finished']);
    expect(new Set(ids()).size).toBe(1);
    expect(await read()).toMatchObject({ status: 'done', counts: { replayed: 8 } });
  });

  it('does not come while the record of a share cannot be read: it may be at work, and else nobody would say so', async () => {
    const { parts, runs, said, read } = await runWith({}, {});
    const unreadable = {
      ...runs,
      async read(id: string) {
        const run = await runs.read(id);
        return run && { ...run, shares: run.shares.slice(0, 1) };
      },
    };
    await expect(end({ ...parts, runs: unreadable }, { task: 'end', run: RUN })).rejects.toThrow(
      /^the record of share 1 of the replay 0123abcd cannot be read/,
    );
    expect([said(), (await read())?.endedAt]).toEqual([[], undefined]);
  });

  it('says of some shares why they stopped, and counts the others', async () => {
    const why = '5 of 5 failed';
    const stopped = Array.from({ length: 5 }, () => ({ state: 'stopped', why }) as const);
    const { parts, said, read } = await runWith({}, ...stopped, { state: 'failed', why: undefined } as never);
    expect(await end(parts, { task: 'end', run: RUN })).toEqual({ run: RUN, status: 'stopped' });
    expect(said()).toEqual(['Replay Stopped']);
    expect((await read())?.why).toBe(`f1: ${why}; f2: ${why}; f3: ${why}; and 3 more`);
  });

  it('does not come while it is paused, which is told', async () => {
    const { parts, runs, said, read, words } = await runWith({ state: 'paused' }, {});
    await runs.wish(RUN, { wanted: 'paused', by: 'bob@desk' });
    expect(await end(parts, { task: 'end', run: RUN })).toEqual({ run: RUN, status: 'paused' });
    expect(words()[0]?.detail).toMatchObject({ why: 'paused by bob@desk' });
    expect([said(), (await read())?.endedAt]).toEqual([['Replay Paused'], undefined]);
  });

  it.each([
    ['Replay Finished', 'done'],
    ['Replay Stopped', 'stopped'],
  ] as const)('is told by the next try where the bus did not take it: %s', async (word, state) => {
    const { parts, said, refuse } = await runWith({ state, ...(state === 'stopped' && { why: '5 of 5 failed' }) });
    refuse(1);
    await expect(end(parts, { task: 'end', run: RUN })).rejects.toThrow('the bus is throttled');
    await end(parts, { task: 'end', run: RUN });
    expect(said()).toEqual([word]);
  });

  it('has what its shares did, where somebody cancelled it while one was cut off, and that one went on', async () => {
    const { parts, runs, words, read, time } = await runWith({ state: 'running' }, { state: 'held' });
    await runs.end(RUN, { status: 'stopped', counts: noCounts(), why: 'cancelled by bob@desk' });
    const counts = { ...noCounts(), replayed: 4 };
    await runs.beat(RUN, { number: 0, state: 'stopped', counts, at: time.now(), aliveUntil: time.now() });
    await end(parts, { task: 'end', run: RUN });
    expect(await read()).toMatchObject({ status: 'stopped', why: 'cancelled by bob@desk', counts: { replayed: 4 } });
    expect(words()[0]?.detail).toMatchObject({ counts: { replayed: 4 } });
  });

  it('is told, too, where somebody cancelled it while its shares waited', async () => {
    const { parts, runs, said } = await runWith({ state: 'held' });
    await runs.end(RUN, { status: 'stopped', counts: noCounts(), why: 'cancelled by bob@desk' });
    await end(parts, { task: 'end', run: RUN });
    expect(said()).toEqual(['Replay Stopped']);
  });

  it.each([
    ['Replay Paused', 'paused', { wanted: 'paused' }],
    ['Replay Paused', 'paused', { wanted: 'paused', by: 'bob@desk', at: 1_795_982_400_000 }],
    ['Replay Finished', 'done', {}],
    ['Replay Stopped', 'stopped', {}],
    ['Replay Stopped', 'failed', {}],
  ] as const)('is told as the schema says: %s of a share that is %s', async (type, state, wishes) => {
    const { parts, runs, words } = await runWith({ state });
    await runs.wish(RUN, wishes);
    await end(parts, { task: 'end', run: RUN });
    expect(words().map((word) => [word.type, faultsOfEvent(eventOf(word))])).toEqual([[type, []]]);
  });

  it('fails where the record of the run is gone, or cannot be read: its alarm is the execution’s', async () => {
    const { parts } = await runWith();
    await expect(end(parts, { task: 'end', run: '00000000' })).rejects.toThrow(
      /^the record of the replay 00000000 is gone, or cannot be read: .*pending.*"replay"/,
    );
  });
});

it('a share that failed again and again leaves nothing of a run that is gone', async () => {
  const { parts, runs } = await runWith({ state: 'running' });
  const told: unknown[] = [];
  const own = {
    ...parts,
    runs: {
      ...runs,
      beat: (...given: Parameters<typeof runs.beat>) => {
        told.push(given);
        return runs.beat(...given);
      },
    },
  };
  await fail(own, { task: 'failed', run: '00000000', share: { number: 0, functionName: 'f0' }, fault: {} });
  expect(told).toEqual([]);
});

it('a share that failed again and again is over, says why, and keeps what it counted', async () => {
  const { parts, read } = await runWith({ state: 'running', counts: { ...noCounts(), replayed: 4 } });
  const fault = { Error: 'Runtime.ExitError', Cause: 'x'.repeat(1_000) };
  await fail(parts, { task: 'failed', run: RUN, share: { number: 0, functionName: 'f0' }, fault });
  const [share] = (await read())?.shares ?? [];
  expect(share).toMatchObject({
    state: 'failed',
    counts: { replayed: 4 },
    why: expect.stringMatching(/^its stretches failed again and again \(Runtime\.ExitError: x{200,300}\)$/),
  });
});
