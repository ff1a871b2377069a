/** What the SDK knows counts for the requests that are signed here, too: the right time, keys that are renewed. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DynamoDb } from '../../../aws/dynamodb/dynamodb.ts';
import { createQuickDynamoDb } from '../../../aws/dynamodb/dynamodb-following-sdk.ts';
import { invokeSigned } from '../../../aws/lambda/invoke-signed.ts';
import { createInvoker } from '../../../aws/lambda/invoker.ts';
import { createSignedRequests } from '../../../aws/request/signed-request.ts';
import type { InvokeRequest, Invoker } from '../../../core/replay/invoker.ts';
import { HOUR_MS } from '../../../core/units.ts';
import {
  delayed,
  type MisbehavingSsm,
  ok,
  type Script,
  type SeenRequest,
  startMisbehavingSsm,
  withClock,
} from '../../fakes/ssm-misbehaving.ts';
import { useTurnClock } from '../../worlds/turn-clock.ts';

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

let aws: MisbehavingSsm;
let lambda: Invoker;
let dynamoDb: DynamoDb;
/** What the SDK's way to credentials gives at the moment. */
let keys: () => Keys | Promise<Keys>;
beforeEach(async () => {
  aws = await startMisbehavingSsm(() => ok({}));
  keys = () => keysOf('FIRST');
  const config = {
    region: 'eu-south-1',
    endpoint: aws.url,
    // Over in no time: the SDK asks for new ones each time.
    credentials: async () => ({ ...(await keys()), expiration: new Date() }),
  };
  lambda = createInvoker(config, 4);
  dynamoDb = createQuickDynamoDb(new DynamoDBClient({ ...config, maxAttempts: 1 }));
});
afterEach(async () => {
  lambda.close();
  dynamoDb.disconnect();
  await aws.close();
});

const keysOf = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: 'secret' });
const invoke = (changes: Partial<InvokeRequest> = {}) =>
  lambda.invoke({ function: 'orders', mode: 'request', text: '{}', limitMs: 10_000, ...changes });
const get = () =>
  dynamoDb.send('GetItem', { TableName: 'events', Key: { pk: { S: 'a' } } }, new AbortController().signal);
const isSdks = ({ headers }: SeenRequest) => /^aws-sdk-js/.test(headers['user-agent'] ?? '');
const keyOf = ({ headers }: SeenRequest) => /Credential=(\w+)\//.exec(headers.authorization ?? '')?.[1];

describe('after the first request', () => {
  it('none is the SDK’s', async () => {
    for (let n = 0; n < 4; n += 1) await invoke();
    for (let n = 0; n < 4; n += 1) await get();
    expect(aws.requests.map(isSdks)).toEqual([true, false, false, false, true, false, false, false]);
  });

  it('each is signed with the keys of that moment', async () => {
    for (const id of ['ONE', 'TWO', 'THREE']) {
      keys = () => keysOf(id);
      await invoke();
      await get();
    }
    expect(aws.requests.map(keyOf)).toEqual(['ONE', 'ONE', 'TWO', 'TWO', 'THREE', 'THREE']);
  });
});

describe('a clock that is wrong', () => {
  it.each([
    ['ahead', HOUR_MS],
    ['behind', -HOUR_MS],
  ])('is set right by the SDK, and counts for all that follow (%s)', async (_, aheadMs) => {
    aws.behave(withClock(aheadMs, 403, () => ok({})));
    expect(await invoke()).toMatchObject({
      kind: 'not-run',
      refusal: 'busy',
      message: expect.stringContaining('clock'),
    });
    for (let n = 0; n < 3; n += 1) expect((await invoke()).kind).toBe('reply');
    expect(aws.requests.map(isSdks)).toEqual([true, false, false, false]);
  });

  it('is taken to the SDK where it goes wrong later: nothing ran, and the next one runs', async () => {
    await invoke();
    await get();
    aws.behave(withClock(HOUR_MS, 400, () => ok({})));
    expect(await invoke()).toMatchObject({ kind: 'not-run', refusal: 'busy' });
    expect((await invoke()).kind).toBe('reply');
    await expect(get()).rejects.toMatchObject({ $metadata: { clockSkewCorrected: true } });
    expect(await get()).toEqual({});
    expect(aws.requests.slice(2).map(isSdks)).toEqual([false, true, false, false, true, false]);
  });
});

