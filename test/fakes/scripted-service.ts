/**
 * The base of every fake of an HTTP service: a server on loopback that answers, fails, hangs or cuts its connections
 * as a test says, and keeps what it was asked. A thin file beside it knows one service's words.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer, request as forward, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The same as text. */
  readonly body: string;
  /** Epoch milliseconds, once it was whole. */
  readonly receivedAt: number;
  /** Distinguishes connections. */
  readonly port: number;
  /** How many requests came over the same connection before this one. */
  readonly before: number;
}

export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  /** Sends no `Date`. */
  readonly isUndated?: true;
}

/** What becomes of a request. */
export type Behaviour =
  | Answer
  /** No answer, and the connection stays. */
  | { readonly kind: 'hang' }
  /** The connection ends: without a word, or after the head and the first bytes of this answer. */
  | { readonly kind: 'cut'; readonly during?: Answer }
  /** The connection ends with a reset, as the request arrives. */
  | { readonly kind: 'reset' };

/** Says what becomes of a request. Until it is said, the request waits. */
export type Choose<Request> = (request: Request, seen: SeenRequest) => Behaviour | Promise<Behaviour>;

/** A server on a free port of loopback. */
export interface LoopbackServer extends AsyncDisposable {
  /** Over TLS `https://localhost:<port>`, trusted by a process that has {@link TEST_CERTIFICATE} in `NODE_EXTRA_CA_CERTS`. */
  readonly url: string;
  /** How many connections were ever made to it. */
  readonly connections: number;
  /** Ends every connection, also those in use. */
  hangUp(): void;
  /** Ends every connection that waits for its next request, without a word. */
  closeIdleConnections(): void;
  close(): Promise<void>;
}

/** A service that does what a test says. */
export interface ScriptedService<Request = SeenRequest> extends LoopbackServer {
  /** All requests so far. */
  readonly requests: readonly Request[];
  /** Says what becomes of each request from now on. */
  behave(choose: Choose<Request>): void;
}

export interface ServerOptions {
  readonly tls?: boolean;
  readonly maxHeaderSize?: number;
  /** Is told of each connection, and once more when TLS is made over it. */
  readonly onConnection?: (event: 'connection' | 'secureConnection') => void;
}

const TLS = join(import.meta.dirname, 'tls');
/** What `NODE_EXTRA_CA_CERTS` is to be for a process that trusts a server made with `tls`. */
export const TEST_CERTIFICATE = join(TLS, 'test-only-certificate.pem');

/** Starts a service whose requests are seen as they came. */
export function startScriptedService(
  choose: Choose<SeenRequest>,
  options?: ServerOptions,
): Promise<ScriptedService<SeenRequest>> {
  return startServiceOf((seen) => seen, choose, options);
}

/** Starts a service whose requests are seen in its own words: `read` makes them of what came. */
export async function startServiceOf<Request>(
  read: (seen: SeenRequest) => Request,
  choose: Choose<Request>,
  options?: ServerOptions,
): Promise<ScriptedService<Request>> {
  const requests: Request[] = [];
  const counts = new WeakMap<object, number>();
  let chooser = choose;

  const server = await startServer((incoming, response) => {
    incoming.on('error', () => undefined);
    response.on('error', () => undefined);
    serve(incoming, response).catch(() => response.destroy());
  }, options);
  return Object.assign(server, {
    requests,
    behave(next: Choose<Request>): void {
      chooser = next;
    },
  });

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const before = counts.get(incoming.socket) ?? 0;
    counts.set(incoming.socket, before + 1);
    const bytes = await buffer(incoming);
    const { method = '', url: path = '/', headers } = incoming;
    const seen: SeenRequest = {
      method,
      path,
      headers,
      bytes,
      body: bytes.toString(),
      receivedAt: Date.now(),
      port: incoming.socket.remotePort ?? 0,
      before,
    };
    const request = read(seen);
    requests.push(request);
    behaveAs(await chooser(request, seen), response, contentTypeOf(headers));
  }
}

/** A service that gives everybody the same answer. */
export interface SteadyService extends LoopbackServer {
  /** How many requests came. */
  readonly count: number;
}

