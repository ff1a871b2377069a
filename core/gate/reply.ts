import type { ActiveWindow } from '../calendar/calendar.ts';
import type { FaultCode } from '../errors.ts';
import { type Mark, nothingRan } from '../events/replay-mark.ts';
import type { HttpPolicy } from '../sources/http-policy.ts';
import type { MatchingRule } from '../sources/matching-rule.ts';
import type { Policy } from '../sources/policy.ts';
import type { Source } from '../sources/recognise.ts';
import { type HttpContent, type HttpResponse, httpResponse } from './http-reply.ts';

/** Answer to an invocation. */
export type Reply =
  /** A JSON value. */
  | { readonly kind: 'value'; readonly value: unknown }
  /** JSON text, sent as it is: a Cognito event goes back byte for byte. */
  | { readonly kind: 'text'; readonly text: string }
  /** Sent as JSON; in the prelude form where the function's handler streams, if the caller `streams` too. */
  | { readonly kind: 'http'; readonly response: HttpResponse; readonly streams: boolean }
  | ErrorReply;

/** The invocation fails, as if the handler had thrown. */
export interface ErrorReply {
  readonly kind: 'error';
  readonly errorType: FaultCode;
  readonly errorMessage: string;
}

/** Facts that a reply is made from, besides the source. */
export interface ReplyContext {
  /** The event's id: Lambda's request id. */
  readonly id: string;
  readonly window: ActiveWindow;
  readonly policy: Policy;
  /** The policy's rule that the event falls under. */
  readonly matched?: MatchingRule | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Uniform in [0, 1): the jitter of `Retry-After`. */
  readonly chance: number;
}

/** Message for end users and unknown callers: neither the reason nor an id. */
const UNDER_MAINTENANCE = 'under maintenance';
/** `Retry-After` where the end is not known. */
const UNKNOWN_END_SECONDS = 60;
/** Jitter of `Retry-After`, so that callers do not all come back at the same instant. */
const JITTER = 0.1;

const NULL: Reply = { kind: 'value', value: null };
/** Right with and without ReportBatchItemFailures. */
const BATCH_DONE: Reply = { kind: 'value', value: { batchItemFailures: [] } };

/** The answer that the source understands. That of `defer` is right only once the event is stored. Pure. */
export function replyOf(kind: 'defer' | 'reject' | 'answer', source: Source, context: ReplyContext): Reply {
  switch (kind) {
    case 'defer':
      return deferredReply(source, context);
    case 'reject':
      return rejectedReply(source, context);
    case 'answer':
      return answeredReply(source, context);
  }
}

/**
 * Whether a failed invocation was stored, judged by its error. For a stand-in of Lambda that cannot retry under the
 * same id, and so must not retry.
 *
 * @param error the error as JSON
 * @param id the invocation's, where it is known: a handler may have passed on what another function was answered with
 */
export function saysStored(error: string, id?: string): boolean {
  if (!error.startsWith('{"errorType":"MaintenanceWindow.Active"')) return false;
  const [, stored] = /"errorMessage":"(?:under maintenance; )?stored as ([^,"]+), /.exec(error) ?? [];
  return stored !== undefined && (id === undefined || stored === id);
}

/** The answer to a replay that meets an active window: it proves that nothing ran. */
export function replayedInsideReply(invokedFunctionArn: string, { proof }: Mark): ErrorReply {
  return errorReply('MaintenanceWindow.Active', nothingRan(invokedFunctionArn, proof));
}

/** The answer when the event could not be stored: no success, so that whoever sent it keeps it. */
export function deferralFailedReply(source: Source, policy: Policy): Reply {
  switch (source.key) {
    case 'http':
      return unavailable(source, UNKNOWN_END_SECONDS, policy);
    case 'websocket':
      return { kind: 'value', value: { statusCode: 503 } };
    default:
      return errorReply('MaintenanceWindow.DeferralFailed', whyDeferralFailed(source));
  }
}

/** The answer to everything rejected whose sender reads no other form. */
function activeError(): ErrorReply {
  return errorReply('MaintenanceWindow.Active', UNDER_MAINTENANCE);
}

function deferredReply(source: Source, { id, policy, window }: ReplyContext): Reply {
  switch (source.key) {
    case 'http':
      return httpReply(source, { status: 202, body: { deferred: true, id }, headers: httpPolicyOf(policy).headers });
    case 'direct':
      return policy.direct === 'accept' && !source.imitated
        ? { kind: 'value', value: { deferred: true, id } }
        : storedError(id, window);
    default:
      return source.imitated ? storedForAnybody(id) : storedForItsSource(source, id);
  }
}

