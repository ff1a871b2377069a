import { patchedClient, stockClient } from '../../test/worlds/client-process.ts';
import { type Finding, writeMilliseconds } from '../measure/findings.ts';
import { differences, estimate, interleave, median } from '../measure/pairs.ts';
import { cpuTimeNs } from '../measure/process-cost.ts';
import { bundle } from '../processes/bundle.ts';
import { type FunctionSetting, type Lambda, startAws, startLambda } from '../processes/lambda.ts';
import { windowNextYear } from '../processes/windows.ts';

/** Delay of SSM's answer. */
export const SSM_DELAY_MS = 5;

/**
 * How much later the first `/response` comes than from the stock client.
 * The stock client is started as `node index.mjs`, the patched one by its `bootstrap`, which costs it 0.3 ms.
 */
export async function measureColdStart({ runs = 40 } = {}): Promise<Finding[]> {
  // As CDK's `NodejsFunction` bundles by default: one CommonJS file.
  await using heavy = await bundle(import.meta.resolve('../functions/heavy.ts'), 'index.js');
  const setting = { parameter: windowNextYear(), ssmDelayMs: SSM_DELAY_MS };
  await using lambda = startLambda();
  await using overTls = await startAws({ ...setting, tls: true });
  await using overHttp = await startAws(setting);

  const againstStock = (what: string, limitMs: number, surroundings: Omit<FunctionSetting, 'client'>) =>
    compareStarts(lambda, runs, {
      what: `cold start ${what}, over stock`,
      limitMs,
      subject: { ...surroundings, client: patchedClient() },
      baseline: { ...surroundings, client: stockClient() },
    });
  return [
    ...(await againstStock('over TLS, a handler that does nothing', 28, overTls)),
    ...(await againstStock('over TLS, a handler bundled with an SDK client', 19, {
      ...overTls,
      taskRoot: heavy.folder,
    })),
    ...(await againstStock('over plain HTTP, a handler that does nothing', 14, overHttp)),
  ];
}

/** Two ways to start a client. */
export interface StartComparison {
  readonly what: string;
  /** How much later the subject's first response may come. */
  readonly limitMs: number;
  readonly subject: FunctionSetting;
  readonly baseline: FunctionSetting;
}

/**
 * Compares cold starts, by the wall clock and by the CPU time of the process. The wall clock is what was promised; CPU
 * time scatters less where others use the machine, and counts what threads do beside each other.
 */
export async function compareStarts(
  lambda: Lambda,
  runs: number,
  { what, limitMs, subject, baseline }: StartComparison,
): Promise<Finding[]> {
  const starts = await interleave(runs, {
    subject: () => coldStart(lambda, subject),
    baseline: () => coldStart(lambda, baseline),
  });
  const compared = (measure: keyof ColdStart) => {
    const ofSubject = starts.subject.map((start) => start[measure]);
    const ofBaseline = starts.baseline.map((start) => start[measure]);
    return {
      figure: estimate(differences(ofSubject, ofBaseline)),
      write: writeMilliseconds,
      basis: `${writeMilliseconds(median(ofSubject))} against ${writeMilliseconds(median(ofBaseline))}; ${runs} pairs`,
    };
  };
  return [
    { what, target: { kind: 'at most', value: limitMs }, ...compared('wallMs') },
    { what: 'the same in CPU time', ...compared('cpuMs') },
  ];
}

/** From the start of the process to the head of its first `/response`. */
interface ColdStart {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function coldStart(lambda: Lambda, setting: FunctionSetting): Promise<ColdStart> {
  await using environment = await lambda.start(setting);
  const { answeredAtNs } = await environment.invoke('{}', 1, 'response');
  const cpuMs = cpuTimeNs(environment.pid) / 1e6;
  return { wallMs: ((answeredAtNs[0] ?? Number.NaN) - environment.startedAtNs) / 1e6, cpuMs };
}