/** Starts a service that answers each request with this JSON. It keeps no request, so that it serves measurements, too. */
export async function startSteadyService(json: string, options?: ServerOptions): Promise<SteadyService> {
  let count = 0;
  const { body, headers } = { body: Buffer.from(json), headers: { 'content-type': 'application/x-amz-json-1.0' } };
  const server = await startServer((incoming, response) => {
    count += 1;
    incoming.resume().on('end', () => send(response, { kind: 'answer', status: 200, headers, body }));
  }, options);
  return Object.defineProperty(server as SteadyService, 'count', { get: () => count });
}

/** Starts a server on a free port of loopback. A connection that is kept ends when a test says so, and not before. */
export async function startServer(listener: RequestListener, options: ServerOptions = {}): Promise<LoopbackServer> {
  const { tls = false, maxHeaderSize, onConnection = () => undefined } = options;
  const limits = maxHeaderSize === undefined ? {} : { maxHeaderSize };
  const server: Server = tls
    ? createTlsServer(
        {
          ...limits,
          cert: readFileSync(TEST_CERTIFICATE),
          key: readFileSync(join(TLS, 'test-only-key.pem')),
        },
        listener,
      )
    : createServer(limits, listener);
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  let connections = 0;
  server.on(tls ? 'secureConnection' : 'connection', () => {
    connections += 1;
  });
  for (const event of ['connection', 'secureConnection'] as const) server.on(event, () => onConnection(event));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    get connections() {
      return connections;
    },
    hangUp: () => server.closeAllConnections(),
    closeIdleConnections: () => server.closeIdleConnections(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** An answer has the type of its question, as AWS's services of JSON give it; what is asked otherwise is answered in plain JSON. */
function contentTypeOf({ 'content-type': asked = '' }: IncomingHttpHeaders): string {
  return asked.startsWith('application/x-amz-json') ? asked : 'application/json';
}

function behaveAs(behaviour: Behaviour, response: ServerResponse, contentType: string): void {
  switch (behaviour.kind) {
    case 'answer':
      send(response, { ...behaviour, headers: { 'content-type': contentType, ...behaviour.headers } });
      break;
    case 'hang':
      break;
    case 'cut':
      cut(response, behaviour.during);
      break;
    case 'reset':
      response.socket?.resetAndDestroy();
      break;
  }
}

function send(response: ServerResponse, { status, headers = {}, body = '', isUndated }: Answer): void {
  if (isUndated) response.sendDate = false;
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.end(bytes);
}

function cut(response: ServerResponse, answer: Answer | undefined): void {
  if (!answer) {
    response.destroy();
    return;
  }
  const bytes = Buffer.from(answer.body ?? '');
  response.writeHead(answer.status, { ...answer.headers, 'content-length': bytes.length + 1 });
  response.write(bytes, () => response.destroy());
}

/** What a request in AWS JSON asks for: `GetParameters`. Empty where it is none. */
export function operationOf({ headers }: Pick<SeenRequest, 'headers'>): string {
  return String(headers['x-amz-target'] ?? '').split('.')[1] ?? '';
}

/** An answer in JSON. */
export function answers(status: number, body: object, headers: OutgoingHttpHeaders = {}): Answer {
  return { kind: 'answer', status, headers, body: JSON.stringify(body) };
}

/** An error of a service of AWS's, its code in the header and in the body. */
export function fails(status: number, code: string, more: object = {}): Answer {
  return answers(status, { __type: code, ...more }, { 'x-amzn-errortype': code });
}

/** Waits by the clock that the test has at the moment, and keeps no process alive. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

/** Says it after a while. */
export function later<Words extends readonly unknown[]>(
  delayMs: number,
  choose: (...words: Words) => Behaviour | Promise<Behaviour>,
): (...words: Words) => Promise<Behaviour> {
  return async (...words) => {
    await pause(delayMs);
    return choose(...words);
  };
}

/**
 * The answer of another server to the same request. Each request has a connection of its own: a kept one may end in the
 * moment in which it is used again.
 */
export function askOf(target: string, { method, path, headers, bytes }: Omit<SeenRequest, 'body'>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = forward(
      new URL(path, target),
      { method, headers: { ...endToEnd(headers), 'content-length': bytes.length }, agent: false },
      (answer) => {
        buffer(answer).then((body) => {
          resolve({ kind: 'answer', status: answer.statusCode ?? 502, headers: endToEnd(answer.headers), body });
        }, reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(bytes);
  });
}

/** Without those that concern one connection alone. */
function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...others } = headers;
  return others;
}
