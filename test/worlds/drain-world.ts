import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createQuickDynamoDb } from '../../aws/dynamodb/dynamodb-following-sdk.ts';
import { createEventArchive } from '../../aws/events/event-archive.ts';
import { createRunStore } from '../../aws/events/run-store.ts';
import type { EventArchive } from '../../core/events/archive.ts';
import type { DeferredEvent, EventStatus } from '../../core/events/deferred-event.ts';
import { planOf, type ReplayWish } from '../../core/replay/wish.ts';
import type { RunStore } from '../../core/runs/ports.ts';
import { FROM_DRAIN, type RunSelection, runPlanOf } from '../../core/runs/run.ts';
import { recogniseSource } from '../../core/sources/recognise.ts';
import { DAY_MS } from '../../core/units.ts';
import { startDynamoDb } from '../../local/aws/dynamodb.ts';
import { startSsm } from '../../local/aws/ssm.ts';
import { createEnvironments, type Environments } from '../../local/drain/environments.ts';
import { createTable, STAND_IN, type Table } from '../contract/events/event-store-table.ts';
import { type LambdaAndOthers, startLambdaAndOthers } from '../fakes/lambda-and-others.ts';

/** A table, the functions of its events, and the drain in processes of its own, behind Lambda's endpoint. */
export interface DrainWorld {
  readonly table: Table;
  readonly lambda: LambdaAndOthers;
  readonly runs: RunStore;
  readonly archive: EventArchive;
  /** How often each event ran, by `<function>#<id>`. */
  readonly ran: ReadonlyMap<string, number>;
  /** Where AWS is, for a process of its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Processes of the drain and what they are at, as they begin it. */
  onTask: (process: ChildProcess, task: TaskSeen) => void;
  /** Makes a function; its handler says what becomes of an event. */
  addFunction(name: string, options?: FunctionOptions): void;
  /**
   * Stores so many events of a function, of each of these texts in turn.
   *
   * @param windowStartAt start of the window that deferred them; without it they are old, and of none
   */
  store(functionName: string, count: number, texts?: readonly string[], windowStartAt?: number): Promise<void>;
  /** @param agoMs how long ago they were edited; what was edited a moment ago holds everything back */
  setWindows(text: string, agoMs?: number): Promise<void>;
  /** Makes the record of a run for the drain, and gives its id. */
  createRun(selection: RunSelection, wish?: ReplayWish): Promise<string>;
  /** Lets every lease run out. */
  passLeases(): Promise<void>;
  /** How many events of a function are in each status. */
  statuses(functionName: string): Promise<Partial<Record<EventStatus, number>>>;
  close(): Promise<void>;
}

/** What is told of a task. */
interface TaskSeen {
  readonly task: string;
  readonly share?: { readonly functionName: string };
}

interface FunctionOptions {
  readonly timeoutSeconds?: number;
  readonly reserved?: number;
  readonly fails?: (text: string) => boolean;
  readonly takesMs?: number;
}

export const DRAIN_ARN = 'arn:aws:lambda:eu-south-1:123456789012:function:drain';
const PARAMETER = 'maintenance-window';
const BUNDLE = join(import.meta.dirname, '..', '..', 'dist', 'drain', 'index.js');
const STORED_AT_ONCE = 50;

