import { describe, expect, it } from 'vitest';
import { simulateDrain } from '../../worlds/drain-simulation.ts';

/** No event ran twice for no reason, none without a word, and of no other is that said. */
const NOTHING_TWICE = { twice: [], twiceUntold: [], doubtedForNothing: [] };

/** `npm run bench -- drain-simulation` has the same with ten million events, and 200 functions. */
it('drains 50 functions at a rate, through throttles, killed stretches and a window: none left, and none twice without a word', async () => {
  const [events, ratePerSecond] = [42_000, 80];
  const simulated = await simulateDrain({
    functions: 50,
    events,
    wish: { concurrency: 400, ratePerSecond },
    accountConcurrency: 7,
    window: { afterMs: 30_000, lastsMs: 200_000 },
    killEvery: 7,
  });
  expect(simulated.statuses).toEqual({ replayed: events });
  expect(simulated).toMatchObject(NOTHING_TWICE);
  // What a killed stretch wrote and did not live to tell is counted by the next.
  expect(simulated.run).toMatchObject({ status: 'done', shareCount: 57, counts: { replayed: events } });
  // It was no easy way.
  expect(simulated.throttled).toBeGreaterThan(0);
  expect(simulated.killed.stretches).toBeGreaterThan(0);
  // What a killed stretch had in hand ran twice now and then, and its record says of each that it may have.
  expect(simulated.killed.ranTwice).toBeGreaterThan(0);
  expect(simulated.killed.doubted).toBe(simulated.killed.inHand);
  expect(simulated.stretches).toBeGreaterThan(57);
  // The shares have the rate together, however many are left.
  expect(simulated.tookMs).toBeGreaterThan((events / ratePerSecond) * 1_000);
  expect(simulated.tookMs).toBeLessThan((events / ratePerSecond) * 3_000);
  expect(Math.max(...simulated.executions.map((each) => each.events))).toBeLessThan(1_000);
  expect(simulated.executions.every(({ status }) => status === 'SUCCEEDED')).toBe(true);
});

it('runs no event twice where nothing is killed', async () => {
  const events = 10_000;
  const window = { afterMs: 5_000, lastsMs: 60_000 };
  const simulated = await simulateDrain({ functions: 10, events, accountConcurrency: 5, window });
  expect(simulated.statuses).toEqual({ replayed: events });
  expect(simulated).toMatchObject(NOTHING_TWICE);
  expect(simulated.killed).toEqual({ stretches: 0, inHand: 0, doubted: 0, ranTwice: 0 });
  expect(simulated.throttled).toBeGreaterThan(0);
});

it('keeps to a rate that has less than a turn for each stretch of each share', async () => {
  const [functions, events, ratePerSecond] = [20, 160, 0.01];
  const simulated = await simulateDrain({ functions, events, wish: { ratePerSecond }, accountConcurrency: 10 });
  expect(simulated.statuses).toEqual({ replayed: events });
  // It was 0.69 of that time where each stretch had a turn at once. Shares that end leave theirs to others a little early.
  expect(simulated.tookMs).toBeGreaterThan((events / ratePerSecond) * 850);
  expect(simulated.tookMs).toBeLessThan((events / ratePerSecond) * 1_500);
});

it('a share goes on in another execution before the history of its own is full', async () => {
  const simulated = await simulateDrain({
    functions: 4,
    events: 40,
    accountConcurrency: 10,
    window: { afterMs: -1_000, lastsMs: 60 * 86_400_000 },
  });
  expect(simulated.statuses).toEqual({ replayed: 40 });
  expect(simulated.run?.status).toBe('done');
  expect(simulated.executions.some(({ name }) => name.startsWith('onward-'))).toBe(true);
  expect(Math.max(...simulated.executions.map((each) => each.events))).toBeLessThan(25_000);
});

it('its environments’ clocks may differ by minutes: what the later one tells counts', async () => {
  const simulated = await simulateDrain({
    functions: 6,
    events: 600,
    wish: { concurrency: 40, ratePerSecond: 0.4 },
    accountConcurrency: 30,
    skewMs: 5 * 60_000,
  });
  expect(simulated.stretches).toBeGreaterThan(6);
  expect(simulated.statuses).toEqual({ replayed: 600 });
  expect(simulated).toMatchObject(NOTHING_TWICE);
  expect(simulated.run).toMatchObject({ status: 'done', counts: { replayed: 600 } });
});

it('is paused, and resumed while what was under way ends: nobody takes over before, and all of it counts', async () => {
  const simulated = await simulateDrain({
    functions: 4,
    events: 400,
    accountConcurrency: 100,
    handlerMs: 29_000,
    pause: { afterMs: 40_000, lastsMs: 4_000 },
  });
  expect(simulated.statuses).toEqual({ replayed: 400 });
  expect(simulated.twice).toEqual([]);
  expect(simulated.run).toMatchObject({ status: 'done', counts: { replayed: 400, taken: 0, leased: 0 } });
});

describe('in order', () => {
  const [orderKeys, events] = [10, 21_000];
  const ordered = {
    functions: 1,
    events,
    orderKeys,
    indexLagMs: 4_000,
    accountConcurrency: 1_000,
    wish: { ordered: true, concurrency: 10, ratePerSecond: 10 },
  };

  it('one share has all events of a key, one by one, through stretches that end, are killed, held and paused', async () => {
    const simulated = await simulateDrain({
      ...ordered,
      killEvery: 3,
      window: { afterMs: 60_000, lastsMs: 100_000 },
      pause: { afterMs: 200_000, lastsMs: 100_000 },
    });
    expect(simulated.statuses).toEqual({ replayed: events });
    expect(outOfOrder(simulated.sequencesRun)).toEqual([]);
    expect(simulated.sequencesRun.size).toBe(orderKeys);
    expect(simulated.run).toMatchObject({ status: 'done', shareCount: 1, counts: { replayed: events, held: 0 } });
    expect(simulated.killed.stretches).toBeGreaterThan(0);
    expect(simulated).toMatchObject(NOTHING_TWICE);
    expect(simulated.stretches).toBeGreaterThan(5);
  });

  it('what fails holds what comes after it in its key, in each stretch that follows, and nothing else', async () => {
    // The 41st of its key, of 300.
    const failing = 'f0/407';
    const simulated = await simulateDrain({
      ...ordered,
      events: 3_000,
      killEvery: 2,
      wish: { ordered: true, ratePerSecond: 3 },
      fails: (event) => event === failing,
    });
    expect(simulated.stretches).toBeGreaterThan(1);
    expect(simulated.statuses).toEqual({ failed: 1, pending: 258, replayed: 2_741 });
    expect(simulated.run).toMatchObject({ status: 'incomplete', counts: { replayed: 2_741, failed: 1, held: 258 } });
    expect(simulated.sequencesRun.get('f0 stream#shard-7')?.at(-1)).toBe(41);
    expect(outOfOrder(simulated.sequencesRun)).toEqual([]);
  });
});

/** Keys whose events did not run one after the other. What a killed stretch had in hand may have run again, before the next. */
function outOfOrder(sequencesRun: ReadonlyMap<string, readonly number[]>): readonly string[] {
  return [...sequencesRun].flatMap(([key, sequences]) =>
    sequences.every((each, index) => each >= (sequences[index - 1] ?? 0)) ? [] : [key],
  );
}
