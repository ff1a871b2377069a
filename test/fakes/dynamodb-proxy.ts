import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What becomes of one request. */
export type Behaviour =
  | { readonly kind: 'pass' }
  /** Does it, and answers only after a while. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Never answers; has done it (`after`) or not (`before`). */
  | { readonly kind: 'hang'; readonly when: 'before' | 'after' }
  /** Closes the connection: not done; done, and half of the answer sent; done, and nothing sent. */
  | { readonly kind: 'cut'; readonly when: 'before' | 'during' | 'after' }
  /** Answers with an error of the service. Not done. The status is 500 for codes of the server's side, else 400. */
  | {
      readonly kind: 'fail';
      readonly code: string;
      readonly message?: string;
      /** The item that is there already, with `ConditionalCheckFailedException`: the service's `ALL_OLD`. */
      readonly item?: unknown;
    };

/** One request, as far as it matters here. */
export interface ProxiedRequest {
  /** e.g. `PutItem`. */
  readonly operation: string;
  /** The partition key of the item that it is about. */
  readonly pk: string;
  /** The same as DynamoDB tells IAM, as leading keys: none where it names no single item. */
  readonly pks: readonly string[];
  readonly index?: string;
  /** Everything that it asks for, but for the item itself. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Distinguishes connections. */
  readonly port: number;
}

/** What becomes of a request. Until it is said, the request waits. */
type Chooser = (request: ProxiedRequest) => Behaviour | undefined | Promise<Behaviour | undefined>;

/** A DynamoDB that misbehaves as told. */
export interface DynamoDbProxy {
  readonly url: string;
  /** All requests so far. */
  readonly requests: readonly ProxiedRequest[];
  /** Says what becomes of each request from now on; `undefined` lets it pass. */
  behave(choose: Chooser): void;
  /** Closes every connection that waits for its next request, without a word. */
  closeIdleConnections(): void;
  close(): Promise<void>;
}

/** The nth request meets the nth behaviour, those after them pass. */
export function inOrder(...behaviours: Behaviour[]): () => Behaviour | undefined {
  return () => behaviours.shift();
}

/** Starts a misbehaving HTTP server on a free port of loopback, in front of `target` (plain HTTP). */
export async function startDynamoDbProxy(target: string): Promise<DynamoDbProxy> {
  const requests: ProxiedRequest[] = [];
  let choose: Chooser = () => undefined;

  const server = createServer((incoming, response) => {
    incoming.on('error', () => undefined);
    response.on('error', () => undefined);
    serve(incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    behave: (chooser) => {
      choose = chooser;
    },
    closeIdleConnections: () => server.closeIdleConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const seen = describe(incoming, body);
    requests.push(seen);
    const behaviour = (await choose(seen)) ?? { kind: 'pass' };
    switch (behaviour.kind) {
      case 'pass':
        return send(response, await ask(incoming, body));
      case 'delay': {
        const answer = await ask(incoming, body);
        setTimeout(() => send(response, answer), behaviour.ms).unref();
        return;
      }
      case 'hang':
        if (behaviour.when === 'after') await ask(incoming, body);
        return;
      case 'cut':
        return cut(response, behaviour.when === 'before' ? undefined : await ask(incoming, body), behaviour.when);
      case 'fail':
        return send(response, errorAnswer(behaviour));
    }
  }

  function ask(incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = forward(
        new URL(incoming.url ?? '/', target),
        { method: incoming.method, headers: incoming.headers },
        (answer) => {
          buffer(answer).then(
            (bytes) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: bytes }),
            reject,
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const { 'transfer-encoding': _, ...others } = headers;
  response.writeHead(status, { ...(others as Record<string, string>), 'content-length': body.length });
  response.end(body);
}

function cut(response: ServerResponse, answer: Answer | undefined, when: 'before' | 'during' | 'after'): void {
  if (when !== 'during' || !answer) {
    response.destroy();
    return;
  }
  response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0', 'content-length': 1_000 });
  response.write(answer.body, () => response.destroy());
}

/** Source: Amazon DynamoDB developer guide, "Error handling with DynamoDB". */
function errorAnswer({ code, message, item }: Behaviour & { readonly kind: 'fail' }): Answer {
  const ofServer = code === 'InternalServerError' || code === 'ServiceUnavailable';
  const body = {
    __type: `com.amazonaws.dynamodb.v20120810#${code}`,
    message: message ?? `${code} as told`,
    Item: item,
  };
  return {
    status: ofServer ? 500 : 400,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function describe(incoming: IncomingMessage, body: Buffer): ProxiedRequest {
  const { Item: item, ...input } = JSON.parse(body.toString() || '{}');
  const pk = (item ?? input.Key)?.pk?.S;
  return {
    operation: String(incoming.headers['x-amz-target']).replace(/^.*\./, ''),
    pk: pk ?? '',
    pks: pk === undefined ? [] : [pk],
    ...(input.IndexName && { index: input.IndexName }),
    input,
    port: incoming.socket.remotePort ?? 0,
  };
}
