import { createHash } from 'node:crypto';
import { nothingRan } from '../../core/events/replay-mark.ts';
import type { ToldFunction } from './lambda-functions.ts';
import { answers, type Behaviour, fails, pause, type SeenRequest, startScriptedService } from './scripted-service.ts';

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
  /** Functions that `ListFunctions` tells of; undefined: this endpoint does not know the request. */
  know(functions: readonly ToldFunction[] | undefined): void;
  /** Forgets what came, and behaves again. */
  reset(): void;
  close(): Promise<void>;
}

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/;
const LIST = /^\/2015-03-31\/functions\/?$/;
const CONCURRENCY = /^\/2019-09-30\/functions\/([^/]+)\/concurrency\/?$/;

/** Starts it on a free port of loopback. */
export async function startMisbehavingLambda(): Promise<MisbehavingLambda> {
  const ran: SeenInvocation[] = [];
  const sent: LambdaRequest[] = [];
  let underWay = 0;
  let atOnce = 0;
  let choose: LambdaChooser = () => undefined;
  let reserved: number | 'denied' | undefined;
  let known: readonly ToldFunction[] | undefined;

  const { url, close } = await startScriptedService(serve);

  return {
    url,
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
    know(functions) {
      known = functions;
    },
    reset() {
      ran.length = 0;
      sent.length = 0;
      atOnce = 0;
      choose = () => undefined;
      reserved = undefined;
      known = undefined;
    },
    close,
  };

  async function serve(seen: SeenRequest): Promise<Behaviour> {
    const path = new URL(seen.path, 'http://localhost').pathname;
    if (CONCURRENCY.test(path)) return tellConcurrency();
    if (LIST.test(path) && known) return answers(200, { Functions: known });
    const functionName = INVOKE.exec(path)?.[1];
    if (!functionName) return fails(404, 'UnknownOperationException');
    underWay += 1;
    atOnce = Math.max(atOnce, underWay);
    try {
      const request = requestOf(decodeURIComponent(functionName), seen);
      sent.push(request);
      return await become((await choose(request)) ?? { kind: 'reply' }, request);
    } finally {
      underWay -= 1;
    }
  }

  function tellConcurrency(): Behaviour {
    if (reserved === 'denied') return fails(403, 'AccessDeniedException');
    return answers(200, reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved });
  }

  async function become(behaviour: LambdaBehaviour, request: LambdaRequest): Promise<Behaviour> {
    if (hasRun(behaviour)) ran.push({ ...request, at: Date.now() });
    switch (behaviour.kind) {
      case 'reply': {
        const { text = '{"ok":true}', afterMs = 0 } = behaviour;
        if (afterMs > 0) await pause(afterMs);
        if (request.mode === 'Event') return { kind: 'answer', status: 202 };
        return { kind: 'answer', status: 200, headers: { 'content-type': 'application/json' }, body: text };
      }
      case 'function-error':
        return functionError(behaviour.text);
      case 'gate-held':
        return functionError(heldBy(behaviour.by, request));
      case 'fail': {
        const { status, code, reason } = behaviour;
        return fails(status, code, { Type: 'User', Message: code, ...(reason !== undefined && { Reason: reason }) });
      }
      case 'hang':
      case 'cut':
        return { kind: behaviour.kind };
    }
  }
}

function hasRun(behaviour: LambdaBehaviour): boolean {
  if (behaviour.kind === 'reply' || behaviour.kind === 'function-error') return true;
  return behaviour.kind !== 'gate-held' && behaviour.when === 'after';
}

function functionError(body: string): Behaviour {
  return { kind: 'answer', status: 200, headers: { 'x-amz-function-error': 'Unhandled' }, body };
}

function heldBy(errorType: string, { functionName, proof = '' }: LambdaRequest): string {
  return JSON.stringify({ errorType, errorMessage: nothingRan(functionName, proof), trace: [] });
}

function requestOf(functionName: string, { headers, bytes, body }: SeenRequest): LambdaRequest {
  const base64 = headers['x-amz-client-context'];
  const clientContext = typeof base64 === 'string' ? JSON.parse(Buffer.from(base64, 'base64').toString()) : undefined;
  const { 'maintenance-window.replay': replay, 'maintenance-window.proof': proof } = clientContext?.custom ?? {};
  const tenantId = headers['x-amz-tenant-id'];
  return {
    functionName,
    text: body,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    mode: String(headers['x-amz-invocation-type'] ?? 'RequestResponse'),
    ...(replay !== undefined && { replay }),
    ...(proof !== undefined && { proof }),
    ...(clientContext !== undefined && { clientContext }),
    ...(typeof tenantId === 'string' && { tenantId }),
  };
}
