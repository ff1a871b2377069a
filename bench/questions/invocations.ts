import { patchedClient, stockClient } from '../../test/worlds/client-process.ts';
import { type Finding, writeMicroseconds, writeRatio } from '../measure/findings.ts';
import { estimate, interleave, median, midmean, ratios, rotated } from '../measure/pairs.ts';
import { cpuTimeNs } from '../measure/process-cost.ts';
import { type FunctionEnvironment, startAws, startLambda } from '../processes/lambda.ts';
import { windowNextYear } from '../processes/windows.ts';

const EVENT = JSON.stringify({ orderId: 4711, customer: 'Ada', lines: [{ item: 'tea', count: 2 }] });

/** How often to measure: many processes, because two of the same program differ by 1 or 2 % for all of their lives. */
export interface InvocationCounts {
  /** Of processes, one for each side. */
  readonly generations: number;
  /** Of measured stretches in each of them, a multiple of three: short ones, so that what disturbs one disturbs all. */
  readonly rounds: number;
  /** Of stretches before those, until V8 has compiled what runs often. */
  readonly warmUpRounds: number;
  readonly invocationsPerRound: number;
}

const COUNTS: InvocationCounts = { generations: 40, rounds: 18, warmUpRounds: 24, invocationsPerRound: 125 };

const CLIENTS = { patched: patchedClient(), stock: stockClient(), control: stockClient() };
type Side = keyof typeof CLIENTS;

/**
 * What an invocation outside a window costs in CPU time, against the stock client's. The control is a second stock client.
 *
 * By CPU time, because the wall clock scatters by 15 to 25 % on a machine that others use, and cannot hold a bound of
 * 1 %. A pair of processes counts with the median of its rounds' ratios, and all pairs together with their midmean.
 */
export async function measureInvocations(counts: Partial<InvocationCounts> = {}): Promise<Finding[]> {
  const { generations, rounds, warmUpRounds, invocationsPerRound } = { ...COUNTS, ...counts };
  await using aws = await startAws({ parameter: windowNextYear(), ssmDelayMs: 5 });
  await using first = startLambda();
  await using second = startLambda();
  await using third = startLambda();
  const { environment } = aws;
  const ofPatched: number[] = [];
  const ofControl: number[] = [];
  const stockNs: number[] = [];
  for (let generation = 0; generation < generations; generation += 1) {
    const [a, b, c] = rotated(['patched', 'stock', 'control'] as const, generation) as [Side, Side, Side];
    await using startedFirst = await first.start({ client: CLIENTS[a], environment });
    await using startedSecond = await second.start({ client: CLIENTS[b], environment });
    await using startedThird = await third.start({ client: CLIENTS[c], environment });
    const sides = {
      [a]: () => cpuTimePerInvocationNs(startedFirst, invocationsPerRound),
      [b]: () => cpuTimePerInvocationNs(startedSecond, invocationsPerRound),
      [c]: () => cpuTimePerInvocationNs(startedThird, invocationsPerRound),
    } as Record<Side, () => Promise<number>>;
    await interleave(warmUpRounds, sides);
    const { patched, stock, control } = await interleave(rounds, sides);
    ofPatched.push(median(ratios(patched, stock)));
    ofControl.push(median(ratios(control, stock)));
    stockNs.push(median(stock));
  }
  const basis = `stock ${writeMicroseconds(median(stockNs))}; ${generations} pairs of processes, ${rounds * invocationsPerRound} invocations in each`;
  return [
    {
      what: 'CPU time of an invocation outside a window, of the stock client’s',
      target: { kind: 'at most', value: 1.005 },
      figure: estimate(ofPatched, midmean),
      write: writeRatio,
      basis,
    },
    { what: 'the same, stock against stock (control)', figure: estimate(ofControl, midmean), write: writeRatio, basis },
  ];
}

async function cpuTimePerInvocationNs({ pid, invoke }: FunctionEnvironment, count: number): Promise<number> {
  const before = cpuTimeNs(pid);
  await invoke(EVENT, count, 'response');
  return (cpuTimeNs(pid) - before) / count;
}
