import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  BODY_LIMIT_BYTES,
  type BodyFacts,
  type DecodedBody,
  decodeBody,
  type EncodedBody,
  splitBody,
} from '../../core/events/body.ts';
import { type DeferredEvent, qualifierIn } from '../../core/events/deferred-event.ts';
import {
  eventGroup,
  eventKey,
  FUNCTIONS_GROUP,
  functionKey,
  parseKey,
  partGroup,
  partKeys,
  partsHashOf,
  placeOf,
} from '../../core/events/table.ts';
import type { Item } from '../dynamodb/dynamodb.ts';
import { orderAttributes } from './order-attributes.ts';

/**
 * Size limit of an item, names of attributes included: 400 KB.
 * Source: Amazon DynamoDB developer guide, "Constraints in Amazon DynamoDB", "Items".
 */
export const ITEM_LIMIT_BYTES = 400 * 1024;

/** Room in an event's item for what a replay writes to it later: lease, last error, result, and history in what is left. */
export const REPLAY_ROOM_BYTES = 16 * 1024;

/** Stored bytes in one part: leaves room for keys and names. */
const PART_BYTES = 390 * 1024;

/** No body has more parts than this. */
export const MOST_PARTS = Math.ceil(BODY_LIMIT_BYTES / PART_BYTES);

/** An event as it lies in the table. The parts have to be there before the event's item is. */
export interface EventItems {
  readonly event: Item;
  readonly parts: readonly Item[];
}

/**
 * Lays an event out as items: its body inside the event's item where that stays below the limit, else in parts.
 *
 * @param writeId unique to this put: tells the SDK's second try of it from another put of the same event
 * @param writtenAt epoch milliseconds: parts whose event does not come within a day of it are swept
 */
export function eventItems(
  event: DeferredEvent,
  body: EncodedBody,
  writeId: string,
  writtenAt = event.deferredAt,
): EventItems {
  const bare: Item = {
    pk: { S: eventKey(event) },
    gpk: { S: eventGroup(event, 'pending') },
    gsk: { S: placeOf(event.deferredAt, event.id) },
    status: { S: 'pending' },
    functionName: { S: event.functionName },
    functionVersion: { S: event.functionVersion },
    invokedFunctionArn: { S: event.invokedFunctionArn },
    source: { S: event.source },
    deferredAt: { N: String(event.deferredAt) },
    timeoutMs: { N: String(event.timeoutMs) },
    attempts: { N: '0' },
    writeId: { S: writeId },
    encoding: { S: body.encoding },
    sha256: { S: body.sha256 },
    bytes: { N: String(body.bytes) },
    ...texts({
      qualifier: qualifierIn(event.invokedFunctionArn),
      clientVersion: event.clientVersion,
      clientContext: event.clientContext,
      cognitoIdentity: event.cognitoIdentity,
      traceId: event.traceId,
      tenantId: event.tenantId,
      windowStart: instantText(event.windowStartAt),
      windowEnd: instantText(event.windowEndAt),
      windowReason: event.windowReason,
    }),
    ...(event.orderKeys && orderAttributes(event.orderKeys)),
  };
  const inline: Item = { ...bare, body: { B: body.stored } };
  if (itemBytes(inline) <= ITEM_LIMIT_BYTES - REPLAY_ROOM_BYTES) return { event: inline, parts: [] };

  const pieces = splitBody(body.stored, PART_BYTES);
  const partsHash = partsHashOf(body.stored);
  const keys = partKeys(event, partsHash, pieces.length);
  return {
    event: { ...bare, parts: { N: String(pieces.length) }, partsHash: { S: partsHash } },
    parts: pieces.map((piece, index) => partItem(keys[index] ?? '', writtenAt, piece)),
  };
}

/**
 * Row of a function that has deferred events, so that all functions can be listed. Its `retriesUntil` says until when
 * Lambda may retry one of them.
 */
export function functionItem(functionName: string): Item {
  return {
    pk: { S: functionKey(functionName) },
    gpk: { S: FUNCTIONS_GROUP },
    gsk: { S: functionKey(functionName) },
    functionName: { S: functionName },
  };
}

/**
 * The keys of the parts that an event's item speaks of, in order; none where it holds its body itself.
 *
 * @param event one that is not damaged: the number of its parts is bounded
 */
export function partKeysOf(event: Item): string[] {
  const key = parseKey(event['pk']?.S ?? '');
  if (key?.kind !== 'event') return [];
  return partKeys(key, event['partsHash']?.S ?? '', Math.min(MOST_PARTS, Number(event['parts']?.N ?? 0)));
}

/**
 * Reads an event's raw text out of its items, and proves it. Never throws.
 *
 * @param parts those of {@link partKeysOf}, in that order; `undefined` where one is missing
 */
export async function readBody(event: Item, parts: readonly (Item | undefined)[]): Promise<DecodedBody> {
  const pieces: Uint8Array[] = [];
  for (const [index, item] of (event['parts'] ? parts : [event]).entries()) {
    const piece = item?.['body']?.B;
    if (!piece) return { kind: 'damaged', message: `the stored event is damaged: part ${index + 1} is missing` };
    pieces.push(piece);
  }
  return decodeBody(Buffer.concat(pieces), bodyFactsOf(event));
}

/**
 * Size of an item in bytes. Numbers are counted by their digits, which is more than DynamoDB counts.
 * Source: Amazon DynamoDB developer guide, "DynamoDB item sizes and formats".
 */
export function itemBytes(item: Item): number {
  let sum = 0;
  for (const [name, value] of Object.entries(item)) sum += Buffer.byteLength(name) + valueBytes(value);
  return sum;
}

/** Names of the largest attributes, as many as take so many bytes, or as one update may name. */
export function largestAttributes(item: Item, takenBytes: number): readonly string[] {
  const sizes = Object.entries(item).map(([name, value]) => ({ name, bytes: itemBytes({ [name]: value }) }));
  let sum = 0;
  const enough = sizes
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, MOST_NAMES)
    .filter(({ bytes }) => {
      const isNeeded = sum < takenBytes;
      sum += bytes;
      return isNeeded;
    });
  return enough.map(({ name }) => name);
}

/** An update has 4 KB for its expression. */
const MOST_NAMES = 100;

/** We write texts, numbers and bytes alone; others may not. */
function valueBytes({ S, N, B, SS, NS, BS, L, M }: AttributeValue): number {
  if (B) return B.length;
  const list = SS ?? NS ?? BS;
  if (list) return list.reduce((sum, each) => sum + Buffer.byteLength(each), 0);
  if (L) return L.reduce((sum, each) => sum + 1 + valueBytes(each), LIST_BYTES);
  if (M) return itemBytes(M) + Object.keys(M).length + LIST_BYTES;
  return Buffer.byteLength(S ?? N ?? ' ');
}

const LIST_BYTES = 3;

function partItem(key: string, writtenAt: number, piece: Uint8Array): Item {
  return {
    pk: { S: key },
    gpk: { S: partGroup(key) },
    gsk: { S: placeOf(writtenAt, key) },
    body: { B: piece },
  };
}

function bodyFactsOf(event: Item): BodyFacts {
  return {
    encoding: event['encoding']?.S ?? '',
    sha256: event['sha256']?.S ?? '',
    bytes: Number(event['bytes']?.N),
  };
}

function texts(values: Readonly<Record<string, string | undefined>>): Item {
  const item: Item = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) item[name] = { S: value };
  return item;
}

/** ISO 8601, for whoever looks at the table. An instant that no calendar has must not cost the event. */
function instantText(at: number | undefined): string | undefined {
  const date = new Date(at ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
