/** Table with deferred events, and a function that answers at once, in a process of their own. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BatchWriteItemCommand, DynamoDBClient, PutItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { createEventsTable } from '../../aws/events/create-table.ts';
import { eventItems, functionItem } from '../../aws/events/item.ts';
import { encodeBody } from '../../core/events/body.ts';
import { startDynamoDb } from '../../local/aws/dynamodb.ts';
import { answerOrders } from './own-process.ts';

/** Stores so many more events, of one function. */
export interface StoreOrder {
  readonly events: number;
}

/** The SDK's own variables. */
export interface ReplayUrls {
  readonly AWS_ENDPOINT_URL_DYNAMODB: string;
  readonly AWS_ENDPOINT_URL_LAMBDA: string;
}

const TABLE = 'maintenance-window-events';
const FUNCTION = 'orders';
const ACCESS = { region: 'eu-south-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } };
/** Source: Amazon DynamoDB API reference, "BatchWriteItem". */
const BATCH = 25;

const database = await startDynamoDb();
const client = new DynamoDBClient({ ...ACCESS, endpoint: database.url });
await createEventsTable(client, TABLE);
await client.send(new PutItemCommand({ TableName: TABLE, Item: functionItem(FUNCTION) }));
const lambdaUrl = await startInstantFunction();
let stored = 0;

answerOrders(async ({ events }: StoreOrder): Promise<ReplayUrls> => {
  for (let left = events; left > 0; left -= BATCH) await storeBatch(Math.min(BATCH, left));
  return { AWS_ENDPOINT_URL_DYNAMODB: database.url, AWS_ENDPOINT_URL_LAMBDA: lambdaUrl };
});

async function storeBatch(count: number): Promise<void> {
  const requests: WriteRequest[] = [];
  for (let index = 0; index < count; index += 1) {
    stored += 1;
    const text = JSON.stringify({ order: stored });
    const event = {
      id: `00000000-0000-4000-8000-${String(stored).padStart(12, '0')}`,
      functionName: FUNCTION,
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:eu-south-1:123456789012:function:${FUNCTION}`,
      source: 'direct',
      deferredAt: Date.UTC(2026, 10, 21) + stored,
      text,
      bytes: Buffer.byteLength(text),
      timeoutMs: 3_000,
    };
    requests.push({ PutRequest: { Item: eventItems(event, await encodeBody(text), String(stored)).event } });
  }
  await client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: requests } }));
}

/** Lambda's Invoke, of a function that takes no time. */
async function startInstantFunction(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('null'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
