import { join } from 'node:path';
import { patchedClient, stockClient } from '../../test/worlds/client-process.ts';
import { type Finding, writeMicroseconds, writeRatio } from '../measure/findings.ts';
import { estimate, interleave, median, midmean, ratios, rotated } from '../measure/pairs.ts';
import { cpuTimeNs } from '../measure/process-cost.ts';
import {
  type FunctionEnvironment,
  type FunctionSetting,
  type Lambda,
  startAws,
  startLambda,
} from '../processes/lambda.ts';
import { windowNextYear } from '../processes/windows.ts';

const EVENT = JSON.stringify({ orderId: 4711, customer: 'Ada', lines: [{ item: 'tea', count: 2 }] });
const WORKERS = 8;
const IN_FLIGHT = 64;

const CLIENTS = { patched: patchedClient(), stock: stockClient(), control: stockClient() };
type Side = keyof typeof CLIENTS;

/** How often to measure: several processes, because two of the same program differ for all of their lives. */
export interface ConcurrentCounts {
  /** Of processes, one for each side. */
  readonly generations: number;
  /** Of measured stretches in each of them, a multiple of three. */
  readonly rounds: number;
  /** Stretches for the warm-up, until V8 has compiled the hot code in each worker. */
  readonly warmUpRounds: number;
  /** Of 64 invocations at once in each stretch. */
  readonly wavesPerRound: number;
}

/** What one stretch took, for each invocation. */
interface Stretch {
  readonly cpuNs: number;
  readonly wallNs: number;
}

/** What a generation of processes took, stretch by stretch. */
type Generation = Readonly<Record<Side, readonly Stretch[]>>;

const COUNTS: ConcurrentCounts = { generations: 8, rounds: 18, warmUpRounds: 60, wavesPerRound: 4 };

/**
 * What an invocation outside a window costs with 64 in flight over eight workers, against the stock client's. The control
 * is a second stock client. All have the pool that ours gives itself, since with Node's own only four workers would poll.
 *
 * The bound is on the throughput: the time that a stretch of invocations takes with all CPUs busy, the Runtime API's among
 * them. The CPU time of the client alone is told beside it.
 */
export async function measureConcurrent(some: Partial<ConcurrentCounts> = {}): Promise<Finding[]> {
  const counts = { ...COUNTS, ...some };
  await using aws = await startAws({ parameter: windowNextYear(), ssmDelayMs: 5 });
  await using first = startLambda();
  await using second = startLambda();
  await using third = startLambda();
  const generations: Generation[] = [];
  for (let number = 0; number < counts.generations; number += 1) {
    generations.push(await compare([first, second, third], number, counts, aws.environment));
  }

  const stockNs = median(generations.map(({ stock }) => median(stock.map(({ cpuNs }) => cpuNs))));
  const invocations = counts.rounds * counts.wavesPerRound * IN_FLIGHT;
  const finding = (what: string, side: Side, unit: keyof Stretch): Finding => ({
    what,
    figure: estimate(
      generations.map((generation) => ratioOf(generation, side, unit)),
      midmean,
    ),
    write: writeRatio,
    basis: `stock ${writeMicroseconds(stockNs)} of CPU time; ${generations.length} pairs of processes, ${invocations} invocations in each`,
  });
  const what = 'time of so many invocations with 64 in flight over 8 workers, of the stock client’s';
  return [
    { ...finding(what, 'patched', 'wallNs'), target: { kind: 'at most', value: 1.02 } },
    finding('the same, stock against stock (control)', 'control', 'wallNs'),
    finding('the client’s CPU time for them', 'patched', 'cpuNs'),
    finding('the same, stock against stock (control)', 'control', 'cpuNs'),
  ];
}

/** Starts the three clients, each generation in another order, and measures them by turns. */
async function compare(
  [first, second, third]: readonly [Lambda, Lambda, Lambda],
  generation: number,
  { rounds, warmUpRounds, wavesPerRound }: ConcurrentCounts,
  aws: Readonly<Record<string, string>>,
): Promise<Generation> {
  const [a, b, c] = rotated(['patched', 'stock', 'control'] as const, generation) as [Side, Side, Side];
  await using startedFirst = await first.start(settingOf(a, aws));
  await using startedSecond = await second.start(settingOf(b, aws));
  await using startedThird = await third.start(settingOf(c, aws));
  const sides = {
    [a]: () => stretch(startedFirst, wavesPerRound),
    [b]: () => stretch(startedSecond, wavesPerRound),
    [c]: () => stretch(startedThird, wavesPerRound),
  } as Record<Side, () => Promise<Stretch>>;
  await interleave(warmUpRounds, sides);
  return await interleave(rounds, sides); // before the clients are ended
}

function settingOf(side: Side, aws: Readonly<Record<string, string>>): FunctionSetting {
  return {
    client: CLIENTS[side],
    taskRoot: join(import.meta.dirname, '..', 'functions', 'waiting'),
    environment: {
      ...aws,
      AWS_LAMBDA_MAX_CONCURRENCY: String(IN_FLIGHT),
      AWS_LAMBDA_NODEJS_WORKER_COUNT: String(WORKERS),
      UV_THREADPOOL_SIZE: String(WORKERS + 4),
    },
  };
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

function ratioOf(generation: Generation, side: Side, unit: keyof Stretch): number {
  const figures = (of: Side) => generation[of].map((one) => one[unit]);
  return median(ratios(figures(side), figures('stock')));
}
