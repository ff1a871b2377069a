import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Item } from '../../aws/dynamodb/dynamodb.ts';
import { dynamoDbOf } from '../../aws/dynamodb/dynamodb-sdk.ts';
import { createEventArchive } from '../../aws/events/event-archive.ts';
import { createInvoker } from '../../aws/lambda/invoker.ts';
import { steadyClock } from '../../aws/time/steady-clock.ts';
import { createWaits, type WaitIntervals } from '../../aws/time/waits.ts';
import type { EventArchive, EventRow } from '../../core/events/archive.ts';
import type { DeferredEvent, EventStatus } from '../../core/events/deferred-event.ts';
import { eventKey } from '../../core/events/table.ts';
import type { Clock, EventStore } from '../../core/gate/ports.ts';
import type { Invoker } from '../../core/replay/invoker.ts';
import { findLatestTicks } from '../../core/replay/order/latest-ticks.ts';
import type { ReplayPlan } from '../../core/replay/plan.ts';
import type { EventNews, ReplayNews } from '../../core/replay/progress/news.ts';
import { type ReplaySummary, type RunParts, runReplay } from '../../core/replay/run.ts';
import type { Timer } from '../../core/replay/timer.ts';
import { NO_WATCH, type WindowWatch } from '../../core/replay/window-watch.ts';
import { recogniseSource } from '../../core/sources/recognise.ts';
import { startDynamoDb } from '../../local/aws/dynamodb.ts';
import { createTable, STAND_IN, type Table } from '../contract/events/event-store-table.ts';
import { type MisbehavingLambda, startMisbehavingLambda } from '../fakes/lambda-misbehaving.ts';
import { type ArchiveOfOne, archiveOfOne } from '../fakes/memory/archive-of-one.ts';

/** A table with deferred events, a function that misbehaves, and the engine of replay between them. */
export interface ReplayWorld {
  readonly table: Table;
  readonly tableUrl: string;
  readonly lambda: MisbehavingLambda;
  /** An id alone means the event of that id that was stored here last. */
  readonly archive: ArchiveOfOne;
  /** Begins anew, with another function that has no events yet. */
  begin(): void;
  /** The function whose events these are. */
  readonly functionName: string;
  readonly functionArn: string;
  /** Stores a deferred event, as an environment does. */
  store(changes?: Partial<DeferredEvent>, text?: string): Promise<DeferredEvent>;
  /** Stores so many small events, and gives back their ids in order. */
  storeMany(count: number): Promise<string[]>;
  /** Replays what the function of this name has, and gives back all that was told. */
  replay(plan?: Partial<ReplayPlan>, run?: RunChanges): Promise<Replay>;
  /** Lets every lease run out. */
  passLeases(): Promise<void>;
  /** Makes an event's checksum wrong. */
  damage(id: string): Promise<void>;
  /** Writes into an event's item, as its own function may. Undefined takes an attribute away. */
  spoil(id: string, attributes: Readonly<Record<string, AttributeValue | undefined>>): Promise<void>;
  /** Makes an event's order keys unreadable. */
  damageKeys(id: string): Promise<void>;
  statusOf(id: string): Promise<EventStatus | undefined>;
  close(): Promise<void>;
}

/** What a test changes about one run. */
export interface RunChanges {
  readonly signal?: AbortSignal;
  readonly windows?: WindowWatch;
  readonly invoker?: Invoker;
  readonly events?: Partial<EventArchive>;
  readonly clock?: Clock;
  readonly timer?: Partial<Timer>;
  readonly onNews?: (news: ReplayNews) => void;
  readonly functionNames?: readonly string[];
  /** When waits are told of. */
  readonly intervals?: WaitIntervals;
  /** Whose credentials invoke. */
  readonly account?: string;
  readonly afterCanary?: RunParts['afterCanary'];
}

/** What a run did. */
export interface Replay extends ReplaySummary {
  readonly news: readonly ReplayNews[];
  /** What became of each event, by id. */
  readonly events: ReadonlyMap<string, EventNews>;
}

const ARN = 'arn:aws:lambda:eu-south-1:123456789012:function:';
const STORED_AT_ONCE = 50;
const UNFINISHED: readonly EventStatus[] = ['pending', 'replaying', 'failed', 'unknown'];
const DEFAULTS: ReplayPlan = {
  statuses: ['pending', 'unknown', 'replaying'],
  mode: 'request',
  concurrency: 8,
  ratePerSecond: Number.POSITIVE_INFINITY,
  limit: Number.POSITIVE_INFINITY,
  ordered: false,
  duringWindow: false,
  latestPerResource: false,
  stopAfter: { kind: 'share', percent: 101 },
};

