import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, patchedClient, stockClient } from '../../test/worlds/client-process.ts';
import { writeMilliseconds } from '../measure/findings.ts';
import { interleave, median, quantile } from '../measure/pairs.ts';
import { type Aws, type Lambda, startAws, startLambda } from '../processes/lambda.ts';
import { windowNextYear } from '../processes/windows.ts';
import { SSM_DELAY_MS } from './cold-start.ts';

const MARKS = join(import.meta.dirname, '..', 'processes', 'marks.cjs');

/** When a start comes to a step, in milliseconds since the process was started. */
export interface StepOfStart {
  readonly client: 'patched' | 'stock';
  readonly step: string;
  /** The median, and the tenth that were quickest. */
  readonly atMs: number;
  readonly quickMs: number;
}

/**
 * What the wall of a cold start over TLS is made of: when client, SSM and Runtime API come to each step. The client writes
 * its own steps down, which takes it some milliseconds, the stock client as well: so this is not what is timed.
 */
export async function measureSteps({ runs = 40 } = {}): Promise<StepOfStart[]> {
  await using lambda = startLambda();
  await using aws = await startAws({ parameter: windowNextYear(), ssmDelayMs: SSM_DELAY_MS, tls: true });
  const starts = await interleave(runs, {
    patched: () => stepsOf(patchedClient(), lambda, aws),
    stock: () => stepsOf(stockClient(), lambda, aws),
  });
  return (['patched', 'stock'] as const).flatMap((client) => {
    const names = new Set(starts[client].flatMap((start) => Object.keys(start)));
    const steps = [...names].map((step) => {
      const at = starts[client].flatMap((start) => start[step] ?? []);
      return { client, step, atMs: median(at), quickMs: quantile(at, 0.1) };
    });
    return steps.sort((one, other) => one.atMs - other.atMs);
  });
}

async function stepsOf(client: Client, lambda: Lambda, aws: Aws): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const file = join(folder, 'marks');
  try {
    const marking = { BENCH_MARKS: file, NODE_OPTIONS: `--require ${MARKS}` };
    await using environment = await lambda.start({ client, environment: { ...aws.environment, ...marking } });
    const { handedOverAtNs, answeredAtNs } = await environment.invoke('{}', 1, 'response');
    const own = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    const at: Record<string, number> = {
      ...Object.fromEntries(own.map((line) => line.split('\t')).map(([step, ns]) => [step, Number(ns)])),
      ...(await aws.marks()),
      'the first poll': handedOverAtNs[0] ?? Number.NaN,
      'the first response': answeredAtNs[0] ?? Number.NaN,
    };
    return Object.fromEntries(Object.entries(at).map(([step, ns]) => [step, (ns - environment.startedAtNs) / 1e6]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A table in Markdown. */
export function writeSteps(steps: readonly StepOfStart[]): string {
  const rows = steps.map(({ client, step, atMs, quickMs }, index) => {
    const before = steps[index - 1];
    const sinceMs = before?.client === client ? atMs - before.atMs : atMs;
    return [client, step, writeMilliseconds(atMs), `+${writeMilliseconds(sinceMs)}`, writeMilliseconds(quickMs)];
  });
  const head = ['client', 'step', 'reached after', 'since the step before', 'the quickest tenth'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
