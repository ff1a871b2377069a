import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { nothingRan } from '../../core/events/replay-mark.ts';

/** What becomes of one request. Where it says `after`, the function has run. */
export type LambdaBehaviour =
  /** The function runs and replies: `{"ok":true}`, or this JSON text. */
  | { readonly kind: 'reply'; readonly text?: string; readonly afterMs?: number }
  /** The function runs and fails with this JSON text. */
  | { readonly kind: 'function-error'; readonly text: string }
  /** The gate in the function does not let it run, and proves it: inside a window, or by a fault of its own. */
  | { readonly kind: 'gate-held'; readonly by: 'MaintenanceWindow.Active' | 'MaintenanceWindow.Fault' }
  /** The service answers with an error: before the function ran, or (`after`) although it ran. */
  | {
      readonly kind: 'fail';
      readonly status: number;
      readonly code: string;
      readonly reason?: string;
      readonly when?: 'before' | 'after';
    }
  /** Nothing is ever answered. */
  | { readonly kind: 'hang'; readonly when: 'before' | 'after' }
  /** The connection breaks. */
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' };

/** One invocation that ran, as the function saw it. */
export interface SeenInvocation {
  /** The function's name or ARN, with its qualifier. */
  readonly functionName: string;
  /** Of the raw payload. */
  readonly sha256: string;
  readonly text: string;
  readonly mode: string;
  /** Of the client context's mark, where there is one. */
  readonly replay?: string;
  readonly proof?: string;
  readonly clientContext?: unknown;
  readonly tenantId?: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A request before anything becomes of it. */
export type LambdaRequest = Omit<SeenInvocation, 'at'>;

export type LambdaChooser = (request: LambdaRequest) => LambdaBehaviour | undefined | Promise<LambdaBehaviour>;

/** Lambda's Invoke endpoint, with a function that misbehaves as told. */
export interface MisbehavingLambda {
  readonly url: string;
  /** Invocations that ran, in the order in which they began. */
  readonly ran: readonly SeenInvocation[];
  /** Requests that came, run or not. */
  readonly sent: readonly LambdaRequest[];
  /** How many they are. */
  readonly requests: number;
  /** Requests under way at once, at most. */
  readonly atOnce: number;
  /** Says what becomes of each request from now on. Undefined: it runs and replies. */
  behave(choose: LambdaChooser): void;
  /** The reserved concurrency that `GetFunctionConcurrency` tells; undefined: none. `denied`: it may not be asked. */
  reserve(concurrency: number | 'denied' | undefined): void;
  /** Forgets what came, and behaves again. */
  reset(): void;
  close(): Promise<void>;
}

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/;
const CONCURRENCY = /^\/2019-09-30\/functions\/([^/]+)\/concurrency\/?$/;

/** Starts it on a free port of loopback. */
export async function startMisbehavingLambda(): Promise<MisbehavingLambda> {
  const ran: SeenInvocation[] = [];
  const sent: LambdaRequest[] = [];
  let underWay = 0;
  let atOnce = 0;
  let choose: LambdaChooser = () => undefined;
  let reserved: number | 'denied' | undefined;

  const server = createServer((message, response) => {
    response.on('error', () => undefined);
    serve(message, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ran,
    sent,
    get requests() {
      return sent.length;
    },
    get atOnce() {
      return atOnce;
    },
    behave(chooser) {
      choose = chooser;
    },
    reserve(concurrency) {
      reserved = concurrency;
    },
    reset() {
      ran.length = 0;
      sent.length = 0;
      atOnce = 0;
      choose = () => undefined;
      reserved = undefined;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(message.url ?? '/', 'http://localhost').pathname;
    if (CONCURRENCY.test(path) && reserved === 'denied') return fail(response, 403, 'AccessDeniedException');
    if (CONCURRENCY.test(path))
      return answer(response, 200, reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved });
    const functionName = INVOKE.exec(path)?.[1];
    if (!functionName) return fail(response, 404, 'UnknownOperationException');
    underWay += 1;
    atOnce = Math.max(atOnce, underWay);
    try {
      const request = requestOf(decodeURIComponent(functionName), message, await buffer(message));
      sent.push(request);
      await behaveAs((await choose(request)) ?? { kind: 'reply' }, request, response);
    } finally {
      underWay -= 1;
    }
  }

  async function behaveAs(behaviour: LambdaBehaviour, request: LambdaRequest, response: ServerResponse): Promise<void> {
    const run = () => ran.push({ ...request, at: Date.now() });
    switch (behaviour.kind) {
      case 'reply': {
        run();
        const { text = '{"ok":true}', afterMs = 0 } = behaviour;
        if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs));
        if (request.mode === 'Event') return void response.writeHead(202).end();
        return void response.writeHead(200, { 'content-type': 'application/json' }).end(text);
      }
      case 'function-error':
        run();
        return void response.writeHead(200, { 'x-amz-function-error': 'Unhandled' }).end(behaviour.text);
      case 'gate-held': {
        const errorMessage = nothingRan(request.functionName, request.proof ?? '');
        const text = JSON.stringify({ errorType: behaviour.by, errorMessage, trace: [] });
        return void response.writeHead(200, { 'x-amz-function-error': 'Unhandled' }).end(text);
      }
      case 'fail':
        if (behaviour.when === 'after') run();
        return fail(response, behaviour.status, behaviour.code, behaviour.reason);
      case 'hang':
        if (behaviour.when === 'after') run();
        return;
      case 'cut':
        if (behaviour.when === 'after') run();
        response.destroy();
    }
  }
}

function requestOf(functionName: string, { headers }: IncomingMessage, body: Buffer): LambdaRequest {
  const base64 = headers['x-amz-client-context'];
  const clientContext = typeof base64 === 'string' ? JSON.parse(Buffer.from(base64, 'base64').toString()) : undefined;
  const { replay, proof } = clientContext?.custom?.['maintenance-window'] ?? {};
  const tenantId = headers['x-amz-tenant-id'];
  return {
    functionName,
    text: body.toString(),
    sha256: createHash('sha256').update(body).digest('hex'),
    mode: String(headers['x-amz-invocation-type'] ?? 'RequestResponse'),
    ...(replay !== undefined && { replay }),
    ...(proof !== undefined && { proof }),
    ...(clientContext !== undefined && { clientContext }),
    ...(typeof tenantId === 'string' && { tenantId }),
  };
}

function fail(response: ServerResponse, status: number, code: string, reason?: string): void {
  response.setHeader('x-amzn-errortype', code);
  answer(response, status, { Type: 'User', Message: code, ...(reason !== undefined && { Reason: reason }) });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
