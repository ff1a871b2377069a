/** A Node that is older than the client. */
import { expect, it } from 'vitest';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { patchedClient, startClient } from '../../worlds/client-process.ts';

const WITHOUT_BUILTINS = 'delete process.getBuiltinModule';

it('is told in one line what it needs, and ends before anything is asked', async () => {
  await using api = await startRuntimeApi({ invocations: [] });
  await using client = startClient({
    client: patchedClient(),
    handler: 'values.echo',
    runtimeApi: api.address,
    environment: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(WITHOUT_BUILTINS)}` },
  });
  const { code, stdout, stderr } = await client.exited;
  expect({ code, stdout, stderr }).toEqual({
    code: 78,
    stdout: '',
    stderr: `maintenance-window: this is Node ${process.versions.node}, and the client needs 22.3 or later: take a newer base image\n`,
  });
  expect(api.requests).toEqual([]);
});
