import { describe, expect, it } from 'vitest';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { hasProxy, startProxy } from '../../worlds/proxy.ts';
import { activeWindows, startSurroundings } from '../../worlds/surroundings.ts';

/** Names that AWS's samples of such proxies share: each of two proxies must be reachable by them. */
describe.skipIf(!hasProxy)('two proxies in one function', () => {
  it.each([
    ['its own name', 'MAINTENANCE_WINDOW_PROXY_UPSTREAM'],
    ['the name that samples share', 'LRAP_RUNTIME_API_ENDPOINT'],
  ])('pass an invocation on, where the upstream has %s', async (_, name) => {
    await using aws = await startSurroundings();
    await using api = await startRuntimeApi({ invocations: [{ id: 'r-1', text: '{"n":1}' }] });
    await using upper = await startProxy(api.address, aws.environment);
    await using lower = await startProxy(api.address, { ...aws.environment, [name]: `127.0.0.1:${upper.port}` });
    const runtime = `http://127.0.0.1:${lower.port}/2018-06-01/runtime/invocation`;
    expect(await (await fetch(`${runtime}/next`)).text()).toBe('{"n":1}');
    expect((await fetch(`${runtime}/r-1/response`, { method: 'POST', body: '{"done":1}' })).status).toBe(202);
    expect(api.requests.map(({ kind, body }) => [kind, body.toString()])).toEqual([
      ['next', ''],
      ['response', '{"done":1}'],
    ]);
  });

  it('answer once inside a window: the upper one, which meets the event first', async () => {
    await using aws = await startSurroundings(activeWindows());
    await using api = await startRuntimeApi({ invocations: [{ id: 'r-1', text: '{"n":1}' }] });
    await using upper = await startProxy(api.address, aws.environment);
    await using lower = await startProxy(api.address, {
      ...aws.environment,
      MAINTENANCE_WINDOW_PROXY_UPSTREAM: `127.0.0.1:${upper.port}`,
    });
    await fetch(`http://127.0.0.1:${lower.port}/2018-06-01/runtime/invocation/next`);
    expect(api.count('answer')).toBe(1);
    expect((await aws.eventItem('r-1'))?.['status']?.S).toBe('pending');
    expect([upper, lower].map((proxy) => proxy.output().includes('"deferred"'))).toEqual([true, false]);
  });
});