describe('a refusal', () => {
  it('that is about the keys is told as the SDK tells it', async () => {
    for (const code of ['ExpiredTokenException', 'UnrecognizedClientException']) {
      aws.behave(() => ok({}));
      await invoke();
      await get();
      const body = JSON.stringify({ __type: code, message: 'The security token is not good' });
      aws.behave(() => ({ kind: 'answer', status: 403, body, headers: { 'x-amzn-errortype': code } }));
      expect(await invoke()).toMatchObject({
        kind: 'not-run',
        refusal: 'credentials',
        message: expect.stringContaining(code),
      });
      await expect(get()).rejects.toMatchObject({ name: code });
      expect(aws.requests.slice(-4).map(isSdks)).toEqual([false, true, false, true]);
    }
  });

  it('that is about something else is not asked for twice', async () => {
    await invoke();
    await get();
    const before = aws.requests.length;
    const code = 'AccessDeniedException';
    const body = JSON.stringify({ __type: code, Message: 'you may not' });
    aws.behave(() => ({ kind: 'answer', status: 403, body, headers: { 'x-amzn-errortype': `${code}:http://a` } }));
    expect(await invoke()).toEqual({ kind: 'not-run', refusal: 'denied', message: `${code}: you may not` });
    await expect(get()).rejects.toMatchObject({
      name: code,
      message: 'you may not',
      $metadata: { httpStatusCode: 403 },
    });
    expect(aws.requests).toHaveLength(before + 2);
  });
});

describe('keys that cannot be had', () => {
  it('any more are a fault, and nothing is sent', async () => {
    await invoke();
    await get();
    keys = () => {
      throw Object.assign(new Error('the SSO session has expired'), { name: 'CredentialsProviderError' });
    };
    await expect(invoke()).rejects.toThrow('the SSO session has expired');
    await expect(get()).rejects.toThrow('the SSO session has expired');
    expect(aws.requests).toHaveLength(2);
  });

  it('for a moment do not end a replay: nothing ran', async () => {
    await invoke();
    keys = () => {
      throw Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN' });
    };
    const message = 'Lambda cannot be reached (EAI_AGAIN)';
    expect(await invoke()).toEqual({ kind: 'not-run', refusal: 'unreachable', message });
    expect(aws.requests).toHaveLength(1);
  });

  it('before the time of an invocation is over leave it unsent', async () => {
    await invoke();
    keys = () => new Promise((resolve) => setTimeout(resolve, 400, keysOf('LATE')));
    expect(await invoke({ limitMs: 200 })).toMatchObject({ kind: 'not-run', refusal: 'unreachable' });
    expect(aws.requests).toHaveLength(1);
  });
});

describe('the time of an invocation', () => {
  useTurnClock();

  it('is what is left when it is sent', async () => {
    aws.behave(() => ({ kind: 'hang' }));
    const endpoint = {
      protocol: 'http:',
      hostname: '127.0.0.1',
      port: Number(new URL(aws.url).port),
      path: '/',
    } as const;
    const requests = createSignedRequests({ ...endpoint, region: 'eu-south-1' }, 'lambda');
    const request = { function: 'orders', mode: 'request', text: '{}', limitMs: 900_000 } as const;
    const answer = await invokeSigned(requests, { credentials: () => keysOf('ANY') }, request, () => 50);
    expect(answer).toEqual({ kind: 'no-answer', message: 'no answer within 900 s' });
  });

  it('is the same for a second request', async () => {
    await invoke();
    const headers = { 'x-amzn-errortype': 'ExpiredTokenException' };
    const refused: Script = () => ({ kind: 'answer', status: 403, body: '{}', headers });
    let asked = 0;
    aws.behave((request) => {
      asked += 1;
      return asked === 1 ? delayed(3_000, refused)(request) : { kind: 'hang' };
    });
    const beganAt = performance.now();
    expect(await invoke({ limitMs: 4_000 })).toEqual({ kind: 'no-answer', message: 'no answer within 4 s' });
    expect(asked).toBe(2);
    expect(performance.now() - beganAt).toBeLessThan(6_500); // 7,000 if it had all of it once more
  });
});

it('an invocation that no request can be made of is refused, and the next one is not', async () => {
  await invoke();
  expect(await invoke({ tenantId: 'a\nb' })).toMatchObject({
    kind: 'not-run',
    refusal: 'refused',
    message: expect.stringContaining('X-Amz-Tenant-Id'),
  });
  expect((await invoke()).kind).toBe('reply');
  expect(aws.requests).toHaveLength(2);
});

it('a refusal that tells its code in the body alone is known by it', async () => {
  await invoke();
  for (const type of ['ResourceNotFoundException', 'com.amazonaws.lambda#ResourceNotFoundException:http://a']) {
    aws.behave(() => ({
      kind: 'answer',
      status: 404,
      body: JSON.stringify({ __type: type, Message: 'no such one' }),
    }));
    const message = 'ResourceNotFoundException: no such one';
    expect(await invoke()).toEqual({ kind: 'not-run', refusal: 'missing', message });
  }
  aws.behave(() => ({ kind: 'answer', status: 403, body: '{"code":"UnrecognizedClientException"}' }));
  expect(await invoke()).toMatchObject({
    refusal: 'credentials',
    message: expect.stringMatching(/^UnrecognizedClient/),
  });
});
