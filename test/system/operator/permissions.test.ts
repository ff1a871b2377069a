import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { DRAIN_VARIABLE } from '../../../core/deployment/drain-machine.ts';
import {
  type AllowedActions,
  DRAIN_STARTER_ACTIONS,
  MONITOR_ACTIONS,
  OPERATOR_ACTIONS,
  OPTIONAL_ACTIONS,
  READ_ACTIONS,
  REPLAY_ACTIONS,
  WINDOW_ACTIONS,
} from '../../../core/deployment/permissions.ts';
import { partGroup, partKeys, placeOf } from '../../../core/events/table.ts';
import { HOUR_MS, MINUTE_MS } from '../../../core/units.ts';
import { readExampleEvent } from '../../data/events.ts';
import { scheduledEvent } from '../../data/scheduled-event.ts';
import { type CloudWatch, startCloudWatch } from '../../fakes/cloudwatch.ts';
import { startLambdaFunctions } from '../../fakes/lambda-functions.ts';
import { startRecordingProxy } from '../../fakes/recording-proxy.ts';
import { answers, type LoopbackServer, startScriptedService } from '../../fakes/scripted-service.ts';
import { buildCli, runCli } from '../../worlds/cli.ts';
import { type CliWorld, startCli, startCliWorld } from '../../worlds/replay-cli.ts';

/**
 * All that the tool and the monitor call on every path of theirs, against what the construct grants: nothing is called that is
 * not granted, and nothing is granted that is not called. What is not granted is refused here as it would be by AWS.
 */

let world: CliWorld;
let cloudWatch: CloudWatch;
/** The event bus and Step Functions, which take everything. */
let others: LoopbackServer;
let proxies: readonly LoopbackServer[];
let environment: Record<string, string>;
let granted: ReadonlySet<string> = new Set();
const called = new Set<string>();
const refused = new Set<string>();

beforeAll(async () => {
  buildCli();
  world = await startCliWorld();
  cloudWatch = await startCloudWatch();
  others = await startScriptedService(() => answers(200, { FailedEntryCount: 0, executionArn: 'arn', startDate: 0 }));
  environment = {
    ...world.environment,
    AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: others.url,
    AWS_ENDPOINT_URL_SFN: others.url,
  };
  const services = ['SSM', 'DYNAMODB', 'LAMBDA', 'CLOUDWATCH', 'EVENTBRIDGE', 'SFN'].map(
    (service) => `AWS_ENDPOINT_URL_${service}`,
  );
  proxies = await Promise.all(services.map((name) => startRecordingProxy(environment[name] ?? '', isAllowed)));
  for (const [index, name] of services.entries()) environment[name] = proxies[index]?.url ?? '';
});
afterAll(async () => {
  for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
  await Promise.all([world.close(), cloudWatch.close(), others.close()]);
});
beforeEach(() => {
  world.begin();
  called.clear();
  refused.clear();
});

function isAllowed(action: string): boolean {
  const isGranted = granted.has(action);
  (isGranted ? called : refused).add(action);
  return isGranted;
}

const isOptional = (action: string) => OPTIONAL_ACTIONS.some((optional) => optional === action);
/** `status` can do without the clients’ versions, which it reads from the table. */
const CLIENTS = 'dynamodb:Query';
const actionsIn = (actions: AllowedActions) => new Set(Object.values(actions).flat());
const tool = (...words: string[]) => runCli(words, { environment });
const replay = (...words: string[]) => tool('replay', ...words, '--function', world.functionName);
const large = () => JSON.stringify({ filler: Array.from({ length: 40_000 }, () => Math.random()) });
const activeWindow = (reason: string, functions = ['*']) => {
  const [start, end] = [Date.now() - 1_000, Date.now() + 3_600_000].map((at) => new Date(at).toISOString());
  return JSON.stringify({ version: 1, windows: [{ start, end, reason, functions }] });
};

/** Has the doctor look at functions of another Lambda: that of the world runs functions, and tells little of them. */
async function lookAtFunctions(...names: readonly string[]): Promise<void> {
  const Variables = { MAINTENANCE_WINDOW_TABLE: world.table.name };
  const functions = names.map((FunctionName) => ({
    FunctionName,
    Timeout: 29,
    PackageType: 'Image' as const,
    Environment: { Variables },
  }));
  await using lambda = await startLambdaFunctions(functions);
  await using proxy = await startRecordingProxy(lambda.url, isAllowed);
  const here = { ...environment, AWS_ENDPOINT_URL_LAMBDA: proxy.url };
  const { code, out } = await runCli(['doctor'], { environment: here });
  expect({ code, out }).toEqual({ code: 0, out });
  for (const name of names) expect(out).toContain(`function ${name}`);
}

