import { patchedClient, stockClient } from '../test/support/client-process.ts';
import { bundle } from './bundle.ts';
import { type Finding, writeMilliseconds } from './findings.ts';
import { type FunctionSetting, type Lambda, startAws, startLambda } from './lambda.ts';
import { differences, estimate, interleave, median } from './pairs.ts';
import { windowNextYear } from './windows.ts';

/** SSM answers after so long, once it has the request. */
export const SSM_DELAY_MS = 5;

/**
 * How much later the first `/response` comes than from the stock client, counted from the start of the process.
 * The stock client is started as `node index.mjs`, the patched one by its `bootstrap`, which costs it 0.3 ms.
 */
export async function measureColdStart({ runs = 40 } = {}): Promise<Finding[]> {
  // As CDK's `NodejsFunction` bundles by default: one CommonJS file.
  await using heavy = await bundle('functions/heavy.ts', 'index.js');
  const setting = { parameter: windowNextYear(), ssmDelayMs: SSM_DELAY_MS };
  await using lambda = startLambda();
  await using overTls = await startAws({ ...setting, tls: true });
  await using overHttp = await startAws(setting);

  const against = async (
    what: string,
    limitMs: number,
    function_: Omit<FunctionSetting, 'client'>,
  ): Promise<Finding> => {
    const { patched, stock } = await interleave(runs, {
      patched: () => coldStartMs(lambda, { ...function_, client: patchedClient() }),
      stock: () => coldStartMs(lambda, { ...function_, client: stockClient() }),
    });
    return {
      what: `cold start ${what}, over stock`,
      target: { kind: 'at most', value: limitMs },
      figure: estimate(differences(patched, stock)),
      write: writeMilliseconds,
      basis: `${writeMilliseconds(median(patched))} against ${writeMilliseconds(median(stock))}; ${runs} pairs`,
    };
  };
  return [
    await against('over TLS, a handler that does nothing', 28, overTls),
    await against('over TLS, a handler bundled with an SDK client', 19, { ...overTls, taskRoot: heavy.folder }),
    await against('over plain HTTP, a handler that does nothing', 14, overHttp),
  ];
}

/** From the start of the process to the head of its first `/response`. */
export async function coldStartMs(lambda: Lambda, setting: FunctionSetting): Promise<number> {
  await using environment = await lambda.start(setting);
  const { answeredAtNs } = await environment.invoke('{}', 1, 'response');
  return ((answeredAtNs[0] ?? Number.NaN) - environment.startedAtNs) / 1e6;
}
