import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, patchedClient, stockClient } from '../../test/worlds/client-process.ts';
import type { Finding } from '../measure/findings.ts';
import { bundle } from '../processes/bundle.ts';
import { startAws, startLambda, TRIVIAL_FUNCTION } from '../processes/lambda.ts';
import { windowNextYear } from '../processes/windows.ts';
import { compareStarts, SSM_DELAY_MS } from './cold-start.ts';

/**
 * How much later the first `/response` comes than from the stock client, where V8's compile cache is baked in beside the
 * patched client. The stock client has none: this is what an image gains that takes both.
 */
export async function measureCompileCache({ runs = 40 } = {}): Promise<Finding[]> {
  await using heavy = await bundle(import.meta.resolve('../functions/heavy.ts'), 'index.js');
  await using large = await bundle(import.meta.resolve('../functions/large.ts'), 'index.js');
  await using lambda = startLambda();
  await using aws = await startAws({ parameter: windowNextYear(), ssmDelayMs: SSM_DELAY_MS, tls: true });
  const findings: Finding[] = [];
  for (const [what, taskRoot, limitMs] of [
    ['a handler that does nothing', TRIVIAL_FUNCTION, 8],
    ['a handler bundled with an SDK client', heavy.folder, 0],
    ['a handler bundled with three SDK clients', large.folder, 0],
  ] as const) {
    await using cached = bakedClient(taskRoot);
    const comparison = {
      what: `cold start with a compile cache, over TLS, ${what}, over stock without`,
      limitMs,
      subject: { ...aws, taskRoot, client: cached.client },
      baseline: { ...aws, taskRoot, client: stockClient() },
    };
    findings.push(...(await compareStarts(lambda, runs, comparison)));
  }
  return findings;
}

/** A copy of the patched client with the cache that `bootstrap --compile-cache` makes for this handler. */
function bakedClient(taskRoot: string): { readonly client: Client } & AsyncDisposable {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  cpSync(patchedClient().folder, folder, { recursive: true });
  execFileSync(join(folder, 'bootstrap'), ['--compile-cache', 'index.handler'], {
    cwd: taskRoot,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return {
    client: patchedClient(folder),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true });
    },
  };
}
