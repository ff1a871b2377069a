import type { InvokeAnswer, Refusal } from '../../core/replay/invoker.ts';
import { isDenied, isOfSignature, isThrottled } from '../request/aws-codes.ts';

/**
 * Meaning of Lambda's refusal for the invocation: only a 4xx proves that it did not run.
 *
 * @param reason which limit it is, of a throttled invocation
 */
export function answerOfRefusal(status: number, code: string, message: string, reason?: string): InvokeAnswer {
  if (status >= 400 && status < 500) {
    const told = reason ? `${code}: ${message} (${reason})` : `${code}: ${message}`;
    return { kind: 'not-run', refusal: refusalOf(status, code), message: told };
  }
  return { kind: 'no-answer', message: `${status} ${code}: ${message}` };
}

/** No connection was made, so nothing was sent. */
export function answerOfNoConnection(why: string): InvokeAnswer {
  return { kind: 'not-run', refusal: 'unreachable', message: `Lambda cannot be reached (${why})` };
}

/** It was sent, or a part of it. */
export function answerOfBrokenConnection(why: string): InvokeAnswer {
  return { kind: 'no-answer', message: `the connection broke (${why})` };
}

/** @param limitMs what was waited for */
export function answerOfSilence(limitMs: number): InvokeAnswer {
  return { kind: 'no-answer', message: `no answer within ${Math.ceil(limitMs / 1_000)} s` };
}

/** Sorts a refusal of Lambda's (4xx). All of them mean that the function did not run. */
export function refusalOf(status: number, code: string): Refusal {
  if (status === 409 || isThrottled(code, status)) return 'busy';
  if (isOfSignature(code)) return 'credentials';
  if (isDenied(code, status)) return 'denied';
  if (status === 404) return 'missing';
  return 'refused';
}
