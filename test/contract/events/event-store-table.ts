import { createHash, randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import {
  type AttributeValue,
  DeleteTableCommand,
  DynamoDBClient,
  GetItemCommand,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type DynamoDb, TO_DYNAMODB } from '../../../aws/dynamodb/dynamodb.ts';
import { createSdkDynamoDb } from '../../../aws/dynamodb/dynamodb-sdk.ts';
import { createSignedDynamoDb } from '../../../aws/dynamodb/dynamodb-signed.ts';
import { createEventsTable } from '../../../aws/events/create-table.ts';
import { createEventStore } from '../../../aws/events/event-store.ts';
import { orderKeysIn } from '../../../aws/events/order-attributes.ts';
import { endpointOf } from '../../../aws/request/endpoint.ts';
import type { Environment } from '../../../aws/request/plain-access.ts';
import { createSignedRequests } from '../../../aws/request/signed-request.ts';
import type { DeferredEvent, EventStatus } from '../../../core/events/deferred-event.ts';
import type { Clock, EventStore } from '../../../core/gate/ports.ts';
import { storeInEngine } from '../../worlds/adapters-in-engine.ts';
import { hasEngine, startProxyEngine } from '../../worlds/proxy-engine.ts';
import type { Seen, StoreUnderTest } from './event-store.ts';

type Item = Record<string, AttributeValue>;

/** A table of one's own, seen through the SDK alone: what is read here is read by no code of the store's. */
export interface Table {
  readonly name: string;
  readonly client: DynamoDBClient;
  /** A store of a new environment; through another endpoint where one is given. */
  open(options?: OpenOptions): EventStore;
  item(key: string): Promise<Item | undefined>;
  /** The item of an event of {@link FUNCTION}. */
  eventItem(id: string): Promise<Item | undefined>;
  /** Every item there is. */
  items(): Promise<Item[]>;
  look(id: string): Promise<Seen | undefined>;
  setStatus(id: string, status: EventStatus, functionName?: string): Promise<void>;
  drop(): Promise<void>;
}

interface OpenOptions {
  readonly endpoint?: string;
  readonly clock?: Clock;
  readonly table?: string;
  /** Default {@link FUNCTION}. */
  readonly functionName?: string;
}

/** How a store reaches its table: as in Lambda, or as the SDK does, which alone knows other ways to credentials. */
export type Way = 'signed' | 'sdk';

export const WAYS: readonly Way[] = ['signed', 'sdk'];

/** Where a store runs: here, by either way; or signed, in the engine of the proxy. */
export type Place = Way | "in the proxy's engine";

/** Where cargo is missing there is no engine: the build has said so. */
export const PLACES: readonly Place[] = [...WAYS, ...(hasEngine ? (["in the proxy's engine"] as const) : [])];

export const FUNCTION = 'orders';
const LEASED: readonly EventStatus[] = ['replaying', 'unknown'];
/** Stand-ins take any credentials; the real service takes those of the environment. */
export const STAND_IN = {
  region: 'eu-south-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
};
/** Looked up at each call: a test may have a clock of its own. */
const clock: Clock = { now: () => Date.now(), random: Math.random };

/** Creates a table at an endpoint. What is none of AWS's own is a stand-in. */
export async function createTable(endpoint: string, place: Place = 'signed'): Promise<Table> {
  const name = `events-${randomUUID()}`;
  const engine = place === "in the proxy's engine" ? await startProxyEngine() : undefined;
  const way = place === 'sdk' ? 'sdk' : 'signed';
  const client = new DynamoDBClient({ endpoint, ...(isStandIn(endpoint) && STAND_IN) });
  await createEventsTable(client, name);
  const opened: DynamoDb[] = [];

  return {
    name,
    client,
    open(options = {}) {
      const url = options.endpoint ?? endpoint;
      const parts = { table: options.table ?? name, functionName: options.functionName ?? FUNCTION };
      if (engine) return storeInEngine(engine, { ...parts, environment: environmentAt(url) }, options.clock ?? clock);
      const dynamoDb = dynamoDbAt(url, way, options.clock?.now);
      opened.push(dynamoDb);
      return createEventStore({ ...parts, dynamoDb, clock: options.clock ?? clock });
    },
    item,
    eventItem,
    async items() {
      const found: Item[] = [];
      for await (const page of paginateScan({ client }, { TableName: name, ConsistentRead: true })) {
        found.push(...(page.Items ?? []));
      }
      return found;
    },
    async look(id) {
      const found = await eventItem(id);
      return (
        found && { status: found['status']?.S as EventStatus, sha256: await textSha256(found), facts: factsOf(found) }
      );
    },
    async setStatus(id, status, functionName = FUNCTION) {
      await client.send(
        new UpdateItemCommand({
          TableName: name,
          Key: { pk: { S: `${functionName}#${id}` } },
          ConditionExpression: 'attribute_exists(pk)',
          // A lease that is over: what somebody has, or had, at work has one.
          UpdateExpression: `SET #status = :status${LEASED.includes(status) ? ', leaseUntil = :over' : ''}`,
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ':status': { S: status },
            ...(LEASED.includes(status) && { ':over': { N: '1' } }),
          },
        }),
      );
    },
    async drop() {
      await client.send(new DeleteTableCommand({ TableName: name }));
      for (const each of opened) each.disconnect();
      client.destroy();
      await engine?.[Symbol.asyncDispose]();
    },
  };

  async function item(key: string): Promise<Item | undefined> {
    const found = await client.send(
      new GetItemCommand({ TableName: name, Key: { pk: { S: key } }, ConsistentRead: true }),
    );
    return found.Item;
  }

  function eventItem(id: string): Promise<Item | undefined> {
    return item(`${FUNCTION}#${id}`);
  }

  /** Design, section 6: the body in the item, or in `<function>#<id>#<16 hex of the stored bytes' SHA-256>#0001` and so on. */
  async function textSha256(event: Item): Promise<string> {
    let stored = Buffer.from(event['body']?.B ?? []);
    if (event['parts']) {
      const pieces: Uint8Array[] = [];
      for (let number = 1; number <= Number(event['parts'].N); number++) {
        const key = `${event['pk']?.S}#${event['partsHash']?.S}#${String(number).padStart(4, '0')}`;
        pieces.push((await item(key))?.['body']?.B ?? new Uint8Array());
      }
      stored = Buffer.concat(pieces);
      if (sha256Of(stored).slice(0, 16) !== event['partsHash']?.S)
        throw new Error('the parts are not those of the event');
    }
    const sha256 = sha256Of(event['encoding']?.S === 'gzip' ? gunzipSync(stored) : stored);
    if (sha256 !== event['sha256']?.S) throw new Error('the checksum is not that of the text');
    return sha256;
  }
}

