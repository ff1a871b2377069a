import { randomBytes } from 'node:crypto';
import {
  type AttributeValue,
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoDbOf } from '../../../aws/dynamodb/dynamodb-sdk.ts';
import { readBacklogs } from '../../../aws/events/backlog.ts';
import { createMonitorMemory } from '../../../aws/events/monitor-memory.ts';
import { createRunStore } from '../../../aws/events/run-store.ts';
import { sweepParts } from '../../../aws/events/sweep.ts';
import { createParameterStore, type ParameterStore } from '../../../aws/windows/parameter-store.ts';
import { readWindowActivity } from '../../../cloud/monitor/active-window.ts';
import { createMonitor } from '../../../cloud/monitor/monitor.ts';
import type { DeferredEvent } from '../../../core/events/deferred-event.ts';
import { eventGroup, pendingGroups, placeOf, runKey, runShareKey } from '../../../core/events/table.ts';
import { noCounts } from '../../../core/replay/progress/news.ts';
import type { ReplayRun } from '../../../core/runs/run.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../core/units.ts';
import { startDynamoDbProxy } from '../../fakes/dynamodb-proxy.ts';
import { startScriptedSsm } from '../../fakes/scripted-ssm.ts';
import { deferInto, TABLE } from '../../infra/deferred.ts';
import { judge, monitorsRole } from '../../infra/granted.ts';
import { type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

const PARAMETER = 'maintenance-window';
const NOW = Date.UTC(2026, 10, 21, 12);
const NEVER = () => false;
const CLOCK = { now: Date.now, random: Math.random };

let aws: Surroundings;
let store: ParameterStore;
beforeAll(async () => {
  aws = await startSurroundings();
  store = storeAt(aws.environment['AWS_ENDPOINT_URL_SSM'] ?? '');
});
afterAll(async () => {
  store.close();
  await aws[Symbol.asyncDispose]();
});

function storeAt(endpoint: string): ParameterStore {
  const credentials = { accessKeyId: 'monitor', secretAccessKey: 'secret' };
  return createParameterStore({ endpoint, region: 'eu-south-1', credentials });
}

function defer(functionName: string, id: string, deferredAt: number, text?: string): Promise<DeferredEvent> {
  return deferInto(aws, { functionName, id, deferredAt, ...(text !== undefined && { text }) });
}

/** More than an item holds, whatever is done to it. */
function largeText(): string {
  return JSON.stringify(randomBytes(500_000).toString('base64'));
}

async function keysOf(id: string): Promise<readonly string[]> {
  const keys = (await aws.items()).map(({ pk }) => pk?.S ?? '');
  return keys.filter((key) => key.split('#')[1] === id).sort();
}

async function setStatus({ functionName, id }: DeferredEvent, status: 'failed' | 'replayed'): Promise<void> {
  await aws.dynamoDb.send(
    new UpdateItemCommand({
      TableName: TABLE,
      Key: { pk: { S: `${functionName}#${id}` } },
      UpdateExpression: 'SET #status = :status, gpk = :group',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':status': { S: status },
        ':group': { S: eventGroup({ functionName, id }, status) },
      },
    }),
  );
}

async function put(item: Record<string, AttributeValue>): Promise<void> {
  await aws.dynamoDb.send(new PutItemCommand({ TableName: TABLE, Item: item }));
}