/** A part whose event never came, two days old. */
async function putOrphan(id: string): Promise<void> {
  const [pk = ''] = partKeys({ functionName: world.functionName, id }, '0123456789abcdef', 1);
  const gsk = placeOf(Date.now() - 2 * 86_400_000, pk);
  const Item = { pk: { S: pk }, gpk: { S: partGroup(pk) }, gsk: { S: gsk }, body: { B: new Uint8Array(9) } };
  await world.table.client.send(new PutItemCommand({ TableName: world.table.name, Item }));
}

it('who may look needs what is granted for that, and no more', { timeout: 300_000 }, async () => {
  granted = actionsIn(READ_ACTIONS);
  const { id } = await world.store({ windowReason: 'CHG-1042' }, large());
  await world.setWindows(activeWindow('CHG-1042', ['orders']));
  for (const words of [
    ['status'],
    ['status', '--function', 'orders'],
    ['next'],
    ['history'],
    ['report'],
    ['schedule', 'list'],
    ['events', 'list'],
    ['events', 'list', '--count'],
    ['events', 'list', '--window', 'CHG-1042'],
    ['events', 'list', '--status', 'replayed', 'pending'],
    ['replays', 'list'],
    ['events', 'show', id],
    ['events', 'show', id, '--body'],
  ]) {
    expect({ words, ...(await tool(...words)) }).toMatchObject({ words, code: 0 });
  }
  await lookAtFunctions(world.functionName, 'orders');
  expect(called).toEqual(granted);
  await world.clearWindows();
  expect([...refused].filter((action) => !isOptional(action))).toEqual([]);
});

it('who begins and ends windows needs what is granted for that, and no more', { timeout: 300_000 }, async () => {
  granted = actionsIn(WINDOW_ACTIONS);
  for (const words of [
    ['begin', '--for', '1h', '--function', world.functionName, '--yes', '--dry-run'],
    ['begin', '--for', '1h', '--function', world.functionName, '--yes'],
    ['begin', '--for', '1h', '--yes', '--parameter', 'one-that-is-made'],
    ['status'],
    ['end'],
    ['end', '--parameter', 'one-that-is-made'],
    ['schedule', 'add', 'cron(0 2 ? * SUN *)', '--for', '1h', '--reason', 'weekly', '--yes'],
  ]) {
    expect({ words, ...(await tool(...words)) }).toMatchObject({ words, code: 0 });
  }
  const { functionsUnknown } = JSON.parse((await tool('status', '-o', 'json')).out);
  expect(functionsUnknown).toContain(CLIENTS);
  const { windows } = JSON.parse((await tool('schedule', 'list', '-o', 'json')).out);
  const weekly = windows.find((window: { reason?: string }) => window.reason === 'weekly');
  expect(await tool('schedule', 'remove', weekly.id, '--yes')).toMatchObject({ code: 0 });
  expect(called).toEqual(granted);
  expect([...refused].filter((action) => !isOptional(action))).toEqual([CLIENTS]);
  await world.clearWindows();
});

