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
import { MaintenanceWindow } from '../../infra/maintenance-window.ts';
import { type LocalDynamoDb, startDynamoDb } from '../../local/dynamodb.ts';
import { type DynamoDbProxy, startDynamoDbProxy } from '../support/dynamodb-proxy.ts';
import { carriedOut, type IamStatement, isAllowed, type Names, statementsIn } from '../support/iam-policy.ts';
import { imageFunction, resourcesOf, templateOf } from './stacks.ts';

const ARN = 'arn:aws:dynamodb:eu-south-1:111122223333:table/events';
/** What is there once the stack is made. Two functions whose names begin alike, one with a given name, and the table. */
const NAMES: Names = {
  'AWS::Region': { ref: 'eu-south-1' },
  'AWS::AccountId': { ref: '111122223333' },
  'AWS::Partition': { ref: 'aws' },
  MaintenanceEvents: { ref: 'events', arn: ARN },
  Orders2: { ref: 'orders-2' },
  Orders: { ref: 'orders' },
};

/** What the role of a function may do, from the synthesised template. */
function rolesOf(): Readonly<Record<string, readonly IamStatement[]>> {
  const template = templateOf((stack) => {
    const maintenance = new MaintenanceWindow(stack, 'Maintenance');
    for (const id of ['Orders', 'Orders2']) maintenance.protect(imageFunction(stack, id));
    maintenance.protect(imageFunction(stack, 'Given', { functionName: 'given' }));
  });
  const policies = Object.values(resourcesOf(template, 'AWS::IAM::Policy')).map(({ Properties }) => Properties);
  const of = (role: string) => {
    const own = policies.filter(({ Roles }) => Roles.some(({ Ref }: { Ref: string }) => Ref.startsWith(role)));
    return statementsIn(own.map(({ PolicyDocument }) => carriedOut(PolicyDocument, NAMES)));
  };
  return { orders: of('OrdersService'), 'orders-2': of('Orders2Service'), given: of('GivenService') };
}

const roles = rolesOf();
let [dynamoDb, guarded]: [LocalDynamoDb?, DynamoDbProxy?] = [];
let caller = '';
let client: DynamoDBClient;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
  guarded = await startDynamoDbProxy(dynamoDb.url);
  client = clientOf(guarded.url);
  const owner = clientOf(dynamoDb.url);
  await owner.send(new CreateTableCommand(tableDefinition('events')));
  owner.destroy();
  guarded.behave(({ operation, pks, index }) => {
    const resource = index ? `${ARN}/index/${index}` : ARN;
    const context = pks.length > 0 ? { 'dynamodb:LeadingKeys': pks } : {};
    const request = { action: `dynamodb:${operation}`, resource, context };
    return isAllowed(roles[caller] ?? [], request) ? { kind: 'pass' } : { kind: 'fail', code: 'AccessDeniedException' };
  });
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
  PutItem: (pk: string) => new PutItemCommand({ TableName: 'events', Item: { pk: { S: pk } } }),
  GetItem: (pk: string) => new GetItemCommand({ TableName: 'events', Key: { pk: { S: pk } }, ConsistentRead: true }),
  UpdateItem: (pk: string) =>
    new UpdateItemCommand({
      TableName: 'events',
      Key: { pk: { S: pk } },
      UpdateExpression: 'SET seen = :yes',
      ExpressionAttributeValues: { ':yes': { BOOL: true } },
    }),
};

/** `done`, or what the service says. */
async function outcomeOf(as: string, command: { readonly input: object }): Promise<string> {
  caller = as;
  try {
    await client.send(command as PutItemCommand);
    return 'done';
  } catch (error) {
    return (error as Error).name;
  }
}

describe.each(Object.keys(SINGLE) as (keyof typeof SINGLE)[])('%s', (operation) => {
  test.each(['orders', 'orders-2', 'given'])('%s has what is its own: events, parts and its row', async (name) => {
    for (const rest of ['id-1', `id-1#${HASH}#0001`, 'function']) {
      expect(await outcomeOf(name, SINGLE[operation](`${name}#${rest}`)), rest).toBe('done');
    }
  });

  test.each([
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
      TableName: 'events',
      IndexName: 'pending',
      KeyConditionExpression: 'gpk = :group',
      ExpressionAttributeValues: { ':group': { S: 'orders#0' } },
    }),
    new ScanCommand({ TableName: 'events' }),
    new BatchGetItemCommand({ RequestItems: { events: { Keys: [Key] } } }),
    new TransactWriteItemsCommand({ TransactItems: [{ Delete: { TableName: 'events', Key } }] }),
  ]) {
    expect(await outcomeOf('orders', command)).toBe('AccessDeniedException');
  }
});

test('a request that names no key is none of its own', () => {
  const request = { action: 'dynamodb:GetItem', resource: ARN };
  const context = (...keys: string[]) => ({ 'dynamodb:LeadingKeys': keys });
  expect(isAllowed(roles['orders'] ?? [], { ...request, context: {} })).toBe(false);
  expect(isAllowed(roles['orders'] ?? [], { ...request, context: context('orders#a', 'orders-2#b') })).toBe(false);
  expect(isAllowed(roles['orders'] ?? [], { ...request, context: context('orders#a', 'orders#b') })).toBe(true);
});
