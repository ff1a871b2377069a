import { randomBytes } from 'node:crypto';
import type { FaultCode } from '../errors.ts';
import { MARK, nothingRan } from '../events/replay-mark.ts';
import { PRELUDE_END } from '../gate/http-reply.ts';
import { verdictOfBatch } from '../sources/batch-failures.ts';
import { EVENT_SOURCES, type PolicyKey } from '../sources/sources.ts';
import { parseJson } from '../text/json.ts';
import { at, isObject, textAt } from '../text/shape.ts';
import type { InvokeAnswer, Refusal } from './invoker.ts';

/** Outcome of a replay's invocation. */
export type ReplayOutcome =
  | { readonly kind: 'replayed'; readonly result: string }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'failed'; readonly error: string; readonly result: string }
  /** Part of a batch failed: `rest` is the batch without what is done. */
  | { readonly kind: 'partly'; readonly rest: string; readonly error: string; readonly result: string }
  | { readonly kind: 'unknown'; readonly error: string }
  /**
   * Proof by the function's gate that nothing ran, inside a window or by a fault of its own: neither a failure nor an
   * attempt.
   */
  | { readonly kind: 'gate-held'; readonly by: 'active' | 'fault' }
  | { readonly kind: 'not-run'; readonly refusal: Refusal; readonly error: string };

/** Invocation of an answer, with the proof that its gate can answer with. */
export interface MarkedInvocation {
  /** The function's name or ARN as it was sent, with its version or alias. */
  readonly function: string;
  /** The nonce of its mark. */
  readonly proof: string;
}

/** Mark of a replay's invocation. */
export interface ReplayMark {
  /** The event's id. */
  readonly replay: string;
  /** When the event arrived, epoch milliseconds. */
  readonly deferredAt: number;
  /** Of this one invocation, see {@link newProof}. */
  readonly proof: string;
  /** Whether the handler is to run even inside a window. */
  readonly dispatch: boolean;
  /** Of a copy for another function: the one that the event was sent to, with its version or alias. */
  readonly copyOf?: string;
}

/** Client context of a replay's invocation, or why it cannot be sent. */
export type ReplayContext =
  | { readonly kind: 'context'; readonly base64: string }
  | { readonly kind: 'refused'; readonly message: string };

/** Of the Base64 text. Source: Lambda API reference, "Invoke", `X-Amz-Client-Context`. */
const CLIENT_CONTEXT_LIMIT_BYTES = 3_583;
/** Source: Lambda quotas, "Invocation payload", asynchronous. */
const ASYNCHRONOUS_LIMIT_BYTES = 1_048_576;
/** As much of a reply or an error is kept as leaves the event's item room: see `REPLAY_ROOM_BYTES` of the store. */
const KEPT_CHARACTERS = 2_000;

/**
 * Judges an answer as the event's source would: a failed batch item or an HTTP error is a failure, although the function
 * returned.
 *
 * @param source the event's source: its policy key
 * @param text the event as it was sent
 * @param marked absent where no mark was sent: then nothing that a function says proves that it did not run
 */
export function outcomeOf(
  source: string,
  text: string,
  answer: InvokeAnswer,
  marked?: MarkedInvocation,
): ReplayOutcome {
  switch (answer.kind) {
    case 'reply':
      return outcomeOfReply(source, text, answer.text);
    case 'function-error':
      return outcomeOfError(answer.text, marked);
    case 'accepted':
      return answer;
    case 'not-run':
      return { kind: 'not-run', refusal: answer.refusal, error: answer.message };
    case 'no-answer':
      return { kind: 'unknown', error: answer.message };
  }
}

const PROOF_BYTES = 16;
/** Random bytes of the proofs to come: to ask the system for those of one costs more than all else that an event takes here. */
let random = Buffer.alloc(0);
let usedBytes = 0;

/** Proof for one invocation: 128 random bits. Two invocations with one proof could be taken for each other. */
export function newProof(): string {
  if (usedBytes === random.length) [random, usedBytes] = [randomBytes(PROOF_BYTES * 256), 0];
  usedBytes += PROOF_BYTES;
  return random.toString('base64url', usedBytes - PROOF_BYTES, usedBytes);
}

/**
 * Marks an invocation as a replay, so that a gate inside a window does not store its event again.
 *
 * @param stored the event's own client context, raw JSON
 */
export function contextOfReplay(mark: ReplayMark, stored: string | undefined): ReplayContext {
  // Lambda never gave a function as much; and what is nested deep enough can be read, but not written again.
  if (stored !== undefined && stored.length > CLIENT_CONTEXT_LIMIT_BYTES) {
    return refused(
      `its client context has ${stored.length} characters; Lambda takes ${CLIENT_CONTEXT_LIMIT_BYTES} in Base64`,
    );
  }
  const context = stored === undefined ? {} : parseJson(stored);
  const custom = at(context, 'custom') ?? {};
  if (!isObject(context) || !isObject(custom)) {
    return refused('its client context is no object that could carry the mark of a replay');
  }
  const { replay, deferredAt, proof, dispatch, copyOf } = mark;
  const told = {
    replay,
    deferredAt: new Date(deferredAt).toISOString(),
    ...(copyOf !== undefined && { copyOf }),
    ...(dispatch && { dispatch: 'true' }),
    proof,
  };
  // Of a mark that somebody passed on nothing stays: it may ask for the handler.
  const others = Object.entries(custom).filter(([name]) => !name.startsWith(MARK));
  const own = Object.entries(told).map(([name, value]) => [`${MARK}${name}`, value] as const);
  const merged = { ...context, custom: Object.fromEntries([...others, ...own]) };
  const base64 = Buffer.from(JSON.stringify(merged)).toString('base64');
  if (base64.length <= CLIENT_CONTEXT_LIMIT_BYTES) return { kind: 'context', base64 };
  return refused(
    `its client context with the mark of a replay has ${base64.length} bytes in Base64; Lambda takes ${CLIENT_CONTEXT_LIMIT_BYTES}`,
  );
}

