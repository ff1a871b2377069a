import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../bench/measure/findings.ts';
import { startCpuClock } from '../../../bench/processes/cpu-clock.ts';
import { measureBacklog } from '../../../bench/questions/backlog.ts';
import { measureColdStart } from '../../../bench/questions/cold-start.ts';
import { measureSteps, writeSteps } from '../../../bench/questions/cold-start-steps.ts';
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
  ['a cold start', () => measureColdStart({ runs: 1 }), 15],
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
  ['windows that recur', () => measureRecurring({ ...fewCalls, runs: 1 }), 4],
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

it('the steps of a start are those of client, SSM and Runtime API, in their order', async () => {
  const steps = await measureSteps({ runs: 1 });
  const of = (client: string) => steps.filter((each) => each.client === client).map(({ step }) => step);
  const inOrder = ['Node is there', 'SSM is connected', 'SSM has the request', 'SSM answers', 'the first response'];
  expect(of('patched').filter((step) => inOrder.includes(step))).toEqual(inOrder);
  expect(of('stock')).toEqual(expect.arrayContaining(['Node is there', 'the first poll', 'the first response']));
  expect(of('stock').filter((step) => step.startsWith('SSM'))).toEqual([]);
  expect(writeSteps(steps).split('\n')).toHaveLength(steps.length + 2);
});

it('the CPU time of a start has that of threads that have ended', async () => {
  await using clock = await startCpuClock();
  const child = spawn(process.execPath, ['-e', BURNS_IN_A_THREAD], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [told] = await once(child.stdout, 'data');
  expect((await clock.readNs(child.pid ?? 0)) / 1e6).toBeGreaterThan(Number(told));
  child.kill();
  await once(child, 'exit');
});

/** A process that stays, and tells how many milliseconds of CPU time a thread of its has used, which has ended. */
const BURNS_IN_A_THREAD = `
  const { Worker } = require('node:worker_threads');
  const source = "while (process.threadCpuUsage().user < 300_000); require('node:worker_threads').parentPort.postMessage(300)";
  const worker = new Worker(source, { eval: true });
  worker.on('message', (used) => worker.on('exit', () => console.log(used)));
  process.stdin.resume();`;
