/**
 * Lambda's endpoint with many functions, one of which may be the drain; words for the event bus are kept; everything else goes on to
 * another endpoint. It is what `MOTO_PORT` names to a moto that executes state machines.
 */
import { randomUUID } from 'node:crypto';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TaskAnswer } from '../../local/drain/environments.ts';

/** A function here: what its handler makes of an event. */
export interface FakeFunction {
  readonly timeoutSeconds: number;
  readonly reserved?: number;
  /** @returns JSON text, or what it fails with */
  handle(text: string, replay: string | undefined): Promise<TaskAnswer | string> | TaskAnswer | string;
}

export interface LambdaAndOthers {
  readonly url: string;
  readonly port: number;
  readonly functions: Map<string, FakeFunction>;
  /** Details of the words that were said, by their kind. */
  readonly words: readonly { readonly type: string; readonly detail: Record<string, unknown> }[];
  close(): Promise<void>;
}

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/;
const ABOUT = /^\/20[\d-]+\/functions\/([^/]+)\/(configuration|concurrency)\/?$/;

/** @param elsewhere port of the other endpoint on loopback */
export async function startLambdaAndOthers(elsewhere: () => number): Promise<LambdaAndOthers> {
  const functions = new Map<string, FakeFunction>();
  const words: { type: string; detail: Record<string, unknown> }[] = [];
  const server = createServer((message, response) => {
    answer(message, response).catch((fault) => send(response, 500, { Type: 'Service', Message: String(fault) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    functions,
    words,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(message);
    const path = new URL(message.url ?? '/', 'http://lambda').pathname;
    const [, invoked] = INVOKE.exec(path) ?? [];
    const [, asked, what] = ABOUT.exec(path) ?? [];
    if (message.headers['x-amz-target'] === 'AWSEvents.PutEvents') return hear(body, response);
    if (invoked === undefined && asked === undefined) return passOn(message, response, body);
    const name = nameIn(decodeURIComponent(invoked ?? asked ?? ''));
    const fn = functions.get(name);
    if (!fn) return send(response, 404, { Message: `no ${name}` }, { 'x-amzn-errortype': 'ResourceNotFoundException' });
    if (what === 'configuration') {
      const Environment = { Variables: { MAINTENANCE_WINDOW_TTL: '1' } };
      return send(response, 200, { FunctionName: name, Timeout: fn.timeoutSeconds, Environment });
    }
    if (what === 'concurrency') return send(response, 200, { ReservedConcurrentExecutions: fn.reserved });
    const answered = await fn.handle(body.toString(), replayIn(message));
    if (typeof answered === 'string') return sendText(response, 200, answered);
    if ('result' in answered) return send(response, 200, answered.result);
    return send(response, 200, answered.error, { 'x-amz-function-error': 'Unhandled' });
  }

  function hear(body: Buffer, response: ServerResponse): void {
    const { Entries } = JSON.parse(body.toString());
    for (const { DetailType, Detail } of Entries) words.push({ type: DetailType, detail: JSON.parse(Detail) });
    send(response, 200, { FailedEntryCount: 0, Entries: Entries.map(() => ({ EventId: randomUUID() })) });
  }

  function passOn({ url, method, headers }: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const onward = forward({ host: '127.0.0.1', port: elsewhere(), path: url, method, headers }, (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(response);
    });
    onward.on('error', (fault) => send(response, 502, { Message: String(fault) }));
    onward.end(body);
  }
}

/** `orders` of itself, and of its ARN with or without a version or alias. */
function nameIn(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? (nameOrArn.split(':')[6] ?? '') : (nameOrArn.split(':')[0] ?? '');
}

function replayIn({ headers }: IncomingMessage): string | undefined {
  const base64 = headers['x-amz-client-context'];
  const context = typeof base64 === 'string' ? JSON.parse(Buffer.from(base64, 'base64').toString()) : undefined;
  return context?.custom?.['maintenance-window.replay'];
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  sendText(response, status, JSON.stringify(body), headers);
}

function sendText(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'x-amzn-requestid': randomUUID(), 'content-type': 'application/json', ...headers });
  response.end(text);
}
