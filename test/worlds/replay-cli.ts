import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { DAY_MS } from '../../core/units.ts';
import { startSsm } from '../../local/aws/ssm.ts';
import { STAND_IN } from '../contract/events/event-store-table.ts';
import { buildCli } from './cli.ts';
import { collectOutput } from './collected-output.ts';
import { type ReplayWorld, startReplayWorld } from './replay-world.ts';

/** A world of replay, with window parameters, for the tool as a process. */
export interface CliWorld extends ReplayWorld {
  /** For the tool: where its AWS is, and its table. The functions' TTL is a second. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Writes the window parameter. Who edits windows makes the tool wait until every environment has seen it.
   *
   * @param agoMs so long ago that was, by SSM's clock (default 0)
   */
  setWindows(text: string, agoMs?: number): Promise<void>;
  /** When they were written, by SSM's clock: epoch milliseconds. */
  windowsWrittenAt(): Promise<number>;
  /** Leaves no windows, which nobody has edited since yesterday: nothing has to be waited for. */
  clearWindows(): Promise<void>;
}

/** A tool that runs, its output piped. */
export interface RunningCli {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** What it has written so far. */
  readonly out: string;
  readonly err: string;
  /** Its lines of JSON so far. */
  lines(): readonly Record<string, unknown>[];
  /** Resolves once it has written this text to stderr. */
  said(text: string): Promise<void>;
  /** The same of stdout. */
  wrote(text: string): Promise<void>;
  /** Resolves with its exit code, null where a signal ended it. */
  ended(): Promise<number | null>;
}

export const NO_WINDOWS = '{"version":1,"windows":[]}';
const PARAMETER = 'maintenance-window';
const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.mjs');

/** The built tool's world for all tests of a file, with a function of its own for each test. */
export function cliWorldForEach(): CliWorld {
  let started: CliWorld;
  beforeAll(async () => {
    buildCli();
    started = await startCliWorld();
  });
  afterAll(() => started.close());
  beforeEach(() => started.begin());
  return new Proxy({} as CliWorld, { get: (_, name) => Reflect.get(started, name) });
}

/** Starts it with no windows, as {@link CliWorld.clearWindows} leaves them. */
export async function startCliWorld(): Promise<CliWorld> {
  let putAgoMs = 0;
  const now = () => Date.now() - putAgoMs;
  const [world, ssm] = await Promise.all([startReplayWorld(), startSsm({ now })]);
  const client = new SSMClient({ ...STAND_IN, endpoint: ssm.url });
  const setWindows = async (text: string, agoMs = 0) => {
    putAgoMs = agoMs;
    await client.send(new PutParameterCommand({ Name: PARAMETER, Value: text, Type: 'String', Overwrite: true }));
    putAgoMs = 0;
  };
  const windowsWrittenAt = async () => {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: PARAMETER }));
    return Parameter?.LastModifiedDate?.getTime() ?? Number.NaN;
  };
  const environment = {
    AWS_REGION: STAND_IN.region,
    AWS_ENDPOINT_URL_DYNAMODB: world.tableUrl,
    AWS_ENDPOINT_URL_LAMBDA: world.lambda.url,
    AWS_ENDPOINT_URL_SSM: ssm.url,
    MAINTENANCE_WINDOW_TABLE: world.table.name,
    MAINTENANCE_WINDOW_TTL: '1',
  };
  const clearWindows = () => setWindows(NO_WINDOWS, DAY_MS);
  await clearWindows();
  const closeWorld = world.close;
  const close = async () => {
    client.destroy();
    await closeWorld();
    await ssm.close();
  };
  return Object.assign(world, { environment, setWindows, windowsWrittenAt, clearWindows, close });
}

/** Starts the built tool, and leaves it running. */
export function startCli(words: readonly string[], environment: Readonly<Record<string, string>>): RunningCli {
  const child = spawn(process.execPath, [MAIN, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      AWS_ACCESS_KEY_ID: 'operator',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...environment,
    },
  });
  const written = collectOutput(child);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const until = async (isSo: () => boolean, text: string) => {
    while (!isSo()) {
      if (child.exitCode !== null)
        throw new Error(`the tool ended without saying "${text}": ${written().out}${written().err}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return {
    child,
    get out() {
      return written().out;
    },
    get err() {
      return written().err;
    },
    // The last line may be cut off where the tool was killed.
    lines: () =>
      written()
        .out.split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    said: (text) => until(() => written().err.includes(text), text),
    wrote: (text) => until(() => written().out.includes(text), text),
    ended: () => ended,
  };
}
