import {
  GetFunctionConcurrencyCommand,
  InvokeCommand,
  LambdaClient,
  type LambdaClientConfig,
} from '@aws-sdk/client-lambda';
import { type InvokeAnswer, refusalOf } from '../gate/replay.ts';

/** A NAT forgets a connection that says nothing for 350 s, and a function may take 900. */
const TCP_KEEP_ALIVE_MS = 30_000;
const CONNECT_LIMIT_MS = 10_000;
/** What `setTimeout` can wait for. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Steps of making a connection: a fault in one of them means that nothing was sent. */
const BEFORE_SENDING = ['connect', 'getaddrinfo'];
/** What the SDK says of a connection that took too long to make. Source: @smithy/node-http-handler in SDK 3.1162. */
const NOT_CONNECTED = /did not establish a connection/;

/** One invocation. */
export interface InvokeRequest {
  /** A name or an ARN, with its version or alias. */
  readonly function: string;
  readonly mode: 'request' | 'event';
  /** The event as JSON text, sent as it is. */
  readonly text: string;
  /** Base64 of JSON. */
  readonly clientContext?: string;
  readonly tenantId?: string;
  /** When the answer is given up, in milliseconds from now. */
  readonly limitMs: number;
}

/** Lambda, as far as a replay needs it. */
export interface Invoker {
  /** Sends one request, and never a second one. Rejects only where there are no credentials. */
  invoke(request: InvokeRequest): Promise<InvokeAnswer>;
  /** Whether the function's reserved concurrency is 0, so that it never runs. Undefined where Lambda does not tell. */
  isShut(functionName: string): Promise<boolean | undefined>;
  close(): void;
}

/**
 * @param config region, credentials, endpoint
 * @param concurrency invocations at once: each has a connection
 */
export function createInvoker(config: LambdaClientConfig, concurrency: number): Invoker {
  const agent = { keepAlive: true, keepAliveMsecs: TCP_KEEP_ALIVE_MS, maxSockets: concurrency };
  const client = new LambdaClient({
    ...config,
    maxAttempts: 1,
    // Zero is none: the SDK has a default by which a connection that is silent for long counts as dead.
    requestHandler: { httpAgent: agent, httpsAgent: agent, connectionTimeout: CONNECT_LIMIT_MS, socketTimeout: 0 },
  });
  return { invoke, isShut, close: () => client.destroy() };

  async function invoke(request: InvokeRequest): Promise<InvokeAnswer> {
    const { clientContext, tenantId, mode, limitMs } = request;
    const command = new InvokeCommand({
      FunctionName: request.function,
      InvocationType: mode === 'request' ? 'RequestResponse' : 'Event',
      Payload: Buffer.from(request.text),
      ...(clientContext !== undefined && { ClientContext: clientContext }),
      ...(tenantId !== undefined && { TenantId: tenantId }),
    });
    const abortSignal = AbortSignal.timeout(Math.min(LONGEST_TIMER_MS, Math.max(0, Math.ceil(limitMs))));
    try {
      const { FunctionError, Payload } = await client.send(command, { abortSignal });
      if (mode === 'event') return { kind: 'accepted' };
      const text = Payload ? Buffer.from(Payload).toString() : '';
      return { kind: FunctionError === undefined ? 'reply' : 'function-error', text };
    } catch (fault) {
      if (abortSignal.aborted) return { kind: 'no-answer', message: `no answer within ${seconds(limitMs)} s` };
      return answerOfFault(fault);
    }
  }

  async function isShut(functionName: string): Promise<boolean | undefined> {
    try {
      const answer = await client.send(new GetFunctionConcurrencyCommand({ FunctionName: functionName }));
      return answer.ReservedConcurrentExecutions === 0;
    } catch {
      return undefined;
    }
  }
}

/** What a fault of the SDK's says of the invocation. Only a 4xx, or a connection that was never made, proves that it did not run. */
function answerOfFault(fault: unknown): InvokeAnswer {
  const { name, message, code, status, steps, isSkewed } = factsOf(fault);
  if (isSkewed) return { kind: 'not-run', refusal: 'busy', message: `the clock here is wrong (${name})` };
  if (status !== undefined && status >= 400 && status < 500) {
    return { kind: 'not-run', refusal: refusalOf(status, name), message: `${name}: ${message}` };
  }
  if (status !== undefined) return { kind: 'no-answer', message: `${status} ${name}: ${message}` };
  if (NOT_CONNECTED.test(message) || (steps.length > 0 && steps.every((step) => BEFORE_SENDING.includes(step)))) {
    return { kind: 'not-run', refusal: 'unreachable', message: `Lambda cannot be reached (${code || message})` };
  }
  if (name.endsWith('ProviderError')) throw fault;
  return { kind: 'no-answer', message: `the connection broke (${code || message})` };
}

function factsOf(fault: unknown) {
  const { name, message, code, syscall, errors, $metadata } = fault as {
    readonly name?: string;
    readonly message?: string;
    readonly code?: string;
    readonly syscall?: string;
    /** Of a name with several addresses, each of which was tried. */
    readonly errors?: readonly { readonly syscall?: string }[];
    readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
  };
  return {
    name: String(name),
    message: String(message ?? fault),
    code: code ?? '',
    status: $metadata?.httpStatusCode,
    isSkewed: $metadata?.clockSkewCorrected === true,
    steps: (errors ?? [{ syscall }]).flatMap((each) => each.syscall ?? []),
  };
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
