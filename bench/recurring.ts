import { patchedClient } from '../test/support/client-process.ts';
import { coldStartMs, SSM_DELAY_MS } from './cold-start.ts';
import { type Finding, writeMilliseconds } from './findings.ts';
import { startAws, startLambda } from './lambda.ts';
import { differences, estimate, interleave, median } from './pairs.ts';
import { windowNextYear, windowsThatRecur } from './windows.ts';
import { type WrapCounts, wrapAdds } from './wrap.ts';

const MANY = 50;

/** What it costs that windows recur: at a cold start, and for each invocation while no window begins or ends. */
export async function measureRecurring({
  runs = 40,
  ...counts
}: Partial<WrapCounts & { runs: number }> = {}): Promise<Finding[]> {
  return [
    await wrapAdds(
      `wrap and decision with ${MANY} recurring windows, between two changes`,
      windowsThatRecur(MANY),
      counts,
    ),
    await measureStart(runs),
  ];
}

async function measureStart(runs: number): Promise<Finding> {
  await using lambda = startLambda();
  await using once = await startAws({ parameter: windowNextYear(), ssmDelayMs: SSM_DELAY_MS, tls: true });
  await using recurring = await startAws({ parameter: windowsThatRecur(1), ssmDelayMs: SSM_DELAY_MS, tls: true });
  const client = patchedClient();
  const { recurs, isOneOff } = await interleave(runs, {
    recurs: () => coldStartMs(lambda, { client, environment: recurring.environment }),
    isOneOff: () => coldStartMs(lambda, { client, environment: once.environment }),
  });
  return {
    what: 'cold start with a recurring window, over one with a one-off window',
    target: { kind: 'at most', value: 15 },
    figure: estimate(differences(recurs, isOneOff)),
    write: writeMilliseconds,
    basis: `${writeMilliseconds(median(recurs))} against ${writeMilliseconds(median(isOneOff))}; ${runs} pairs, over TLS`,
  };
}