describe('backlogs', () => {
  test('are what is not finished, function by function, with the oldest', async () => {
    for (let index = 0; index < 20; index++) await defer('orders', `orders-${index}`, NOW - index * 1_000);
    await setStatus(await defer('orders', 'orders-failed', NOW - HOUR_MS), 'failed');
    await setStatus(await defer('orders', 'orders-replayed', NOW - DAY_MS), 'replayed');
    await setStatus(await defer('payments', 'payments-replayed', NOW - DAY_MS), 'replayed');

    const { backlogs } = await readBacklogs(aws.dynamoDb, TABLE);

    expect(backlogs.filter(({ functionName }) => functionName === 'orders')).toEqual([
      { functionName: 'orders', events: 21, oldestAt: NOW - HOUR_MS },
    ]);
    expect(backlogs.filter(({ functionName }) => functionName === 'payments')).toEqual([
      { functionName: 'payments', events: 0 },
    ]);
  });

  test('are counted beyond the first page of a group', async () => {
    await defer('many', 'many-first', NOW - DAY_MS);
    const group = eventGroup({ functionName: 'many', id: 'many-first' }, 'pending');
    // The index projects the order keys, so that 60 items of 20 KB are more than the 1 MB of a page.
    for (let index = 0; index < 60; index++) {
      const id = `many-${index}`;
      await put({
        pk: { S: `many#${id}` },
        gpk: { S: group },
        gsk: { S: placeOf(NOW, id) },
        orderKeys: { S: 'x'.repeat(20_000) },
      });
    }
    const { backlogs } = await readBacklogs(aws.dynamoDb, TABLE);
    expect(backlogs).toContainEqual({ functionName: 'many', events: 61, oldestAt: NOW - DAY_MS });
  });
});

describe('what a function wrote for another one', () => {
  test('is counted for neither, and as strays', async () => {
    await defer('victim', 'victim-1', NOW - HOUR_MS);
    await defer('thief', 'thief-1', NOW);
    const before = (await readBacklogs(aws.dynamoDb, TABLE)).strays;
    const [group] = pendingGroups('victim');
    for (const [index, pk] of ['thief#old', 'thief#victim-1', 'thief#a b', 'victim#misplaced'].entries()) {
      await put({
        pk: { S: pk },
        gpk: { S: group ?? '' },
        gsk: { S: placeOf(index, index < 3 ? (pk.split('#')[1] ?? '') : 'another-id') },
      });
    }
    for (let row = 0; row < 30; row++) {
      const pk = `thief#row-${row}`;
      await put({ pk: { S: pk }, gpk: { S: 'functions' }, gsk: { S: pk }, functionName: { S: `invented-${row}` } });
    }
    const { backlogs, strays } = await readBacklogs(aws.dynamoDb, TABLE);
    expect(strays - before).toBe(4 + 30);
    expect(backlogs).toContainEqual({ functionName: 'victim', events: 1, oldestAt: NOW - HOUR_MS });
    expect(backlogs).toContainEqual({ functionName: 'thief', events: 1, oldestAt: NOW });
    expect(backlogs.some(({ functionName }) => functionName.startsWith('invented'))).toBe(false);
  });
});

