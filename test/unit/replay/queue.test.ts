import { expect, it } from 'vitest';
import type { Timer } from '../../../core/replay/timer.ts';
import { simulateReplays } from '../../fakes/memory/simulated-replay.ts';

it('rests by one alarm at a time, whatever ends the rests, and leaves none', async () => {
  const replays = simulateReplays(async (_, time) => {
    await time.sleep(1);
    return { kind: 'reply', text: 'null' };
  });
  for (let index = 0; index < 2_000; index += 1) replays.archive.put('orders');
  let [set, under] = [0, 0];
  const timer: Timer = {
    now: replays.time.now,
    async sleep(ms, signal) {
      set += 1;
      under += 1;
      expect(under).toBe(1);
      await replays.time.sleep(ms, signal);
      under -= 1;
    },
  };
  const beganAt = timer.now();
  const { done } = replays.start({}, { timer });
  expect((await replays.time.during(done)).counts.replayed).toBe(2_000);
  // One that nobody waits for would keep the process for up to a second.
  expect(under).toBe(0);
  expect(set).toBeLessThanOrEqual(2 + (timer.now() - beganAt) / 1_000);
});
