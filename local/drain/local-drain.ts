import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { DRAIN_VARIABLE, drainMachine } from '../../core/deployment/drain-machine.ts';
import type { Timer } from '../../core/replay/timer.ts';
import { serve } from '../aws/serve.ts';
import { createEnvironments } from './environments.ts';
import { createMachine, TaskFault } from './machine.ts';

/** As the emulator names the account of its function. */
const EMULATED_ACCOUNT = '012345678912';
/** In AWS it is a minute. */
const WATCH_EVERY_MS = 1_000;

export interface LocalDrainParts {
  /** Folder of the bundles: `dist`. */
  readonly bundles: string;
  /** Where the other services are, and by which credentials; the windows and the table. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whose functions' events it replays: twelve digits. Default: the emulator's. */
  readonly account?: string;
  /** Where executions are started. Default: any free port. */
  readonly port?: number;
  /** Where that listens. Default: this machine alone. */
  readonly host?: string;
  /** Gets a line for each word that monitor and drain say, and for what goes wrong with them. */
  readonly write: (line: string) => void;
}

/** Monitor and drain on this machine. */
export interface LocalDrain {
  /** What `AWS_ENDPOINT_URL_SFN` is to be: it starts executions of the drain. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Runs the monitor's look at the windows each second, and the drain's machine whenever somebody starts it: the bundles that
 * AWS would run, in processes of their own. Executions are started over HTTP, and words for the event bus become lines.
 */
export async function startLocalDrain(parts: LocalDrainParts): Promise<LocalDrain> {
  const { bundles, environment, account = EMULATED_ACCOUNT, port, host, write } = parts;
  const machineArn = `arn:aws:states:us-east-1:${account}:stateMachine:drain`;
  const over = new AbortController();
  const statuses = new Map<string, 'RUNNING' | 'SUCCEEDED' | 'FAILED'>();
  const served = await serve(
    createServer((message, response) => void answer(message, response)),
    port,
    host,
  );
  const own = { ...environment, AWS_ENDPOINT_URL_SFN: served.url, AWS_ENDPOINT_URL_EVENTBRIDGE: served.url };
  const functionOf = (name: string, more: Readonly<Record<string, string>> = {}) =>
    createEnvironments({
      file: join(bundles, name, 'index.js'),
      functionArn: `arn:aws:lambda:us-east-1:${account}:function:${name}`,
      environment: { ...own, ...more },
      write: () => undefined,
    });
  const drain = functionOf('drain');
  const monitor = functionOf('monitor', { [DRAIN_VARIABLE]: machineArn });
  const machine = createMachine({
    definition: drainMachine({ functionArn: 'drain' }),
    async invoke(task) {
      const answered = await drain.invoke(task);
      if ('result' in answered) return answered.result;
      throw new TaskFault(answered.error.errorType, answered.error.errorMessage);
    },
    timer,
    now: Date.now,
  });
  const watching = watch();
  return {
    url: served.url,
    async close() {
      over.abort();
      drain.close();
      monitor.close();
      await Promise.all([served.close(), watching]);
    },
  };

  async function watch(): Promise<void> {
    let told = '';
    while (!over.signal.aborted) {
      const answered = await monitor.invoke({ task: 'watch' });
      const fault = 'error' in answered && !over.signal.aborted ? answered.error.errorMessage : '';
      if (fault !== '' && fault !== told) write(`The monitor failed: ${fault}`);
      told = fault;
      await pause(WATCH_EVERY_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  }

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, operation] = String(message.headers['x-amz-target']).split('.');
    const input = JSON.parse((await buffer(message)).toString() || '{}');
    if (operation === 'StartExecution') return start(input, response);
    if (operation === 'DescribeExecution') return look(input, response);
    if (operation === 'PutEvents') return say(input, response);
    send(response, 400, { __type: 'UnknownOperationException', message: `no ${operation} here` });
  }

  function start({ name, input }: { readonly name: string; readonly input: string }, response: ServerResponse): void {
    const executionArn = `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    if (statuses.has(executionArn)) {
      send(response, 400, { __type: 'ExecutionAlreadyExists', message: name });
      return;
    }
    statuses.set(executionArn, 'RUNNING');
    const ended = (status: 'SUCCEEDED' | 'FAILED', fault: string) => {
      statuses.set(executionArn, status);
      if (status === 'FAILED' && !over.signal.aborted) write(`The replay ${name} failed${fault}`);
    };
    machine.execute(executionArn, JSON.parse(input)).then(
      ({ status }) => ended(status, ''),
      (fault) => ended('FAILED', `: ${fault}`),
    );
    send(response, 200, { executionArn, startDate: Date.now() / 1_000 });
  }

  function look({ executionArn }: { readonly executionArn: string }, response: ServerResponse): void {
    const status = statuses.get(executionArn);
    if (status) send(response, 200, { executionArn, status });
    else send(response, 400, { __type: 'ExecutionDoesNotExist', message: executionArn });
  }

  function say(
    { Entries }: { readonly Entries: readonly { DetailType: string; Detail: string }[] },
    response: ServerResponse,
  ) {
    for (const { DetailType, Detail } of Entries) write(`${DetailType}: ${JSON.parse(Detail).summary}`);
    send(response, 200, { FailedEntryCount: 0, Entries: Entries.map((_, index) => ({ EventId: String(index) })) });
  }
}

const timer: Timer = {
  now: () => performance.now(),
  sleep: (ms, signal) => pause(Math.max(0, ms), undefined, { ...(signal && { signal }) }).catch(() => undefined),
};

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify(body));
}
