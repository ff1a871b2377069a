import type { DamagedEvent, FoundEvent, StoredEvent } from '../../core/events/archive.ts';
import { BODY_LIMIT_BYTES } from '../../core/events/body.ts';
import { clientVersionIn } from '../../core/events/client-version.ts';
import { type EventStatus, MOVES, qualifierIn, STATUSES } from '../../core/events/deferred-event.ts';
import { parseFunctionArn } from '../../core/events/function-arn.ts';
import { type HistoryEntry, parseHistory } from '../../core/events/history.ts';
import { LAST_INSTANT, PARTS_HASH, parseKey } from '../../core/events/table.ts';
import { DAY_MS } from '../../core/units.ts';
import type { Item } from '../dynamodb/dynamodb.ts';
import { ITEM_LIMIT_BYTES, itemBytes, MOST_PARTS, REPLAY_ROOM_BYTES } from './item.ts';
import { createItemReader, type ItemReader } from './item-reader.ts';
import { orderKeysIn } from './order-attributes.ts';

/** The longest time-out that is believed: a day. Lambda's own is 15 minutes: https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html */
export const LONGEST_TIMEOUT_MS = DAY_MS;
/** No lease lasts longer from now: a time-out, a minute, and whatever somebody's clock is ahead. */
export const LONGEST_LEASE_MS = 2 * DAY_MS;
const MOST_ATTEMPTS = 1_000_000;
/** Beyond what an event has when it is stored, and what it may have then: statuses and counters grow by a few digits. */
const ROOM_BYTES = ITEM_LIMIT_BYTES - REPLAY_ROOM_BYTES + 64;
const SOURCE = /^[a-z][a-z0-9-]{0,63}$/;
const ENCODING = /^(?:identity|gzip)$/;
const SHA_256 = /^[0-9a-f]{64}$/;
/** Source: AWS Lambda API reference, "Invoke", TenantId. */
const TENANT = /^[\w.:/=+\-@ ]{1,256}$/;

/**
 * Reads an event's item and checks it against its key: `functionName` and the ARN have to be those of the function that
 * may write there. Never throws. Undefined for a part or a function's own row.
 *
 * @param now epoch milliseconds
 */
export function readEvent(item: Item, now: number): FoundEvent | undefined {
  const key = parseKey(item['pk']?.S ?? '');
  if (key?.kind !== 'event') return undefined;
  const { functionName, id } = key;
  const reader = createItemReader(item);
  const { qualifier: _, ...indexed } = readIndexed(reader, item, now);
  const event: StoredEvent = {
    id,
    functionName,
    ...indexed,
    ...readInvocation(reader, functionName),
    ...readClient(item),
    ...readWindow(reader),
    ...readTraces(reader),
    ...readStatusBefore(item),
    ...readHistory(item),
    sha256: reader.text('sha256', SHA_256),
  };
  checkBody(reader, item);
  if (itemBytes(withoutTraces(item)) > ROOM_BYTES) reader.refuse('it leaves no room for what a replay writes to it');
  return reader.fault === undefined ? event : damagedEvent(event, reader.fault);
}

/** Remains of a damaged event. */
export function damagedEvent(event: StoredEvent, fault: string): DamagedEvent {
  const { id, functionName, status, source, bytes, attempts, deferredAt, leaseUntilAt } = event;
  const certain = { id, functionName, status, source, bytes, attempts, deferredAt, damaged: damagedBy(fault) };
  return leaseUntilAt === undefined ? certain : { ...certain, leaseUntilAt };
}

/** Attributes that the index has. A substitute stands in for an unreadable one. */
export function readIndexed(reader: ItemReader, item: Item, now: number) {
  const status = reader.text('status');
  const isStatus = Object.hasOwn(MOVES, status);
  if (!isStatus) reader.refuse('its status is none');
  // Nobody could ever claim it: a lease that is none is never over.
  if ((status === 'replaying' || status === 'unknown') && !item['leaseUntil'])
    reader.refuse('its leaseUntil is missing');
  const orderKeys = orderKeysIn(item);
  return {
    status: isStatus ? (status as EventStatus) : 'pending',
    source: reader.text('source', SOURCE),
    bytes: reader.number('bytes', BODY_LIMIT_BYTES),
    attempts: reader.number('attempts', MOST_ATTEMPTS),
    ...present({
      leaseUntilAt: reader.optionalInstant('leaseUntil', now + LONGEST_LEASE_MS),
      qualifier: reader.optionalText('qualifier'),
      orderKeys,
    }),
  };
}

/** Message about a damaged event. */
export function damagedBy(fault: string): string {
  return `the stored event is damaged: ${fault}`;
}

