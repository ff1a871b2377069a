import {
  BatchGetItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tableDefinition } from '../../gate/table.ts';
import { type LocalDynamoDb, startDynamoDb } from '../../local/dynamodb.ts';
import { type DynamoDbProxy, startDynamoDbProxy } from '../support/dynamodb-proxy.ts';
import { isAllowed } from '../support/iam-policy.ts';
import { judge, rolesOf, TABLE_ARN } from './granted.ts';

const TABLE = 'maintenance-window-events';
const roles = rolesOf(['orders', 'orders-2'], 'given');
type Name = keyof typeof roles;

let [dynamoDb, guarded]: [LocalDynamoDb?, DynamoDbProxy?] = [];
let caller: Name = 'orders';
let client: DynamoDBClient;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
  guarded = await startDynamoDbProxy(dynamoDb.url);
  client = clientOf(guarded.url);
  const owner = clientOf(dynamoDb.url);
  await owner.send(new CreateTableCommand(tableDefinition(TABLE)));
  owner.destroy();
  guarded.behave((request) => judge(roles[caller], request));
});
afterAll(async () => {
  client?.destroy();
  await guarded?.close();
  await dynamoDb?.close();
});

function clientOf(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new DynamoDBClient({ region: 'eu-south-1', credentials, endpoint, maxAttempts: 1 });
}

const HASH = '0123456789abcdef';
const SINGLE = {
  PutItem: (pk: string) => new PutItemCommand({ TableName: TABLE, Item: { pk: { S: pk } } }),
  GetItem: (pk: string) => new GetItemCommand({ TableName: TABLE, Key: { pk: { S: pk } }, ConsistentRead: true }),
  UpdateItem: (pk: string) =>
    new UpdateItemCommand({
      TableName: TABLE,
      Key: { pk: { S: pk } },
      UpdateExpression: 'SET seen = :yes',
      ExpressionAttributeValues: { ':yes': { BOOL: true } },
    }),
};

/** `done`, or what the service says. */
async function outcomeOf(as: Name, command: { readonly input: object }): Promise<string> {
  caller = as;
  try {
    await client.send(command as PutItemCommand);
    return 'done';
  } catch (error) {
    return (error as Error).name;
  }
}

describe.each(Object.keys(SINGLE) as (keyof typeof SINGLE)[])('%s', (operation) => {
  test.each(['orders', 'orders-2', 'given'] as const)(
    '%s has what is its own: events, parts and its row',
    async (name) => {
      for (const rest of ['id-1', `id-1#${HASH}#0001`, 'function']) {
        expect(await outcomeOf(name, SINGLE[operation](`${name}#${rest}`)), rest).toBe('done');
      }
    },
  );

  test.each<[string, Name, string]>([
    ['another one’s event', 'orders', 'orders-2#id-1'],
    ['… whose name is the beginning of the own', 'orders-2', 'orders#id-1'],
    ['… with a part', 'orders', `orders-2#id-1#${HASH}#0001`],
    ['another one’s row', 'orders-2', 'orders#function'],
    ['one that is called like a pattern', 'orders', 'orders*#id-1'],
    ['another one’s event with the own name in it', 'orders', 'given#orders#id-1'],
    ['a record that no function may reach', 'orders', '#run#id-1'],
    ['… with the own name', 'orders', '#orders#id-1'],
    ['a key without a function', 'orders', 'id-1'],
    ['a key that is the name', 'orders', 'orders'],
    ['a key in other letters', 'orders', 'Orders#id-1'],
  ])('%s is refused', async (_what, as, pk) => {
    expect(await outcomeOf(as, SINGLE[operation](pk))).toBe('AccessDeniedException');
  });
});

test('nothing else is allowed: neither many items at once, nor looking for others’', async () => {
  const Key = { pk: { S: 'orders#id-1' } };
  for (const command of [
    new QueryCommand({
      TableName: TABLE,
      IndexName: 'pending',
      KeyConditionExpression: 'gpk = :group',
      ExpressionAttributeValues: { ':group': { S: 'orders#0' } },
    }),
    new ScanCommand({ TableName: TABLE }),
    new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys: [Key] } } }),
    new TransactWriteItemsCommand({ TransactItems: [{ Delete: { TableName: TABLE, Key } }] }),
  ]) {
    expect(await outcomeOf('orders', command)).toBe('AccessDeniedException');
  }
});

test('a request that names no key is none of its own', () => {
  const allowed = (...pks: string[]) =>
    isAllowed(roles.orders, {
      action: 'dynamodb:GetItem',
      resource: TABLE_ARN,
      context: pks.length > 0 ? { 'dynamodb:LeadingKeys': pks } : {},
    });
  expect(allowed()).toBe(false);
  expect(allowed('orders#a', 'orders-2#b')).toBe(false);
  expect(allowed('orders#a', 'orders#b')).toBe(true);
});
