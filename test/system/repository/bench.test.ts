import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../bench/measure/findings.ts';
import { measureBacklog } from '../../../bench/questions/backlog.ts';
import { measureColdStart } from '../../../bench/questions/cold-start.ts';
import { measureConcurrent } from '../../../bench/questions/concurrent.ts';
import { measureDeferral } from '../../../bench/questions/deferral.ts';
import { measureDrain } from '../../../bench/questions/drain.ts';
import { measureDrainSimulation } from '../../../bench/questions/drain-simulation.ts';
import { measureInvocations } from '../../../bench/questions/invocations.ts';
import { measureMemory } from '../../../bench/questions/memory.ts';
import { measureProxy } from '../../../bench/questions/proxy.ts';
import { measureRecurring } from '../../../bench/questions/recurring.ts';
import { measureReplay } from '../../../bench/questions/replay.ts';
import { measureWrap } from '../../../bench/questions/wrap.ts';
import { hasProxy } from '../../worlds/proxy.ts';

const fewCalls = { rounds: 2, callsPerRound: 100 };

/** With how little each question can be asked, and how many findings answer it. */
const QUESTIONS: readonly [string, () => Promise<Finding[]>, number][] = [
  [
    'an invocation outside a window',
    () => measureInvocations({ generations: 1, rounds: 2, warmUpRounds: 1, invocationsPerRound: 10 }),
    2,
  ],
  ['the wrap', () => measureWrap(fewCalls), 1],
  ['a cold start', () => measureColdStart({ runs: 1 }), 6],
  ['memory', () => measureMemory({ runs: 1, invocations: 10 }), 1],
  ['a deferral', () => measureDeferral({ rounds: 1, eventsPerRound: 10, peerEventsPerRound: 1 }), 8],
  [
    'many invocations at once',
    () => measureConcurrent({ generations: 1, rounds: 1, warmUpRounds: 1, wavesPerRound: 1 }),
    4,
  ],
  ['a replay', () => measureReplay({ rounds: 1, eventsPerRound: 50, backlog: 2_100 }), 6],
  ['a drain', () => measureDrain({ backlog: 2_000, stretches: 2, worksForMs: 500 }), 3],
  ['a drain that is simulated', () => measureDrainSimulation({ events: 400, functions: 4 }), 6],
  ['a backlog', () => measureBacklog({ rounds: 1, backlog: 200 }), 4],
  [
    'the proxy',
    () => measureProxy({ starts: 1, invocationsPerStart: 10, rounds: 1, invocationsPerRound: 10 }),
    hasProxy ? 23 : 0,
  ],
  ['windows that recur', () => measureRecurring({ ...fewCalls, runs: 1 }), 3],
];

describe('a benchmark still measures what it says', () => {
  it.each(QUESTIONS)('%s', async (_, measure, count) => {
    const findings = await measure();
    expect(findings).toHaveLength(count);
    for (const { what, figure } of findings) {
      expect(figure.low, what).toBeLessThanOrEqual(figure.value);
      expect(figure.high, what).toBeGreaterThanOrEqual(figure.value);
    }
  });
});
