import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_WINDOWS } from '../../../../core/windows/window.ts';
import { type InvokeEndpoint, startInvokeEndpoint } from '../../../../local/aws/invoke-endpoint.ts';
import { CLIENT_SETTINGS } from '../../../../local/aws/stand-ins.ts';
import { type Emulator, startEmulator } from '../../../../local/emulator/emulator.ts';
import { functionEnvironment } from '../../../../local/environment.ts';
import { FUNCTION_NAME, PARAMETER, TABLE } from '../../../../local/guide.ts';
import { functionOf } from '../../../../local/handler.ts';
import { type Local, startLocal } from '../../../../local/start.ts';
import { EXAMPLE_EVENTS, readExampleEvent } from '../../../data/events.ts';
import { buildCli, type CliRun, runCli } from '../../../worlds/cli.ts';
import { patchedClient } from '../../../worlds/client-process.ts';
import { emulatorFile } from '../../../worlds/emulator.ts';
import { activeWindows, sha256 } from '../../../worlds/surroundings.ts';

/** Says what it was called with; fails for what it is told to. */
const CODE = `export const handler = async (event, { clientContext }) => {
  console.log('HANDLED ' + JSON.stringify({ event, mark: clientContext?.custom }));
  if (event?.fail) throw new Error('as told');
  if (event?.billing) throw Object.assign(new Error(event.billing), { name: 'MaintenanceWindow.Active' });
  return { handled: true };
};`;
const DEFERRED = EXAMPLE_EVENTS.filter(({ action }) => action === 'defer').map(({ name }) => name);
const UNWATCHED = 'not-the-functions-parameter';

let taskRoot: string;
let local: Local;
let lambda: LambdaClient;
let ssm: SSMClient;
let dynamoDb: DynamoDBClient;
let environment: Record<string, string>;
const lines: string[] = [];

beforeAll(async () => {
  buildCli();
  taskRoot = realpathSync(mkdtempSync(join(tmpdir(), 'function-')));
  writeFileSync(join(taskRoot, 'index.mjs'), CODE);
  local = await startLocal({
    fn: functionOf(
      { taskRoot, name: 'index.handler', file: join(taskRoot, 'index.mjs') },
      patchedClient().command[0] ?? '',
      process.env['PATH'],
    ),
    emulatorFile: await emulatorFile(),
    environment: process.env,
    port: 0,
    write: (line) => lines.push(line),
  });
  const { invokeUrl, ssmUrl, dynamoDbUrl } = local.addresses;
  lambda = new LambdaClient({ ...CLIENT_SETTINGS, endpoint: invokeUrl });
  ssm = new SSMClient({ ...CLIENT_SETTINGS, endpoint: ssmUrl });
  dynamoDb = new DynamoDBClient({ ...CLIENT_SETTINGS, endpoint: dynamoDbUrl });
  environment = {
    AWS_REGION: CLIENT_SETTINGS.region,
    AWS_ENDPOINT_URL_LAMBDA: invokeUrl,
    AWS_ENDPOINT_URL_SSM: ssmUrl,
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDbUrl,
    MAINTENANCE_WINDOW_TTL: '1',
  };
  await putParameter(UNWATCHED, NO_WINDOWS);
});
afterAll(async () => {
  for (const client of [lambda, ssm, dynamoDb]) client.destroy();
  await local.close();
  rmSync(taskRoot, { recursive: true, force: true });
});

const tool = (...words: string[]): Promise<CliRun> => runCli(words, { environment });
const handled = () => lines.flatMap((line) => line.split('HANDLED ')[1] ?? []).map((text) => JSON.parse(text));
const countOf = (counts: string) => JSON.parse(counts.trimEnd().split('\n').at(-1) ?? '{}').summary;

async function putParameter(name: string, text: string): Promise<void> {
  await ssm.send(new PutParameterCommand({ Name: name, Value: text, Type: 'String', Overwrite: true }));
}

