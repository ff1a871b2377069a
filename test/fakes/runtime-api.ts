import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Invocation } from '../../core/events/invocation.ts';
import { HANG_LIMIT_MS } from '../worlds/hang-limit.ts';
import { startServer } from './scripted-service.ts';

/** What `/next` hands over. Whatever is left out gets a plain value: `{}` as the text, an id by position, 30 s to go. */
export interface ServedInvocation extends Partial<Omit<Invocation, 'text' | 'outline'>> {
  /** Bytes for a text that is no UTF-8. */
  readonly text?: string | Buffer;
  /** Headers over those made from the other fields; `undefined` takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Which of the Runtime API's calls a request is. */
type RequestKind =
  | 'next'
  | 'response'
  | 'error'
  | 'init-error'
  | 'restore-next'
  | 'restore-error'
  | 'extension-register'
  | 'extension-next'
  | 'unknown';

/** One request as it came over the wire. Its body may still be coming until `whole` resolves. */
export interface RecordedRequest {
  readonly kind: RequestKind;
  /** The invocation that a response or an error is for. */
  readonly id?: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Name, value, name, value …: in the order and the letters of the wire. */
  readonly rawHeaders: readonly string[];
  /** The body in the pieces in which it was read. A chunk of a chunked body is a piece, as long as it fits one read (64 kB). */
  readonly pieces: readonly Buffer[];
  readonly body: Buffer;
  /** Like `rawHeaders`; there once the body is whole. */
  readonly rawTrailers: readonly string[];
  /** False for a body that the client broke off. Known once `whole` has resolved. */
  readonly complete: boolean;
  /** Epoch milliseconds with fractions, when the head of the request was read. */
  readonly arrivedAt: number;
  /** Resolves when the answer has been sent or can reach nobody any more. */
  readonly over: Promise<void>;
  /** Resolves when the body has been read or was broken off. */
  readonly whole: Promise<void>;
}

/**
 * How to answer a request: so, or by cutting the connection. Once the request is whole; `early` answers at once, as
 * Lambda does to a stream that it ends first.
 */
type Answer = { readonly status: number; readonly body?: string; readonly early?: true } | 'reset';

export interface RuntimeApiOptions {
  /**
   * What `/next` hands over, one at a time, in order. A generator makes a long list without holding it; an asynchronous
   * one also says when each invocation arrives, and may look at what was recorded until then. Several polls at once each
   * get one. An invocation whose poll went away before it arrived goes to the next poll.
   */
  readonly invocations?: Iterable<ServedInvocation> | AsyncIterable<ServedInvocation>;
  /** What `/next` does when there are no more: answer 410, which ends the client, or hold the poll. Default `gone`. */
  readonly afterwards?: 'gone' | 'hold';
  /**
   * Called as soon as the head of a request is read. What it gives is sent when the body is whole (or `early`); nothing:
   * `/next` gets its invocation, an extension its registration and then no event, and all else 202. Await something in it
   * to hold that step.
   */
  readonly answer?: (request: RecordedRequest) => Answer | undefined | Promise<Answer | undefined>;
  /** `counts` keeps no request: for very many invocations. Default `everything`. */
  readonly record?: 'everything' | 'counts';
}

export interface RuntimeApi extends AsyncDisposable {
  /** `host:port`, the value of `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  /** Every request so far, in the order in which their heads arrived. Empty where only counts are kept. */
  readonly requests: readonly RecordedRequest[];
  /** How many requests of this kind have arrived. An answer is a response or an error. */
  count(kind: RequestKind | 'answer'): number;
  /** Resolves once `count` requests of this kind have arrived whole. Rejects after 20 s and says what did arrive. */
  seen(kind: RequestKind | 'answer', count?: number): Promise<void>;
  /** Cuts every connection and stops. */
  close(): Promise<void>;
}

/** What a registered extension is told. */
const EXTENSION = '{"functionName":"orders","functionVersion":"$LATEST","handler":"index.handler"}';
const ID_HEADER = 'Lambda-Runtime-Aws-Request-Id';
/** Node's own limit of 16 kB would refuse the X-Ray cause of an error with a long message, which Lambda takes. */
const MAX_HEADER_BYTES = 1024 * 1024;
const KINDS: Readonly<Record<string, RequestKind>> = {
  '/2018-06-01/runtime/invocation/next': 'next',
  '/2018-06-01/runtime/init/error': 'init-error',
  '/2018-06-01/runtime/restore/next': 'restore-next',
  '/2018-06-01/runtime/restore/error': 'restore-error',
  '/2020-01-01/extension/register': 'extension-register',
  '/2020-01-01/extension/event/next': 'extension-next',
};
const INVOCATION_PATH = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;

/**
 * A Lambda Runtime API that records what its client does. It serves the given invocations and then answers 410, so that
 * the client's endless loop ends by itself and a test is three lines:
 *
 * ```ts
 * await using api = await startRuntimeApi({ invocations: [{ text: '{"n":1}' }] });
 * await using client = startClient({ client: patchedClient(), handler: 'values.echo', runtimeApi: api.address });
 * await client.exited; // api.requests: GET …/next, POST …/response {"n":1}, GET …/next
 * ```
 *
 * Every step can be held: `api.seen('next')` is the moment at which the client polls, the iterable decides when an
 * invocation arrives, `api.seen('response', 2)` is the second response, `answer` decides when and how that is answered.
 *
 * It is more lenient than Lambda: it never refuses an id or a second answer; what came is there to be asserted.
 * Sources: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html and …/runtimes-extensions-api.html
 */
export async function startRuntimeApi({
  invocations = [],
  afterwards = 'gone',
  answer,
  record = 'everything',
}: RuntimeApiOptions = {}): Promise<RuntimeApi> {
  const requests: RecordedRequest[] = [];
  const arrived = createTally();
  const whole = createTally();
  const take = queueOf(invocations);

  const { url, close } = await startServer((message, response) => void handle(message, response), {
    maxHeaderSize: MAX_HEADER_BYTES,
  });

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = recordOf(message, response, record === 'everything' || answer !== undefined);
    if (record === 'everything') requests.push(request);
    arrived.add(request.kind);
    void request.whole.then(() => whole.add(request.kind));

    const chosen = await answer?.(request);
    if (chosen === 'reset' || !chosen?.early) await request.whole;
    if (chosen === 'reset') return void message.socket.destroy();
    if (chosen) return send(response, chosen.status, chosen.body);
    switch (request.kind) {
      case 'next':
        return serveNext(response);
      case 'extension-next':
        return; // no invocation and no end of the environment is told: an extension that asks for more shows itself
      case 'extension-register':
        return send(response, 200, EXTENSION, { 'Lambda-Extension-Identifier': randomUUID() });
      case 'restore-next':
        return send(response, 200);
      default:
        send(response, 202, '{"status":"OK"}');
    }
  }

