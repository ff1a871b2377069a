import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Item } from '../../../aws/dynamodb/dynamodb.ts';
import { runItem, shareItem } from '../../../aws/events/run-item.ts';
import { createRunStore } from '../../../aws/events/run-store.ts';
import { OPEN_RUNS_GROUP, PENDING_INDEX, RUNS_GROUP, runKey, runShareKey } from '../../../core/events/table.ts';
import { noCounts } from '../../../core/replay/progress/news.ts';
import { startDynamoDb } from '../../../local/aws/dynamodb.ts';
import { startDynamoDbProxy } from '../../fakes/dynamodb-proxy.ts';
import { createTable, dynamoDbAt, type Table, WAYS, type Way } from './event-store-table.ts';
import { type RunStoreUnderTest, runStoreContract, sampleRun } from './run-store.ts';

const DAY_SECONDS = 86_400;

for (const way of WAYS) runStoreContract(`on the embedded DynamoDB (${way})`, () => storeOnTable(way));

describe('the items of runs', () => {
  it('expire 90 days after somebody heard of them last, however long a run goes on', async () => {
    const under = await storeOnTable('signed');
    try {
      const run = sampleRun(under.now());
      await under.store.create(run, 1, under.now());
      const daysLeft = async (key: string) =>
        Math.round((Number((await itemOf(under.table, key))?.['expiresAt']?.N) - under.now() / 1_000) / DAY_SECONDS);
      expect(await daysLeft(runKey(run.id))).toBe(90);
      const share = { number: 0, state: 'running', counts: noCounts(), aliveUntil: under.now() } as const;
      for (let day = 0; day < 200; day += 25) {
        await under.store.beat(run.id, { ...share, at: under.now() });
        const now = under.now() / 1_000;
        for (const key of [runKey(run.id), runShareKey(run.id, 0)]) {
          const expiresAt = Number((await itemOf(under.table, key))?.['expiresAt']?.N);
          expect([key, expiresAt > now + 79 * DAY_SECONDS, expiresAt <= now + 90 * DAY_SECONDS]).toEqual([
            key,
            true,
            true,
          ]);
        }
        under.advance(25 * DAY_SECONDS * 1_000);
      }
      await under.store.end(run.id, { status: 'done', counts: noCounts() });
      expect(await daysLeft(runKey(run.id))).toBe(90);
    } finally {
      await under.close();
    }
  });

  it('are listed among what functions put into their group, and that is not', async () => {
    const under = await storeOnTable('signed');
    try {
      const run = sampleRun(under.now());
      await under.store.create(run, 1, under.now());
      for (const pk of ['orders#id-1', 'run#00000000', `orders#${runKey('11111111')}`]) {
        await put(under.table, { pk: { S: pk }, gpk: { S: OPEN_RUNS_GROUP }, gsk: { S: `9999999999999#${pk}` } });
      }
      const { runs, unreadable } = await under.store.list({ limit: 5 });
      expect([runs.map(({ id }) => id), unreadable]).toEqual([[run.id], []]);
    } finally {
      await under.close();
    }
  });

  it.each<[string, object]>([
    ['without its facts', {}],
    ['with facts of another form', { run: { S: '{"name":"a"}' } }],
    ['with instants that are none', { selection: { functions: ['orders'], untilAt: 1e99 } }],
    ['that began at no time', { startedAt: -1 }],
    ['with functions of another form', { selection: { functions: [1, null] } }],
    ['with a reason of another form', { reason: { text: 'CHG-4711' } }],
    ['with a limit of failures of another form', { plan: { stopAfter: { kind: 'both' } } }],
    ['with no number for its limit', { plan: { limit: null } }],
    ['with more at once than there may be', { plan: { concurrency: 1e6 } }],
    ['with an end that is none', { endStatus: { S: 'exploded' } }],
    ['with wishes of another form', { wanted: { S: 'sideways' } }],
  ])('are named where they cannot be read: %s', async (_what, attributes) => {
    const under = await storeOnTable('signed');
    try {
      const run = sampleRun(under.now());
      const id = 'abcdef01';
      await under.store.create(run, 1, under.now());
      const { run: facts = { S: '' }, ...bare } = (await itemOf(under.table, runKey(run.id))) ?? {};
      const isOfAttributes = ['run', 'endStatus', 'wanted'].some((name) => name in attributes);
      const known = JSON.parse(facts.S ?? '');
      const { plan = {} } = attributes as { readonly plan?: object };
      const changed = JSON.stringify({ ...known, ...attributes, plan: { ...known.plan, ...plan } });
      const own = Object.keys(attributes).length === 0 ? {} : { run: isOfAttributes ? facts : { S: changed } };
      await put(under.table, { ...bare, pk: { S: runKey(id) }, ...own, ...(isOfAttributes && attributes) });
      const { runs, unreadable } = await under.store.list({ limit: 5 });
      expect([runs.map((each) => each.id), unreadable]).toEqual([[run.id], [id]]);
    } finally {
      await under.close();
    }
  });

  it('say that a share is paused before they hear whether it was to go on meanwhile: whoever resumed it found it at work', async () => {
    const run = sampleRun(Date.now());
    let wanted = 'paused';
    const dynamoDb = {
      async send(operation: string) {
        if (operation === 'GetItem') return { Item: { pk: { S: runKey(run.id) }, wanted: { S: wanted } } };
        await new Promise(setImmediate);
        wanted = 'running'; // before the write is there
        await new Promise(setImmediate);
        return { Attributes: {} };
      },
    } as unknown as Parameters<typeof createRunStore>[0]['dynamoDb'];
    const store = createRunStore({ dynamoDb, table: 'events', clock: { now: Date.now, random: Math.random } });
    const share = { number: 0, counts: noCounts(), at: Date.now(), aliveUntil: Date.now() } as const;
    expect(await store.beat(run.id, { ...share, state: 'paused' })).toMatchObject({ wanted: 'running' });
  });

  it('are read a hundred at a time, those of shares as well, however many runs have not ended', async () => {
    const now = Date.now();
    const share = {
      number: 0,
      state: 'running',
      counts: { ...noCounts(), replayed: 1 },
      at: now,
      aliveUntil: now,
    } as const;
    const items = new Map<string, Item>();
    const ids = Array.from({ length: 450 }, (_, index) => index.toString(16).padStart(8, '0'));
    for (const id of ids) {
      for (const item of [runItem(sampleRun(now, { id }), 1, now, now), shareItem(id, share)])
        items.set(item['pk']?.S ?? '', item);
    }
    let requests = 0;
    const dynamoDb = {
      async send(_: string, { RequestItems }: { readonly RequestItems: Record<string, { readonly Keys: Item[] }> }) {
        requests += 1;
        const found = RequestItems['events']?.Keys.flatMap(({ pk }) => items.get(pk?.S ?? '') ?? ([] as Item[]));
        return { Responses: { events: found } };
      },
    } as unknown as Parameters<typeof createRunStore>[0]['dynamoDb'];
    const store = createRunStore({ dynamoDb, table: 'events', clock: { now: Date.now, random: Math.random } });
    const { runs } = await store.readAll(ids);
    expect(runs.map(({ id, counts }) => [id, counts.replayed])).toEqual(ids.map((id) => [id, 1]));
    expect(requests).toBeLessThanOrEqual(10);
  });

  it('name the group and the key of the index that docs and permissions speak of', () => {
    expect([RUNS_GROUP, runKey('0a1b2c3d'), runShareKey('0a1b2c3d', 7), PENDING_INDEX]).toEqual([
      '#runs',
      '#run#0a1b2c3d',
      '#run#0a1b2c3d.7',
      'pending',
    ]);
  });
});

