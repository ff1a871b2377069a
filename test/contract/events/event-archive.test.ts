import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { createEventArchive } from '../../../aws/events/event-archive.ts';
import { eventKey } from '../../../core/events/table.ts';
import { startDynamoDb } from '../../../local/aws/dynamodb.ts';
import { startDynamoDbProxy } from '../../fakes/dynamodb-proxy.ts';
import { type ArchiveUnderTest, eventArchiveContract } from './event-archive.ts';
import { createTable, dynamoDbAt, isStandIn, WAYS, type Way } from './event-store-table.ts';

for (const way of WAYS) {
  eventArchiveContract(`on the embedded DynamoDB (${way})`, async () => {
    const database = await startDynamoDb();
    const under = await archiveAt(database.url, way);
    return { ...under, close: () => under.close().then(database.close) };
  });
}

// Whoever sets an endpoint for AWS has the contract tried there too: a stand-in, or a region's own.
const endpoint = process.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? process.env['AWS_ENDPOINT_URL'];
if (endpoint) eventArchiveContract(`at ${endpoint}`, () => archiveAt(endpoint, 'sdk'));

/** Archives that reach the table through a proxy, which may lose answers to writes of events. */
async function archiveAt(url: string, way: Way): Promise<ArchiveUnderTest> {
  const table = await createTable(url, way);
  const proxy = isStandIn(url) ? await startDynamoDbProxy(url) : undefined;
  let toLose = 0;
  proxy?.behave(({ operation, pk }) => {
    if (toLose === 0 || operation === 'GetItem' || operation === 'Query' || pk.endsWith('#function')) return undefined;
    toLose -= 1;
    return { kind: 'cut', when: 'after' };
  });
  let offsetMs = 0;
  const startedAt = Date.now();
  const clock = { now: () => startedAt + offsetMs, random: Math.random };
  const dynamoDb = dynamoDbAt(proxy?.url ?? url, way);

  return {
    open: (by) => createEventArchive({ dynamoDb, table: table.name, clock, by }),
    put: async (event) => {
      await table.open({ functionName: event.functionName }).put(event, Date.now() + 20_000);
    },
    setStatus: ({ functionName, id }, status) => table.setStatus(id, status, functionName),
    async setAttribute(event, name, text) {
      await table.client.send(
        new UpdateItemCommand({
          TableName: table.name,
          Key: { pk: { S: eventKey(event) } },
          ConditionExpression: 'attribute_exists(pk)',
          UpdateExpression: 'SET #name = :text',
          ExpressionAttributeNames: { '#name': name },
          ExpressionAttributeValues: { ':text': { S: text } },
        }),
      );
    },
    async attributes(event) {
      const item = await table.item(eventKey(event));
      return item && Object.fromEntries(Object.entries(item).map(([name, { S, N }]) => [name, S ?? N ?? '']));
    },
    advance(ms) {
      offsetMs += ms;
    },
    now: clock.now,
    ...(proxy && {
      loseAnswer: () => {
        toLose += 1;
      },
    }),
    async close() {
      dynamoDb.disconnect();
      await table.drop();
      await proxy?.close();
    },
  };
}