  async function serveNext(response: ServerResponse): Promise<void> {
    const next = await take(() => response.destroyed);
    if (next) return send(response, 200, next.invocation.text, headersOf(next.invocation, next.position));
    if (afterwards === 'gone')
      send(response, 410, '{"errorType":"Gone","errorMessage":"there are no more invocations"}');
  }

  return {
    address: new URL(url).host,
    requests,
    count: arrived.count,
    seen: whole.reached,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Takes invocations in order, for polls that may go away while they wait. Absent: there are no more. */
function queueOf(invocations: Iterable<ServedInvocation> | AsyncIterable<ServedInvocation>) {
  const source = numbered(invocations);
  const arrived: Numbered[] = [];

  return async function take(isGone: () => boolean): Promise<Numbered | undefined> {
    if (arrived.length === 0) {
      const next = await source.next();
      if (!next.done) arrived.push(next.value);
    }
    return isGone() ? undefined : arrived.shift();
  };
}

interface Numbered {
  readonly invocation: ServedInvocation;
  readonly position: number;
}

async function* numbered(
  invocations: Iterable<ServedInvocation> | AsyncIterable<ServedInvocation>,
): AsyncGenerator<Numbered, undefined> {
  let position = 0;
  for await (const invocation of invocations) yield { invocation, position: ++position };
}

function headersOf(invocation: ServedInvocation, position: number): Record<string, string> {
  const { id = `00000000-0000-4000-8000-${String(position).padStart(12, '0')}`, deadlineAt = Date.now() + 30_000 } =
    invocation;
  const { invokedFunctionArn = 'arn:aws:lambda:eu-south-1:123456789012:function:orders' } = invocation;
  const headers: Record<string, string | undefined> = {
    [ID_HEADER]: id,
    'Lambda-Runtime-Deadline-Ms': String(deadlineAt),
    'Lambda-Runtime-Invoked-Function-Arn': invokedFunctionArn,
    'Lambda-Runtime-Trace-Id': invocation.traceId,
    'Lambda-Runtime-Client-Context': invocation.clientContext,
    'Lambda-Runtime-Cognito-Identity': invocation.cognitoIdentity,
    'Lambda-Runtime-Aws-Tenant-Id': invocation.tenantId,
    ...invocation.headers,
  };
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, utf8OnTheWire(value)]])),
  );
}

