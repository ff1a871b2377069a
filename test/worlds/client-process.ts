import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { UPSTREAM } from '../../ric/patch/upstream.ts';
import { HANG_LIMIT_MS } from './hang-limit.ts';

const root = join(import.meta.dirname, '..', '..');

/** How one of the two clients is started. Arguments, such as the handler of `bootstrap`, are part of the command. */
export interface Client {
  /** The folder that holds the client's files. */
  readonly folder: string;
  readonly command: readonly [string, ...string[]];
}

/** Upstream's own client, started as Lambda does: node with its one file. */
export function stockClient(folder = join(root, 'ric', 'upstream', 'node_modules', UPSTREAM.package)): Client {
  return { folder, command: ['node', join(folder, UPSTREAM.file)] };
}

/** The client that `npm run build` makes, started as an image does: by its `bootstrap`. */
export function patchedClient(folder = join(root, 'dist', 'ric')): Client {
  return { folder, command: [join(folder, 'bootstrap')] };
}

/** The handlers of the tests, the default task root. */
export const FUNCTIONS_FOLDER = join(import.meta.dirname, '..', 'data', 'functions');

export interface ClientOptions {
  readonly client: Client;
  /** The value of `_HANDLER`, e.g. `values.echo`. */
  readonly handler: string;
  /** `host:port`. */
  readonly runtimeApi: string;
  /** The value of `LAMBDA_TASK_ROOT` and the working directory. Default {@link FUNCTIONS_FOLDER}. */
  readonly taskRoot?: string;
  /** Over a plain Lambda environment; nothing of the test's own is inherited. `undefined` takes a variable away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Gives the client Lambda's own log pipe (`_LAMBDA_TELEMETRY_LOG_FD`). Default: it logs to stdout. */
  readonly telemetry?: boolean;
  /** The process is killed, and `exited` rejects, when it has not ended after so long. Default {@link HANG_LIMIT_MS}. */
  readonly limitMs?: number;
}

export interface ClientExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The raw frames of Lambda's log pipe. */
  readonly telemetry: Buffer;
}

export interface ClientProcess extends AsyncDisposable {
  readonly pid: number;
  /** Resolves when the process has ended and all it wrote is read. Rejects at the limit, with what it wrote until then. */
  readonly exited: Promise<ClientExit>;
  /** Sends a signal to this process alone. Default `SIGKILL`. */
  kill(signal?: NodeJS.Signals): void;
}

/**
 * Starts a client as a process of its own, in an environment like Lambda's.
 *
 * ```ts
 * await using client = startClient({ client: patchedClient(), handler: 'values.echo', runtimeApi: api.address });
 * const { code, stdout } = await client.exited;
 * ```
 *
 * A process that is still there at the end of the block is killed.
 */
export function startClient({
  client,
  handler,
  runtimeApi,
  taskRoot = FUNCTIONS_FOLDER,
  environment = {},
  telemetry = false,
  limitMs = HANG_LIMIT_MS,
}: ClientOptions): ClientProcess {
  const [file, ...args] = client.command;
  const child = spawn(file, args, {
    cwd: taskRoot,
    env: {
      ...lambdaEnvironment(taskRoot),
      AWS_LAMBDA_RUNTIME_API: runtimeApi,
      _HANDLER: handler,
      ...(telemetry && { _LAMBDA_TELEMETRY_LOG_FD: '3' }),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe', telemetry ? 'pipe' : 'ignore'],
  });
  const [, stdout, stderr, frames] = child.stdio.map((stream) => collect(stream as Readable | null));

  const exited = new Promise<ClientExit>((resolve, reject) => {
    const read = (bytes: (() => Buffer) | undefined) => bytes?.() ?? Buffer.alloc(0);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, limitMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const exit = { code, signal, stdout: `${read(stdout)}`, stderr: `${read(stderr)}`, telemetry: read(frames) };
      if (late) reject(new Error(`the client had not ended after ${limitMs} ms: ${JSON.stringify(exit, null, 2)}`));
      else resolve(exit);
    });
  });
  exited.catch(() => undefined); // whoever awaits it gets the rejection; who only kills does not have to

  const kill = (signal: NodeJS.Signals = 'SIGKILL') => void child.kill(signal);
  return {
    pid: child.pid ?? 0,
    exited,
    kill,
    async [Symbol.asyncDispose]() {
      kill();
      await exited.catch(() => undefined);
    },
  };
}

/** What Lambda sets, with credentials that open nothing. */
function lambdaEnvironment(taskRoot: string): Record<string, string> {
  return {
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PWD: taskRoot,
    LAMBDA_TASK_ROOT: taskRoot,
    AWS_EXECUTION_ENV: 'AWS_Lambda_Image',
    AWS_LAMBDA_FUNCTION_NAME: 'orders',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/orders',
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/21/[$LATEST]0123456789abcdef',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_REGION: 'eu-south-1',
    AWS_DEFAULT_REGION: 'eu-south-1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    AWS_SESSION_TOKEN: 'session',
  };
}

function collect(stream: Readable | null | undefined): (() => Buffer) | undefined {
  if (!stream) return undefined;
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  return () => Buffer.concat(pieces);
}
