import { request } from 'node:http';
import { readEmulatorLine, readFunctionLine } from './log.ts';

/** The emulator's one path. Its last word is fixed, whatever the function's name. */
const PATH = '/2015-03-31/functions/function/invocations';
/** Lines come through pipes of their own, a moment before or after the answer. An emulator that never writes them costs this much. */
const LINES_LIMIT_MS = 250;
const TIMED_OUT = /^Task timed out after [\d.]+ seconds$/;
const TOO_LARGE = /^\{"errorType":"Function\.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded /;
const ERROR_KEYS = 'errorType,errorMessage,trace';

/** One invocation for the emulator. */
export interface EmulatedInvocation {
  /** JSON text, never empty: an empty one ends the runtime. */
  readonly payload: Buffer;
  /** Base64 of JSON. */
  readonly clientContext?: string;
  readonly tenantId?: string;
}

/** What became of it. `payload` is the function's result, or the error as JSON where it `failed`. */
export interface EmulatorAnswer {
  readonly failed: boolean;
  readonly payload: Buffer;
  /** The function's own request id. Absent where the emulator's log does not tell it. */
  readonly requestId?: string;
}

/** Invocations of the emulator, one at a time, and what its output says of the one in flight. */
export interface Invocations {
  invoke(invocation: EmulatedInvocation): Promise<EmulatorAnswer>;
  hearFunction(line: string): void;
  hearEmulator(line: string): void;
}

/**
 * Puts together what the emulator answers and what it writes.
 *
 * @param write gets the function's lines and the emulator's troubles; never Lambda's START, END and REPORT
 * @param hears whether what the emulator writes is heard here: where it is not, nothing is waited for
 */
export function createInvocations(url: string, write: (line: string) => void, hears = true): Invocations {
  let heard: Heard = {};
  let changed: () => void = () => undefined;

  return { invoke, hearFunction, hearEmulator };

  async function invoke(invocation: EmulatedInvocation): Promise<EmulatorAnswer> {
    heard = {};
    const { status, payload } = await post(url, invocation);
    const timedOut = status === 200 && payload.length < 64 && TIMED_OUT.test(payload.toString());
    if (status === 200 && hears) await waitFor(() => heard.ended === true && (timedOut || heard.posted !== undefined));
    const { id } = heard;
    const identity = id ? { requestId: id } : {};
    if (timedOut) return { ...identity, failed: true, payload: timeoutError(payload.toString(), id) };
    if (status !== 200) return { ...identity, failed: true, payload: payload.length ? payload : noAnswerError(id) };
    return { ...identity, failed: isError(heard.posted, payload), payload };
  }

  function hearFunction(line: string): void {
    const read = readFunctionLine(line);
    switch (read.kind) {
      case 'function':
        write(line);
        return;
      case 'start':
        heard.id ??= read.id;
        break;
      case 'end':
        heard.ended = true;
        break;
      case 'report':
        break;
    }
    if (read.before) write(read.before);
    changed();
  }

  function hearEmulator(line: string): void {
    const read = readEmulatorLine(line);
    switch (read.kind) {
      case 'own':
        return;
      case 'trouble':
        write(line);
        return;
      case 'posted':
        heard.id = read.id;
        heard.posted = read.what;
        changed();
    }
  }

  function waitFor(isTrue: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const limit = setTimeout(finish, LINES_LIMIT_MS);
      changed = () => isTrue() && finish();
      changed();

      function finish(): void {
        clearTimeout(limit);
        changed = () => undefined;
        resolve();
      }
    });
  }
}

interface Heard {
  id?: string;
  posted?: 'response' | 'error';
  ended?: boolean;
}

/**
 * Whether a 200 of the emulator is a failure. Its log says which of the two the runtime posted, so a handler that passes
 * on somebody else's error is not taken for one that failed. Two cases are told by the text alone: a response of more
 * than 6 MB, which the runtime posts and the emulator refuses; and, where the log is silent (an emulator that words it
 * otherwise), an object of exactly the three keys that upstream's errors have.
 */
function isError(posted: Heard['posted'], payload: Buffer): boolean {
  switch (posted) {
    case 'error':
      return true;
    case 'response':
      return payload.length < 256 && TOO_LARGE.test(payload.toString());
    case undefined:
      return /^\{"errorType":.*"errorMessage":.*"trace":\[/s.test(payload.toString()) && keysOf(payload) === ERROR_KEYS;
  }
}

function keysOf(payload: Buffer): string | undefined {
  try {
    return Object.keys(JSON.parse(payload.toString())).join();
  } catch {
    return undefined;
  }
}

/** The emulator's answer is text; Lambda's is JSON, `Sandbox.Timedout` since 2024. */
function timeoutError(text: string, id: string | undefined): Buffer {
  return errorJson('Sandbox.Timedout', `RequestId: ${id ?? 'unknown'} Error: ${text}`);
}

/** A runtime that ends during INIT without reporting why. */
function noAnswerError(id: string | undefined): Buffer {
  return errorJson(
    'Runtime.ExitError',
    `RequestId: ${id ?? 'unknown'} Error: Runtime exited without providing a reason`,
  );
}

function errorJson(errorType: string, errorMessage: string): Buffer {
  return Buffer.from(JSON.stringify({ errorType, errorMessage }));
}

/** Not `fetch`: it gives up on an answer after 300 s, and a function may take 900. */
function post(
  url: string,
  { payload, clientContext, tenantId }: EmulatedInvocation,
): Promise<{ status: number; payload: Buffer }> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': payload.length,
      ...(clientContext && { 'x-amz-client-context': clientContext }),
      ...(tenantId && { 'x-amz-tenant-id': tenantId }),
    };
    const sent = request(`${url}${PATH}`, { method: 'POST', headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, payload: Buffer.concat(chunks) }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(payload);
  });
}
