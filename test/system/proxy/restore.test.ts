import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { type LoopbackServer, startServer } from '../../fakes/scripted-service.ts';
import { hasProxy, startProxy } from '../../worlds/proxy.ts';
import { activeWindows } from '../../worlds/surroundings.ts';

const TOKEN = 'token-of-the-container';

/** Where SnapStart functions get their keys, and SSM: both say what they are told to say, and keep what they were asked. */
describe.skipIf(!hasProxy)('a function that is restored from a snapshot', () => {
  let container: LoopbackServer;
  let ssm: LoopbackServer;
  let keys = 'KEYSOFTHEINIT';
  let windows = '{"version":1,"windows":[]}';
  const tokens: (string | undefined)[] = [];
  const signedWith: (string | undefined)[] = [];
  beforeAll(async () => {
    container = await startServer((request, response) => {
      tokens.push(request.headers.authorization);
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      response.end(JSON.stringify({ AccessKeyId: keys, SecretAccessKey: 'secret', Token: 'session', Expiration }));
    });
    ssm = await startServer((request, response) => {
      signedWith.push(/Credential=(\w+)\//.exec(request.headers.authorization ?? '')?.[1]);
      request.resume().on('end', () => {
        const parameter = { Name: 'maintenance-window', Value: windows, LastModifiedDate: 1_700_000_000 };
        response.end(JSON.stringify({ Parameters: [parameter], InvalidParameters: [] }));
      });
    });
  });
  afterAll(() => Promise.all([container.close(), ssm.close()]));

  it('takes its keys from the container, and believes nothing that it knew before', async () => {
    await using api = await startRuntimeApi({
      invocations: [{ text: '{"before":1}' }, { text: '{"after":1}' }],
      answer: ({ path }) => (path.endsWith('/restore/next') ? { status: 200 } : undefined),
    });
    await using proxy = await startProxy(api.address, {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.url.replace('127.0.0.1', 'localhost')}/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: TOKEN,
      AWS_ENDPOINT_URL_SSM: ssm.url,
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9',
      MAINTENANCE_WINDOW_POLICY: '{"direct":"reject"}',
    });
    const runtime = `http://127.0.0.1:${proxy.port}/2018-06-01/runtime`;
    expect(await (await fetch(`${runtime}/invocation/next`)).text()).toBe('{"before":1}');

    keys = 'KEYSOFTHERESTORED';
    windows = activeWindows();
    expect((await fetch(`${runtime}/restore/next`)).status).toBe(200);
    const next = await fetch(`${runtime}/invocation/next`);
    expect(next.status).toBe(410); // the second invocation has its answer already
    expect(api.requests.filter(({ kind }) => kind === 'error').map(({ body }) => body.toString())).toEqual([
      expect.stringContaining('under maintenance, not stored'),
    ]);
    expect(signedWith).toEqual(['KEYSOFTHEINIT', 'KEYSOFTHERESTORED']);
    expect(tokens).toEqual([TOKEN, TOKEN]);
  });
});