/**
 * Why an event cannot go through Lambda's own queue; undefined where it can. Nobody reads a reply there, so it takes a source
 * that tells nothing by its replies: what its function fails at, it fails at with an error.
 */
export function whyNotAsEvent(event: {
  readonly source: string;
  readonly bytes: number;
  readonly clientContext?: string | undefined;
}): string | undefined {
  const { source, bytes, clientContext } = event;
  if (!failsByErrorAlone(source)) {
    return `what fails of an event from ${source} stands in the function's reply, which nobody would read`;
  }
  if (bytes > ASYNCHRONOUS_LIMIT_BYTES) {
    return `it has ${bytes} bytes; an asynchronous invocation takes ${ASYNCHRONOUS_LIMIT_BYTES}`;
  }
  if (clientContext !== undefined) {
    return 'its client context would not reach the function';
  }
  return undefined;
}

/** Whether nothing in a reply to this source tells a failure. Of a source that is not known, nobody can tell. */
export function failsByErrorAlone(source: string): boolean {
  const known = Object.entries(EVENT_SOURCES).find(([key]) => key === source)?.[1];
  return known?.delivery === 'asynchronous' || NO_REPLY.some((key) => key === source);
}

/** Batches of which Lambda knows no part to fail, and what is as a rule told by `Event` invocations. */
const NO_REPLY = ['mq', 'documentdb', 'direct'] as const satisfies readonly PolicyKey[];

/** The id of what stays of a batch: that of `9f1c` is `9f1c.1`, and that of `9f1c.1` is `9f1c.2`. */
export function restIdOf(id: string): string {
  const [, parent = id, number = '0'] = /^(.*)\.(\d+)$/s.exec(id) ?? [];
  return `${parent}.${BigInt(number) + 1n}`; // a number of many digits would be its own next
}

/** Whether it is the id of what stayed of a batch. */
export function isRestId(id: string): boolean {
  return /\.\d+$/.test(id);
}

function outcomeOfReply(source: string, text: string, replyText: string): ReplayOutcome {
  const result = excerptOf(replyText);
  const isHttp = source === 'http' || source === 'websocket';
  if (!isHttp && !replyText.includes('batchItemFailures')) return { kind: 'replayed', result };

  const reply = parseJson(isHttp ? withoutStreamedBody(replyText) : replyText);
  const statusCode = Number(at(reply, 'statusCode'));
  if (isHttp && statusCode >= 400) return { kind: 'failed', error: `HTTP status ${statusCode}`, result };
  const verdict = verdictOfBatch(source, text, reply);
  switch (verdict.kind) {
    case 'done':
      return { kind: 'replayed', result };
    case 'failed':
      return { kind: 'failed', error: verdict.error, result };
    case 'rest':
      return { kind: 'partly', rest: verdict.text, error: verdict.error, result };
  }
}

/**
 * Only the proof tells that nothing ran. Every other error may be a handler's, by whatever name: one of another function's
 * gate that it passes on, or one that calls itself Lambda's (`Runtime.…`, `Sandbox.…`).
 */
function outcomeOfError(text: string, marked: MarkedInvocation | undefined): ReplayOutcome {
  const error = parseJson(text);
  const type = textAt(error, 'errorType');
  const message = textAt(error, 'errorMessage');
  const by = OF_GATE.get(type);
  if (by && marked && message === nothingRan(marked.function, marked.proof)) return { kind: 'gate-held', by };
  const told = [type, message].filter((word) => word !== '').join(': ') || 'the function failed';
  const doubt = unprovedIn(text);
  return { kind: 'failed', error: excerptOf(doubt ? `${told}; ${doubt}` : told), result: excerptOf(text) };
}

/** What to think of an error that says what a gate would, without its proof. Undefined for any other one. */
export function unprovedIn(errorText: string): string | undefined {
  return OF_GATE.has(textAt(parseJson(errorText), 'errorType')) ? UNPROVED : undefined;
}

/** What the gate answers a marked invocation with that it does not run. */
const OF_GATE: ReadonlyMap<string, 'active' | 'fault'> = new Map([
  ['MaintenanceWindow.Active' satisfies FaultCode, 'active'],
  ['MaintenanceWindow.Fault' satisfies FaultCode, 'fault'],
]);
const UNPROVED =
  'it may have run, as its gate does not prove that it did not: either its handler passes on what another function answered, or the client in it is older than this tool';

function withoutStreamedBody(text: string): string {
  return text.split(PRELUDE_END, 1)[0] ?? text;
}

function excerptOf(text: string): string {
  return text.length > KEPT_CHARACTERS ? `${text.slice(0, KEPT_CHARACTERS)}…`.toWellFormed() : text;
}

function refused(message: string): ReplayContext {
  return { kind: 'refused', message };
}