it('who replays needs what is granted for that, and no more', { timeout: 300_000 }, async () => {
  granted = actionsIn(REPLAY_ACTIONS);
  const batch = readExampleEvent('sqs');
  const ran = async (code: number, ...words: string[]) => {
    const run = await replay(...words);
    expect({ words, ...run }).toMatchObject({ words, code });
    world.begin();
  };

  const { id } = await world.store({}, large());
  expect(await tool('replay', id)).toMatchObject({ code: 0 });
  await world.storeMany(3);
  await ran(0, '--dry-run', '--window', 'CHG-1042');
  await world.storeMany(3);
  await ran(0, '--rate', '500/s');
  const [run] = JSON.parse((await tool('replays', 'list', '-o', 'json')).out).replays;
  expect(await tool('replays', 'show', run.id)).toMatchObject({ code: 0 });
  expect(await tool('replays', 'cancel', run.id)).toMatchObject({
    code: 1,
    err: expect.stringContaining('it is done'),
  });

  await world.store({}, scheduledEvent('nightly', '2026-11-21T02:00:00Z'));
  await world.store({}, scheduledEvent('nightly', '2026-11-22T02:00:00Z'));
  await ran(0, '--latest-per', 'resource', '--yes');

  const at = Date.UTC(2026, 10, 21);
  for (const sequence of ['1', '2']) {
    await world.store({ source: 'kinesis', deferredAt: at, orderKeys: [{ key: 'shard-1', sequence }] });
  }
  await ran(0, '--ordered', '--during-window');
  await world.store();
  await ran(0, '--mode', 'event');

  const { messageId } = JSON.parse(batch).Records[0];
  const two = JSON.stringify({
    Records: [JSON.parse(batch).Records[0], { ...JSON.parse(batch).Records[0], messageId: 'b' }],
  });
  await world.store({}, two);
  world.lambda.behave(() => ({
    kind: 'reply',
    text: JSON.stringify({ batchItemFailures: [{ itemIdentifier: messageId }] }),
  }));
  await ran(1);

  await world.store({ invokedFunctionArn: `${world.functionArn}:old` });
  world.lambda.behave(() => ({ kind: 'fail', status: 404, code: 'ResourceNotFoundException' }));
  await ran(3);
  await world.storeMany(2);
  world.lambda.reserve(0);
  world.lambda.behave(() => ({ kind: 'fail', status: 429, code: 'TooManyRequestsException' }));
  await ran(3);

  await world.storeMany(2);
  await world.setWindows(activeWindow('CHG-1042'));
  const waiting = startCli(['replay', '--function', world.functionName], environment);
  await waiting.said('CHG-1042');
  waiting.child.kill('SIGINT');
  expect(await waiting.ended()).toBe(130);
  await world.clearWindows();

  await putOrphan('an-orphan');
  for (const words of [
    ['invoke', 'orders'],
    ['events', 'export'],
    ['events', 'discard', '--all', '--yes'],
    ['events', 'sweep'],
  ]) {
    expect({ words, ...(await tool(...words)) }).toMatchObject({ words, code: 0 });
  }
  expect(called).toEqual(granted);
  expect([...refused].filter((action) => !isOptional(action))).toEqual([]);
});

it('an operator may do all three', () => {
  const all = [READ_ACTIONS, WINDOW_ACTIONS, REPLAY_ACTIONS].flatMap((actions) => [...actionsIn(actions)]);
  expect(actionsIn(OPERATOR_ACTIONS)).toEqual(new Set(all));
});

/** Runs tasks of the monitor in a process of its own. */
async function runMonitor(tasks: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<void> {
  const script = `
    const { handler } = await import(${JSON.stringify(join(import.meta.dirname, '../../../cloud/monitor/main.ts'))});
    const context = { getRemainingTimeInMillis: () => 300_000 };
    for (const task of ${JSON.stringify(tasks)}) await handler({ task }, context);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      AWS_ACCESS_KEY_ID: 'monitor',
      AWS_SECRET_ACCESS_KEY: 'secret',
      ...environment,
      ...variables,
    },
  });
  expect(await once(child, 'close')).toEqual([0, null]);
}

/** A window for everybody, from an hour to half an hour ago, over for every environment; a drain is to see for its events. */
function windowOver(): string {
  const [start, end] = [Date.now() - HOUR_MS, Date.now() - 30 * MINUTE_MS].map((at) => new Date(at).toISOString());
  return JSON.stringify({ version: 1, windows: [{ start, end, replay: {} }] });
}

it('the monitor needs what it is granted, and no more', { timeout: 300_000 }, async () => {
  granted = actionsIn(MONITOR_ACTIONS);
  await world.storeMany(2);
  await putOrphan('another-orphan');
  await world.setWindows(windowOver(), HOUR_MS);
  await runMonitor(['measure', 'sweep', 'watch']);
  expect(called).toEqual(granted);
  expect(refused).toEqual(new Set());
});

it('and so with a drain, which it starts', { timeout: 300_000 }, async () => {
  const ofDrain = [...actionsIn(DRAIN_STARTER_ACTIONS), 'states:StartExecution'];
  granted = new Set([...actionsIn(MONITOR_ACTIONS), ...ofDrain]);
  await world.store({ deferredAt: Date.now() - 45 * MINUTE_MS });
  await world.setWindows(windowOver(), HOUR_MS);
  const machine = 'arn:aws:states:eu-south-1:111122223333:stateMachine:drain';
  await using functions = await startLambdaFunctions([{ FunctionName: world.functionName, Timeout: 3 }]);
  await using lambda = await startRecordingProxy(functions.url, isAllowed);
  await runMonitor(['watch'], { [DRAIN_VARIABLE]: machine, AWS_ENDPOINT_URL_LAMBDA: lambda.url });
  expect([...called]).toEqual(expect.arrayContaining(ofDrain));
  expect(refused).toEqual(new Set());
});