/** AWS's own endpoints are not spoken to without TLS. */
export function isStandIn(endpoint: string): boolean {
  return endpoint.startsWith('http:');
}

/** A stand-in's DynamoDB, by either way. */
export function dynamoDbAt(url: string, way: Way, now = Date.now): DynamoDb {
  if (way === 'sdk') return createSdkDynamoDb({ endpoint: url, ...(isStandIn(url) && STAND_IN) }, now);
  return signedDynamoDb(url, now);
}

/** What Lambda would put into an environment whose DynamoDB is a stand-in. */
function environmentAt(url: string): Environment {
  const { region, credentials } = STAND_IN;
  return {
    AWS_REGION: region,
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}

/** A stand-in's DynamoDB, as an environment in Lambda reaches it. */
function signedDynamoDb(url: string, now: () => number): DynamoDb {
  const { credentials } = STAND_IN;
  const endpoint = endpointOf('dynamodb', environmentAt(url));
  if (!endpoint) throw new Error(`${url} is no endpoint`);
  const requests = createSignedRequests(endpoint, 'dynamodb', { ...TO_DYNAMODB, now });
  return createSignedDynamoDb(requests, { credentials: () => credentials });
}

/** The contract's view of a table, whose answers a proxy may lose: `lose` arms it for the next write of an event. */
export function tableUnderTest(table: Table, openEndpoint: string, lose: (() => void) | undefined): StoreUnderTest {
  return {
    open: () => table.open({ endpoint: openEndpoint }),
    look: table.look,
    setStatus: table.setStatus,
    count: async (id) =>
      (await table.items()).filter((each) => each['status'] && each['pk']?.S?.split('#')[1] === id).length,
    ...(lose && { loseAnswer: lose }),
    close: table.drop,
  };
}

function factsOf(item: Item): Partial<DeferredEvent> {
  const text = (name: string) => item[name]?.S;
  const number = (name: string) => (item[name] ? Number(item[name].N) : undefined);
  const instant = (name: string) => (item[name] ? Date.parse(item[name].S ?? '') : undefined);
  const facts = {
    id: text('pk')?.slice(`${text('functionName')}#`.length),
    functionName: text('functionName'),
    functionVersion: text('functionVersion'),
    invokedFunctionArn: text('invokedFunctionArn'),
    clientVersion: text('clientVersion'),
    source: text('source'),
    deferredAt: number('deferredAt'),
    bytes: number('bytes'),
    clientContext: text('clientContext'),
    cognitoIdentity: text('cognitoIdentity'),
    traceId: text('traceId'),
    tenantId: text('tenantId'),
    timeoutMs: number('timeoutMs'),
    windowStartAt: instant('windowStart'),
    windowEndAt: instant('windowEnd'),
    windowReason: text('windowReason'),
    orderKeys: orderKeysIn(item),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
