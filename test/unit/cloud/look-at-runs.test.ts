import { expect, it } from 'vitest';
import type { Remembered } from '../../../aws/events/monitor-memory.ts';
import { lookAtRuns, MOST_RUNS } from '../../../cloud/monitor/look-at-runs.ts';
import { noCounts } from '../../../core/replay/progress/news.ts';
import { runPlanOf } from '../../../core/runs/run.ts';
import { DAY_MS, MINUTE_MS } from '../../../core/units.ts';
import { createMemoryRuns } from '../../fakes/memory/memory-runs.ts';
import { PLAN } from '../../fakes/memory/simulated-replay.ts';

const NOW = Date.UTC(2026, 10, 30);

/** So many replays of terminals that were killed days ago, and one that is under way for longer than that. */
async function lookAmong(lost: number) {
  let now = NOW - 3 * DAY_MS;
  const runs = createMemoryRuns(() => now);
  let memory: Remembered = { value: undefined, version: 0 };
  const make = async (id: string, aliveUntil: number) => {
    const facts = { id, name: id, by: 'ci', from: 'runner', selection: { functions: ['orders'] }, startedAt: now };
    await runs.create({ ...facts, plan: runPlanOf(PLAN) }, 1, aliveUntil);
    now += 1;
  };
  await make('ffffffff', NOW + DAY_MS);
  for (let index = 0; index < lost; index += 1) await make(index.toString(16).padStart(8, '0'), now);
  now = NOW;
  return {
    runs,
    async look() {
      const { remember, ...looked } = await lookAtRuns(
        {
          runs,
          memory: {
            read: async () => memory,
            async write(_, value) {
              memory = { value: JSON.parse(JSON.stringify(value)), version: memory.version + 1 };
            },
          },
        },
        now,
      );
      await remember();
      now += 5 * MINUTE_MS;
      return looked;
    },
    remembered: () => JSON.stringify(memory.value).length,
  };
}

it('sees an old replay stop behind thousands of younger ones that are lost', async () => {
  const { look, runs, remembered } = await lookAmong(3_000);
  expect(await look()).toEqual({ counts: { RunsUnderWay: 1, RunsStopped: 0, RunsLost: 0 }, isMore: false });
  await runs.end('ffffffff', { status: 'stopped', counts: noCounts(), why: '10 of 10 failed' });
  expect((await look()).counts).toEqual({ RunsUnderWay: 0, RunsStopped: 1, RunsLost: 0 });
  // An item takes 400 KB.
  expect(remembered()).toBeLessThan(100_000);
});

it('says that there are more than it looks at', async () => {
  const { look } = await lookAmong(MOST_RUNS);
  expect((await look()).isMore).toBe(true);
});
