import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TEST_CERTIFICATE } from '../../test/fakes/scripted-service.ts';
import { AUTHORITY } from '../../test/fakes/tls-front.ts';
import { type Client, startClient } from '../../test/worlds/client-process.ts';
import type { AwsOrder, AwsUrls, Marks, MarksOrder } from './aws-process.ts';
import type { AnsweredBy, LambdaOrder, Opened, Served } from './lambda-process.ts';
import { startOwnProcess } from './own-process.ts';

/** What a function is, and what it finds around it. */
export interface FunctionSetting {
  readonly client: Client;
  /** Default: the folder whose `index.handler` does nothing. */
  readonly taskRoot?: string;
  /** Over a plain Lambda environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** One environment of a function: its Runtime API, and the client that polls it. */
export interface FunctionEnvironment extends AsyncDisposable {
  readonly pid: number;
  /** When its process was started, nanoseconds of the monotonic clock. */
  readonly startedAtNs: number;
  readonly exited: Promise<void>;
  /**
   * Invokes it so many times, one after the other. Rejects when the client ends first, and when an invocation is
   * answered otherwise than expected: what is measured then is not what the benchmark says.
   */
  invoke(text: string, count: number, expected: AnsweredBy): Promise<Served>;
}

/** Where environments are started one after the other. */
export interface Lambda extends AsyncDisposable {
  start(setting: FunctionSetting): Promise<FunctionEnvironment>;
}

export const TRIVIAL_FUNCTION = join(import.meta.dirname, '..', 'functions');
/** A client that has not ended by then is killed, so that no benchmark hangs. */
const LIMIT_MS = 10 * 60_000;
/** The news of a client's last answer may come after that of its end. */
const GRACE_MS = 200;

/** Starts the Runtime API's process. It serves one environment at a time. */
export function startLambda(): Lambda {
  const runtimeApi = startOwnProcess(import.meta.resolve('./lambda-process.ts'));
  const ask = <Answer>(order: LambdaOrder) => runtimeApi.ask<Answer>(order);
  return {
    async start({ client, taskRoot = TRIVIAL_FUNCTION, environment }) {
      const { address } = await ask<Opened>({ kind: 'open' });
      const startedAtNs = Number(process.hrtime.bigint());
      const running = startClient({
        client,
        handler: 'index.handler',
        runtimeApi: address,
        taskRoot,
        environment,
        limitMs: LIMIT_MS,
      });
      const ended = running.exited.then(async ({ code, signal, stdout, stderr }) => {
        await pause(GRACE_MS);
        throw new Error(`the client ended with ${signal ?? code}:\n${stdout}${stderr}`);
      });
      ended.catch(() => undefined);
      return {
        pid: running.pid,
        startedAtNs,
        exited: running.exited.then(() => undefined),
        async invoke(text, count, expected) {
          const served = await Promise.race([ask<Served>({ kind: 'serve', text, count }), ended]);
          const others = served.answeredBy.filter((kind) => kind !== expected).length;
          if (others > 0) throw new Error(`${others} of ${count} invocations were not answered by /${expected}`);
          return served;
        },
        async [Symbol.asyncDispose]() {
          await running[Symbol.asyncDispose]();
          const { stdout } = await running.exited;
          if (stdout.includes('WindowReadFailed')) throw new Error(`the windows could not be read:\n${stdout}`);
        },
      };
    },
    [Symbol.asyncDispose]: () => runtimeApi[Symbol.asyncDispose](),
  };
}

/** The AWS of one measurement. */
export interface Aws extends AsyncDisposable {
  /** What points clients at it. */
  readonly environment: Readonly<Record<string, string>>;
  /** What SSM has seen since this was asked last. */
  marks(): Promise<Marks>;
}

/** Starts the stand-ins' process. */
export async function startAws(order: AwsOrder): Promise<Aws> {
  const standIns = startOwnProcess(import.meta.resolve('./aws-process.ts'));
  const urls = await standIns.ask<AwsUrls>(order);
  return {
    environment: {
      ...urls,
      ...(order.tls && { NODE_EXTRA_CA_CERTS: order.tls === true ? TEST_CERTIFICATE : AUTHORITY }),
    },
    marks: () => standIns.ask<Marks>({ kind: 'marks' } satisfies MarksOrder),
    [Symbol.asyncDispose]: () => standIns[Symbol.asyncDispose](),
  };
}
