import type { ActiveWindow } from './calendar.ts';
import type { FaultCode } from './errors.ts';
import { type HttpResponse, httpResponse } from './http-reply.ts';
import type { Policy } from './policy.ts';
import type { Source } from './source.ts';

export type { HttpResponse } from './http-reply.ts';

/** What the invocation is answered with. */
export type Reply =
  /** A JSON value. */
  | { readonly kind: 'value'; readonly value: unknown }
  /** JSON text, sent as it is. */
  | { readonly kind: 'text'; readonly text: string }
  /** Sent as JSON to a buffered function's caller; a streaming function needs the prelude form. */
  | { readonly kind: 'http'; readonly response: HttpResponse }
  | { readonly kind: 'error'; readonly errorType: FaultCode; readonly errorMessage: string };

/** What a reply is made from, besides the source. */
export interface ReplyContext {
  /** The event's id: Lambda's request id. */
  readonly id: string;
  readonly window: ActiveWindow;
  readonly policy: Policy;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Uniform in [0, 1): the jitter of `Retry-After`. */
  readonly chance: number;
}

const UNDER_MAINTENANCE = 'under maintenance';
const BATCH_DONE: Reply = { kind: 'value', value: { batchItemFailures: [] } };
const NULL: Reply = { kind: 'value', value: null };

/** The answer that the source understands. That of `defer` is right only once the event is stored. */
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

function deferredReply(source: Source, context: ReplyContext): Reply {
  switch (source.key) {
    case 'sqs':
    case 'kinesis':
    case 'dynamodb':
    case 'kafka':
    case 'pipes':
      return BATCH_DONE;
    case 'http':
      return {
        kind: 'http',
        response: httpResponse(source.http, 202, { body: JSON.stringify({ deferred: true, id: context.id }) }),
      };
    case 'websocket':
      return { kind: 'value', value: { statusCode: 200 } };
    case 'cognito':
      return { kind: 'text', text: source.echo ?? 'null' };
    case 'direct':
      return directDeferredReply(context);
    default:
      return NULL;
  }
}

function directDeferredReply({ id, policy, window }: ReplyContext): Reply {
  if (policy.direct === 'accept') return { kind: 'value', value: { deferred: true, id } };
  const message = `stored as ${id}, to be replayed after ${endOf(window)}; do not send it again`;
  return { kind: 'error', errorType: 'MaintenanceWindow.Active', errorMessage: withReason(message, window) };
}

function rejectedReply(source: Source, context: ReplyContext): Reply {
  switch (source.key) {
    case 'http':
    case 'alb-health-check':
      return {
        kind: 'http',
        response: httpResponse(source.http, 503, { retryAfterSeconds: retryAfterSeconds(context) }),
      };
    case 'websocket':
      return { kind: 'value', value: { statusCode: 503 } };
    case 's3-batch':
      return { kind: 'value', value: temporaryFailures(source) };
    case 'redshift-udf':
      return { kind: 'value', value: { success: false, error_msg: UNDER_MAINTENANCE } };
    case 'direct':
      return {
        kind: 'error',
        errorType: 'MaintenanceWindow.Active',
        errorMessage: withReason(`not stored; send it again after ${endOf(context.window)}`, context.window),
      };
    default:
      return activeError(context.window);
  }
}

function answeredReply(source: Source, { policy }: ReplyContext): Reply {
  if (source.key !== 'alb-health-check') return NULL;
  const setting = policy['alb-health-check'];
  return { kind: 'http', response: httpResponse(source.http, typeof setting === 'object' ? setting.status : 200, {}) };
}

function temporaryFailures({ batch }: Source): unknown {
  return {
    invocationSchemaVersion: batch?.invocationSchemaVersion,
    treatMissingKeysAs: 'TemporaryFailure',
    invocationId: batch?.invocationId,
    results: batch?.taskIds.map((taskId) => ({
      taskId,
      resultCode: 'TemporaryFailure',
      resultString: UNDER_MAINTENANCE,
    })),
  };
}

/** The answer to a replay that meets an active window, and to every rejected source but `direct`: end users may see it. */
export function activeError(_window: ActiveWindow): Reply & { readonly kind: 'error' } {
  return { kind: 'error', errorType: 'MaintenanceWindow.Active', errorMessage: UNDER_MAINTENANCE };
}

/** The answer when the event could not be stored. */
export function deferralFailedReply(source: Source): Reply {
  if (source.key === 'http')
    return { kind: 'http', response: httpResponse(source.http, 503, { retryAfterSeconds: 60 }) };
  return {
    kind: 'error',
    errorType: 'MaintenanceWindow.DeferralFailed',
    errorMessage: 'under maintenance, and the event could not be stored: the event source keeps it and sends it again',
  };
}

/** The answer inside a window when our own code fails. */
export function faultReply(): Reply {
  return { kind: 'error', errorType: 'MaintenanceWindow.Fault', errorMessage: UNDER_MAINTENANCE };
}

function retryAfterSeconds({ window, now, chance }: ReplyContext): number {
  if (window.endAt === undefined) return 60;
  const seconds = Math.max(1, Math.ceil((window.endAt - now) / 1000));
  return seconds + Math.floor((seconds / 10) * chance);
}

function endOf({ endAt }: ActiveWindow): string {
  return endAt === undefined ? 'the maintenance' : new Date(endAt).toISOString();
}

function withReason(message: string, { reason }: ActiveWindow): string {
  return reason ? `${message} (${reason})` : message;
}
