import { describe, expect, it } from 'vitest';
import { simulateReplays, turnedControls } from '../../fakes/memory/simulated-replay.ts';

const REPLY = { kind: 'reply', text: '{}' } as const;

/** A function that takes a second, with so many events. */
function aSecondEach(events: number, functionNames = ['orders']) {
  const world = simulateReplays(async (_event, time) => {
    await time.sleep(1_000);
    return REPLY;
  }, functionNames);
  for (let event = 0; event < events; event += 1) {
    world.archive.put(functionNames[event % functionNames.length] ?? '');
  }
  return world;
}

describe('a replay that is changed in the middle', () => {
  it('sends nothing while it is paused, lets what is under way end, and says why it waits', async () => {
    const { time, archive, ran, underWay, start } = aSecondEach(40);
    const controls = turnedControls();
    const { news, done } = start({}, { controls });
    await time.pass(3_500);
    const sent = ran.length;
    expect(underWay()).toBe(4);
    controls.set({ pausedWhy: 'paused by bob@desk' });
    await time.pass(3_600_000);
    expect([ran.length, underWay()]).toEqual([sent, 0]);
    expect(archive.all().filter(({ status }) => status === 'replaying')).toEqual([]);
    expect(news).toContainEqual({ kind: 'waiting', why: 'paused by bob@desk' });
    controls.set({ pausedWhy: undefined });
    expect((await time.during(done)).counts).toMatchObject({ replayed: 40, released: 0 });
    expect(new Set(ran.map(({ id }) => id)).size).toBe(40);
  });

  it('gives an event back that waits for its turn, in the order of its key and within the limit', async () => {
    const { time, archive, ran, start } = aSecondEach(0);
    for (let event = 0; event < 9; event += 1) archive.put('orders', { orderKeys: [{ key: `q#${event % 2}` }] });
    const controls = turnedControls(1);
    const { done } = start({ ordered: true, limit: 7 }, { controls });
    await time.pass(2_000);
    controls.set({ pausedWhy: 'paused' });
    await time.pass(60_000);
    expect(ran.length).toBeLessThan(3);
    controls.set({ pausedWhy: undefined, ratePerSecond: Number.POSITIVE_INFINITY });
    expect((await time.during(done)).counts.replayed).toBe(7);
    for (const key of [0, 1]) {
      const own = ran.map(({ id }) => Number(id.slice(1))).filter((event) => event % 2 === key);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
  });

  it('ends while it is paused where nothing is left', async () => {
    const { time, start } = aSecondEach(3);
    const controls = turnedControls();
    const { done } = start({}, { controls });
    await time.pass(1_500);
    controls.set({ pausedWhy: 'paused' });
    expect((await time.during(done)).counts.replayed).toBe(3);
  });

  it('begins paused where that was wanted before', async () => {
    const { time, ran, start } = aSecondEach(3);
    const controls = turnedControls();
    controls.set({ pausedWhy: 'paused' });
    const { done } = start({}, { controls });
    await time.pass(60_000);
    expect(ran).toEqual([]);
    controls.set({ pausedWhy: undefined });
    expect((await time.during(done)).counts.replayed).toBe(3);
  });

  it('asks nothing about its canary while it is paused', async () => {
    const { time, ran, start } = aSecondEach(12);
    const controls = turnedControls();
    let asked = 0;
    const afterCanary = async () => {
      asked += 1;
      return true;
    };
    const { done } = start({ canary: 2 }, { controls, afterCanary });
    await time.pass(500);
    controls.set({ pausedWhy: 'paused' });
    await time.pass(60_000);
    expect([asked, ran.length]).toEqual([0, 2]);
    controls.set({ pausedWhy: undefined });
    expect((await time.during(done)).counts.replayed).toBe(12);
    expect(asked).toBe(1);
  });

  it('goes at another rate at once, also where its next turn was far away', async () => {
    const { time, ran, start } = aSecondEach(2_000);
    const controls = turnedControls(0.02, 50);
    const { news, done } = start({ concurrency: 50 }, { controls });
    await time.pass(20_000);
    expect(ran).toHaveLength(1);
    controls.set({ ratePerSecond: 10 });
    await time.pass(60_000);
    const within = ran.length;
    // The ramp takes half a minute from a tenth of the rate.
    expect(within).toBeGreaterThan(400);
    expect(within).toBeLessThan(520);
    controls.set({ ratePerSecond: 1 });
    await time.pass(100_000);
    expect(Math.abs(ran.length - within - 100)).toBeLessThanOrEqual(2);
    controls.set({ ratePerSecond: Number.POSITIVE_INFINITY });
    await time.during(done);
    expect(ran).toHaveLength(2_000);
    expect(news.filter(({ kind }) => kind === 'pace')).toMatchObject([
      { ratePerSecond: 0.02, rampedMs: 0 },
      { ratePerSecond: 10, rampedMs: 0 },
      { ratePerSecond: 1, rampedMs: 30_000 },
      { ratePerSecond: Number.POSITIVE_INFINITY },
    ]);
  });

  it('has as much under way as is wanted now, over all functions', async () => {
    const { time, underWay, start } = aSecondEach(2_000, ['orders', 'invoices']);
    const controls = turnedControls(Number.POSITIVE_INFINITY, 2);
    const { done } = start({ concurrency: 2 }, { controls });
    await time.pass(10_500);
    expect(underWay()).toBe(2);
    controls.set({ concurrency: 30 });
    await time.pass(60_000);
    expect(underWay()).toBe(30);
    controls.set({ concurrency: 1 });
    await time.pass(5_000);
    expect(underWay()).toBe(1);
    controls.set({ concurrency: 100 });
    expect((await time.during(done)).counts.replayed).toBe(2_000);
  });

  it('ends in order where the table fails for those who were added, while others are under way', async () => {
    const { time, archive, ran, start } = simulateReplays(async (_event, time) => {
      await time.sleep(60_000);
      return REPLY;
    });
    for (let event = 0; event < 9; event += 1) archive.put('orders');
    const [controls, unhandled] = [turnedControls(Number.POSITIVE_INFINITY, 1), [] as unknown[]];
    const hear = (fault: unknown) => unhandled.push(fault);
    process.on('unhandledRejection', hear);
    let isOut = false;
    const events = archive.open('alice@laptop/1', time.now);
    const failing: typeof events = {
      ...events,
      claim: async (...given) =>
        isOut ? Promise.reject(new Error('the table is out of reach')) : events.claim(...given),
    };
    const { done } = start({ concurrency: 1 }, { controls, events: failing });
    await time.pass(1_000);
    isOut = true;
    controls.set({ concurrency: 4 });
    const { fault, counts } = await time.during(done);
    process.off('unhandledRejection', hear);
    expect(unhandled).toEqual([]);
    expect(fault).toMatchObject({ message: 'the table is out of reach' });
    expect([ran.length, counts.replayed]).toEqual([1, 1]);
  });
});
