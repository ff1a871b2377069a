import type { IncomingMessage } from 'node:http';
import { isObject } from '../../core/text/shape.ts';
import type { EmulatedInvocation } from '../emulator/invocation.ts';

/**
 * Lambda's words. Source: Lambda API reference, "Invoke", "GetFunctionConfiguration", "ListFunctions",
 * "GetFunctionConcurrency", "GetFunctionEventInvokeConfig"; quotas, "Function configuration, deployment, and execution".
 * The reference calls the 413 `RequestTooLargeException`; what callers are sent says `RequestEntityTooLargeException`.
 */
const INVOCATIONS = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/;
/** What is told of a function, by its path. */
const TOLD = {
  GetFunctionConfiguration: /^\/2015-03-31\/functions\/([^/]+)\/configuration\/?$/,
  GetFunctionConcurrency: /^\/2019-09-30\/functions\/([^/]+)\/concurrency\/?$/,
  GetFunctionEventInvokeConfig: /^\/2019-09-25\/functions\/([^/]+)\/event-invoke-config\/?$/,
} as const;
const FUNCTIONS = /^\/2015-03-31\/functions\/?$/;
const FUNCTION_NAME = /^(?:(?:arn:[\w-]+:lambda:[\w-]+:)?\d{12}:function:)?([\w.-]+)(?::(\$LATEST|[\w-]+))?$/;
const SYNCHRONOUS_LIMIT_BYTES = 6_291_456;
const ASYNCHRONOUS_LIMIT_BYTES = 1_048_576;
/** Of the Base64 text. */
const CLIENT_CONTEXT_LIMIT_BYTES = 3_583;

/** A request as Lambda takes it, or its refusal. `fn` is the function that it is about. */
export type InvokeRequest<Fn> =
  | { readonly kind: 'ListFunctions' }
  | { readonly kind: keyof typeof TOLD; readonly fn: Fn }
  | {
      readonly kind: 'RequestResponse' | 'Event' | 'DryRun';
      readonly fn: Fn;
      readonly invocation: EmulatedInvocation;
    }
  | Refusal;

interface Refusal {
  readonly kind: 'refused';
  readonly status: number;
  readonly errorType: string;
  readonly message: string;
}

/**
 * Reads a request to the endpoint, all of its body included. Rejects only where the connection breaks.
 * Any alias or version is taken for the function itself: `Qualifier`, or behind the name or ARN.
 *
 * @param functions those that there are, by their names
 */
export async function readInvokeRequest<Fn extends object>(
  message: IncomingMessage,
  functions: ReadonlyMap<string, Fn>,
): Promise<InvokeRequest<Fn>> {
  const { method, headers } = message;
  const payload = await readBody(message);
  const [pathname = ''] = (message.url ?? '').split('?', 1);
  if (method === 'GET' && FUNCTIONS.test(pathname)) return { kind: 'ListFunctions' };
  const told = method === 'GET' ? toldAt(pathname) : undefined;
  const path = told?.path ?? (method === 'POST' ? INVOCATIONS.exec(pathname)?.[1] : undefined);
  if (!path) {
    return refuse(
      404,
      'UnknownOperationException',
      `No operation is at ${method} ${message.url}: this endpoint has Invoke, ListFunctions and ${Object.keys(TOLD).join(', ')}.`,
    );
  }
  const name = decode(path);
  const fn = functions.get(FUNCTION_NAME.exec(name)?.[1] ?? '');
  if (!fn) {
    const here = functions.size === 1 ? 'The function here is' : 'The functions here are';
    return refuse(
      404,
      'ResourceNotFoundException',
      `Function not found: ${name}. ${here} ${[...functions.keys()].join(' and ')}.`,
    );
  }
  if (told) return { kind: told.kind, fn };
  const kind = headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (kind !== 'RequestResponse' && kind !== 'Event' && kind !== 'DryRun') {
    return refuse(
      400,
      'InvalidParameterValueException',
      `${kind} is no invocation type: RequestResponse, Event or DryRun.`,
    );
  }
  const limit = kind === 'Event' ? ASYNCHRONOUS_LIMIT_BYTES : SYNCHRONOUS_LIMIT_BYTES;
  if (payload.bytes > limit) {
    const text = `${payload.bytes} byte payload is too large for the ${kind} invocation type (limit ${limit} bytes)`;
    return refuse(413, 'RequestEntityTooLargeException', text);
  }
  const fault = jsonFaultOf(payload.body) ?? clientContextFaultOf(headers['x-amz-client-context']);
  if (fault) return refuse(400, 'InvalidRequestContentException', fault);
  return { kind, fn, invocation: invocationOf(payload.body, kind, headers) };
}

/** Lambda takes no body for an empty object, and gives asynchronous invocations no client context. */
function invocationOf(body: Buffer, kind: string, headers: IncomingMessage['headers']): EmulatedInvocation {
  const clientContext = headers['x-amz-client-context'];
  const tenantId = headers['x-amz-tenant-id'];
  return {
    payload: body.length > 0 ? body : Buffer.from('{}'),
    ...(kind !== 'Event' && typeof clientContext === 'string' && { clientContext }),
    ...(typeof tenantId === 'string' && { tenantId }),
  };
}

function toldAt(pathname: string): { readonly kind: keyof typeof TOLD; readonly path: string } | undefined {
  for (const kind of Object.keys(TOLD) as (keyof typeof TOLD)[]) {
    const path = TOLD[kind].exec(pathname)?.[1];
    if (path) return { kind, path };
  }
  return undefined;
}

function refuse(status: number, errorType: string, message: string): Refusal {
  return { kind: 'refused', status, errorType, message };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Bytes that are no UTF-8 are no JSON: taken all the same, the function would get another text. */
function jsonFaultOf(body: Buffer): string | undefined {
  if (body.length === 0) return undefined;
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
    return undefined;
  } catch (error) {
    return `Could not parse request body into json: ${error instanceof Error ? error.message : error}`;
  }
}

function clientContextFaultOf(base64: string | string[] | undefined): string | undefined {
  if (base64 === undefined) return undefined;
  const text = String(base64);
  if (text.length > CLIENT_CONTEXT_LIMIT_BYTES) {
    return `Client context is ${text.length} bytes long; ${CLIENT_CONTEXT_LIMIT_BYTES} are allowed.`;
  }
  try {
    if (/^[\w+/-]*={0,2}$/.test(text) && isObject(JSON.parse(Buffer.from(text, 'base64').toString()))) return undefined;
  } catch {
    // said below
  }
  return 'Client context must be a valid Base64-encoded JSON object.';
}

/** Counts all, keeps what may be used. */
async function readBody(message: IncomingMessage): Promise<{ readonly body: Buffer; readonly bytes: number }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    bytes += chunk.length;
    if (bytes <= SYNCHRONOUS_LIMIT_BYTES) chunks.push(chunk);
  }
  return { body: Buffer.concat(chunks), bytes };
}
