/** What reading costs, as DynamoDB says it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DynamoDb } from '../../../aws/dynamodb/dynamodb.ts';
import { dynamoDbOf } from '../../../aws/dynamodb/dynamodb-sdk.ts';
import { createMetered } from '../../../aws/dynamodb/metered.ts';
import { createEventsTable } from '../../../aws/events/create-table.ts';
import { startDynamoDb } from '../../../local/aws/dynamodb.ts';

const TABLE = 'events';
const { signal } = new AbortController();
let server: Awaited<ReturnType<typeof startDynamoDb>>;
let plain: DynamoDb;
let spent: number[];
let metered: DynamoDb;

beforeAll(async () => {
  server = await startDynamoDb();
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new DynamoDBClient({ endpoint: server.url, region: 'eu-south-1', credentials });
  await createEventsTable(client, TABLE);
  plain = dynamoDbOf(client);
  for (const pk of ['a', 'b']) {
    await plain.send('PutItem', { TableName: TABLE, Item: { ...key(pk), text: { S: 'x'.repeat(9_000) } } }, signal);
  }
  metered = createMetered(plain, (units) => spent.push(units));
});
afterAll(async () => {
  plain?.disconnect();
  await server?.close();
});

const key = (pk: string) => ({ pk: { S: pk } });

it('tells half a unit for each 4 KB of an item, of a query, and of several items', async () => {
  spent = [];
  await metered.send('GetItem', { TableName: TABLE, Key: key('a') }, signal);
  const input = {
    TableName: TABLE,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: 'a' } },
  };
  await metered.send('Query', input, signal);
  await metered.send('BatchGetItem', { RequestItems: { [TABLE]: { Keys: [key('a'), key('b')] } } }, signal);
  expect(spent).toEqual([1.5, 1.5, 3]);
});

it('asks nothing more of what writes', async () => {
  spent = [];
  await metered.send('PutItem', { TableName: TABLE, Item: key('c') }, signal);
  expect(spent).toEqual([]);
});

it('gives the answer as it comes', async () => {
  const asked = { TableName: TABLE, Key: key('b') };
  const { Item } = await plain.send('GetItem', asked, signal);
  expect(await metered.send('GetItem', asked, signal)).toMatchObject({ Item });
});
