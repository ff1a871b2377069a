import { join } from 'node:path';
import { patchedClient, stockClient } from '../test/support/client-process.ts';
import { type Finding, writeMicroseconds, writeRatio } from './findings.ts';
import { type FunctionEnvironment, startAws, startLambda } from './lambda.ts';
import { estimate, interleave, median, midmean, ratios } from './pairs.ts';
import { cpuTimeNs } from './process-cost.ts';
import { windowNextYear } from './windows.ts';

const EVENT = JSON.stringify({ orderId: 4711, customer: 'Ada', lines: [{ item: 'tea', count: 2 }] });
const WORKERS = 8;
const IN_FLIGHT = 64;

/** How often to measure: several processes, because two of the same program differ for all of their lives. */
export interface ConcurrentCounts {
  /** Of processes, one for each side. */
  readonly generations: number;
  /** Of measured stretches in each of them. */
  readonly rounds: number;
  /** Of stretches before those, until V8 has compiled what runs often, in each of the workers. */
  readonly warmUpRounds: number;
  /** Of 64 invocations at once in each stretch. */
  readonly wavesPerRound: number;
}

/** What one stretch took, for each invocation. */
interface Stretch {
  readonly cpuNs: number;
  readonly wallNs: number;
}

/**
 * What an invocation outside a window costs with 64 in flight over eight workers, against the stock client's. The control
 * is a second stock client. All have the pool that ours gives itself, since with Node's own only four workers would poll.
 *
 * The bound is held by CPU time, which is what throughput comes to once all CPUs are busy; the wall clock is told beside it.
 */
export async function measureConcurrent({
  generations = 10,
  rounds = 12,
  warmUpRounds = 12,
  wavesPerRound = 4,
}: Partial<ConcurrentCounts> = {}): Promise<Finding[]> {
  await using aws = await startAws({ parameter: windowNextYear(), ssmDelayMs: 5 });
  await using first = startLambda();
  await using second = startLambda();
  await using third = startLambda();
  const environment = {
    ...aws.environment,
    AWS_LAMBDA_MAX_CONCURRENCY: String(IN_FLIGHT),
    AWS_LAMBDA_NODEJS_WORKER_COUNT: String(WORKERS),
    UV_THREADPOOL_SIZE: String(WORKERS + 4),
  };
  const taskRoot = join(import.meta.dirname, 'functions', 'waiting');
  const cpu = { patched: [] as number[], control: [] as number[] };
  const wall = { patched: [] as number[], control: [] as number[] };
  const stockNs: number[] = [];
  for (let generation = 0; generation < generations; generation += 1) {
    await using patched = await first.start({ client: patchedClient(), taskRoot, environment });
    await using stock = await second.start({ client: stockClient(), taskRoot, environment });
    await using control = await third.start({ client: stockClient(), taskRoot, environment });
    const sides = {
      patched: () => stretch(patched, wavesPerRound),
      stock: () => stretch(stock, wavesPerRound),
      control: () => stretch(control, wavesPerRound),
    };
    await interleave(warmUpRounds, sides);
    const figures = await interleave(rounds, sides);
    for (const side of ['patched', 'control'] as const) {
      cpu[side].push(median(ratios(cpuOf(figures[side]), cpuOf(figures.stock))));
      wall[side].push(median(ratios(wallOf(figures[side]), wallOf(figures.stock))));
    }
    stockNs.push(median(cpuOf(figures.stock)));
  }
  const invocations = rounds * wavesPerRound * IN_FLIGHT;
  const basis = `stock ${writeMicroseconds(median(stockNs))} of CPU time; ${generations} pairs of processes, ${invocations} invocations in each`;
  const finding = (what: string, figures: readonly number[]): Finding => ({
    what,
    figure: estimate(figures, midmean),
    write: writeRatio,
    basis,
  });
  return [
    {
      ...finding('CPU time of an invocation with 64 in flight over 8 workers, of the stock client’s', cpu.patched),
      target: { kind: 'at most', value: 1.02 },
    },
    finding('the same, stock against stock (control)', cpu.control),
    finding('the same by the wall clock', wall.patched),
    finding('the same by the wall clock, stock against stock (control)', wall.control),
  ];
}

async function stretch({ pid, invoke }: FunctionEnvironment, waves: number): Promise<Stretch> {
  const cpuBefore = cpuTimeNs(pid);
  const wallBefore = process.hrtime.bigint();
  for (let wave = 0; wave < waves; wave += 1) await invoke(EVENT, IN_FLIGHT, 'response');
  const count = waves * IN_FLIGHT;
  return {
    cpuNs: (cpuTimeNs(pid) - cpuBefore) / count,
    wallNs: Number(process.hrtime.bigint() - wallBefore) / count,
  };
}

function cpuOf(stretches: readonly Stretch[]): number[] {
  return stretches.map(({ cpuNs }) => cpuNs);
}

function wallOf(stretches: readonly Stretch[]): number[] {
  return stretches.map(({ wallNs }) => wallNs);
}
