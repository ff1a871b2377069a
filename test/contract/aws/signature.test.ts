/** The request that is signed here is the one that the SDK would send, and AWS would believe it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { createQuickDynamoDb } from '../../../aws/dynamodb/dynamodb-following-sdk.ts';
import { createEventStore } from '../../../aws/events/event-store.ts';
import { createInvoker } from '../../../aws/lambda/invoker.ts';
import { createSsmWindowSource } from '../../../aws/windows/window-source.ts';
import { NO_POLICY } from '../../../core/sources/policy.ts';
import { sampleEvent } from '../../data/deferred-event.ts';
import { signatureIn, signatureOf } from '../../fakes/signature.ts';
import {
  holds,
  type MisbehavingSsm,
  ok,
  type SeenRequest,
  startMisbehavingSsm,
  withClock,
} from '../../fakes/ssm-misbehaving.ts';
import { dynamoDbAt } from '../events/event-store-table.ts';

const NAMES = ['/équipe/windows', 'maintenance-window'];
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

let ssm: MisbehavingSsm;
beforeEach(async () => {
  ssm = await startMisbehavingSsm(holds({}));
});
afterEach(() => ssm.close());

const PATHS = ['', '/base', '/base/of%20mine/'];
const ACCESS = { region: 'eu-south-1', credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET } };

test.each(PATHS)('of a read of parameters, at an endpoint with the path "%s"', async (path) => {
  for (const token of [undefined, 'a/session+token==']) {
    await readSignedHere(ssm.url + path, token);
    await readBySdk(ssm.url + path, token);
  }
  expect(ssm.requests).toHaveLength(4);
  for (const request of ssm.requests) expect(signatureIn(request)).toBe(signatureOf(request, SECRET));
  const [ours, theirs] = [ssm.requests[2], ssm.requests[3]].map((request) => ({
    method: request?.method,
    path: request?.path,
    body: JSON.parse(request?.body ?? ''),
    ...pick(request?.headers ?? {}, ['host', 'content-type', 'x-amz-target', 'x-amz-security-token']),
  }));
  expect(ours).toEqual(theirs);
});

test.each(PATHS)('of a request to a table, at an endpoint with the path "%s"', async (path) => {
  ssm.behave(() => ok({}));
  const input = {
    TableName: 'événements',
    Item: { pk: { S: 'é\u2028"' }, body: { B: Buffer.from([0, 1, 250, 255]) }, empty: { B: new Uint8Array() } },
  };
  const client = new DynamoDBClient({ ...ACCESS, endpoint: ssm.url + path, maxAttempts: 1 });
  const dynamoDb = createQuickDynamoDb(client);
  for (let n = 0; n < 2; n += 1) await dynamoDb.send('PutItem', input, new AbortController().signal);
  dynamoDb.disconnect();
  expectSame(ssm.requests, ['host', 'content-type', 'x-amz-target']);
  expect(JSON.parse(ssm.requests[1]?.body ?? '')).toMatchObject({
    Item: { body: { B: 'AAH6/w==' }, empty: { B: '' } },
  });
});

test.each(PATHS)('of an invocation, at an endpoint with the path "%s"', async (path) => {
  ssm.behave(() => ok({}));
  const lambda = createInvoker({ ...ACCESS, endpoint: ssm.url + path }, 1);
  const names = ['orders', 'arn:aws:lambda:eu-south-1:123456789012:function:orders:$LATEST'];
  const more = [{}, { clientContext: 'eyJhIjoxfQ==', tenantId: 'tenant 1' }];
  // The first invocation, by the SDK, shows the way for all that follow.
  for (const name of names) {
    for (const mode of ['request', 'event'] as const) {
      for (const each of more) {
        const request = { function: name, mode, text: '{"a":"é\u2028"}', limitMs: 10_000, ...each };
        await createInvoker({ ...ACCESS, endpoint: ssm.url + path }, 1).invoke(request);
        if (ssm.requests.length === 1) await lambda.invoke(request);
        else expect((await lambda.invoke(request)).kind).toBe(mode === 'event' ? 'accepted' : 'reply');
      }
    }
  }
  lambda.close();
  const [first, alsoBySdk, ...pairs] = ssm.requests;
  expect(first?.path).toBe(alsoBySdk?.path);
  expect(pairs).toHaveLength(14);
  for (let n = 0; n < pairs.length; n += 2) {
    const names = ['host', 'content-type', 'x-amz-invocation-type', 'x-amz-client-context', 'x-amz-tenant-id'];
    expectSame(pairs.slice(n, n + 2), names);
  }
});

describe('a clock that is wrong', () => {
  it('is set right by the first refusal, when the windows are read', async () => {
    ssm.behave(withClock(3_600_000, 400, holds({})));
    await readSignedHere(ssm.url, undefined);
    expect(ssm.requests).toHaveLength(2);
  });

  it.each([-600_000, 3_600_000])(
    'is set right by the first refusal, when an event is stored (%d ms)',
    async (aheadMs) => {
      ssm.behave(withClock(aheadMs, 400, () => ok({})));
      const clock = { now: Date.now, random: Math.random };
      const dynamoDb = dynamoDbAt(ssm.url, 'signed');
      const store = createEventStore({ dynamoDb, table: 'events', functionName: 'orders', clock });
      expect(await store.put(sampleEvent('{}'), Date.now() + 10_000)).toBe('stored');
      expect(ssm.requests).toHaveLength(3); // the function, refused and then taken, and the event
      dynamoDb.disconnect();
    },
  );
});

/** Two requests, by the SDK and signed here, of which AWS would think the same. */
function expectSame(requests: readonly SeenRequest[], names: readonly string[]): void {
  expect(requests).toHaveLength(2);
  for (const request of requests) expect(signatureIn(request)).toBe(signatureOf(request, SECRET));
  const [theirs, ours] = requests.map(({ method, path, body, headers }) => ({
    method,
    path,
    body: JSON.parse(body),
    ...pick(headers, names),
  }));
  expect(ours).toEqual(theirs);
  const [agent, otherAgent] = requests.map(({ headers }) => headers['user-agent']);
  expect(agent).toMatch(/^aws-sdk-js/);
  expect(otherAgent).toBe('maintenance-window');
}

async function readSignedHere(url: string, token: string | undefined): Promise<void> {
  const source = createSsmWindowSource({
    config: { parameters: NAMES, table: 'unused', ttlSeconds: 60, onError: 'dispatch', policy: NO_POLICY },
    functionName: 'orders',
    environment: {
      AWS_REGION: 'eu-south-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_SESSION_TOKEN: token,
      AWS_ENDPOINT_URL_SSM: url,
    },
    clock: { now: Date.now, random: Math.random },
    log: { write: () => undefined },
  });
  await source.start();
}

async function readBySdk(endpoint: string, token: string | undefined): Promise<void> {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, ...(token && { sessionToken: token }) };
  const client = new SSMClient({ endpoint, region: 'eu-south-1', credentials });
  await client.send(new GetParametersCommand({ Names: NAMES, WithDecryption: true }));
  client.destroy();
}

function pick(headers: SeenRequest['headers'], names: readonly string[]): SeenRequest['headers'] {
  return Object.fromEntries(names.map((name) => [name, headers[name]]));
}
