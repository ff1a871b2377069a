import { patchedClient, stockClient } from '../../test/worlds/client-process.ts';
import { type Finding, writeMilliseconds } from '../measure/findings.ts';
import { differences, estimate, interleave, median } from '../measure/pairs.ts';
import { bundle } from '../processes/bundle.ts';
import { type CpuClock, startCpuClock } from '../processes/cpu-clock.ts';
import { type FunctionSetting, type Lambda, startAws, startLambda } from '../processes/lambda.ts';
import type { AnsweredBy } from '../processes/lambda-process.ts';
import { windowNextYear, windowNow } from '../processes/windows.ts';

/** Delay of SSM's answer: loading a handler that does nothing covers most of it. */
export const SSM_DELAY_MS = 5;
/** A delay that it does not cover. */
const LONGER_SSM_DELAY_MS = 20;

/**
 * How much later the first `/response` comes than from the stock client, and inside a window the answer to the first event,
 * which comes once DynamoDB has it.
 * The stock client is started as `node index.mjs`, the patched one by its `bootstrap`, which costs it 0.3 ms.
 */
export async function measureColdStart({ runs = 40 } = {}): Promise<Finding[]> {
  // As CDK's `NodejsFunction` bundles by default: one CommonJS file.
  await using heavy = await bundle(import.meta.resolve('../functions/heavy.ts'), 'index.js');
  const setting = { parameter: windowNextYear(), ssmDelayMs: SSM_DELAY_MS };
  await using lambda = startLambda();
  await using overTls = await startAws({ ...setting, tls: true });
  await using slower = await startAws({ ...setting, ssmDelayMs: LONGER_SSM_DELAY_MS, tls: true });
  await using overHttp = await startAws(setting);
  await using inside = await startAws({
    parameter: windowNow(),
    ssmDelayMs: SSM_DELAY_MS,
    tls: true,
    dynamoDb: 'instant',
  });

  const againstStock = (what: string, limitMs: number | undefined, surroundings: Omit<FunctionSetting, 'client'>) =>
    compareStarts(lambda, runs, {
      what: `cold start ${what}, over stock`,
      ...(limitMs !== undefined && { limitMs }),
      subject: { ...surroundings, client: patchedClient() },
      baseline: { ...surroundings, client: stockClient() },
    });
  return [
    ...(await againstStock('over TLS, a handler that does nothing', 10, overTls)),
    ...(await againstStock('over TLS, a handler bundled with an SDK client', 10, {
      ...overTls,
      taskRoot: heavy.folder,
    })),
    ...(await againstStock('over plain HTTP, a handler that does nothing', 8, overHttp)),
    ...(await againstStock(
      `over TLS, SSM answering after ${LONGER_SSM_DELAY_MS} ms, a handler that does nothing`,
      undefined,
      slower,
    )),
    ...(await compareStarts(lambda, runs, {
      what: 'from the start to the first event stored, inside a window, over TLS, over stock’s first response',
      limitMs: 35,
      answeredBy: 'error',
      subject: { ...inside, client: patchedClient() },
      baseline: { ...inside, client: stockClient() },
    })),
  ];
}

/** Two ways to start a client. */
export interface StartComparison {
  readonly what: string;
  /** How much later the subject's first response may come. */
  readonly limitMs?: number;
  /** What the subject answers its first event with. Default: `response`. */
  readonly answeredBy?: AnsweredBy;
  readonly subject: FunctionSetting;
  readonly baseline: FunctionSetting;
}

/**
 * Compares cold starts, by the wall clock and by the CPU time of the process. The wall clock is what was promised; CPU
 * time scatters less where others use the machine, and counts what threads do beside each other, those that have ended
 * included. The control is the baseline once more.
 */
export async function compareStarts(
  lambda: Lambda,
  runs: number,
  { what, limitMs, answeredBy, subject, baseline }: StartComparison,
): Promise<Finding[]> {
  await using clock = await startCpuClock();
  const starts = await interleave(runs, {
    subject: () => coldStart(lambda, clock, subject, answeredBy),
    baseline: () => coldStart(lambda, clock, baseline),
    control: () => coldStart(lambda, clock, baseline),
  });
  const compared = (side: 'subject' | 'control', measure: keyof ColdStart) => {
    const ofSide = starts[side].map((start) => start[measure]);
    const ofBaseline = starts.baseline.map((start) => start[measure]);
    return {
      figure: estimate(differences(ofSide, ofBaseline)),
      write: writeMilliseconds,
      basis: `${writeMilliseconds(median(ofSide))} against ${writeMilliseconds(median(ofBaseline))}; ${runs} pairs`,
    };
  };
  return [
    {
      what,
      ...(limitMs !== undefined && { target: { kind: 'at most', value: limitMs } }),
      ...compared('subject', 'wallMs'),
    },
    { what: 'the same in CPU time', ...compared('subject', 'cpuMs') },
    { what: 'the same, what it is compared with against itself (control)', ...compared('control', 'wallMs') },
  ];
}

/** From the start of the process to the head of its first answer. */
interface ColdStart {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function coldStart(
  lambda: Lambda,
  clock: CpuClock,
  setting: FunctionSetting,
  answeredBy: AnsweredBy = 'response',
): Promise<ColdStart> {
  await using environment = await lambda.start(setting);
  const { answeredAtNs } = await environment.invoke('{}', 1, answeredBy);
  const cpuMs = (await clock.readNs(environment.pid)) / 1e6;
  return { wallMs: ((answeredAtNs[0] ?? Number.NaN) - environment.startedAtNs) / 1e6, cpuMs };
}