describe('the active window', () => {
  const active = (start: number, end: number, more = {}) =>
    JSON.stringify({
      version: 1,
      windows: [{ start: new Date(start).toISOString(), end: new Date(end).toISOString(), ...more }],
    });

  test('is that of any function', async () => {
    await aws.setWindows(active(NOW - HOUR_MS, NOW + HOUR_MS, { functions: ['orders-*'], reason: 'upgrade' }));
    expect(await readWindowActivity(store, [PARAMETER], NOW)).toEqual({
      active: { startAt: NOW - HOUR_MS, endAt: NOW + HOUR_MS, reason: 'upgrade' },
      faults: [],
    });
  });

  test('is half-open, recurs as in the runtime, and is none where a parameter does not exist', async () => {
    await aws.setWindows(active(NOW - HOUR_MS, NOW));
    expect((await activity(PARAMETER, NOW - 1)).active).toBeDefined();
    expect(await activity(PARAMETER)).toEqual({ faults: [] });
    // 12:00 UTC on 21 November 2026, a Saturday, is 13:00 in Rome.
    const windows = [{ schedule: 'cron(30 12 ? * SAT *)', timezone: 'Europe/Rome', duration: 'PT1H' }];
    await aws.setWindows(JSON.stringify({ version: 1, windows }));
    expect(await readWindowActivity(store, [PARAMETER, 'absent'], NOW)).toMatchObject({
      active: { startAt: NOW - HOUR_MS / 2 },
    });
    expect(await activity('absent')).toEqual({ faults: [] });
  });

  test('is not known where a parameter is malformed: it says which and where', async () => {
    await aws.setWindows('{"version":1,"windows":[{"start":"today"}]}');
    expect(await activity(PARAMETER)).toEqual({
      faults: [expect.stringMatching(/^maintenance-window: windows\[0\]\.start/)],
    });
  });

  test('is known of each parameter by itself, where SSM denies them all for one', async () => {
    const window = active(NOW - HOUR_MS, NOW + HOUR_MS);
    await using ssm = await startScriptedSsm(({ input }) => {
      const names = input['Names'] as readonly string[];
      return names.includes('denied')
        ? { status: 400, body: { __type: 'AccessDeniedException', message: 'not authorized' } }
        : { status: 200, body: { Parameters: names.map((Name) => ({ Name, Value: window })), InvalidParameters: [] } };
    });
    const scripted = storeAt(ssm.url);
    expect(await readWindowActivity(scripted, [PARAMETER, 'denied'], NOW)).toMatchObject({
      active: { endAt: NOW + HOUR_MS },
      faults: [expect.stringMatching(/^denied: AccessDeniedException: not authorized/)],
    });
    expect(await readWindowActivity(scripted, ['denied'], NOW)).toMatchObject({
      faults: [expect.stringMatching(/^denied: /)],
    });
    scripted.close();
  });

  function activity(name: string, now = NOW) {
    return readWindowActivity(store, [name], now);
  }
});

describe('runs', () => {
  const counts = noCounts();
  const wanted = (one: ReplayRun['wishes']['wanted']) => ({ wishes: { wanted: one } });
  const run = (status: ReplayRun['status'], more: Partial<ReplayRun> = {}): ReplayRun =>
    ({ id: `run-${next++}`, status, counts, aliveUntil: NOW, ...wanted('running'), ...more }) as ReplayRun;
  let next = 0;

  /** A monitor that looks at these, and what it writes of them, as metrics of the table. */
  async function looking() {
    await aws.setWindows('{"version":1,"windows":[]}');
    const memory = createMonitorMemory(aws.dynamoDb, TABLE, 'runs');
    await memory.write(await memory.read(), {});
    let runs: readonly ReplayRun[] = [];
    let lines: string[] = [];
    let at = NOW;
    const open = () => runs.filter(({ endedAt }) => endedAt === undefined).map(({ id }) => id);
    const monitor = createMonitor({
      dynamoDb: aws.dynamoDb,
      parameterStore: store,
      table: TABLE,
      parameters: [PARAMETER],
      oldBacklogs: {
        memory: createMonitorMemory(aws.dynamoDb, TABLE, 'backlogs'),
        announcer: { announce: async () => undefined },
        oldAfterMs: DAY_MS,
      },
      lookedRuns: {
        memory,
        runs: {
          openIds: async ({ limit }) => open().slice(0, limit),
          idsSince: async (since) => runs.filter(({ startedAt = 0 }) => startedAt >= since).map(({ id }) => id),
          readAll: async (ids) => ({ runs: runs.filter(({ id }) => ids.includes(id)), unreadable: [] }),
        },
        executionOf: async (execution) => execution,
      },
      now: () => at,
      write: (line) => lines.push(line),
    });
    return async (all: readonly ReplayRun[], now = NOW): Promise<unknown> => {
      [runs, lines, at] = [all, [], now];
      await monitor.measure();
      const told = Object.assign({}, ...lines.filter((line) => line.includes(TABLE)).map((line) => JSON.parse(line)));
      return Object.fromEntries(Object.entries(told).filter(([name]) => name.startsWith('Runs')));
    };
  }

  test('are measured while there are some: under way, stopped by themselves of late, and lost within a day', async () => {
    const measured = await looking();
    expect(await measured([])).toEqual({});
    const late = { startedAt: NOW, endedAt: NOW + 1 };
    const all = [
      ...[run('running'), run('paused'), run('stopping'), run('done', late)],
      ...[
        run('stopped', late),
        run('stopped', { ...late, ...wanted('stopped') }),
        run('stopped', { startedAt: NOW - MINUTE_MS, endedAt: NOW - 1 }),
      ],
      ...[run('lost', { aliveUntil: NOW - HOUR_MS }), run('lost', { aliveUntil: NOW - DAY_MS - 1 })],
    ];
    expect(await measured(all, NOW + 2)).toEqual({ RunsUnderWay: 3, RunsStopped: 1, RunsLost: 1 });
  });

  test('of a drain are under way while their execution lives, and lost once it was ended, for a day', async () => {
    const measured = await looking();
    const silent = (execution: string) =>
      run('running', { execution, shares: [], silentSinceAt: NOW, waiting: { why: 'it has not begun' } });
    const all = [silent('RUNNING'), silent('RUNNING'), silent('ABORTED')];
    expect(await measured(all, NOW + HOUR_MS)).toEqual({ RunsUnderWay: 2, RunsLost: 1 });
    expect(await measured(all, NOW + DAY_MS + HOUR_MS)).toEqual({ RunsUnderWay: 2 });
  });

  test('are seen to stop, once each, however old they are and however many have begun since', async () => {
    const measured = await looking();
    const old = run('running', { startedAt: NOW - DAY_MS });
    const later = () => Array.from({ length: 300 }, () => run('done', { startedAt: NOW - HOUR_MS, endedAt: NOW - 1 }));
    expect(await measured([...later(), old])).toEqual({ RunsUnderWay: 1 });
    const stopped = { ...old, status: 'stopped', endedAt: NOW + MINUTE_MS } as const;
    const after = [...later(), stopped];
    expect(await measured(after, NOW + 5 * MINUTE_MS)).toEqual({ RunsStopped: 1 });
    expect(await measured(after, NOW + 10 * MINUTE_MS)).toEqual({});
  });

  test('are seen to stop by the next look, where one failed', async () => {
    const measured = await looking();
    const one = run('running', { startedAt: NOW - DAY_MS });
    await measured([one]);
    const stopped = { ...one, status: 'stopped', endedAt: NOW + MINUTE_MS } as const;
    expect(await measured([stopped], NOW + HOUR_MS)).toEqual({ RunsStopped: 1 });
  });
});

