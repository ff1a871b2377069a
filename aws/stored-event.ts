import type { DeferredEvent, EventStatus } from '../gate/event.ts';
import { parseKey } from '../gate/table.ts';
import type { Item } from './item.ts';
import { orderKeysIn } from './order-attributes.ts';

/** A deferred event as the table has it, without its text. Instants are epoch milliseconds. */
export interface StoredEvent extends Omit<DeferredEvent, 'text'> {
  readonly status: EventStatus;
  /** Invocations that were sent, or may have been. */
  readonly attempts: number;
  /** Of the raw text, hexadecimal. */
  readonly sha256: string;
  /** Who claimed it last: `<who>/<run>/<number>`. */
  readonly leaseBy?: string;
  /** Until then nobody else may claim it. */
  readonly leaseUntilAt?: number;
  /** What went wrong the last time. */
  readonly lastError?: string;
  /** What the function answered the last time, cut off where it is long. */
  readonly result?: string;
  /** Who brought it where it is. */
  readonly doneBy?: string;
  readonly doneAt?: number;
  /** When DynamoDB may delete it: finished events only. */
  readonly expiresAt?: number;
}

/** Reads an event's item. */
export function storedEventOf(item: Item): StoredEvent {
  const key = parseKey(textIn(item, 'pk') ?? '');
  return {
    id: key?.kind === 'event' ? key.id : '',
    status: textIn(item, 'status') as EventStatus,
    functionName: textIn(item, 'functionName') ?? '',
    functionVersion: textIn(item, 'functionVersion') ?? '',
    invokedFunctionArn: textIn(item, 'invokedFunctionArn') ?? '',
    source: textIn(item, 'source') ?? '',
    deferredAt: numberIn(item, 'deferredAt') ?? 0,
    bytes: numberIn(item, 'bytes') ?? 0,
    sha256: textIn(item, 'sha256') ?? '',
    timeoutMs: numberIn(item, 'timeoutMs') ?? 0,
    attempts: numberIn(item, 'attempts') ?? 0,
    ...present({
      clientContext: textIn(item, 'clientContext'),
      cognitoIdentity: textIn(item, 'cognitoIdentity'),
      traceId: textIn(item, 'traceId'),
      tenantId: textIn(item, 'tenantId'),
      windowStartAt: instantIn(item, 'windowStart'),
      windowEndAt: instantIn(item, 'windowEnd'),
      windowReason: textIn(item, 'windowReason'),
      orderKeys: orderKeysIn(item),
      leaseBy: textIn(item, 'leaseBy'),
      leaseUntilAt: numberIn(item, 'leaseUntil'),
      lastError: textIn(item, 'lastError'),
      result: textIn(item, 'result'),
      doneBy: textIn(item, 'doneBy'),
      doneAt: numberIn(item, 'doneAt'),
      expiresAt: secondsIn(item, 'expiresAt'),
    }),
  };
}

function textIn(item: Item, name: string): string | undefined {
  return item[name]?.S;
}

function numberIn(item: Item, name: string): number | undefined {
  const text = item[name]?.N;
  return text === undefined ? undefined : Number(text);
}

function secondsIn(item: Item, name: string): number | undefined {
  const seconds = numberIn(item, name);
  return seconds === undefined ? undefined : seconds * 1_000;
}

function instantIn(item: Item, name: string): number | undefined {
  const at = Date.parse(textIn(item, name) ?? '');
  return Number.isNaN(at) ? undefined : at;
}

type Present<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };

function present<Values extends object>(values: Values): Present<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<Values>;
}
