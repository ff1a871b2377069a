/** What the SDK knows counts for the requests that are signed here, too: the right time, keys that are renewed. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DynamoDb } from '../../aws/dynamodb.ts';
import { createQuickDynamoDb } from '../../aws/dynamodb-quick.ts';
import { createInvoker, type Invoker } from '../../aws/lambda.ts';
import {
  type MisbehavingSsm,
  ok,
  type Script,
  type SeenRequest,
  startMisbehavingSsm,
} from '../support/ssm-misbehaving.ts';

const HOUR_MS = 3_600_000;

let aws: MisbehavingSsm;
let lambda: Invoker;
let dynamoDb: DynamoDb;
/** What the SDK's way to credentials gives at the moment. */
let keys: () => { readonly accessKeyId: string; readonly secretAccessKey: string };
beforeEach(async () => {
  aws = await startMisbehavingSsm(() => ok({}));
  keys = () => keysOf('FIRST');
  const config = {
    region: 'eu-south-1',
    endpoint: aws.url,
    // Over in no time: the SDK asks for new ones each time.
    credentials: async () => ({ ...keys(), expiration: new Date() }),
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
const invoke = () => lambda.invoke({ function: 'orders', mode: 'request', text: '{}', limitMs: 10_000 });
const get = () =>
  dynamoDb.send('GetItem', { TableName: 'events', Key: { pk: { S: 'a' } } }, new AbortController().signal);
const isSdks = ({ headers }: SeenRequest) => /^aws-sdk-js/.test(headers['user-agent'] ?? '');
const keyOf = ({ headers }: SeenRequest) => /Credential=(\w+)\//.exec(headers.authorization ?? '')?.[1];

/** Takes no request that was signed by another clock than its own. */
function withClock(aheadMs: number, status: number): Script {
  return ({ headers }) => {
    const now = Date.now() + aheadMs;
    const [, y, m, d, h, min, s] =
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers['x-amz-date'])) ?? [];
    if (Math.abs(Date.parse(`${y}-${m}-${d}T${h}:${min}:${s}Z`) - now) < HOUR_MS / 12) return ok({});
    const code = 'InvalidSignatureException';
    return {
      kind: 'answer',
      status,
      body: JSON.stringify({ __type: code, message: 'Signature expired' }),
      headers: { Date: new Date(now).toUTCString(), 'x-amzn-errortype': code },
    };
  };
}

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
    aws.script = withClock(aheadMs, 403);
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
    aws.script = withClock(HOUR_MS, 400);
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
      aws.script = () => ok({});
      await invoke();
      await get();
      const body = JSON.stringify({ __type: code, message: 'The security token is not good' });
      aws.script = () => ({ kind: 'answer', status: 403, body, headers: { 'x-amzn-errortype': code } });
      expect(await invoke()).toMatchObject({
        kind: 'not-run',
        refusal: 'denied',
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
    aws.script = () => ({ kind: 'answer', status: 403, body, headers: { 'x-amzn-errortype': `${code}:http://a` } });
    expect(await invoke()).toEqual({ kind: 'not-run', refusal: 'denied', message: `${code}: you may not` });
    await expect(get()).rejects.toMatchObject({
      name: code,
      message: 'you may not',
      $metadata: { httpStatusCode: 403 },
    });
    expect(aws.requests).toHaveLength(before + 2);
  });
});

it('keys that cannot be had any more are a fault, and nothing is sent', async () => {
  await invoke();
  await get();
  keys = () => {
    throw Object.assign(new Error('the SSO session has expired'), { name: 'CredentialsProviderError' });
  };
  await expect(invoke()).rejects.toThrow('the SSO session has expired');
  await expect(get()).rejects.toThrow('the SSO session has expired');
  expect(aws.requests).toHaveLength(2);
});