describe('the monitor’s role', () => {
  const role = monitorsRole();

  /** What is done under the role's policies alone. */
  async function underRole(work: (client: DynamoDBClient) => Promise<unknown>): Promise<unknown> {
    const guarded = await startDynamoDbProxy(aws.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '');
    guarded.behave((request) => judge(role, request));
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = new DynamoDBClient({ region: 'eu-south-1', credentials, endpoint: guarded.url, maxAttempts: 1 });
    try {
      return await work(client).catch(({ name }: Error) => name);
    } finally {
      client.destroy();
      await guarded.close();
    }
  }

  test('allows a whole sweep and a count', async () => {
    const id = 'swept-under-the-role';
    await defer('orders', id, NOW - DAY_MS - 1, largeText());
    await aws.dynamoDb.send(new DeleteItemCommand({ TableName: TABLE, Key: { pk: { S: `orders#${id}` } } }));
    const parts = await keysOf(id);
    expect(parts.length).toBeGreaterThan(1);
    expect(await underRole((client) => sweepParts(client, TABLE, NOW, NEVER))).toMatchObject({ deleted: parts.length });
    expect(await underRole((client) => readBacklogs(client, TABLE))).toMatchObject({ backlogs: expect.any(Array) });
  });

  test('allows it to remember what it told, and to look at runs', async () => {
    await underRole(async (client) => {
      const memory = createMonitorMemory(client, TABLE, 'windows');
      await memory.write(await memory.read(), { told: 1 });
      const runs = createRunStore({ dynamoDb: dynamoDbOf(client), table: TABLE, clock: CLOCK });
      return [await memory.read(), await runs.readAll(await runs.openIds({ limit: 5 }))];
    }).then((found) =>
      expect(found).toEqual([
        { value: { told: 1 }, version: 1 },
        { runs: [], unreadable: [] },
      ]),
    );
  });

  test('allows it neither to read a body, nor to delete or write anything but parts', async () => {
    const event = { pk: { S: 'orders#kept-from-the-role' } };
    await defer('orders', 'kept-from-the-role', NOW);
    const part = { pk: { S: `${event.pk.S}#0123456789abcdef#0001` } };
    const batch = (ask: object) => new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys: [event], ...ask } } });
    for (const command of [
      batch({}),
      batch({ ProjectionExpression: 'pk, body' }),
      new DeleteItemCommand({ TableName: TABLE, Key: event }),
      new DeleteItemCommand({ TableName: TABLE, Key: { pk: { S: 'orders#function' } } }),
      new DeleteItemCommand({ TableName: TABLE, Key: { pk: { S: runKey('0a1b2c3d') } } }),
      new DeleteItemCommand({ TableName: TABLE, Key: { pk: { S: runShareKey('0a1b2c3d', 7) } } }),
      new DeleteItemCommand({ TableName: TABLE, Key: part, ReturnValues: 'ALL_OLD' }),
      new PutItemCommand({ TableName: TABLE, Item: part }),
      new PutItemCommand({ TableName: TABLE, Item: event }),
      new PutItemCommand({ TableName: TABLE, Item: { pk: { S: runKey('0a1b2c3d') } } }),
      new GetItemCommand({ TableName: TABLE, Key: event }),
    ]) {
      expect(await underRole((client) => client.send(command as PutItemCommand))).toBe('AccessDeniedException');
    }
    expect(await keysOf('kept-from-the-role')).toHaveLength(1);
  });
});

