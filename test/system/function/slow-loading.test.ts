/** Handlers that take most of INIT's ten seconds to load, before an SSM that does not answer well. */
import { expect, test } from 'vitest';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { denies, holds, isSilent, type Script, startMisbehavingSsm, throttles } from '../../fakes/ssm-misbehaving.ts';
import { patchedClient, startClient } from '../../worlds/client-process.ts';
import { HANG_LIMIT_MS } from '../../worlds/hang-limit.ts';
import { activeWindows } from '../../worlds/surroundings.ts';

/** INIT has a second left then. */
const LOADED_MS = 9_000;
/** Of that second, 300 ms are waited. What a busy machine adds comes on top: the least of some tries counts. */
const WAITED_MS = 1_500;
const retry = 4;

test.concurrent.each<[string, Script]>([
  ['throttles', throttles],
  ['is silent', isSilent],
  ['denies', denies],
])('where SSM %s, the first invocation is asked for while INIT still has time', { retry }, async (_, script) => {
  const { waitedMs, kind } = await firstInvocation(script);
  expect(waitedMs).toBeLessThan(WAITED_MS);
  expect(kind).toBe('response');
});

test.concurrent('where it answers well, the windows are known', async () => {
  const { kind, body } = await firstInvocation(holds({ 'maintenance-window': activeWindows() }));
  expect(kind).toBe('error');
  expect(body).toContain('MaintenanceWindow.');
});

/** What the first invocation was answered with, and how long after the handler was loaded it was asked for. */
async function firstInvocation(script: Script) {
  const ssm = await startMisbehavingSsm(script);
  await using api = await startRuntimeApi({ invocations: [{ deadlineAt: Date.now() + HANG_LIMIT_MS }] });
  await using client = startClient({
    client: patchedClient(),
    handler: 'slow-loading.echo',
    runtimeApi: api.address,
    environment: {
      AWS_ENDPOINT_URL_SSM: ssm.url,
      AWS_ENDPOINT_URL_DYNAMODB: ssm.url,
      MAINTENANCE_WINDOW_TEST_LOADED_MS: String(LOADED_MS),
    },
  });
  const { stdout } = await client.exited;
  await ssm.close();
  const loadedAt = Number(/loaded at (\d+)/.exec(stdout)?.[1]);
  const next = api.requests.find(({ kind }) => kind === 'next');
  const answer = api.requests.find(({ kind }) => kind === 'response' || kind === 'error');
  return { waitedMs: (next?.arrivedAt ?? Infinity) - loadedAt, kind: answer?.kind, body: answer?.body.toString() };
}