/** Node writes header values as Latin-1; Lambda sends a client context as UTF-8. */
function utf8OnTheWire(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}

/** Always with a Content-Type: the native client crashes (SIGSEGV) without one, on a 410 too. */
function send(
  response: ServerResponse,
  status: number,
  text: string | Buffer = '{}',
  headers: Record<string, string> = {},
): void {
  // A text would be joined to the headers, which would make UTF-8 of their Latin-1.
  const body = typeof text === 'string' ? Buffer.from(text) : text;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    ...headers,
  });
  response.end(body);
}

function recordOf(message: IncomingMessage, response: ServerResponse, keepBody: boolean): RecordedRequest {
  const path = message.url ?? '';
  const { kind, id } = kindOf(path);
  const pieces: Buffer[] = [];
  message.on('data', (piece: Buffer) => keepBody && pieces.push(piece));
  return {
    kind,
    ...(id !== undefined && { id }),
    method: message.method ?? '',
    path,
    headers: message.headers,
    rawHeaders: message.rawHeaders,
    pieces,
    get body() {
      return Buffer.concat(pieces);
    },
    get rawTrailers() {
      return message.rawTrailers;
    },
    get complete() {
      return message.complete;
    },
    arrivedAt: performance.timeOrigin + performance.now(),
    over: new Promise((resolve) => void response.once('close', resolve)),
    whole: new Promise((resolve) => {
      message
        .on('end', resolve)
        .on('close', resolve)
        .on('error', () => resolve());
    }),
  };
}

function kindOf(path: string): { readonly kind: RequestKind; readonly id?: string } {
  const [, id, kind] = INVOCATION_PATH.exec(path) ?? [];
  if (id && (kind === 'response' || kind === 'error')) return { kind, id: decodeURIComponent(id) };
  return { kind: KINDS[path] ?? 'unknown' };
}

/** Counts by kind, and promises of a count. */
function createTally() {
  const counts = new Map<RequestKind | 'answer', number>();
  const watchers = new Set<() => void>();
  const count = (kind: RequestKind | 'answer'): number => counts.get(kind) ?? 0;
  return {
    count,
    add(kind: RequestKind): void {
      counts.set(kind, count(kind) + 1);
      if (kind === 'response' || kind === 'error') counts.set('answer', count('answer') + 1);
      for (const watch of watchers) watch();
    },
    reached: (kind: RequestKind | 'answer', wanted = 1): Promise<void> =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          watchers.delete(watch);
          const came = [...counts].map(([name, times]) => `${times} × ${name}`).join(', ') || 'nothing';
          reject(new Error(`waited ${HANG_LIMIT_MS / 1000} s for ${wanted} × ${kind}; there came: ${came}`));
        }, HANG_LIMIT_MS);
        watchers.add(watch);
        watch();
        function watch(): void {
          if (count(kind) < wanted) return;
          clearTimeout(timer);
          watchers.delete(watch);
          resolve();
        }
      }),
  };
}
