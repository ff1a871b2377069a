import { createMemoryRuns } from '../../fakes/memory/memory-runs.ts';
import { runStoreContract } from './run-store.ts';

runStoreContract('in memory', async () => {
  let now = Date.parse('2026-11-29T20:00:00Z');
  return {
    store: createMemoryRuns(() => now),
    now: () => now,
    advance(ms) {
      now += ms;
    },
    close: async () => undefined,
  };
});
