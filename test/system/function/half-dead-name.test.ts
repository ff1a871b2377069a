import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { patchedClient, startClient } from '../../worlds/client-process.ts';
import { HALF_DEAD, type HalfDeadName, startHalfDeadName } from '../../worlds/dead-address.ts';
import { hasProxy, startProxy } from '../../worlds/proxy.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

/** An endpoint has an address in each zone, and a lookup gives them in the same order each time: the first may be dead. */

let aws: Surroundings;
let name: HalfDeadName;
let environment: Readonly<Record<string, string>>;
beforeAll(async () => {
  aws = await startSurroundings(activeWindows());
  const urls = Object.entries(aws.environment).filter(([variable]) => variable.startsWith('AWS_ENDPOINT_URL_'));
  name = await startHalfDeadName(urls.map(([, url]) => Number(new URL(url).port)));
  const named = urls.map(([variable, url]) => [variable, `http://${HALF_DEAD}:${new URL(url).port}`]);
  environment = { ...Object.fromEntries(named), ...name.environment };
});
afterAll(async () => {
  await name[Symbol.asyncDispose]();
  await aws[Symbol.asyncDispose]();
});

describe('where the first address of a name is dead, an event is stored', () => {
  it.each(['native', 'node'])('by the client over the sockets of %s', async (sockets) => {
    const id = `client-${sockets}`;
    await using api = await startRuntimeApi({ invocations: [{ id, text: '{"n":1}' }], afterwards: 'hold' });
    await using running = startClient({
      client: patchedClient(),
      handler: 'surroundings.loaded',
      runtimeApi: api.address,
      environment: { ...environment, MAINTENANCE_WINDOW_SOCKETS: sockets },
    });
    await Promise.race([api.seen('answer'), running.exited]);
    running.kill('SIGKILL');
    expect((await aws.eventItem(id))?.['status']?.S, (await running.exited).stdout).toBe('pending');
  });

  it.skipIf(!hasProxy)('by the proxy', async () => {
    await using api = await startRuntimeApi({ invocations: [{ id: 'proxy', text: '{"n":1}' }], afterwards: 'hold' });
    await using proxy = await startProxy(api.address, environment);
    const poll = fetch(`http://127.0.0.1:${proxy.port}/2018-06-01/runtime/invocation/next`).catch(() => undefined);
    await api.seen('answer');
    expect((await aws.eventItem('proxy'))?.['status']?.S, proxy.output()).toBe('pending');
    await api.close();
    await poll;
  });
});
