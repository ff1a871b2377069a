import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFreePort } from '../../../local/port.ts';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { hasProxy, startProxy } from '../../worlds/proxy.ts';
import { activeWindows, startSurroundings } from '../../worlds/surroundings.ts';

const SAMPLE = join(import.meta.dirname, '..', '..', 'fakes', 'sample-proxy.mjs');

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

/** Both are extensions of one function, so both find the same variables. */
describe.skipIf(!hasProxy).each([
  ['before a proxy as AWS’s samples are', 'ours first'],
  ['behind one', 'ours last'],
])('our proxy %s', (_, order) => {
  const isFirst = order === 'ours first';

  async function startBoth(windows?: string) {
    const aws = await startSurroundings(windows);
    const api = await startRuntimeApi({ invocations: [{ id: 'r-1', text: '{"n":1}' }], afterwards: 'hold' });
    const [own, others] = [await findFreePort(), await findFreePort()];
    const shared = {
      AWS_LAMBDA_RUNTIME_API: api.address,
      LRAP_LISTENER_PORT: String(others),
      MAINTENANCE_WINDOW_PROXY_PORT: String(own),
      ...(isFirst
        ? { MAINTENANCE_WINDOW_PROXY_UPSTREAM: `127.0.0.1:${others}` }
        : { LRAP_RUNTIME_API_ENDPOINT: `127.0.0.1:${own}` }),
    };
    const sample = spawn(process.execPath, [SAMPLE], { env: shared, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => sample.once('exit', resolve));
    await new Promise((resolve) => sample.stdout.once('data', resolve));
    const ours = await startProxy(api.address, { ...aws.environment, ...shared });
    return {
      aws,
      api,
      ours,
      runtime: `http://127.0.0.1:${isFirst ? own : others}/2018-06-01/runtime/invocation`,
      async [Symbol.asyncDispose]() {
        sample.kill('SIGKILL');
        await ended;
        for (const one of [ours, api, aws]) await one[Symbol.asyncDispose]();
      },
    };
  }

  it('passes an invocation on, there and back', async () => {
    await using chain = await startBoth();
    const event = await fetch(`${chain.runtime}/next`);
    expect(event.headers.get('lambda-runtime-aws-request-id')).toBe('r-1');
    expect(await event.json()).toEqual({ n: 1, 'lrap-processed': true });
    const words = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"done":1}' };
    expect((await fetch(`${chain.runtime}/r-1/response`, words)).status).toBe(202);
    const response = chain.api.requests.find(({ kind }) => kind === 'response');
    expect(JSON.parse(String(response?.body))).toEqual({ done: 1, 'lrap-processed': true });
    expect(chain.ours.output()).not.toContain('proxy-unused');
  });

  it('stores an event inside a window, as it meets it, and answers', async () => {
    await using chain = await startBoth(activeWindows());
    const leaving = new AbortController();
    const poll = fetch(`${chain.runtime}/next`, { signal: leaving.signal }).catch(() => undefined);
    await chain.api.seen('error');
    const met = isFirst ? { n: 1, 'lrap-processed': true } : { n: 1 };
    expect(JSON.parse(String(await chain.aws.storedBytes('r-1')))).toEqual(met);
    const { body } = chain.api.requests.find(({ kind }) => kind === 'error') ?? {};
    expect(JSON.parse(String(body)).errorType).toBe('MaintenanceWindow.Active');
    await chain.api.seen('next', 2);
    leaving.abort();
    await poll;
  });
});