/** The source's own success, for events whose sender cannot be waiting for the handler's answer. */
function storedForItsSource(source: Source, id: string): Reply {
  switch (source.key) {
    case 'sqs':
    case 'kinesis':
    case 'dynamodb':
    case 'kafka':
    case 'pipes':
      return BATCH_DONE;
    case 'websocket':
      return { kind: 'value', value: { statusCode: 200 } };
    case 'cognito':
      return source.echo === undefined ? activeError() : { kind: 'text', text: source.echo };
    default:
      return mayWait(source) ? storedForAnybody(id) : NULL;
  }
}

/** Whoever may be waiting must not take the answer for success. */
function mayWait({ delivery }: Source): boolean {
  return delivery === 'synchronous' || delivery === 'unknown';
}

/** The Runtime API does not say whether the caller waits: one that does must not take this for success. */
function storedError(id: string, { endAt, reason }: ActiveWindow): ErrorReply {
  const message = `stored as ${id}, to be replayed after ${endText(endAt)}; do not send it again`;
  return errorReply('MaintenanceWindow.Active', withReason(message, reason));
}

/** The same where nobody knows who reads it: without the reason. */
function storedForAnybody(id: string): ErrorReply {
  return errorReply('MaintenanceWindow.Active', `${UNDER_MAINTENANCE}; stored as ${id}, do not send it again`);
}

function rejectedReply(source: Source, context: ReplyContext): Reply {
  const { window, policy } = context;
  switch (source.key) {
    case 'http':
      return unavailable(source, retryAfterSeconds(context), policy);
    case 'alb-health-check':
      return unavailable(source, retryAfterSeconds(context), {});
    case 'websocket':
      return { kind: 'value', value: { statusCode: 503 } };
    case 's3-batch':
      return { kind: 'value', value: temporaryFailures(source) };
    case 'redshift-udf':
      return { kind: 'value', value: { success: false, error_msg: UNDER_MAINTENANCE } };
    case 'direct':
      return errorReply(
        'MaintenanceWindow.Active',
        withReason(`${UNDER_MAINTENANCE}, not stored; send it again after ${endText(window.endAt)}`, window.reason),
      );
    default:
      return activeError();
  }
}

function unavailable(source: Source, retryAfterSeconds: number, policy: Policy): Reply {
  const { status = 503, body = { message: UNDER_MAINTENANCE }, headers } = httpPolicyOf(policy);
  return httpReply(source, { status, body, headers, retryAfterSeconds });
}

function answeredReply(source: Source, { policy, matched }: ReplyContext): Reply {
  if (matched?.rule.reply !== undefined) return { kind: 'value', value: matched.rule.reply };
  switch (source.key) {
    case 'http':
      return httpReply(source, { status: 204, body: '', headers: httpPolicyOf(policy).headers });
    case 'alb-health-check': {
      const setting = policy[source.key];
      const status = typeof setting === 'object' ? setting.status : 200;
      return httpReply(source, { status, body: { message: UNDER_MAINTENANCE } });
    }
    default:
      return NULL;
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html#batch-ops-invoke-lambda-response-structure */
function temporaryFailures({ job }: Source): unknown {
  return {
    invocationSchemaVersion: job?.schemaVersion,
    treatMissingKeysAs: 'TemporaryFailure',
    invocationId: job?.invocationId,
    results: job?.taskIds.map((taskId) => ({
      taskId,
      resultCode: 'TemporaryFailure',
      resultString: UNDER_MAINTENANCE,
    })),
  };
}

function whyDeferralFailed({ key, delivery }: Source): string {
  switch (key === 'direct' ? 'unknown' : delivery) {
    case 'poll':
      return `${UNDER_MAINTENANCE}, and the event could not be stored; its source keeps it and sends it again`;
    case 'asynchronous':
      return `${UNDER_MAINTENANCE}, and the event could not be stored; Lambda keeps it and tries again`;
    case 'unknown':
      return `${UNDER_MAINTENANCE}, and the event could not be stored; send it again`;
    case 'synchronous':
      return UNDER_MAINTENANCE;
  }
}

function retryAfterSeconds({ window: { endAt }, now, chance }: ReplyContext): number {
  if (endAt === undefined) return UNKNOWN_END_SECONDS;
  const seconds = Math.max(1, Math.ceil((endAt - now) / 1000));
  return seconds + Math.floor(seconds * JITTER * chance);
}

function httpPolicyOf({ http }: Policy): HttpPolicy {
  return typeof http === 'object' ? http : {};
}

function httpReply({ request }: Source, content: HttpContent): Reply {
  return { kind: 'http', response: httpResponse(request, content), streams: request?.streams ?? false };
}

function errorReply(errorType: FaultCode, errorMessage: string): ErrorReply {
  return { kind: 'error', errorType, errorMessage };
}

/** An instant as a window parameter has it. */
function endText(endAt: number | undefined): string {
  return endAt === undefined ? 'the maintenance' : new Date(endAt).toISOString().replace('.000Z', 'Z');
}

function withReason(message: string, reason: string | undefined): string {
  return reason ? `${message} (${reason})` : message;
}
