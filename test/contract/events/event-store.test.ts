import { createHash } from 'node:crypto';
import type { EventStatus } from '../../../core/events/deferred-event.ts';
import { startDynamoDb } from '../../../local/aws/dynamodb.ts';
import { startDynamoDbProxy } from '../../fakes/dynamodb-proxy.ts';
import { createMemoryEvents } from '../../fakes/memory/memory-events.ts';
import { useTurnClock } from '../../worlds/turn-clock.ts';
import { eventStoreContract, type StoreUnderTest } from './event-store.ts';
import { createTable, isStandIn, PLACES, type Place, tableUnderTest } from './event-store-table.ts';

// Whoever sets an endpoint for AWS has the contract tried there too: a stand-in, or a region's own.
const endpoint = process.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? process.env['AWS_ENDPOINT_URL'];
if (!endpoint) useTurnClock();

eventStoreContract('in memory', async () => memoryUnderTest());

for (const place of PLACES) {
  eventStoreContract(`on the embedded DynamoDB (${place})`, async () => {
    const database = await startDynamoDb();
    const under = await tableBehindProxy(database.url, place);
    return { ...under, close: () => under.close().then(database.close) };
  });
}

if (endpoint) {
  eventStoreContract(`at ${endpoint}`, async () => {
    if (isStandIn(endpoint)) return tableBehindProxy(endpoint, 'signed');
    const table = await createTable(endpoint, 'sdk');
    return tableUnderTest(table, endpoint, undefined);
  });
}

/** A table whose writes of events can lose their answers on the way. */
async function tableBehindProxy(url: string, place: Place): Promise<StoreUnderTest> {
  const table = await createTable(url, place);
  const proxy = await startDynamoDbProxy(url);
  let toLose = 0;
  proxy.behave(({ operation, pk }) => {
    if (toLose === 0 || operation === 'GetItem' || pk.endsWith('#function')) return undefined;
    toLose -= 1;
    return { kind: 'cut', when: 'after' };
  });
  const under = tableUnderTest(table, proxy.url, () => {
    toLose += 1;
  });
  return { ...under, close: () => under.close().then(proxy.close) };
}

/** Every store that is opened sees the same events, as environments do. */
function memoryUnderTest(): StoreUnderTest {
  const events = createMemoryEvents();
  const ways: Readonly<Partial<Record<EventStatus, readonly EventStatus[]>>> = {
    failed: ['replaying', 'failed'],
    unknown: ['replaying', 'unknown'],
    replayed: ['replaying', 'replayed'],
    accepted: ['replaying', 'accepted'],
  };
  return {
    open: () => events,
    async look(id) {
      const found = events.look(id);
      if (!found) return undefined;
      const { text, ...facts } = found.event;
      return { status: found.status, sha256: sha256Of(text), facts };
    },
    count: async (id) => events.ids().filter((each) => each === id).length,
    setStatus: async (id, status) => {
      for (const step of ways[status] ?? [status]) events.move(id, step);
    },
    loseAnswer: () => events.fail('answer-lost'),
    close: async () => undefined,
  };
}

function sha256Of(text: string): string {
  return createHash('sha256').update(Buffer.from(text)).digest('hex');
}
