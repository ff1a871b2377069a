import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDynamoDbProxy } from '../../fakes/dynamodb-proxy.ts';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { type RunningFunction, runFunction } from '../../worlds/emulator.ts';
import {
  hasProxy,
  PROXY_LAYER,
  type ProxyPort,
  pidOfExtension,
  proxyPort,
  pythonClient,
  startProxy,
  withOpt,
} from '../../worlds/proxy.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

const CODE = `def handler(event, context):
    return {'handled': event}
`;

describe.skipIf(!hasProxy)('several invocations at once behind the proxy', () => {
  it('are stored each by itself: one that waits for the table holds up no other', async () => {
    await using aws = await startSurroundings(activeWindows());
    const dynamoDb = await startDynamoDbProxy(aws.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '');
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    dynamoDb.behave(async ({ operation, pk }) => {
      if (operation === 'PutItem' && pk.endsWith('#first')) await held;
      return undefined;
    });
    await using api = await startRuntimeApi({
      invocations: [
        { id: 'first', text: '{"n":1}' },
        { id: 'second', text: '{"n":2}' },
      ],
    });
    await using proxy = await startProxy(api.address, {
      ...aws.environment,
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
      AWS_LAMBDA_MAX_CONCURRENCY: '2',
    });
    const polled = [1, 2].map(() => fetch(`http://127.0.0.1:${proxy.port}/2018-06-01/runtime/invocation/next`));
    await api.seen('error');
    expect(api.requests.filter(({ kind }) => kind === 'error').map(({ id }) => id)).toEqual(['second']);
    expect(await aws.eventItem('first')).toBeUndefined();
    letGo();
    await api.seen('error', 2);
    expect((await aws.eventItem('first'))?.['status']?.S).toBe('pending');
    await Promise.all(polled);
    await dynamoDb.close();
  });
});

describe.skipIf(!hasProxy)('a function behind the proxy, under the real emulator', () => {
  const opt = withOpt(PROXY_LAYER);
  let aws: Surroundings;
  let dynamoDb: Awaited<ReturnType<typeof startDynamoDbProxy>>;
  let underTest: RunningFunction;
  let port: ProxyPort;
  beforeAll(async () => {
    aws = await startSurroundings();
    dynamoDb = await startDynamoDbProxy(aws.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '');
    port = await proxyPort();
    underTest = await runFunction({
      code: CODE,
      file: 'app.py',
      command: ['/opt/maintenance-window/wrapper', ...(await pythonClient('app.handler'))],
      environment: {
        ...aws.environment,
        ...port,
        AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
        MAINTENANCE_WINDOW_TTL: '1',
      },
      emulatorIn: opt.around,
      timeoutSeconds: 4,
    });
  });
  afterAll(async () => {
    await underTest.close();
    await dynamoDb.close();
    await aws[Symbol.asyncDispose]();
    opt.remove();
  });

  const invoke = (text: string) => underTest.emulator.invoke({ payload: Buffer.from(text) });

  it('fails one invocation where the proxy is killed, and serves the next from a new environment', async () => {
    expect(await invoke('{"n":1}')).toMatchObject({ failed: false });
    process.kill(pidOfExtension(port), 'SIGKILL');
    expect(await invoke('{"n":2}')).toMatchObject({ failed: true });
    const after = await invoke('{"n":3}');
    expect([after.failed, after.payload.toString()]).toEqual([false, '{"handled": {"n": 3}}']);
  });

  it('says in time that an event is not stored, where the table does not answer', async () => {
    await aws.setWindows(activeWindows());
    while (!(await invoke('{"n":4}')).failed) await new Promise((go) => setTimeout(go, 100));
    dynamoDb.behave(() => ({ kind: 'hang', when: 'before' }));
    const { failed, payload } = await invoke('{"n":5}');
    expect(failed).toBe(true);
    expect(JSON.parse(payload.toString())).toMatchObject({ errorType: 'MaintenanceWindow.DeferralFailed' });
    expect(underTest.lines.some((line) => line.includes('"maintenanceWindow":"deferral-failed"'))).toBe(true);
  });
});