/** @param elsewhere port of what answers everything else */
export async function startDrainWorld(elsewhere: () => number = () => 0): Promise<DrainWorld> {
  let putAgoMs = DAY_MS; // an edit of a moment ago would hold everything back
  const [database, ssmServer, lambda] = await Promise.all([
    startDynamoDb(),
    startSsm({ now: () => Date.now() - putAgoMs }),
    startLambdaAndOthers(elsewhere),
  ]);
  const table = await createTable(database.url);
  const clock = { now: Date.now, random: Math.random };
  const dynamoDb = createQuickDynamoDb(new DynamoDBClient({ ...STAND_IN, endpoint: database.url, maxAttempts: 1 }));
  const archive = createEventArchive({ dynamoDb, table: table.name, clock, by: 'test/1' });
  const runs = createRunStore({ dynamoDb, table: table.name, clock });
  const ssm = new SSMClient({ ...STAND_IN, endpoint: ssmServer.url });
  const ran = new Map<string, number>();
  let deferredAt = Date.UTC(2026, 10, 21);
  await ssm.send(new PutParameterCommand({ Name: PARAMETER, Type: 'String', Value: '{"version":1,"windows":[]}' }));
  putAgoMs = 0;
  const environment = {
    AWS_REGION: STAND_IN.region,
    AWS_ACCESS_KEY_ID: STAND_IN.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: STAND_IN.credentials.secretAccessKey,
    AWS_ENDPOINT_URL: lambda.url,
    AWS_ENDPOINT_URL_DYNAMODB: database.url,
    AWS_ENDPOINT_URL_SSM: ssmServer.url,
    MAINTENANCE_WINDOW_TABLE: table.name,
    MAINTENANCE_WINDOW_PARAMETER: PARAMETER,
  };
  const environments: Environments = createEnvironments({
    file: BUNDLE,
    functionArn: DRAIN_ARN,
    environment: { ...environment, PATH: process.env['PATH'] },
    write: (line) => process.env['DRAIN_LOG'] && process.stderr.write(`${line}\n`),
    onTask: (child, task) => world.onTask(child, task as TaskSeen),
  });
  lambda.functions.set('drain', { timeoutSeconds: 900, handle: (text) => environments.invoke(JSON.parse(text)) });
  const world: DrainWorld = {
    table,
    lambda,
    runs,
    archive,
    ran,
    environment,
    onTask: () => undefined,
    addFunction(name, { timeoutSeconds = 3, reserved, fails = () => false, takesMs = 0 } = {}) {
      lambda.functions.set(name, {
        timeoutSeconds,
        ...(reserved !== undefined && { reserved }),
        async handle(text, replay) {
          if (takesMs > 0) await new Promise((resolve) => setTimeout(resolve, takesMs));
          const key = `${name}#${replay}`;
          ran.set(key, (ran.get(key) ?? 0) + 1);
          if (fails(text)) return { error: { errorType: 'Error', errorMessage: 'it fails' } };
          return '{"batchItemFailures":[]}';
        },
      });
    },
    async store(functionName, count, texts = ['{"order":1}'], windowStartAt) {
      const store = table.open({ functionName });
      let under: Promise<unknown>[] = [];
      for (let index = 0; index < count; index += 1) {
        const event = eventOf(functionName, texts[index % texts.length] ?? '');
        const ofWindow = windowStartAt !== undefined && { windowStartAt, deferredAt: windowStartAt + index };
        under.push(store.put({ ...event, ...ofWindow }, Date.now() + 60_000));
        if (under.length < STORED_AT_ONCE) continue;
        await Promise.all(under);
        under = [];
      }
      await Promise.all(under);
    },
    async setWindows(text, agoMs = 0) {
      putAgoMs = agoMs;
      await ssm.send(new PutParameterCommand({ Name: PARAMETER, Value: text, Overwrite: true }));
      putAgoMs = 0;
    },
    async createRun(selection, wish = {}) {
      const planned = planOf(wish, false);
      if (planned.kind === 'none') throw new Error(planned.why.kind);
      const id = randomUUID().slice(0, 8);
      const now = Date.now();
      const facts = { id, name: `test-${id}`, by: 'test', from: FROM_DRAIN, startedAt: now };
      await runs.create(
        { ...facts, selection: { untilAt: now, ...selection }, plan: runPlanOf(planned.plan) },
        0,
        now + 60_000,
      );
      return id;
    },
    async passLeases() {
      for (const item of await table.items()) {
        if (item['status']?.S !== 'replaying' || !item['pk']) continue;
        const command = new UpdateItemCommand({
          TableName: table.name,
          Key: { pk: item['pk'] },
          ConditionExpression: 'attribute_exists(leaseUntil)',
          UpdateExpression: 'SET leaseUntil = :past',
          ExpressionAttributeValues: { ':past': { N: String(Date.now() - 1) } },
        });
        await table.client.send(command).catch(() => undefined); // it has ended meanwhile
      }
    },
    async statuses(functionName) {
      const counts: Partial<Record<EventStatus, number>> = {};
      for (const item of await table.items()) {
        const status = item['status']?.S as EventStatus | undefined;
        if (!status || !item['pk']?.S?.startsWith(`${functionName}#`)) continue;
        counts[status] = (counts[status] ?? 0) + 1;
      }
      return counts;
    },
    async close() {
      environments.close();
      ssm.destroy();
      dynamoDb.disconnect();
      await table.drop();
      await Promise.all([database.close(), ssmServer.close(), lambda.close()]);
    },
  };
  return world;

  function eventOf(functionName: string, text: string): DeferredEvent {
    const source = recogniseSource(text);
    deferredAt += 1;
    return {
      id: randomUUID(),
      functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:eu-south-1:123456789012:function:${functionName}`,
      source: source.key,
      deferredAt,
      text,
      bytes: Buffer.byteLength(text),
      timeoutMs: 3_000,
      ...(source.orderKeys && { orderKeys: source.orderKeys }),
    };
  }
}
