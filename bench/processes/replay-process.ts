/** Table with deferred events, and a function that answers at once, in a process of their own. */
import { BatchWriteItemCommand, DynamoDBClient, PutItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { createEventsTable } from '../../aws/events/create-table.ts';
import { eventItems, functionItem } from '../../aws/events/item.ts';
import { encodeBody } from '../../core/events/body.ts';
import { startDynamoDb } from '../../local/aws/dynamodb.ts';
import { startSsm } from '../../local/aws/ssm.ts';
import { startSteadyService } from '../../test/fakes/scripted-service.ts';
import { answerOrders } from './own-process.ts';

/** Stores so many more events, of one function. */
export interface StoreOrder {
  readonly events: number;
  /** One of so many has failed, with an error. Absent: all are pending. */
  readonly failedOneOf?: number;
  /** The table takes no record of a replay from then on, as where an older grant does not allow it. Default: false. */
  readonly deniesRecords?: boolean;
}

/** The SDK's own variables. */
export interface ReplayUrls {
  readonly AWS_ENDPOINT_URL_DYNAMODB: string;
  readonly AWS_ENDPOINT_URL_LAMBDA: string;
  readonly AWS_ENDPOINT_URL_SSM: string;
}

const TABLE = 'maintenance-window-events';
const FUNCTION = 'orders';
const ACCESS = { region: 'eu-south-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } };
/** Source: Amazon DynamoDB API reference, "BatchWriteItem". */
const BATCH = 25;
/** Batches under way. */
const AT_ONCE = 8;

/** Somebody's own, such as DynamoDB Local with nothing in it; else one that is embedded here. */
const given = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
let deniesRecords = false;
/** Of all that a replay asks of the table, only its record is put. */
const isDenied = (operation: string) => deniesRecords && operation === 'PutItem';
const database = given === undefined ? await startDynamoDb({ isDenied }) : { url: given };
const client = new DynamoDBClient({ ...ACCESS, endpoint: database.url });
await createEventsTable(client, TABLE);
await client.send(new PutItemCommand({ TableName: TABLE, Item: functionItem(FUNCTION) }));
/** Lambda's Invoke, of a function that takes no time. */
const lambda = await startSteadyService('null');
/** Without windows. */
const ssm = await startSsm();
let stored = 0;

answerOrders(async (order: StoreOrder): Promise<ReplayUrls> => {
  const { events, failedOneOf = Number.POSITIVE_INFINITY } = order;
  ({ deniesRecords = false } = order);
  let left = events;
  const storeOn = async () => {
    for (let count = Math.min(BATCH, left); count > 0; count = Math.min(BATCH, left)) {
      left -= count;
      await storeBatch(count, failedOneOf);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, storeOn));
  return {
    AWS_ENDPOINT_URL_DYNAMODB: database.url,
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    AWS_ENDPOINT_URL_SSM: ssm.url,
  };
});

async function storeBatch(count: number, failedOneOf: number): Promise<void> {
  const requests: WriteRequest[] = [];
  for (let index = 0; index < count; index += 1) {
    const order = ++stored;
    const text = JSON.stringify({ order });
    const event = {
      id: `00000000-0000-4000-8000-${String(order).padStart(12, '0')}`,
      functionName: FUNCTION,
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:eu-south-1:123456789012:function:${FUNCTION}`,
      source: 'direct',
      deferredAt: Date.UTC(2026, 10, 21) + order,
      text,
      bytes: Buffer.byteLength(text),
      timeoutMs: 3_000,
    };
    const item = eventItems(event, await encodeBody(text), String(order)).event;
    const failed = { status: { S: 'failed' }, attempts: { N: '1' }, lastError: { S: `order ${order} is unknown` } };
    requests.push({ PutRequest: { Item: order % failedOneOf === 0 ? { ...item, ...failed } : item } });
  }
  await client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: requests } }));
}
