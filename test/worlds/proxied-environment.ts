/**
 * One environment of a function behind the proxy, as Lambda has it: the Runtime API, the proxy's process, a runtime, and
 * an SSM and a DynamoDB of its own between the proxy and what all environments share. All but the proxy is the test's, so
 * that it decides which part dies when.
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type DynamoDbProxy, startDynamoDbProxy } from '../fakes/dynamodb-proxy.ts';
import { type RecordedRequest, type RuntimeApi, type ServedInvocation, startRuntimeApi } from '../fakes/runtime-api.ts';
import { type MisbehavingSsm, type Script, startMisbehavingSsm } from '../fakes/ssm-misbehaving.ts';
import { type ProxyExtension, startExtension } from './proxy-extension.ts';

export interface EnvironmentOptions {
  /** The table that all environments share. */
  readonly dynamoDbUrl: string;
  readonly ssm: Script;
  readonly settings?: Readonly<Record<string, string>>;
}

/** An invocation with all that Lambda's end of it needs. */
export interface HandedOver extends ServedInvocation {
  readonly id: string;
  readonly text: string;
  /** Epoch milliseconds. Lambda ends the environment where there is no answer by then. */
  readonly deadlineAt: number;
}

/** What a handler does with an event: its answer, or the end of its process. `dies-receiving`: before it had it whole. */
type Handling = { readonly kind: 'responds' | 'fails'; readonly body: string } | { readonly kind: 'dies' };

export interface Handler {
  /** Whether the runtime dies as soon as an event begins to come. */
  readonly diesReceiving?: boolean;
  handle(event: string): Promise<Handling>;
}

/** How an invocation ended for Lambda. */
export type End = 'answered' | 'ended' | 'time-up';

export interface ProxiedEnvironment extends AsyncDisposable {
  readonly api: RuntimeApi;
  readonly proxy: ProxyExtension;
  readonly ssm: MisbehavingSsm;
  readonly dynamoDb: DynamoDbProxy;
  /** Hands over an invocation; resolves once Lambda has an answer, or the environment has ended, or its time is up. */
  invoke(invocation: HandedOver, handler: Handler): Promise<End>;
  /** Answers that Lambda had whole, in their order. */
  answersTo(id: string): readonly RecordedRequest[];
  /** Is called with each answer once it is whole, before Lambda confirms it. */
  onAnswer: (answer: RecordedRequest) => Promise<void>;
}

/** Starts one, and waits until its INIT is over. */
export async function startEnvironment({ dynamoDbUrl, ssm: script, settings }: EnvironmentOptions) {
  const ssm = await startMisbehavingSsm(script);
  const dynamoDb = await startDynamoDbProxy(dynamoDbUrl);
  const arriving = createArrivals<ServedInvocation>();
  const answers: RecordedRequest[] = [];
  let answered = (_: RecordedRequest) => {};
  const api = await startRuntimeApi({
    invocations: arriving.all(),
    afterwards: 'hold',
    async answer(said) {
      if (said.kind !== 'response' && said.kind !== 'error') return undefined;
      await said.whole;
      if (!said.complete) return undefined;
      answers.push(said);
      await environment.onAnswer(said);
      answered(said);
      return undefined;
    },
  });
  const proxy = await startExtension({
    api,
    environment: {
      AWS_ENDPOINT_URL_SSM: ssm.url,
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
      MAINTENANCE_WINDOW_TTL: '1',
      ...settings,
    },
  });
  let handler: Handler | undefined;
  const runtime = startRuntime(proxy.address, () => handler);
  void runtime.ended.then(proxy.kill); // as Lambda ends what is left of an environment

  const environment: ProxiedEnvironment = {
    api,
    proxy,
    ssm,
    dynamoDb,
    onAnswer: async () => undefined,
    answersTo: (id) => answers.filter((answer) => answer.id === id),
    async invoke(invocation, next) {
      handler = next;
      let timer: NodeJS.Timeout | undefined;
      const ends = [
        new Promise<End>((resolve) => {
          answered = ({ id }) => id === invocation.id && resolve('answered');
        }),
        proxy.ended.then((): End => 'ended'),
        new Promise<End>((resolve) => {
          timer = setTimeout(() => resolve('time-up'), invocation.deadlineAt - Date.now());
        }),
      ];
      arriving.add(invocation);
      const end = await Promise.race(ends);
      clearTimeout(timer);
      return end;
    },
    async [Symbol.asyncDispose]() {
      runtime.die();
      await proxy[Symbol.asyncDispose]();
      await Promise.all([api.close(), ssm.close(), dynamoDb.close()]);
    },
  };
  return environment;
}

/** A runtime of one invocation at a time, until the proxy goes away or it dies itself. */
function startRuntime(address: string, handlerNow: () => Handler | undefined) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const [host, port] = address.split(':');
  const call = (method: string, path: string, body?: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
      request({ agent, host, port, method, path: `/2018-06-01/runtime/invocation/${path}`, headers }, resolve)
        .on('error', reject)
        .end(body);
    });
  const serve = async () => {
    for (;;) {
      const next = await call('GET', 'next');
      const handler = handlerNow();
      if (!handler || handler.diesReceiving) return;
      const event = await buffer(next);
      const id = String(next.headers['lambda-runtime-aws-request-id']);
      const handled = await handler.handle(event.toString());
      if (handled.kind === 'dies') return;
      await buffer(await call('POST', `${id}/${handled.kind === 'fails' ? 'error' : 'response'}`, handled.body));
    }
  };
  const die = () => agent.destroy();
  return {
    die,
    ended: serve()
      .catch(() => undefined)
      .finally(die),
  };
}

/** What comes one at a time, for as long as somebody waits for it. */
function createArrivals<Value>() {
  const come: Value[] = [];
  let tell = () => {};
  return {
    add(value: Value): void {
      come.push(value);
      tell();
    },
    async *all(): AsyncGenerator<Value, void> {
      for (;;) {
        const next = come.shift();
        if (next !== undefined) yield next;
        else await new Promise<void>((resolve) => (tell = resolve));
      }
    },
  };
}
