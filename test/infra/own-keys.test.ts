import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  ExecuteTransactionCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEventsTable } from '../../aws/events/create-table.ts';
import { runKey, runShareKey } from '../../core/events/table.ts';
import { type LocalDynamoDb, startDynamoDb } from '../../local/aws/dynamodb.ts';
import { type DynamoDbProxy, startDynamoDbProxy } from '../fakes/dynamodb-proxy.ts';
import { judge, rolesOf, TABLE_ARN } from './granted.ts';
import { isAllowed } from './iam-policy.ts';

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
  await createEventsTable(owner, TABLE);
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
    ['the record of a replay', 'orders', runKey('0a1b2c3d')],
    ['… of a share of it', 'orders', runShareKey('0a1b2c3d', 7)],
    ['another record that no function may reach', 'orders', '#monitor'],
    ['… with the own name', 'orders', '#orders#id-1'],
    ['a key without a function', 'orders', 'id-1'],
    ['a key that is the name', 'orders', 'orders'],
    ['a key in other letters', 'orders', 'Orders#id-1'],
  ])('%s is refused', async (_what, as, pk) => {
    expect(await outcomeOf(as, SINGLE[operation](pk))).toBe('AccessDeniedException');
  });
});

const keyOf = (pk: string) => ({ TableName: TABLE, Key: { pk: { S: pk } } });
const itemOf = (pk: string) => ({ TableName: TABLE, Item: { pk: { S: pk } } });
const update = { UpdateExpression: 'SET seen = :yes', ExpressionAttributeValues: { ':yes': { BOOL: true } } };
const STATEMENT = `"${TABLE}" WHERE pk = 'orders#id-1'`;

test.each<[string, { readonly input: object }]>([
  [
    'a query of the index',
    new QueryCommand({
      TableName: TABLE,
      IndexName: 'pending',
      KeyConditionExpression: 'gpk = :group',
      ExpressionAttributeValues: { ':group': { S: 'orders#0' } },
    }),
  ],
  ['a scan', new ScanCommand({ TableName: TABLE })],
  ['a scan of the index', new ScanCommand({ TableName: TABLE, IndexName: 'pending' })],
  ['a batch of reads', new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys: [keyOf('orders#id-1').Key] } } })],
  [
    'a batch of writes',
    new BatchWriteItemCommand({ RequestItems: { [TABLE]: [{ PutRequest: { Item: itemOf('orders#id-1').Item } }] } }),
  ],
  ['a deletion', new DeleteItemCommand(keyOf('orders#id-1'))],
  ['a deletion in a transaction', new TransactWriteItemsCommand({ TransactItems: [{ Delete: keyOf('orders#id-1') }] })],
  [
    'a look in a transaction',
    new TransactWriteItemsCommand({
      TransactItems: [{ ConditionCheck: { ...keyOf('orders#id-1'), ConditionExpression: 'attribute_exists(pk)' } }],
    }),
  ],
  ['PartiQL that reads', new ExecuteStatementCommand({ Statement: `SELECT * FROM ${STATEMENT}` })],
  ['PartiQL that updates', new ExecuteStatementCommand({ Statement: `UPDATE ${STATEMENT} SET seen = true` })],
  [
    'PartiQL in a batch',
    new BatchExecuteStatementCommand({ Statements: [{ Statement: `SELECT * FROM ${STATEMENT}` }] }),
  ],
  [
    'PartiQL in a transaction',
    new ExecuteTransactionCommand({ TransactStatements: [{ Statement: `DELETE FROM ${STATEMENT}` }] }),
  ],
])('nothing else is allowed, not even on what is its own: %s', async (_what, command) => {
  expect(await outcomeOf('orders', command)).toBe('AccessDeniedException');
});

describe('a transaction takes what its items would take by themselves', () => {
  /** What this table, which knows no transactions, says of one that IAM lets through. */
  const LET_THROUGH = 'UnknownOperationException';

  test.each<[string, (pk: string) => { readonly input: object }]>([
    ['reads', (pk) => new TransactGetItemsCommand({ TransactItems: [{ Get: keyOf('orders#1') }, { Get: keyOf(pk) }] })],
    [
      'puts',
      (pk) => new TransactWriteItemsCommand({ TransactItems: [{ Put: itemOf('orders#1') }, { Put: itemOf(pk) }] }),
    ],
    [
      'updates',
      (pk) =>
        new TransactWriteItemsCommand({
          TransactItems: [{ Put: itemOf('orders#1') }, { Update: { ...keyOf(pk), ...update } }],
        }),
    ],
  ])('%s: of its own all, with one of another function’s none', async (_what, make) => {
    expect(await outcomeOf('orders', make('orders#id-2'))).toBe(LET_THROUGH);
    for (const pk of ['orders-2#id-1', 'given#id-1', runKey('0a1b2c3d'), 'orders']) {
      expect(await outcomeOf('orders', make(pk)), pk).toBe('AccessDeniedException');
    }
  });
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