/** A store that reaches its table through a proxy, which may lose answers to writes. */
async function storeOnTable(way: Way): Promise<RunStoreUnderTest & { readonly table: Table }> {
  const database = await startDynamoDb();
  const table = await createTable(database.url, way);
  const proxy = await startDynamoDbProxy(database.url);
  let toLose = 0;
  proxy.behave(({ operation }) => {
    if (toLose === 0 || (operation !== 'PutItem' && operation !== 'UpdateItem')) return undefined;
    toLose -= 1;
    return { kind: 'cut', when: 'after' };
  });
  let offsetMs = 0;
  const startedAt = Date.now();
  const now = () => startedAt + offsetMs;
  const dynamoDb = dynamoDbAt(proxy.url, way);
  return {
    table,
    store: createRunStore({ dynamoDb, table: table.name, clock: { now, random: Math.random } }),
    now,
    advance(ms) {
      offsetMs += ms;
    },
    loseAnswer() {
      toLose = 1;
    },
    async close() {
      dynamoDb.disconnect();
      await table.drop();
      await proxy.close();
      await database.close();
    },
  };
}

async function itemOf(table: Table, key: string) {
  const { Item } = await table.client.send(
    new GetItemCommand({ TableName: table.name, Key: { pk: { S: key } }, ConsistentRead: true }),
  );
  return Item;
}

async function put(table: Table, item: NonNullable<ConstructorParameters<typeof PutItemCommand>[0]['Item']>) {
  await table.client.send(new PutItemCommand({ TableName: table.name, Item: item }));
}