/** Starts it on free ports of loopback. */
export async function startReplayWorld(): Promise<ReplayWorld> {
  const [database, lambda] = await Promise.all([startDynamoDb(), startMisbehavingLambda()]);
  const table = await createTable(database.url);
  const clock = { now: () => Date.now(), random: Math.random }; // looked up at each call: a test may have its own
  const client = new DynamoDBClient({ ...STAND_IN, endpoint: database.url, maxAttempts: 1 });
  const everyFunctions = createEventArchive({ dynamoDb: dynamoDbOf(client), table: table.name, clock, by: 'test/1' });
  const archive = archiveOfOne(everyFunctions, functionNameOf);
  let deferredAt = Date.UTC(2026, 10, 21);
  const stores = new Map<string, EventStore>();
  const functionNames = new Map<string, string>();
  let functions = 0;
  let functionName = '';
  begin();

  return {
    table: { ...table, setStatus: (id, status) => table.setStatus(id, status, functionNameOf(id)) },
    tableUrl: database.url,
    lambda,
    archive,
    begin,
    get functionName() {
      return functionName;
    },
    get functionArn() {
      return ARN + functionName;
    },
    store,
    storeMany,
    replay,
    passLeases,
    damage,
    spoil,
    damageKeys,
    statusOf,
    close,
  };

  function begin(): void {
    functions += 1;
    functionName = `orders-${functions}`;
    lambda.reset();
  }

  async function store(changes: Partial<DeferredEvent> = {}, text = '{"order":1}'): Promise<DeferredEvent> {
    const source = recogniseSource(text);
    deferredAt += 1;
    const event: DeferredEvent = {
      id: randomUUID(),
      functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: ARN + (changes.functionName ?? functionName),
      source: source.key,
      deferredAt,
      text,
      bytes: Buffer.byteLength(text),
      timeoutMs: 3_000,
      ...(source.orderKeys && { orderKeys: source.orderKeys }),
      ...changes,
    };
    functionNames.set(event.id, event.functionName);
    await storeOf(event.functionName).put(event, Date.now() + 20_000);
    return event;
  }

  async function storeMany(count: number): Promise<string[]> {
    const events: Promise<DeferredEvent>[] = [];
    for (let index = 0; index < count; index += 1) {
      events.push(store({}, `{"order":${index}}`));
      if (events.length % STORED_AT_ONCE === 0) await Promise.all(events);
    }
    return (await Promise.all(events)).map(({ id }) => id);
  }

  /** A rest of a batch has its parent's id and a number. */
  function functionNameOf(id: string): string {
    return functionNames.get(id) ?? functionNames.get(id.replace(/\.\d+$/, '')) ?? functionName;
  }

  /** An environment of a function: it names the function in the table once. */
  function storeOf(name: string): EventStore {
    const store = stores.get(name) ?? table.open({ functionName: name });
    stores.set(name, store);
    return store;
  }

  async function replay(changes: Partial<ReplayPlan> = {}, run: RunChanges = {}): Promise<Replay> {
    const plan = { ...DEFAULTS, ...changes };
    const { functionNames = [functionName], signal = new AbortController().signal, windows = NO_WATCH } = run;
    const invoker = run.invoker ?? createInvoker({ ...STAND_IN, endpoint: lambda.url }, plan.concurrency);
    const statuses = plan.ordered ? UNFINISHED : plan.statuses;
    const rowsOf = (name: string) => archive.rows({ functionName: name, statuses });
    const news: ReplayNews[] = [];
    const tell = (each: ReplayNews) => {
      news.push(each);
      run.onNews?.(each);
    };
    const waits = createWaits((waiting) => tell({ kind: 'waiting', ...waiting }), run.intervals);
    const latest = plan.latestPerResource ? await findLatestTicks(archive, rowsOf(functionName)) : undefined;
    try {
      const summary = await runReplay(
        {
          events: { ...everyFunctions, ...run.events },
          lambda: invoker,
          clock: run.clock ?? clock,
          account: run.account,
          timer: { ...steadyClock, ...run.timer },
          signal,
          windows,
          sources: functionNames.map((name) => ({ functionName: name, rows: rowsOf(name) })),
          ...(latest && { latest }),
          waits,
          tell,
          afterCanary: run.afterCanary,
        },
        plan,
      );
      const told = news.filter((each) => each.kind === 'event');
      return { ...summary, news, events: new Map(told.map((each) => [each.row.id, each])) };
    } finally {
      invoker.close();
    }
  }

  async function passLeases(): Promise<void> {
    for (const row of await rowsNow()) {
      if (row.leaseUntilAt === undefined) continue;
      await set(row.id, 'leaseUntil', { N: String(Date.now() - 1) });
    }
  }

  function damage(id: string): Promise<void> {
    return set(id, 'sha256', { S: '0'.repeat(64) });
  }

  function damageKeys(id: string): Promise<void> {
    return set(id, 'orderKeys', { N: '1' });
  }

  async function spoil(id: string, attributes: Readonly<Record<string, AttributeValue | undefined>>): Promise<void> {
    const key = { pk: { S: eventKey({ functionName: functionNameOf(id), id }) } };
    const found = await table.client.send(
      new GetItemCommand({ TableName: table.name, Key: key, ConsistentRead: true }),
    );
    const item = Object.entries({ ...found.Item, ...attributes }).filter(([, value]) => value !== undefined);
    await table.client.send(new PutItemCommand({ TableName: table.name, Item: Object.fromEntries(item) as Item }));
  }

  async function set(id: string, attribute: string, value: AttributeValue): Promise<void> {
    const command = new UpdateItemCommand({
      TableName: table.name,
      Key: { pk: { S: eventKey({ functionName: functionNameOf(id), id }) } },
      UpdateExpression: 'SET #attribute = :value',
      ExpressionAttributeNames: { '#attribute': attribute },
      ExpressionAttributeValues: { ':value': value },
    });
    await table.client.send(command);
  }

  async function rowsNow(): Promise<EventRow[]> {
    const found: EventRow[] = [];
    for await (const row of archive.rows({ functionName, statuses: UNFINISHED })) found.push(row);
    return found;
  }

  async function statusOf(id: string): Promise<EventStatus | undefined> {
    return (await archive.look(id))?.status;
  }

  async function close(): Promise<void> {
    client.destroy();
    await table.drop();
    await Promise.all([lambda.close(), database.close()]);
  }
}
