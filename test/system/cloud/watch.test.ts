/** The monitor's look at the windows, over AWS's services on loopback. */
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createExecutions } from '../../../aws/drain/executions.ts';
import { dynamoDbOf } from '../../../aws/dynamodb/dynamodb-sdk.ts';
import { createEventIndex } from '../../../aws/events/event-rows.ts';
import { createMonitorMemory } from '../../../aws/events/monitor-memory.ts';
import { createRunStore } from '../../../aws/events/run-store.ts';
import { createFunctionInspector } from '../../../aws/lambda/function-inspector.ts';
import { createParameterStore } from '../../../aws/windows/parameter-store.ts';
import { createEventBus } from '../../../aws/words/event-bus.ts';
import { createDueFacts } from '../../../cloud/monitor/due-facts.ts';
import { tellOldBacklogs } from '../../../cloud/monitor/old-backlogs.ts';
import { type WatchParts, watch } from '../../../cloud/monitor/watch.ts';
import { FROM_DRAIN } from '../../../core/runs/run.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../core/units.ts';
import { faultsOfEvent } from '../../data/event-schema.ts';
import { startLambdaFunctions, type ToldFunction } from '../../fakes/lambda-functions.ts';
import { answers, fails, type ScriptedService, startScriptedService } from '../../fakes/scripted-service.ts';
import { deferInto, TABLE } from '../../infra/deferred.ts';
import { type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

const PARAMETER = 'maintenance-window';
const ACCESS = { region: 'eu-south-1', credentials: { accessKeyId: 'monitor', secretAccessKey: 'secret' } };
const MACHINE = 'arn:aws:states:eu-south-1:111122223333:stateMachine:drain';

/** Parameters are written now, and environments have seen it by then. */
const SEEN = () => Math.ceil(Date.now() / 1_000) * 1_000 + 2 * MINUTE_MS;
const iso = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
const documentOf = (windows: readonly object[], policy?: object) =>
  JSON.stringify({ version: 1, windows, ...(policy && { policy }) });

const orders = (variables: Readonly<Record<string, string>> = {}, more: Partial<ToldFunction> = {}): ToldFunction => ({
  FunctionName: 'orders',
  Timeout: 3,
  Environment: { Variables: variables },
  ...more,
});

let aws: Surroundings;
let eventBridge: ScriptedService;
let stepFunctions: ScriptedService;
beforeAll(async () => {
  aws = await startSurroundings();
  eventBridge = await startScriptedService(() => fails(400, 'NotYet'));
  stepFunctions = await startScriptedService(() => fails(400, 'NotYet'));
  await deferInto(aws, { functionName: 'orders', id: 'one', deferredAt: Date.now() });
});
afterAll(async () => {
  await Promise.all([eventBridge.close(), stepFunctions.close(), aws[Symbol.asyncDispose]()]);
});

/** Names that Step Functions has, as it would. */
let executions: Set<string>;
beforeEach(() => {
  executions = new Set();
  stepFunctions.behave(({ body }) => {
    const { name } = JSON.parse(body);
    if (executions.has(name)) return fails(400, 'ExecutionAlreadyExists');
    executions.add(name);
    return answers(200, { executionArn: `${MACHINE}:${name}`, startDate: 1_795_000_000 });
  });
  eventBridge.behave(() => answers(200, { FailedEntryCount: 0, Entries: [] }));
});

/** A monitor with a memory of its own, and what it says and starts. */
async function monitor(functions: readonly ToldFunction[] = [orders()], executionStatus = 'RUNNING') {
  const lambda = await startLambdaFunctions(functions);
  const dynamoDb = new DynamoDBClient({ ...ACCESS, endpoint: aws.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '' });
  const memory = createMonitorMemory(dynamoDb, TABLE, 'windows');
  await memory.write(await memory.read(), {});
  const parameterStore = createParameterStore({ ...ACCESS, endpoint: aws.environment['AWS_ENDPOINT_URL_SSM'] ?? '' });
  const bus = createEventBus({ ...ACCESS, endpoint: eventBridge.url, maxAttempts: 1 }, TABLE);
  const starter = createExecutions({ ...ACCESS, endpoint: stepFunctions.url, maxAttempts: 1 }, MACHINE);
  const inspector = createFunctionInspector({ ...ACCESS, endpoint: lambda.url });
  const clock = { now: Date.now, random: Math.random };
  const runs = createRunStore({ dynamoDb: dynamoDbOf(dynamoDb), table: TABLE, clock });
  const index = createEventIndex(TABLE, (input) => dynamoDb.send(new QueryCommand(input)), Date);
  const [saidBefore, startedBefore] = [eventBridge.requests.length, stepFunctions.requests.length];
  const lines: string[] = [];
  const entries = () => eventBridge.requests.slice(saidBefore).flatMap(({ body }) => JSON.parse(body).Entries);
  const parts = (now: number): WatchParts => ({
    parameterStore,
    parameters: [PARAMETER],
    memory,
    announcer: bus,
    longestTtlSeconds: 60,
    drain: {
      starter: { start: (run) => starter.start(run.name, run) },
      facts: createDueFacts({
        functions: inspector,
        index,
        runs,
        executionOf: async () => executionStatus,
        write: (line) => lines.push(line),
      }),
      functionNames: () => index.functionNames(),
    },
    now: () => now,
    isTimeUp: () => false,
    write: () => undefined,
  });
  return {
    lambda,
    lines,
    parameterStore,
    runs,
    bus,
    dynamoDb,
    look: (now: number, more: Partial<WatchParts> = {}) => watch({ ...parts(now), ...more }),
    /** What was said so far: type and instant. */
    said: () => entries().map(({ DetailType, Time }) => `${DetailType} ${iso(Time * 1_000)}`),
    entries,
    /** Inputs of executions that were asked for. */
    asked: () => stepFunctions.requests.slice(startedBefore).map(({ body }) => JSON.parse(JSON.parse(body).input)),
    async [Symbol.asyncDispose]() {
      for (const each of [parameterStore, bus, starter, inspector]) each.close();
      dynamoDb.destroy();
      await lambda.close();
    },
  };
}

/** A window that is over for an hour, and seen to be. */
async function windowOver(more: object = {}, policy?: object) {
  const [startAt, endAt] = [SEEN() - 3 * HOUR_MS, SEEN() - HOUR_MS];
  await aws.setWindows(documentOf([{ start: iso(startAt), end: iso(endAt), ...more }], policy));
  return { startAt, endAt };
}

describe('a look at the windows', () => {
  test('tells a window’s life on the event bus, each once, as the schema says', async () => {
    await using one = await monitor();
    const startAt = SEEN();
    const text = (endAt: number) =>
      documentOf([{ start: iso(startAt), end: iso(endAt), reason: 'CHG-1 "big"', functions: ['orders-*'] }]);
    await aws.setWindows(text(startAt + HOUR_MS));
    await one.look(startAt - MINUTE_MS);
    await one.look(startAt + MINUTE_MS);
    await one.look(startAt + 2 * MINUTE_MS);
    await aws.setWindows(text(startAt + 2 * HOUR_MS));
    await one.look(startAt + 20 * MINUTE_MS);
    await one.look(startAt + 3 * HOUR_MS);
    await one.look(startAt + 4 * HOUR_MS);
    expect(one.said()).toEqual([
      `Window Began ${iso(startAt)}`,
      `Window Quiet ${iso(startAt + 15 * MINUTE_MS)}`,
      `Window Extended ${iso(startAt + 20 * MINUTE_MS)}`,
      `Window Ended ${iso(startAt + 2 * HOUR_MS)}`,
    ]);
    for (const { Source, DetailType, Detail, Time } of one.entries()) {
      const envelope = { account: '111122223333', region: 'eu-south-1', time: iso(Time * 1_000) };
      const event = { source: Source, 'detail-type': DetailType, detail: JSON.parse(Detail), ...envelope };
      expect(faultsOfEvent(event)).toEqual([]);
    }
  });

  test('tells that a window is quiet once environments with the longest TTL have seen it, and their handlers are over', async () => {
    for (const longestTtlSeconds of [60, 3_600]) {
      await using one = await monitor();
      const startAt = Date.now();
      const windows = [{ start: iso(startAt), end: iso(startAt + 6 * HOUR_MS) }];
      await one.look(startAt - MINUTE_MS, { longestTtlSeconds });
      await aws.setWindows(documentOf(windows));
      // A tenth of the TTL for clocks that differ, a second for SSM, and a minute, as the parameter was written a moment ago.
      const quietAt = startAt + longestTtlSeconds * 1_100 + 15 * MINUTE_MS;
      await one.look(quietAt - 1_000, { longestTtlSeconds });
      expect(one.said().map((word) => word.replace(/ \d.*/, ''))).toEqual(['Window Began']);
      await one.look(quietAt + MINUTE_MS, { longestTtlSeconds });
      expect(one.said().map((word) => word.replace(/ \d.*/, ''))).toEqual(['Window Began', 'Window Quiet']);
    }
  });

  test('tells again what the bus did not take, and starts runs all the same', async () => {
    await using one = await monitor();
    const { endAt } = await windowOver({ replay: {} });
    await one.look(endAt - MINUTE_MS);
    eventBridge.behave(() => fails(400, 'AccessDeniedException', { message: 'not authorized' }));
    await expect(one.look(SEEN())).rejects.toThrow(/AccessDeniedException/);
    expect(executions.size).toBe(1);
    eventBridge.behave(() => answers(200, { FailedEntryCount: 0, Entries: [] }));
    await one.look(SEEN() + MINUTE_MS);
    expect(one.said().slice(-1)).toEqual([`Window Ended ${iso(endAt)}`]);
  });

  test('says which parameter is at fault, after all that could be done', async () => {
    await using one = await monitor();
    await aws.setWindows('tomorrow');
    await expect(one.look(SEEN())).rejects.toThrow('maintenance-window: entry 1 ("tomorrow")');
    await windowOver({ replay: { rate: 'fast' } });
    await expect(one.look(SEEN())).rejects.toThrow('maintenance-window: windows[0].replay.rate: "fast" is no rate');
    expect(executions.size).toBe(0);
  });
});

describe('a backlog that a window left', () => {
  test('is replayed by itself once, however often it is looked at, and whoever remembers nothing', async () => {
    await using one = await monitor();
    const { startAt, endAt } = await windowOver({ replay: { rate: '50/s', canary: 20, stopAfter: '10%' } });
    await one.look(SEEN());
    await one.look(SEEN() + MINUTE_MS);
    const replay = { ratePerSecond: 50, canary: 20, stopAfter: { kind: 'share', percent: 10 } };
    const name = `orders-${iso(endAt).replaceAll(/\D/g, '')}`;
    expect(one.asked()).toEqual([
      { name, functionName: 'orders', window: { startAt, endAt, underFromAt: startAt }, replay },
    ]);
    await using forgetful = await monitor();
    await forgetful.look(SEEN());
    expect(forgetful.asked()).toHaveLength(1);
    expect([...executions]).toEqual([name]);
  });

  test.each([
    ['nobody says anything', {}, undefined, [orders()]],
    ['the window says so', { replay: 'manual' }, { replay: {} }, [orders()]],
    [
      'the function’s own policy says so',
      {},
      { replay: {} },
      [orders({ MAINTENANCE_WINDOW_POLICY: '{"replay":"manual"}' })],
    ],
    ['the function is gone', {}, { replay: {} }, []],
    ['the window names another function', { functions: ['billing'] }, { replay: {} }, [orders()]],
    ['its reserved concurrency is 0', {}, { replay: {} }, [orders({}, { reserved: 0 })]],
    ['its environments may not have seen the end', {}, { replay: {} }, [orders({ MAINTENANCE_WINDOW_TTL: '3600' })]],
  ])('waits where %s', async (_, window, policy, functions) => {
    await using one = await monitor(functions);
    await windowOver(window, policy);
    await one.look(SEEN());
    expect(one.asked()).toEqual([]);
  });

  test('is left to somebody, said once, where the function may not be asked about', async () => {
    await using one = await monitor();
    one.lambda.instead = () => fails(403, 'AccessDeniedException', { Message: 'not authorized' });
    await windowOver({}, { replay: {} });
    await one.look(SEEN());
    await one.look(SEEN() + MINUTE_MS);
    expect(one.lines).toEqual(['what waits for orders is left to somebody: its settings may not be read']);
    expect(one.asked()).toEqual([]);
  });

  test.each([
    ['RUNNING', 0],
    ['ABORTED', 1],
  ])('waits for a drain of which nobody is heard while its execution is %s, or begins', async (status, begun) => {
    await using one = await monitor([orders()], status);
    await windowOver({}, { replay: {} });
    const silentAt = Date.now() - HOUR_MS;
    await one.runs.create({ ...runOf('0a1b2c3e'), from: FROM_DRAIN, execution: MACHINE }, 0, silentAt);
    await one.look(SEEN());
    expect(one.asked()).toHaveLength(begun);
    await one.runs.end('0a1b2c3e', { status: 'stopped', counts: NO_COUNTS });
  });

  test('waits for a window that is active, and for a run that is under way', async () => {
    await using one = await monitor();
    const now = SEEN();
    const over = { start: iso(now - 3 * HOUR_MS), end: iso(now - HOUR_MS) };
    await aws.setWindows(documentOf([over, { start: iso(now - MINUTE_MS), end: iso(now + HOUR_MS) }], { replay: {} }));
    await one.look(now);
    expect(one.asked()).toEqual([]);

    await windowOver({}, { replay: {} });
    const id = '0a1b2c3d';
    await one.runs.create(runOf(id), 1, Date.now() + HOUR_MS);
    await one.look(SEEN());
    expect(one.asked()).toEqual([]);
    await one.runs.end(id, { status: 'done', counts: NO_COUNTS });
    await one.look(SEEN());
    expect(one.asked()).toHaveLength(1);
  });

  test('waits while a parameter cannot be read: a window of it may be active', async () => {
    await using one = await monitor();
    await windowOver({}, { replay: {} });
    const parameters = [PARAMETER, 'team'];
    const { parameterStore } = one;
    const read = (name: string) =>
      name === 'team' ? Promise.reject(new Error('ThrottlingException')) : parameterStore.read(name);
    await expect(one.look(SEEN(), { parameters, parameterStore: { read } })).rejects.toThrow('team: ');
    expect(one.asked()).toEqual([]);
    await one.look(SEEN(), { parameters });
    expect(one.asked()).toHaveLength(1);
  });

  test('is not begun again where an edit puts an end into the past, and is where one takes the window away', async () => {
    await using one = await monitor();
    const now = SEEN();
    const startAt = Math.floor(now / HOUR_MS) * HOUR_MS - 4 * HOUR_MS;
    const daily = (duration: string) => {
      const schedule = `cron(0 ${new Date(startAt).getUTCHours()} ? * * *)`;
      return documentOf([{ schedule, duration, replay: {} }]);
    };
    await aws.setWindows(daily('PT1H'));
    await one.look(startAt + 30 * MINUTE_MS);
    await one.look(now);
    expect(one.asked()).toHaveLength(1);
    await aws.setWindows(daily('PT2H'));
    await one.look(now + 5 * MINUTE_MS);
    expect(one.asked()).toHaveLength(1);

    const functions = [orders({}, { reserved: 0 })];
    await using other = await monitor(functions);
    executions.clear();
    await aws.setWindows(daily('PT1H'));
    await other.look(startAt + 30 * MINUTE_MS);
    await other.look(now);
    expect(other.asked()).toEqual([]);
    await aws.setWindows(documentOf([]));
    await other.look(now + 5 * MINUTE_MS);
    functions.splice(0, 1, orders());
    await other.look(now + 6 * MINUTE_MS);
    expect(other.asked()).toMatchObject([{ functionName: 'orders', window: { startAt, endAt: startAt + HOUR_MS } }]);
  });

  test('is replayed after a window that was taken out of its parameter while it was active', async () => {
    await using one = await monitor();
    const startAt = Date.now() - HOUR_MS;
    await aws.setWindows(documentOf([{ start: iso(startAt), end: iso(startAt + DAY_MS), replay: {} }]));
    await one.look(Date.now());
    await aws.setWindows(documentOf([]));
    await one.look(SEEN());
    await one.look(SEEN());
    expect(one.said().map((word) => word.replace(/ [\dT:-]+Z$/, ''))).toEqual(
      expect.arrayContaining(['Window Began', 'Window Ended']),
    );
    expect(one.asked()).toMatchObject([{ functionName: 'orders', replay: {} }]);
  });
});

describe('an old backlog', () => {
  test('is told once, until it is no more', async () => {
    await using one = await monitor();
    const memory = createMonitorMemory(one.dynamoDb, TABLE, 'backlogs');
    const parts = { memory, announcer: one.bus, oldAfterMs: DAY_MS };
    const now = Date.now();
    const old = { functionName: 'orders', events: 7, oldestAt: now - DAY_MS };
    const young = { functionName: 'billing', events: 3, oldestAt: now - HOUR_MS };
    for (const backlogs of [[old, young], [old, young], [young], [old]]) await tellOldBacklogs(parts, backlogs, now);
    const told = one.entries().map(({ Detail }) => JSON.parse(Detail));
    expect(told).toHaveLength(2);
    expect(told[0]).toMatchObject({ functions: ['orders'], pending: 7, id: told[1].id });
  });

  test('is told again where the bus did not take it', async () => {
    await using one = await monitor();
    const memory = createMonitorMemory(one.dynamoDb, TABLE, 'backlogs');
    await memory.write(await memory.read(), {});
    const parts = { memory, announcer: one.bus, oldAfterMs: DAY_MS };
    const now = Date.now();
    const backlogs = [{ functionName: 'orders', events: 7, oldestAt: now - DAY_MS }];
    eventBridge.behave(() => fails(400, 'AccessDeniedException', { message: 'not authorized' }));
    await expect(tellOldBacklogs(parts, backlogs, now)).rejects.toThrow('not authorized');
    eventBridge.behave(() => answers(200, { FailedEntryCount: 0, Entries: [] }));
    for (let look = 0; look < 2; look += 1) await tellOldBacklogs(parts, backlogs, now);
    expect(one.entries()).toHaveLength(2); // the one that was refused, and once more
  });
});

const NO_COUNTS = {
  ...{ replayed: 0, accepted: 0, failed: 0, unknown: 0, discarded: 0 },
  ...{ refused: 0, held: 0, leased: 0, taken: 0, released: 0 },
};

function runOf(id: string) {
  return {
    id,
    name: 'by hand',
    by: 'alice@laptop',
    from: 'laptop',
    selection: { functions: ['orders'], untilAt: Date.now() },
    plan: {
      statuses: ['pending' as const],
      mode: 'request' as const,
      concurrency: 2,
      ordered: false,
      duringWindow: false,
      latestPerResource: false,
      stopAfter: { kind: 'count' as const, failures: 20 },
    },
    startedAt: Date.now(),
  };
}
