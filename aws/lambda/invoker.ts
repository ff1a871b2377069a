import {
  GetFunctionConcurrencyCommand,
  InvokeCommand,
  LambdaClient,
  type LambdaClientConfig,
} from '@aws-sdk/client-lambda';
import type { InvokeAnswer, InvokeRequest, Invoker, ReservedConcurrency } from '../../core/replay/invoker.ts';
import { factsOf, isDenied, isWithoutCredentials } from '../request/aws-codes.ts';
import { createShownWay } from '../request/follow-sdk.ts';
import type { Hear } from '../time/aws-clock.ts';
import { monotonicMs } from '../time/time-limit.ts';
import { answerOfBrokenConnection, answerOfNoConnection, answerOfRefusal, answerOfSilence } from './invoke-answer.ts';
import { invokeSigned, TOO_LATE } from './invoke-signed.ts';

/** Interval of TCP keep-alive: a NAT forgets a silent connection after 350 s, and a function may take 900. */
const TCP_KEEP_ALIVE_MS = 30_000;
const CONNECT_LIMIT_MS = 10_000;
/**
 * Idle time after which a connection is not used again: if Lambda closes it at the moment of a request, nobody knows
 * whether the function ran.
 */
const IDLE_LIMIT_MS = 4_000;
const LIMITS = { connectLimitMs: CONNECT_LIMIT_MS, idleLimitMs: IDLE_LIMIT_MS, tcpKeepAliveMs: TCP_KEEP_ALIVE_MS };
/** A replay goes on waiting whatever is told of it. */
const CONCURRENCY_LIMIT_MS = 3_000;
/** What `setTimeout` can wait for. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Steps of making a connection: a fault in one of them means that nothing was sent. */
const BEFORE_SENDING = ['connect', 'getaddrinfo'];
/** What the SDK says of a connection that took too long to make. Source: @smithy/node-http-handler in SDK 3.1162. */
const NOT_CONNECTED = /did not establish a connection/;

/**
 * Invokes functions: the SDK sends the first invocations, later ones are signed here by its example.
 *
 * @param config region, credentials, endpoint
 * @param concurrency invocations at once: each has a connection
 * @param hear told of each answer
 */
export function createInvoker(config: LambdaClientConfig, concurrency: number, hear?: Hear): Invoker {
  const agent = { keepAlive: true, keepAliveMsecs: TCP_KEEP_ALIVE_MS, maxSockets: concurrency };
  const client = new LambdaClient({
    ...config,
    maxAttempts: 1,
    // Zero is none: the SDK has a default by which a connection that is silent for long counts as dead.
    requestHandler: { httpAgent: agent, httpsAgent: agent, connectionTimeout: CONNECT_LIMIT_MS, socketTimeout: 0 },
  });
  const way = createShownWay(client, 'lambda', LIMITS, hear);
  return { invoke, reservedConcurrency, close };

  async function invoke(request: InvokeRequest): Promise<InvokeAnswer> {
    const deadlineAtMs = monotonicMs() + request.limitMs;
    const leftMs = () => Math.min(LONGEST_TIMER_MS, Math.max(0, Math.ceil(deadlineAtMs - monotonicMs())));
    const requests = way.requests();
    if (!requests) return invokeBySdk(request, leftMs());
    const answer = await invokeSigned(requests, way, request, leftMs);
    if (answer.kind !== 'of-signature') return answer;
    return leftMs() > 0 ? invokeBySdk(request, leftMs()) : answerOfNoConnection(TOO_LATE);
  }

  async function invokeBySdk(request: InvokeRequest, leftMs: number): Promise<InvokeAnswer> {
    const { clientContext, tenantId, mode, limitMs } = request;
    const command = new InvokeCommand({
      FunctionName: request.function,
      InvocationType: mode === 'request' ? 'RequestResponse' : 'Event',
      Payload: Buffer.from(request.text),
      ...(clientContext !== undefined && { ClientContext: clientContext }),
      ...(tenantId !== undefined && { TenantId: tenantId }),
    });
    const abortSignal = AbortSignal.timeout(leftMs);
    try {
      const { FunctionError, Payload } = await client.send(command, { abortSignal });
      if (mode === 'event') return { kind: 'accepted' };
      const text = Payload ? Buffer.from(Payload).toString() : '';
      return { kind: FunctionError === undefined ? 'reply' : 'function-error', text };
    } catch (fault) {
      return abortSignal.aborted ? answerOfSilence(limitMs) : answerOfFault(fault);
    }
  }

  function close(): void {
    client.destroy();
    way.disconnect();
  }

  async function reservedConcurrency(functionName: string): Promise<ReservedConcurrency> {
    const abortSignal = AbortSignal.timeout(CONCURRENCY_LIMIT_MS);
    try {
      const command = new GetFunctionConcurrencyCommand({ FunctionName: functionName });
      const { ReservedConcurrentExecutions: invocations } = await client.send(command, { abortSignal });
      return { kind: 'known', invocations };
    } catch (fault) {
      return { kind: 'unknown', why: whyNotTold(fault) };
    }
  }
}

function whyNotTold(fault: unknown): string {
  const { name, message, code } = factsOf(fault);
  if (isDenied(name)) {
    return 'lambda:GetFunctionConcurrency is not allowed (grantOperate of the construct gives it)';
  }
  return name === 'AbortError' ? 'Lambda does not say' : `Lambda does not say (${code || `${name}: ${message}`})`;
}

/** Meaning of the SDK's fault for the invocation. */
function answerOfFault(fault: unknown): InvokeAnswer {
  const { name, message, code, status, isSkewed } = factsOf(fault);
  const steps = failedSteps(fault);
  if (isSkewed) return { kind: 'not-run', refusal: 'busy', message: `the clock here is wrong (${name})` };
  if (status !== undefined) return answerOfRefusal(status, name, message, reasonOf(fault));
  if (NOT_CONNECTED.test(message) || (steps.length > 0 && steps.every((step) => BEFORE_SENDING.includes(step)))) {
    return answerOfNoConnection(code || message);
  }
  if (isWithoutCredentials(name) || code === 'ERR_INVALID_URL') throw fault;
  return answerOfBrokenConnection(code || message);
}

/** Failed system calls: one, or one for each address of a name, all of which were tried. */
function failedSteps(fault: unknown): readonly string[] {
  const { syscall, errors } = (fault ?? {}) as {
    readonly syscall?: string;
    readonly errors?: readonly { readonly syscall?: string }[];
  };
  return (errors ?? [{ syscall }]).flatMap((each) => each.syscall ?? []);
}

/** Which limit it is, of a throttled invocation. */
function reasonOf(fault: unknown): string | undefined {
  return (fault as { readonly Reason?: string } | undefined)?.Reason;
}
