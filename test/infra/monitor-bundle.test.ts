import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MaintenanceWindow } from '../../infra/maintenance-window.ts';
import { HANG_LIMIT_MS } from '../worlds/hang-limit.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../worlds/surroundings.ts';
import { deferInto, TABLE } from './deferred.ts';
import { createApp } from './stacks.ts';

const modules = join(import.meta.dirname, '../../node_modules');

let aws: Surroundings;
beforeAll(async () => {
  aws = await startSurroundings();
});
afterAll(() => aws[Symbol.asyncDispose]());

/** The folder that Lambda would unpack: as a synth leaves it. */
function bundle(): string {
  const app = createApp();
  new MaintenanceWindow(new Stack(app, 'Stack'), 'Maintenance', { monitor: true });
  const { directory } = app.synth();
  const folders = readdirSync(directory).map((name) => join(directory, name));
  const found = folders.find((folder) => existsSync(join(folder, 'index.js')));
  if (!found) throw new Error(`no bundle in ${directory}`);
  return found;
}

/** Invokes the bundle in a process of its own, as the managed runtime does: the SDK comes from beside it. */
async function invoke(folder: string, event: object) {
  const script = `
    const { handler } = require(${JSON.stringify(folder)});
    handler(${JSON.stringify(event)}, { getRemainingTimeInMillis: () => 300000 }).catch((error) => {
      process.exitCode = 1;
      console.error(error.message);
    });`;
  const child = spawn(process.execPath, ['-e', script], {
    env: {
      ...aws.environment,
      NODE_PATH: modules,
      AWS_REGION: 'eu-south-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      MAINTENANCE_WINDOW_PARAMETER: 'maintenance-window',
      MAINTENANCE_WINDOW_TABLE: TABLE,
    },
  });
  let [output, error] = ['', ''];
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    error += chunk;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  return {
    code,
    error,
    lines: output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  };
}

/** What CloudWatch reads from a line: each metric with its unit, under its dimensions. */
function metricsOf(line: Record<string, unknown> & { _aws: { CloudWatchMetrics: EmbeddedMetrics[] } }) {
  const [{ Namespace, Dimensions, Metrics } = { Namespace: '', Dimensions: [[]], Metrics: [] }] =
    line._aws.CloudWatchMetrics;
  return {
    namespace: Namespace,
    dimensions: Object.fromEntries((Dimensions[0] ?? []).map((name) => [name, line[name]])),
    values: Object.fromEntries(Metrics.map(({ Name, Unit }) => [`${Name} ${Unit}`, line[Name]])),
  };
}

interface EmbeddedMetrics {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
}

describe('the bundle that is deployed', () => {
  const folder = bundle();
  const common = { namespace: 'MaintenanceWindow', dimensions: { TableName: TABLE } };

  test('is one file, which says that it is CommonJS', () => {
    expect(readdirSync(folder)).toEqual(['index.js', 'package.json']);
  });

  test('measures as embedded metrics, with a recurring window evaluated in its time zone', async () => {
    const windows = [{ schedule: 'cron(* * * * ? *)', timezone: 'Europe/Rome', duration: 'PT5M' }];
    await aws.setWindows(JSON.stringify({ version: 1, windows }));
    const { code, error, lines } = await invoke(folder, { task: 'measure' });
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(lines.map(metricsOf)).toEqual(
      expect.arrayContaining([
        { ...common, values: { 'PendingEvents Count': 0, 'OldestPendingAge Seconds': 0 } },
        { ...common, values: { 'WindowActive Count': 1, 'WindowActiveAge Seconds': expect.any(Number) } },
      ]),
    );
  });

  test('measures a window’s age in seconds', async () => {
    await aws.setWindows(activeWindows());
    const { lines } = await invoke(folder, { task: 'measure' });
    const age = lines.find((line) => 'WindowActiveAge' in line).WindowActiveAge;
    expect(age).toBeGreaterThanOrEqual(3_600);
    expect(age).toBeLessThan(3_600 + HANG_LIMIT_MS / 1_000);
  });

  test('measures a function’s own backlog while it has one', async () => {
    const deferredAt = Date.now() - 60_000;
    await deferInto(aws, { functionName: 'orders', id: 'one', deferredAt });
    await deferInto(aws, { functionName: 'orders', id: 'two', deferredAt: Date.now() });
    const { lines } = await invoke(folder, { task: 'measure' });
    const [own, whole] = [{ FunctionName: 'orders' }, { TableName: TABLE }].map((dimensions) => {
      const measured = lines
        .map(metricsOf)
        .find((line) => 'PendingEvents Count' in line.values && isDeepStrictEqual(line.dimensions, dimensions));
      return measured?.values;
    });
    expect(own).toEqual({ 'PendingEvents Count': 2, 'OldestPendingAge Seconds': expect.any(Number) });
    expect(own?.['OldestPendingAge Seconds']).toBeGreaterThanOrEqual(60);
    expect(whole).toEqual(own);
    await aws.dynamoDb.send(new DeleteItemCommand({ TableName: TABLE, Key: { pk: { S: 'orders#one' } } }));
    await aws.dynamoDb.send(new DeleteItemCommand({ TableName: TABLE, Key: { pk: { S: 'orders#two' } } }));
  });

  test('fails where the windows cannot be understood, after it has measured what is pending', async () => {
    await aws.setWindows('tomorrow');
    const { code, error, lines } = await invoke(folder, { task: 'measure' });
    expect({ code, error }).toEqual({
      code: 1,
      error: expect.stringContaining('maintenance-window: entry 1 ("tomorrow")'),
    });
    expect(lines.map(metricsOf)).toEqual([
      { ...common, values: { 'PendingEvents Count': 0, 'OldestPendingAge Seconds': 0 } },
    ]);
  });

  test('sweeps, and refuses what it does not know', async () => {
    const { code, lines } = await invoke(folder, { task: 'sweep' });
    expect(code).toBe(0);
    expect(lines.map(metricsOf)).toEqual([{ ...common, values: { 'SweptParts Count': 0 } }]);
    const unknown = await invoke(folder, { task: 'tidy' });
    expect(unknown).toMatchObject({ code: 1, lines: [], error: expect.stringContaining('not "tidy"') });
  });
});
