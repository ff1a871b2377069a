import type { ActiveWindow } from '../calendar/calendar.ts';
import type { Source } from '../sources/recognise.ts';
import type { OrderKey } from '../sources/record-order.ts';
import type { Invocation } from './invocation.ts';

/**
 * Function as Lambda names it, by `AWS_LAMBDA_FUNCTION_NAME` and `AWS_LAMBDA_FUNCTION_VERSION`, and the client around it.
 */
export interface FunctionIdentity {
  readonly name: string;
  readonly version: string;
  /** Version of the client, of this project. */
  readonly clientVersion: string;
}

/** One stored invocation: all that a replay needs to make it again, and what an operator wants to know of it. */
export interface DeferredEvent {
  /** The Lambda request id. A rest of a batch, made by a replay, has its parent's id and `.1`, `.2`, … */
  readonly id: string;
  readonly functionName: string;
  readonly functionVersion: string;
  /** ARN with the alias or version that the caller used; a replay invokes the same. */
  readonly invokedFunctionArn: string;
  /** Version of the client that stored it, of this project; absent where it wrote none, or none that is one. */
  readonly clientVersion?: string;
  /** The source's policy key, e.g. `sqs`. */
  readonly source: string;
  /** Epoch milliseconds. */
  readonly deferredAt: number;
  /** The event as JSON text, exactly as received. */
  readonly text: string;
  /** Length of `text` in UTF-8. */
  readonly bytes: number;
  /** Raw JSON. */
  readonly clientContext?: string;
  /** Raw JSON. */
  readonly cognitoIdentity?: string;
  readonly traceId?: string;
  readonly tenantId?: string;
  /** Time left when the invocation was received: the measure of a replay's lease and time-out. */
  readonly timeoutMs: number;
  /** Epoch milliseconds. */
  readonly windowStartAt?: number;
  /** Epoch milliseconds; absent where the end was not known. */
  readonly windowEndAt?: number;
  readonly windowReason?: string;
  /** Order keys of the event: shards, partitions, FIFO groups. Never empty. */
  readonly orderKeys?: readonly OrderKey[];
}

/**
 * Makes the deferred event of an invocation. The text is carried, never parsed.
 *
 * @param deferredAt epoch milliseconds
 */
export function createDeferredEvent(
  invocation: Invocation,
  identity: FunctionIdentity,
  source: Source,
  window: ActiveWindow,
  deferredAt: number,
): DeferredEvent {
  const { id, text, invokedFunctionArn, deadlineAt, clientContext, cognitoIdentity, traceId, tenantId } = invocation;
  return {
    id,
    functionName: identity.name,
    functionVersion: identity.version,
    invokedFunctionArn,
    clientVersion: identity.clientVersion,
    source: source.key,
    deferredAt,
    text,
    bytes: Buffer.byteLength(text),
    // The client gives an empty string for what Lambda did not send.
    ...(clientContext && { clientContext }),
    ...(cognitoIdentity && { cognitoIdentity }),
    ...(traceId && { traceId }),
    ...(tenantId && { tenantId }),
    timeoutMs: Math.max(0, deadlineAt - deferredAt),
    windowStartAt: window.startAt,
    ...(window.endAt !== undefined && { windowEndAt: window.endAt }),
    ...(window.reason !== undefined && { windowReason: window.reason }),
    ...(source.orderKeys && { orderKeys: source.orderKeys }),
  };
}

/**
 * Status of a deferred event. `unknown`: it was sent, and it may have run. `accepted`: handed to Lambda's own queue.
 * `taken-back`: Lambda's own again, because Lambda retried it after the window.
 */
export type EventStatus =
  | 'pending'
  | 'replaying'
  | 'replayed'
  | 'failed'
  | 'unknown'
  | 'accepted'
  | 'discarded'
  | 'taken-back';

/**
 * Every move between statuses. `replaying` to itself: a lease that ran out is claimed again. `failed` and `unknown`
 * wait for an operator, who replays or discards them. Out of what is finished only an operator moves an event, who names
 * it: `replayed` and `accepted` run again, `discarded` is restored to what it was before.
 */
export const MOVES: Readonly<Record<EventStatus, readonly EventStatus[]>> = {
  pending: ['replaying', 'discarded', 'taken-back'],
  replaying: ['replaying', 'pending', 'replayed', 'failed', 'unknown', 'accepted'],
  failed: ['replaying', 'discarded'],
  unknown: ['replaying', 'discarded'],
  'taken-back': ['pending'],
  replayed: ['replaying'],
  accepted: ['replaying'],
  discarded: ['pending', 'failed', 'unknown'],
};

/** Every status there is. */
export const STATUSES = /* @__PURE__ */ Object.keys(MOVES) as readonly EventStatus[];

/** The statuses that {@link MOVES} leads out of to this one. */
export function statusesBefore(status: EventStatus): readonly EventStatus[] {
  return STATUSES.filter((before) => MOVES[before].includes(status));
}

/**
 * Whether an event is done, so that it may expire. `failed` and `unknown` are not: the work is not done, and no event
 * goes away before an operator has said so.
 */
export function isFinished(status: EventStatus): boolean {
  switch (status) {
    case 'replayed':
    case 'accepted':
    case 'discarded':
    case 'taken-back':
      return true;
    case 'pending':
    case 'replaying':
    case 'failed':
    case 'unknown':
      return false;
  }
}

/**
 * The version or alias that an ARN names; undefined where it names none. `live` of
 * `arn:aws:lambda:eu-south-1:123456789012:function:orders:live`: it comes eighth.
 */
export function qualifierIn(functionArn: string): string | undefined {
  return functionArn.split(':')[7];
}

/** The same function's ARN with another version or alias. */
export function withQualifier(functionArn: string, qualifier: string): string {
  return [...functionArn.split(':').slice(0, 7), qualifier].join(':');
}