/** Edits the window, and waits until the function has seen it: it keeps a reading for a second. */
async function setWindows(text: string): Promise<void> {
  await putParameter(PARAMETER, text);
  await sleep(1_300);
}

async function invoke(payload: string): Promise<string | undefined> {
  const { FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: FUNCTION_NAME, Payload: Buffer.from(payload) }),
  );
  return FunctionError;
}

async function events(): Promise<Record<string, AttributeValue>[]> {
  const found: Record<string, AttributeValue>[] = [];
  for await (const { Items = [] } of paginateScan({ client: dynamoDb }, { TableName: TABLE, ConsistentRead: true })) {
    found.push(...Items.filter((item) => item['status']));
  }
  return found;
}
const statuses = async () => (await events()).map((item) => item['status']?.S);

describe('the tool and the patched client, under the real emulator', () => {
  it('stores inside a window what every source sends, and replays it after the end', async () => {
    await setWindows(activeWindows());
    for (const name of DEFERRED) await invoke(readExampleEvent(name));
    expect(await statuses()).toEqual(DEFERRED.map(() => 'pending'));
    expect(handled()).toEqual([]);

    await setWindows(NO_WINDOWS);
    const { code, out } = await tool('replay', '-o', 'json', '--concurrency', '1');
    expect({ code, summary: countOf(out) }).toMatchObject({ code: 0, summary: { replayed: DEFERRED.length } });
    expect(handled().map(({ event }) => event)).toEqual(DEFERRED.map((name) => JSON.parse(readExampleEvent(name))));
    const { out: list } = await tool('events', 'list', '--status', 'replayed', '--limit', '500', '-o', 'json');
    const listed: { id: string; deferredAt: string }[] = JSON.parse(list).events;
    expect(handled().map(({ mark }) => mark)).toEqual(
      listed.map(({ id, deferredAt }) => ({
        'maintenance-window.replay': id,
        'maintenance-window.deferredAt': new Date(deferredAt).toISOString(),
      })),
    );
    expect(await statuses()).toEqual(DEFERRED.map(() => 'replayed'));
  });

  it('stores nothing twice where the tool knows no window and the function does', async () => {
    await setWindows(activeWindows());
    await invoke('{"order":1}');
    const before = await events();
    lines.length = 0;
    const replaying = tool('replay', '-o', 'json', '--parameter', UNWATCHED);
    await sleep(2_500);
    expect((await events()).length).toBe(before.length);
    expect(handled()).toEqual([]);

    await setWindows(NO_WINDOWS);
    const { code, out } = await replaying;
    expect({ code, summary: countOf(out) }).toMatchObject({ code: 0, summary: { replayed: 1, failed: 0 } });
    const after = await events();
    expect(after.length).toBe(before.length);
    expect(after.find((item) => item['bytes']?.N === '11')).toMatchObject({
      status: { S: 'replayed' },
      attempts: { N: '1' },
    });
  });

  it('drains inside the window on request, and tries the function before the end', async () => {
    await setWindows(activeWindows());
    const stored = (await events()).length;
    for (const order of [1, 2, 3]) await invoke(`{"order":${order}}`);
    lines.length = 0;
    const smoke = await tool('invoke', FUNCTION_NAME, '--payload', '{"smoke":true}');
    expect(smoke).toMatchObject({ code: 0, out: '{"handled":true}\n' });
    expect(await tool('replay', '--during-window', '--ordered')).toMatchObject({ code: 0 });
    expect(handled().map(({ event }) => event)).toEqual([{ smoke: true }, { order: 1 }, { order: 2 }, { order: 3 }]);
    expect((await events()).length).toBe(stored + 3);
    await setWindows(NO_WINDOWS);
  });

  it('runs once what throws on the answer of another function that is under maintenance', async () => {
    await setWindows(activeWindows());
    await invoke('{"billing":"stored as 77, to be replayed after the maintenance; do not send it again"}');
    await setWindows(NO_WINDOWS);
    lines.length = 0;
    const { code, out } = await tool('replay');
    expect(code).toBe(1);
    expect(out).toMatch(/^failed .* MaintenanceWindow.Active: stored as 77.*; it may have run/m);
    expect(handled()).toHaveLength(1);
    const { out: list } = await tool('events', 'list', '--status', 'failed', '-o', 'json');
    const [{ id, attempts }] = JSON.parse(list).events;
    expect(attempts).toBe(1);
    expect(await tool('events', 'discard', id, '--yes', '--reason', 'billing is down')).toMatchObject({ code: 0 });
  });

  it('stores one event for one asynchronous invocation, which the emulator cannot try again by its id', async () => {
    await setWindows(activeWindows());
    const stored = (await events()).length;
    lines.length = 0;
    const told = {
      FunctionName: FUNCTION_NAME,
      InvocationType: 'Event',
      Payload: Buffer.from('{"order":"later"}'),
    } as const;
    await lambda.send(new InvokeCommand(told));
    await sleep(2_500); // the first retry would come after one
    expect((await events()).length).toBe(stored + 1);
    expect(lines.filter((line) => line.includes('again in'))).toEqual([]);
    await setWindows(NO_WINDOWS);
    expect(await tool('replay')).toMatchObject({ code: 0 });
    expect(handled().map(({ event }) => event)).toEqual([{ order: 'later' }]);
  });

  it('says what failed', async () => {
    await setWindows(activeWindows());
    await invoke('{"fail":true}');
    await setWindows(NO_WINDOWS);
    const { code, out } = await tool('replay');
    expect(code).toBe(1);
    expect(out).toMatch(/^failed {2}\S+ {2}function {2}Error: as told$/m);
    const { out: list } = await tool('events', 'list', '--status', 'failed', '-o', 'json');
    const [{ id }] = JSON.parse(list).events;
    expect(await tool('events', 'discard', id, '--yes', '--reason', 'as told')).toMatchObject({ code: 0 });
  });
});

