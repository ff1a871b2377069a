import { defineConfig } from 'vitest/config';

/** The lanes of the tests: a folder each, and the npm script `test:` of that name. What stands in none of them is run by nobody. */
const LANES = ['unit', 'laws', 'contract', 'system', 'same-as-stock', 'infra', 'container', 'browser', 'package'];

export default defineConfig({
  test: {
    projects: LANES.map((name) => ({
      extends: true as const,
      // Files of one worker share their modules: to load them anew for each file took half the CPU time of the unit lane.
      test: { name, include: [`test/${name}/**/*.test.ts`], isolate: name !== 'unit' },
    })),
    // One more than Vitest's own choice: most files wait for other processes.
    maxWorkers: '100%',
    // They import JSON without saying so, which Node refuses.
    server: { deps: { inline: [/node_modules\/@actions\//] } },
    // A bound on hangs alone: a test that waits for something that comes must pass on a busy machine, too.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'dist/test-report.json' }]] : ['default'],
  },
});