function readInvocation(reader: ItemReader, functionName: string) {
  if (reader.text('functionName') !== functionName) reader.refuse('its functionName is not that of its key');
  const invokedFunctionArn = reader.text('invokedFunctionArn');
  if (parseFunctionArn(invokedFunctionArn)?.functionName !== functionName) {
    reader.refuse(`its invokedFunctionArn is none of the function ${functionName}, whose key it has`);
  }
  if (reader.optionalText('qualifier') !== qualifierIn(invokedFunctionArn)) {
    reader.refuse('its qualifier is not that of its invokedFunctionArn');
  }
  return {
    invokedFunctionArn,
    functionVersion: reader.text('functionVersion'),
    deferredAt: reader.number('deferredAt', LAST_INSTANT),
    timeoutMs: reader.number('timeoutMs', LONGEST_TIMEOUT_MS),
    ...present({
      clientContext: reader.optionalText('clientContext'),
      cognitoIdentity: reader.optionalText('cognitoIdentity'),
      traceId: reader.optionalText('traceId'),
      tenantId: reader.optionalText('tenantId', TENANT),
    }),
  };
}

/** Reads the client that stored it, also of an item that was read in part. What is none makes no damage. */
export function readClient(item: Item) {
  return present({ clientVersion: clientVersionIn(item['clientVersion']?.S) });
}

/** Reads the window's facts, also of an item that was read in part. */
export function readWindow(reader: ItemReader) {
  return present({
    windowStartAt: reader.optionalInstantOfText('windowStart'),
    windowEndAt: reader.optionalInstantOfText('windowEnd'),
    windowReason: reader.optionalText('windowReason'),
  });
}

/** Reads who claimed it, who dealt with it and when, and its last error, also of an item that was read in part. */
export function readDone(reader: ItemReader) {
  return present({
    doneBy: reader.optionalText('doneBy'),
    doneAt: reader.optionalInstant('doneAt'),
    lastError: reader.optionalText('lastError'),
    leaseBy: reader.optionalText('leaseBy'),
  });
}

/** What a replay, and Lambda's own retry, write to an event: the room for it is not the event's. */
const TRACES = [
  'leaseBy',
  'leaseUntil',
  'lastError',
  'result',
  'doneBy',
  'doneAt',
  'expiresAt',
  'statusBefore',
  'timesAgain',
  'history',
  'copies',
] as const;

/** Bytes that an item has left for the traces of a replay, without those that it has. */
export function roomIn(item: Item): number {
  return ITEM_LIMIT_BYTES - itemBytes(withoutTraces(item));
}

function withoutTraces(item: Item): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !TRACES.some((each) => each === name)));
}

function readTraces(reader: ItemReader) {
  const expiresAt = reader.optionalNumber('expiresAt', LAST_INSTANT / 1_000);
  return present({
    leaseBy: reader.optionalText('leaseBy'),
    lastError: reader.optionalText('lastError'),
    result: reader.optionalText('result'),
    doneBy: reader.optionalText('doneBy'),
    doneAt: reader.optionalInstant('doneAt'),
    timesAgain: reader.optionalNumber('timesAgain', MOST_ATTEMPTS),
    expiresAt: expiresAt === undefined ? undefined : expiresAt * 1_000,
  });
}

/** Reads what it was before. What is no status is read as none. */
function readStatusBefore(item: Item): { readonly statusBefore?: EventStatus } {
  const statusBefore = STATUSES.find((status) => status === item['statusBefore']?.S);
  return statusBefore === undefined ? {} : { statusBefore };
}

/** Reads what was done with it. What is no history makes no damage: nothing depends on it. */
export function readHistory(item: Item): { readonly history?: readonly HistoryEntry[] } {
  const own = parseHistory(item['history']?.S).filter(({ to }) => to === undefined);
  const history = [...own, ...readCopies(item)].sort((a, b) => a.at - b.at);
  return history.length > 0 ? { history } : {};
}

/** Reads which copies of it were sent. They are an attribute of their own, as no claim is asked for them. */
export function readCopies(item: Item): readonly HistoryEntry[] {
  return parseHistory(item['copies']?.S).filter(({ to }) => to !== undefined);
}

/** The body is in the item, or in parts whose number the body's limit bounds. Parts are proved when they are read. */
function checkBody(reader: ItemReader, item: Item): void {
  reader.text('encoding', ENCODING);
  if (item['body']) {
    if (!item['body'].B) reader.refuse('its body is not binary');
    if (item['parts']) reader.refuse('it has a body and parts');
    return;
  }
  if (reader.number('parts', MOST_PARTS) === 0) reader.refuse('it has no body');
  reader.text('partsHash', PARTS_HASH);
}

type Present<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };

function present<Values extends object>(values: Values): Present<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<Values>;
}
