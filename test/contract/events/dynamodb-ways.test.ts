/** By requests signed here the same comes out as by the SDK. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DynamoDb, Operations } from '../../../aws/dynamodb/dynamodb.ts';
import { conditionFailure, mayPass } from '../../../aws/dynamodb/dynamodb-fault.ts';
import { type MisbehavingSsm, startMisbehavingSsm } from '../../fakes/ssm-misbehaving.ts';
import { dynamoDbAt, WAYS } from './event-store-table.ts';

let aws: MisbehavingSsm;
let ways: readonly DynamoDb[];
beforeEach(async () => {
  aws = await startMisbehavingSsm(() => ({ kind: 'hang' }));
  ways = WAYS.map((way) => dynamoDbAt(aws.url, way));
});
afterEach(async () => {
  for (const way of ways) way.disconnect();
  await aws.close();
});

/** What each way makes of an answer. */
async function askBoth<Name extends keyof Operations>(name: Name, status: number, body: string) {
  aws.behave(() => ({ kind: 'answer', status, body }));
  const input = {
    TableName: 'events',
    Key: { pk: { S: 'a' } },
    RequestItems: {},
  } as unknown as Operations[Name]['input'];
  return Promise.all(ways.map((way) => way.send(name, input, new AbortController().signal).catch((fault) => fault)));
}

const ITEM = { pk: { S: 'é' }, n: { N: '1' }, body: { B: 'AAH6/w==' }, empty: { B: '' } };
const READ = {
  pk: { S: 'é' },
  n: { N: '1' },
  body: { B: Uint8Array.of(0, 1, 250, 255) },
  empty: { B: new Uint8Array() },
};

describe('an answer', () => {
  it.each([
    ['GetItem', { Item: ITEM }, { Item: READ }],
    ['GetItem', {}, {}],
    ['PutItem', {}, {}],
    ['UpdateItem', { Attributes: ITEM }, { Attributes: READ }],
    [
      'Query',
      { Items: [ITEM, ITEM], Count: 2, LastEvaluatedKey: { pk: { S: 'é' } } },
      { Items: [READ, READ], Count: 2 },
    ],
    ['BatchGetItem', { Responses: { events: [ITEM] }, UnprocessedKeys: {} }, { Responses: { events: [READ] } }],
  ] as const)('to %s is read: %j', async (name, answer, expected) => {
    for (const output of await askBoth(name, 200, JSON.stringify(answer)))
      expect(plain(output)).toMatchObject(expected);
  });
});

describe('a refusal', () => {
  const told = (type: string, more: object = {}) => JSON.stringify({ __type: type, ...more });

  it.each([
    ['with a message', 400, told('com.amazonaws.dynamodb.v20120810#ThrottlingException', { message: 'slow down' })],
    ['with a Message', 400, told('com.amazon.coral.service#AccessDeniedException', { Message: 'you may not' })],
    ['of the service', 500, told('com.amazonaws.dynamodb.v20120810#InternalServerError', { message: 'oh' })],
    ['of the signature', 400, told('InvalidSignatureException', { message: 'no' })],
    ['of a conflict', 400, told('com.amazonaws.dynamodb.v20120810#ReplicatedWriteConflictException', { message: 'x' })],
  ])('is told alike: %s', async (_, status, body) => {
    const [signed, sdk] = await askBoth('PutItem', status, body);
    expect(factsOf(signed)).toEqual(factsOf(sdk));
    expect(mayPass(signed)).toBe(mayPass(sdk));
  });

  it('of a condition tells of the item that stands in the way', async () => {
    const body = told('com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', {
      message: 'no',
      Item: ITEM,
    });
    for (const fault of await askBoth('PutItem', 400, body))
      expect(plain(conditionFailure(fault))).toEqual({ item: READ });
    const bare = told('com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', { message: 'no' });
    for (const fault of await askBoth('PutItem', 400, bare)) expect(conditionFailure(fault)).toEqual({});
  });

  it.each([
    [200, 'half of an ans', true],
    [200, '"text"', true],
    [503, '<html>', true],
    [403, '<html>', false],
    [429, '', true],
  ])('that is no answer (%d %s) passes or stays', async (status, body, passes) => {
    const [signed] = await askBoth('GetItem', status, body);
    expect(mayPass(signed)).toBe(passes);
  });
});

describe('a request', () => {
  it('that was given up before it was sent is not sent', async () => {
    for (const way of ways) {
      await expect(way.send('GetItem', { TableName: 'events', Key: {} }, AbortSignal.abort())).rejects.toThrow();
    }
    expect(aws.requests).toHaveLength(0);
  });

  it('that is given up ends, and so does its connection', async () => {
    for (const way of ways) {
      const controller = new AbortController();
      const asking = way.send('GetItem', { TableName: 'events', Key: { pk: { S: 'a' } } }, controller.signal);
      setTimeout(() => controller.abort(), 50);
      await expect(asking).rejects.toThrow();
    }
    expect(aws.connections).toBe(2);
  });
});

/** Buffers are byte arrays, too. */
function plain(output: unknown): unknown {
  return structuredClone(output);
}

function factsOf({
  name,
  message,
  $metadata,
}: {
  name: string;
  message: string;
  $metadata: { httpStatusCode: number };
}) {
  return { name, message, status: $metadata.httpStatusCode };
}