describe('a sweep', () => {
  const OLD = NOW - DAY_MS - 1;

  async function deleteEvent(id: string): Promise<void> {
    await aws.dynamoDb.send(new DeleteItemCommand({ TableName: TABLE, Key: { pk: { S: `orders#${id}` } } }));
  }

  test('deletes old parts whose event is gone, and those of another attempt; it keeps all others', async () => {
    await defer('orders', 'whole', OLD, largeText());
    await defer('orders', 'young', NOW - DAY_MS + 1, largeText());
    await deleteEvent('young');
    await defer('orders', 'gone', OLD, largeText());
    await deleteEvent('gone');
    await defer('orders', 'twice', OLD, largeText());
    await deleteEvent('twice');
    const abandoned = await keysOf('twice');
    await defer('orders', 'twice', OLD, largeText());
    const [whole, young, gone, twice] = await Promise.all(['whole', 'young', 'gone', 'twice'].map(keysOf));
    expect(gone?.length).toBeGreaterThan(1);

    const sweep = await sweepParts(aws.dynamoDb, TABLE, NOW, NEVER);

    expect(sweep).toEqual({ deleted: (gone?.length ?? 0) + abandoned.length, strays: 0, complete: true });
    expect(await keysOf('gone')).toEqual([]);
    expect(await keysOf('twice')).toEqual(twice?.filter((key) => !abandoned.includes(key)));
    expect(await keysOf('whole')).toEqual(whole);
    expect(await keysOf('young')).toEqual(young);
    expect(await sweepParts(aws.dynamoDb, TABLE, NOW, NEVER)).toEqual({ deleted: 0, strays: 0, complete: true });
    await aws.storedBytes('whole');
  });

  test('keeps the events of a function whose groups are those of the parts', async () => {
    await defer('parts', 'of-a-function-called-parts', OLD);
    expect(await sweepParts(aws.dynamoDb, TABLE, NOW, NEVER)).toEqual({ deleted: 0, strays: 0, complete: true });
    expect(await keysOf('of-a-function-called-parts')).toHaveLength(1);
  });

  test('keeps the parts of an event that cannot be read: nobody knows that they are left over', async () => {
    await defer('orders', 'spoilt', OLD, largeText());
    const kept = await keysOf('spoilt');
    for (const partsHash of [{ N: '1' }, { S: 'x' }, { NULL: true } as const]) {
      await aws.dynamoDb.send(
        new UpdateItemCommand({
          TableName: TABLE,
          Key: { pk: { S: 'orders#spoilt' } },
          UpdateExpression: 'SET partsHash = :hash',
          ExpressionAttributeValues: { ':hash': partsHash },
        }),
      );
      expect(await sweepParts(aws.dynamoDb, TABLE, NOW, NEVER)).toEqual({ deleted: 0, strays: 0, complete: true });
    }
    expect(await keysOf('spoilt')).toEqual(kept);
  });

  test('keeps a part that is written again while it is looked at', async () => {
    const text = largeText();
    await defer('orders', 'again', OLD, text);
    await deleteEvent('again');
    const parts = await keysOf('again');
    let writing: Promise<unknown> | undefined;
    aws.dynamoDb.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === DeleteItemCommand.name) {
            writing ??= defer('orders', 'again', NOW, text);
            await writing;
          }
          return next(args);
        },
      { name: 'write-again', step: 'initialize' },
    );
    try {
      expect(await sweepParts(aws.dynamoDb, TABLE, NOW, NEVER)).toEqual({ deleted: 0, strays: 0, complete: true });
    } finally {
      aws.dynamoDb.middlewareStack.remove('write-again');
    }
    expect(await keysOf('again')).toEqual(['orders#again', ...parts]);
  });

  test('asks again for what a throttled table left out of its answer', async () => {
    await defer('orders', 'throttled', OLD, largeText());
    let asked = 0;
    aws.dynamoDb.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName !== BatchGetItemCommand.name || asked++ > 0) return next(args);
          const { RequestItems } = args.input as { RequestItems: object };
          return { response: {}, output: { $metadata: {}, Responses: {}, UnprocessedKeys: RequestItems } } as never;
        },
      { name: 'throttle', step: 'initialize' },
    );
    try {
      expect(await sweepParts(aws.dynamoDb, TABLE, NOW, NEVER)).toEqual({ deleted: 0, strays: 0, complete: true });
    } finally {
      aws.dynamoDb.middlewareStack.remove('throttle');
    }
    expect(asked).toBeGreaterThan(1);
  });

  test('stops when its time is up, and says so', async () => {
    await defer('orders', 'late', OLD, largeText());
    await deleteEvent('late');
    expect(await sweepParts(aws.dynamoDb, TABLE, NOW, () => true)).toEqual({ deleted: 0, strays: 0, complete: false });
    expect(await keysOf('late')).not.toEqual([]);
  });

  test('touches nothing that is no part by its key, wherever it stands, and says so', async () => {
    const strays = [
      'orders#whole',
      'orders#function',
      'thief#a#0123456789abcdef',
      '#parts',
      'orders#a b#0123456789abcdef#0001',
    ];
    for (const pk of strays.slice(2)) {
      await put({ pk: { S: pk }, gpk: { S: '#parts#0' }, gsk: { S: placeOf(OLD, pk) } });
    }
    for (const pk of strays.slice(0, 2)) {
      await aws.dynamoDb.send(
        new UpdateItemCommand({
          TableName: TABLE,
          Key: { pk: { S: pk } },
          UpdateExpression: 'SET gpk = :group, gsk = :place',
          ExpressionAttributeValues: { ':group': { S: '#parts#7' }, ':place': { S: placeOf(OLD, pk) } },
        }),
      );
    }
    for (const day of [0, 1, 2]) {
      const now = NOW + day * DAY_MS;
      const { deleted: _, ...swept } = await sweepParts(aws.dynamoDb, TABLE, now, NEVER);
      expect(swept).toEqual({ strays: strays.length, complete: true });
    }
    const keys = (await aws.items()).map(({ pk }) => pk?.S);
    for (const pk of strays) expect(keys).toContain(pk);
  });
});
