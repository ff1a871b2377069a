import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type InitError, startStandIn } from './stand-in.ts';

/** Function whose INIT is rehearsed. */
export interface Subject {
  /** The client's folder. */
  readonly client: string;
  /** `FILE.EXPORT`. */
  readonly handler: string;
  readonly taskRoot: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface Rehearsal extends Subject {
  /** The source of an ES module that the client's process runs before anything else. */
  readonly preload: string;
  /** Ends the client once it asks for its first invocation. */
  readonly end: NodeJS.Signals;
}

/** How INIT went. */
export type Init = { readonly kind: 'ready' } | NotReady;

/** Why the client does not ask for an invocation. */
export type NotReady =
  /** The client told Lambda why it cannot start. */
  | ({ readonly kind: 'failed' } & InitError)
  /** It ended, or was ended after {@link LIMIT_MS}, without a word to Lambda. `output`: what it wrote. */
  | { readonly kind: 'ended'; readonly how: string; readonly output: string };

/** Three times what Lambda gives: an emulated CPU is slow. */
const LIMIT_MS = 30_000;

/**
 * Goes through INIT once: starts the client against a Lambda and an AWS of its own, until it asks for its first
 * invocation, and ends it. The handler is loaded, and never called. Nothing is left running.
 *
 * @param aws whether the function's AWS is the stand-in too; otherwise it is whatever its environment says
 */
export async function rehearseInit(rehearsal: Rehearsal, aws: 'stand-in' | 'as it is'): Promise<Init> {
  const standIn = await startStandIn();
  const client = startClient(rehearsal, {
    ...standIn.runtimeApi,
    ...(aws === 'stand-in' && standIn.aws),
  });
  const endClient = () => client.kill('SIGKILL');
  process.once('exit', endClient);
  try {
    const ended = endOf(client);
    const first = await Promise.race([standIn.outcome, ended, limit()]);
    if (first.kind === 'ready') {
      client.kill(rehearsal.end);
      await Promise.race([ended, limit()]);
    }
    return first;
  } finally {
    process.off('exit', endClient);
    endClient();
    standIn.close();
  }
}

/** The client's entry, which starts Node as it will in Lambda, flags included; in an image without a shell that is Node itself. */
export function entryOf(client: string, shell = '/bin/sh'): readonly [command: string, ...words: string[]] {
  return existsSync(shell) ? [join(client, 'bootstrap')] : [process.execPath, join(client, 'index.mjs')];
}

function startClient(
  { client, handler, taskRoot, environment, preload }: Rehearsal,
  more: Readonly<Record<string, string>>,
): ChildProcess {
  const [command, ...words] = entryOf(client);
  const options = [environment['NODE_OPTIONS'], `--import=data:text/javascript,${encodeURIComponent(preload)}`];
  return spawn(command, [...words, handler], {
    cwd: taskRoot,
    env: {
      ...environment,
      ...more,
      _HANDLER: handler,
      LAMBDA_TASK_ROOT: taskRoot,
      NODE_OPTIONS: options.filter(Boolean).join(' '),
      // with several invocations at once it is worker threads that load the handler, all of them
      AWS_LAMBDA_MAX_CONCURRENCY: undefined,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function endOf(client: ChildProcess): Promise<Init> {
  let output = '';
  const hear = (bytes: Buffer) => {
    output += bytes;
  };
  client.stdout?.on('data', hear);
  client.stderr?.on('data', hear);
  return new Promise((resolve) => {
    client.once('error', (error) => resolve({ kind: 'ended', how: String(error), output }));
    client.once('close', (code, signal) =>
      resolve({ kind: 'ended', how: signal ? `was ended by ${signal}` : `ended with exit code ${code}`, output }),
    );
  });
}

function limit(): Promise<Init> {
  const how = `did not ask for an invocation within ${LIMIT_MS / 1000} s`;
  return new Promise((resolve) => {
    setTimeout(() => resolve({ kind: 'ended', how, output: '' }), LIMIT_MS).unref();
  });
}