describe('every example, seen by a runtime that hashes what it gets', () => {
  let emulator: Emulator;
  let endpoint: InvokeEndpoint;
  beforeAll(async () => {
    const runtime = join(import.meta.dirname, '../../../data/functions/hash-runtime.mjs');
    emulator = await startEmulator({
      file: await emulatorFile(),
      command: [process.execPath, runtime],
      taskRoot,
      environment: functionEnvironment(process.env, {
        handler: 'none',
        taskRoot,
        functionName: FUNCTION_NAME,
        timeoutSeconds: 20,
        more: {},
      }),
      write: () => undefined,
    });
    const { invoke: run } = emulator;
    endpoint = await startInvokeEndpoint({
      functionName: FUNCTION_NAME,
      configuration: { timeoutSeconds: 20, environment: { MAINTENANCE_WINDOW_TTL: '1' } },
      invoke: run,
      write: () => undefined,
    });
  });
  afterAll(async () => {
    await endpoint.close();
    await emulator.close();
  });

  it('is replayed byte for byte', async () => {
    await setWindows(activeWindows());
    const texts = DEFERRED.map((name) => `\n ${readExampleEvent(name)}\t`);
    for (const text of texts) await invoke(text);
    await setWindows(NO_WINDOWS);
    const words = ['replay', '-o', 'json', '--concurrency', '1'];
    const { code, out } = await runCli(words, {
      environment: { ...environment, AWS_ENDPOINT_URL_LAMBDA: endpoint.url },
    });
    expect(code).toBe(0);
    const ids = out
      .trimEnd()
      .split('\n')
      .flatMap((line) => JSON.parse(line).id ?? []);
    const results = new Map((await events()).map((item) => [item['pk']?.S?.split('#')[1], item['result']?.S ?? '']));
    expect(ids.map((id) => JSON.parse(results.get(id) ?? '{}').sha256)).toEqual(texts.map((text) => sha256(text)));
  });
});
