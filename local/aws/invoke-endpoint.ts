import { randomUUID } from 'node:crypto';
import { createServer, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { saysStored } from '../../core/gate/reply.ts';
import type { EmulatedInvocation, EmulatorAnswer } from '../emulator/invocation.ts';
import { type InvokeRequest, readInvokeRequest } from './invoke-request.ts';
import { serve } from './serve.ts';

/** Lambda's own two retries of a failed asynchronous invocation. Source: developer guide, "Asynchronous invocation". */
const RETRY_DELAYS_MS = [60_000, 120_000];

/** A function, as the endpoint knows it. */
interface EndpointFunction {
  readonly functionName: string;
  /** What Lambda says of the function: an operator's tool goes by it. */
  readonly configuration?: FunctionConfiguration;
  /** Runs one invocation: the emulator's. Never called while another call of it is under way. */
  readonly invoke: (invocation: EmulatedInvocation) => Promise<EmulatorAnswer>;
}

export interface InvokeEndpointOptions extends EndpointFunction {
  /** Functions beside it, each under an emulator of its own. */
  readonly others?: readonly EndpointFunction[];
  /** Default: any free port. */
  readonly port?: number;
  /** Where to listen. Default: this machine alone. */
  readonly host?: string;
  /** The pause before each retry of a failed asynchronous invocation. Default: Lambda's, one and two minutes. */
  readonly retryDelaysMs?: readonly number[];
  /** Gets a line for each asynchronous invocation that failed, as nobody else hears of it. */
  readonly write: (line: string) => void;
}

export interface FunctionConfiguration {
  readonly timeoutSeconds: number;
  /** Whoever may ask sees it: secrets have no place in it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Lambda's own time-out where none is set. */
const DEFAULT_CONFIGURATION: FunctionConfiguration = { timeoutSeconds: 3, environment: {} };

export interface InvokeEndpoint {
  /** What `AWS_ENDPOINT_URL_LAMBDA` is to be, or an SDK client's `endpoint`. */
  readonly url: string;
  /** Breaks off what is under way, and forgets what waits. */
  close(): Promise<void>;
}

/**
 * Lambda's Invoke endpoint for a function or several, so that the SDK's Lambda client and `aws lambda invoke` work
 * unchanged. It also says what Lambda says of a function (GetFunctionConfiguration, ListFunctions): nothing is reserved for
 * it, and it has no settings for asynchronous invocations.
 *
 * One invocation of a function at a time, in the order of their arrival. Not as in Lambda, because the emulator makes the
 * request ids: the id that a 202 reports is not the one that the function sees, and a retry comes with a new one. So an
 * asynchronous invocation whose event the gate has stored is not tried again: with a new id it would be stored anew.
 * `LogType` is ignored.
 *
 * @throws `MaintenanceWindow.Missing` where the port is in use
 */
export async function startInvokeEndpoint(options: InvokeEndpointOptions): Promise<InvokeEndpoint> {
  const { write, port, host, retryDelaysMs = RETRY_DELAYS_MS, others = [] } = options;
  const functions = new Map([options, ...others].map((fn) => [fn.functionName, served(fn)]));
  const retries = new Set<NodeJS.Timeout>();
  let closed = false;

  const server = createServer((message, response) => {
    readInvokeRequest(message, functions)
      .then((request) => answer(request, response))
      .catch((error) => sendError(response, 500, 'ServiceException', `The emulator did not answer: ${error}`));
  });
  const listening = await serve(server, port, host);

  return { url: listening.url, close };

  async function answer(request: InvokeRequest<ServedFunction>, response: ServerResponse): Promise<void> {
    switch (request.kind) {
      case 'GetFunctionConfiguration':
        return sendJson(response, request.fn.described);
      case 'GetFunctionConcurrency':
        return sendJson(response, {});
      case 'GetFunctionEventInvokeConfig':
        return sendError(response, 404, 'ResourceNotFoundException', `${request.fn.name} has no event invoke config.`);
      case 'ListFunctions':
        return sendJson(response, { Functions: [...functions.values()].map(({ described }) => described) });
      case 'refused':
        return sendError(response, request.status, request.errorType, request.message);
      case 'DryRun':
        return send(response, 204, {});
      case 'Event':
        void invokeWithRetries(request.fn, request.invocation, retryDelaysMs);
        return send(response, 202, {});
      case 'RequestResponse':
        return sendAnswer(response, await request.fn.invoke(request.invocation));
    }
  }

  async function invokeWithRetries(
    fn: ServedFunction,
    invocation: EmulatedInvocation,
    [delayMs, ...later]: readonly number[],
  ): Promise<void> {
    const failure = await fn.invoke(invocation).then(
      ({ failed, payload, requestId }) => {
        const text = payload.toString();
        return failed && !saysStored(text, requestId) ? text : undefined;
      },
      (error) => String(error),
    );
    if (failure === undefined || closed) return;
    if (delayMs === undefined) {
      return write(
        `An asynchronous invocation failed for good; its event would go to the dead-letter queue: ${failure}`,
      );
    }
    write(`An asynchronous invocation failed; again in ${delayMs / 1000} s: ${failure}`);
    const timer = setTimeout(() => {
      retries.delete(timer);
      void invokeWithRetries(fn, invocation, later);
    }, delayMs);
    retries.add(timer);
  }

  function close(): Promise<void> {
    closed = true;
    for (const timer of retries) clearTimeout(timer);
    return listening.close();
  }
}

interface ServedFunction {
  readonly name: string;
  /** As Lambda describes it. */
  readonly described: object;
  readonly invoke: EndpointFunction['invoke'];
}

function served({ functionName, configuration = DEFAULT_CONFIGURATION, invoke }: EndpointFunction): ServedFunction {
  return { name: functionName, described: describe(functionName, configuration), invoke: inOrder(invoke) };
}

/** Runs one call after the other. A call that fails does not hold up the next. */
function inOrder<Argument, Result>(
  run: (argument: Argument) => Promise<Result>,
): (argument: Argument) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (argument) => {
    const result = last.then(() => run(argument));
    last = result.catch(() => undefined);
    return result;
  };
}

function sendAnswer(response: ServerResponse, { failed, payload, requestId }: EmulatorAnswer): void {
  const headers = {
    'x-amz-executed-version': '$LATEST',
    ...(failed && { 'x-amz-function-error': 'Unhandled' }),
    ...(requestId && { 'x-amzn-requestid': requestId }),
  };
  send(response, 200, headers, payload);
}

/** As Lambda describes an image function, as far as anybody here asks. */
function describe(name: string, { timeoutSeconds, environment }: FunctionConfiguration): object {
  return {
    FunctionName: name,
    FunctionArn: `arn:aws:lambda:us-east-1:012345678912:function:${name}`,
    Version: '$LATEST',
    PackageType: 'Image',
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Timeout: timeoutSeconds,
    Environment: { Variables: environment },
  };
}

function sendJson(response: ServerResponse, body: object): void {
  send(response, 200, {}, Buffer.from(JSON.stringify(body)));
}

function sendError(response: ServerResponse, status: number, errorType: string, message: string): void {
  const type = status < 500 ? 'User' : 'Service';
  send(
    response,
    status,
    { 'x-amzn-errortype': errorType },
    Buffer.from(JSON.stringify({ Type: type, Message: message })),
  );
}

function send(response: ServerResponse, status: number, headers: OutgoingHttpHeaders, body?: Buffer): void {
  response.writeHead(status, {
    'x-amzn-requestid': randomUUID(),
    ...(body && { 'content-type': 'application/json', 'content-length': body.length }),
    ...headers,
  });
  response.end(body);
}
