import { type Client, patchedClient, stockClient } from '../../test/worlds/client-process.ts';
import { type Finding, writeMegabytes } from '../measure/findings.ts';
import { differences, estimate, interleave, median } from '../measure/pairs.ts';
import { residentBytes } from '../measure/process-cost.ts';
import { type Lambda, startAws, startLambda } from '../processes/lambda.ts';
import { windowNextYear } from '../processes/windows.ts';

/** How much more memory the client holds after some invocations outside a window. Over TLS, which needs the most. */
export async function measureMemory({ runs = 10, invocations = 1_000 } = {}): Promise<Finding[]> {
  await using aws = await startAws({ parameter: windowNextYear(), ssmDelayMs: 5, tls: true });
  await using lambda = startLambda();
  const { environment } = aws;
  const { patched, stock } = await interleave(runs, {
    patched: () => residentAfter(lambda, patchedClient(), environment, invocations),
    stock: () => residentAfter(lambda, stockClient(), environment, invocations),
  });
  return [
    {
      what: `resident memory after ${invocations} invocations outside a window, over stock`,
      target: { kind: 'at most', value: 7e6 },
      figure: estimate(differences(patched, stock)),
      write: writeMegabytes,
      basis: `${writeMegabytes(median(patched))} against ${writeMegabytes(median(stock))}; ${runs} pairs`,
    },
  ];
}

async function residentAfter(
  lambda: Lambda,
  client: Client,
  environment: Readonly<Record<string, string>>,
  invocations: number,
): Promise<number> {
  await using running = await lambda.start({ client, environment });
  await running.invoke('{}', invocations, 'response');
  return residentBytes(running.pid);
}
