import { expect, it } from 'vitest';
import { simulateDrain } from '../../worlds/drain-simulation.ts';

/** `npm run bench -- drain` has the same with ten million events, and 200 functions. */
it('drains 50 functions at a rate, through throttles, killed stretches and a window: no event twice, none left', async () => {
  const [events, ratePerSecond] = [42_000, 80];
  const simulated = await simulateDrain({
    functions: 50,
    events,
    wish: { concurrency: 400, ratePerSecond },
    accountConcurrency: 30,
    window: { afterMs: 30_000, lastsMs: 200_000 },
    killEvery: 7,
  });
  expect(simulated.statuses).toEqual({ replayed: events });
  expect(simulated.twice).toEqual([]);
  expect(simulated.run).toMatchObject({ status: 'done', shareCount: 57 });
  // It was no easy way.
  expect(simulated.throttled).toBeGreaterThan(0);
  expect(simulated.killed).toBeGreaterThan(0);
  expect(simulated.stretches).toBeGreaterThan(57);
  // The shares have the rate together, however many are left.
  expect(simulated.tookMs).toBeGreaterThan((events / ratePerSecond) * 1_000);
  expect(simulated.tookMs).toBeLessThan((events / ratePerSecond) * 3_000);
  expect(Math.max(...simulated.executions.map((each) => each.events))).toBeLessThan(1_000);
  expect(simulated.executions.every(({ status }) => status === 'SUCCEEDED')).toBe(true);
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
