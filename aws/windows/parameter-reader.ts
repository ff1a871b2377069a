import { parameterPath } from '../../core/windows/parameter-name.ts';
import { connectionFaultOf, isOfSignature, isThrottled, isUnsendable } from '../request/aws-codes.ts';

/**
 * How parameters are read, whichever client does it: one `GetParameters` call with decryption, no retries.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
 */
export interface ParameterReader {
  read(names: readonly string[]): ParameterCall;
  /** Drops kept connections, so that the next call makes a new one. */
  disconnect(): void;
}

/** One call under way. */
export interface ParameterCall {
  /** Resolves once the request is handed to the operating system, or will not be. Never rejects. */
  readonly written: Promise<void>;
  /** Never rejects. */
  readonly outcome: Promise<ReadOutcome>;
  /** Gives up: closes the connection. The outcome is of no interest any more. */
  abandon(): void;
}

/** A call that can only be made later. */
export function lateCall(call: Promise<ParameterCall>, failureOfMaking: (error: Error) => ReadFailure): ParameterCall {
  const outcome = call.then((made) => made.outcome, failureOfMaking);
  return {
    written: outcome.then(() => undefined),
    outcome,
    abandon: () => void call.then(({ abandon }) => abandon(), failureOfMaking),
  };
}

/** Outcome of a call. */
export type ReadOutcome = { readonly kind: 'texts'; readonly texts: ParameterTexts } | ReadFailure;

/** Texts by the name asked for. `undefined` for a parameter that does not exist; no entry if nothing is known. */
export type ParameterTexts = ReadonlyMap<string, ParameterText | undefined>;

/** Value of a parameter. */
export interface ParameterText {
  readonly text: string;
  /** When it was put, by the service's clock. Epoch milliseconds; absent where that was not told. */
  readonly editedAt?: number;
}

/**
 * Why a call failed. `denied`: SSM refuses to read these parameters, and one of them may be the reason (no permission, a key that
 * is disabled, a name that is not valid). `refused`: asking again will not help, whatever is asked for (keys, certificate,
 * configuration). `busy`: throttled, or a fault of the service. `broken`: no connection, no answer in time, or one that is cut
 * off or garbled.
 */
export interface ReadFailure {
  readonly kind: 'failed';
  readonly failure: 'denied' | 'refused' | 'busy' | 'broken';
  readonly cause: string;
}

/** The part of `GetParameters`' answer that is of use here. SSM need not answer with the names it was asked for. */
export interface ParametersAnswer {
  readonly Parameters?: readonly AnsweredParameter[] | undefined;
  readonly InvalidParameters?: readonly string[] | undefined;
}

interface AnsweredParameter {
  readonly Name?: string | undefined;
  readonly ARN?: string | undefined;
  readonly Value?: string | undefined;
  /** In AWS JSON a number of seconds since the epoch, with a fraction; a `Date` where the SDK has read it. */
  readonly LastModifiedDate?: number | Date | undefined;
}

/** Sorts an error answer. */
export function failureOf(status: number, code: string, message: string): ReadFailure {
  const busy = status >= 500 || isThrottled(code, status);
  return {
    kind: 'failed',
    failure: busy ? 'busy' : isOfSignature(code) ? 'refused' : 'denied',
    cause: `${code || `HTTP ${status}`}${message && `: ${message}`}`,
  };
}

/** Kind of a connection's fault, or of an answer that is cut off or garbled. */
export function failureOfConnection(error: Error & { readonly code?: string }): ReadFailure {
  const { code = '' } = error;
  const isLasting = connectionFaultOf(code) === 'untrusted' || isUnsendable(code);
  return { kind: 'failed', failure: isLasting ? 'refused' : 'broken', cause: String(error) };
}

/**
 * Sorts an answer's parameters under the names they were asked for. A parameter asked for by its ARN may be answered, or
 * called invalid, by that ARN, by its name, or by both; and accounts may share a name.
 */
export function textsByName(names: readonly string[], answer: ParametersAnswer): ReadOutcome {
  const texts = new Map<string, ParameterText | undefined>();
  const answered = answer.Parameters ?? [];
  const invalid = answer.InvalidParameters ?? [];
  for (const name of names) {
    const text = textOf(name);
    if (text || invalid.some((other) => parameterPath(other) === parameterPath(name))) texts.set(name, text);
  }
  return texts.size > 0 ? { kind: 'texts', texts } : nothingOf(names);

  function textOf(name: string): ParameterText | undefined {
    const { Value: text, LastModifiedDate: date } = answerOf(name) ?? {};
    const editedAt = typeof date === 'number' ? date * 1_000 : Number(date ?? Number.NaN);
    return text === undefined ? undefined : { text, ...(Number.isFinite(editedAt) && { editedAt }) };
  }

  function answerOf(name: string): AnsweredParameter | undefined {
    const exact = answered.find(({ ARN }) => ARN === name);
    if (exact) return exact;
    if (invalid.includes(name)) return undefined;
    const isOthers = (arn: string) => name.startsWith('arn:') || names.includes(arn);
    const named = answered.filter(
      ({ Name = '', ARN }) => parameterPath(Name) === parameterPath(name) && !(ARN && isOthers(ARN)),
    );
    return named.find(({ Name }) => Name === name) ?? named[0];
  }
}

/** The failure of a call whose answer passes over these names. */
export function nothingOf(names: readonly string[]): ReadFailure {
  return { kind: 'failed', failure: 'broken', cause: `the answer says nothing of ${names.join(', ')}` };
}

/**
 * Whether a refusal's text speaks of this parameter, as IAM's does: `… is not authorized to perform: ssm:GetParameters on
 * resource: arn:aws:ssm:eu-south-1:111122223333:parameter/team/windows because …`.
 */
export function isNamedIn(text: string, name: string): boolean {
  const arns = text.match(/arn:[\w-]+:ssm:[\w.\-/:]*[\w/-]/g) ?? [];
  return arns.some((arn) => (name.startsWith('arn:') ? arn === name : parameterPath(arn) === parameterPath(name)));
}
