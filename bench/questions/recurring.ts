import { patchedClient } from '../../test/worlds/client-process.ts';
import type { Finding } from '../measure/findings.ts';
import { startAws, startLambda } from '../processes/lambda.ts';
import { windowNextYear, windowsThatRecur } from '../processes/windows.ts';
import { compareStarts, SSM_DELAY_MS } from './cold-start.ts';
import { type WrapCounts, wrapAdds } from './wrap.ts';

const MANY = 50;

/** What it costs that windows recur: at a cold start, and for each invocation while no window begins or ends. */
export async function measureRecurring({
  runs = 40,
  ...counts
}: Partial<WrapCounts & { runs: number }> = {}): Promise<Finding[]> {
  await using lambda = startLambda();
  await using once = await startAws({ parameter: windowNextYear(), ssmDelayMs: SSM_DELAY_MS, tls: true });
  await using recurring = await startAws({ parameter: windowsThatRecur(1), ssmDelayMs: SSM_DELAY_MS, tls: true });
  return [
    await wrapAdds(
      `wrap and decision with ${MANY} recurring windows, between two changes`,
      windowsThatRecur(MANY),
      counts,
    ),
    ...(await compareStarts(lambda, runs, {
      what: 'cold start over TLS with a recurring window, over one with a one-off window',
      limitMs: 15,
      subject: { client: patchedClient(), environment: recurring.environment },
      baseline: { client: patchedClient(), environment: once.environment },
    })),
  ];
}
