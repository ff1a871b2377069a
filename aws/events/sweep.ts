import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import { eventKey, PARTS_HASH, PENDING_INDEX, parseKey, partGroups, placeOf } from '../../core/events/table.ts';
import { DAY_MS } from '../../core/units.ts';
import { BATCH_LIMIT, type BatchGet, batchItems } from '../dynamodb/batch-get.ts';
import type { Item } from '../dynamodb/dynamodb.ts';

/** How long a part may wait for its event, which is written last: no invocation takes nearly as long. */
const ORPHAN_AGE_MS = DAY_MS;

/** Result of a sweep. */
export interface Sweep {
  readonly deleted: number;
  /** Items that stand among the parts and are none: passed by, as only their key says what they are. */
  readonly strays: number;
  /** False where time ran out first; the next sweep goes on. */
  readonly complete: boolean;
}

/** A part as the index knows it. */
interface Part {
  readonly key: string;
  readonly group: AttributeValue;
  readonly place: AttributeValue;
  /** The key of the event that it is a part of. */
  readonly eventKey: string;
  readonly partsHash: string;
}

/**
 * Deletes parts, a day old or older, whose event never came, is gone, or was written by another attempt. Looks for the
 * event itself, consistently, so that the index's delay cannot cost a part; and deletes a part only as it was seen, so
 * that one that is being written again meanwhile stays.
 *
 * @param now epoch milliseconds
 * @param isTimeUp asked before each page of parts
 */
export async function sweepParts(
  client: DynamoDBClient,
  table: string,
  now: number,
  isTimeUp: () => boolean,
): Promise<Sweep> {
  let deleted = 0;
  let strays = 0;
  for (const group of groupsFrom(now)) {
    for await (const { Items: items = [] } of oldParts(client, table, group, now)) {
      if (isTimeUp()) return { deleted, strays, complete: false };
      const parts = items.flatMap((item) => partIn(item) ?? []);
      strays += items.length - parts.length;
      const owned = await ownedParts(client, table, parts);
      for (const part of parts) {
        if (!owned.has(part) && (await deletePart(client, table, part))) deleted += 1;
      }
    }
  }
  return { deleted, strays, complete: true };
}

/** Each day another group comes first: who fills one of them must not keep the others from ever being swept. */
function groupsFrom(now: number): readonly string[] {
  const groups = partGroups();
  const first = Math.floor(now / DAY_MS) % groups.length;
  return [...groups.slice(first), ...groups.slice(0, first)];
}

function oldParts(client: DynamoDBClient, table: string, group: string, now: number) {
  return paginateQuery(
    { client, pageSize: BATCH_LIMIT },
    {
      TableName: table,
      IndexName: PENDING_INDEX,
      KeyConditionExpression: 'gpk = :group AND gsk < :place',
      ProjectionExpression: 'pk, gpk, gsk',
      ExpressionAttributeValues: { ':group': { S: group }, ':place': { S: placeOf(now - ORPHAN_AGE_MS, '') } },
    },
  );
}

/** Nothing that is not certainly a part, by its key: a function may write what it likes into these groups. */
function partIn({ pk, gpk, gsk }: Record<string, AttributeValue>): Part | undefined {
  const key = parseKey(pk?.S ?? '');
  if (key?.kind !== 'part' || !pk?.S || !gpk || !gsk) return undefined;
  return { key: pk.S, eventKey: eventKey(key), partsHash: key.partsHash, group: gpk, place: gsk };
}

/** Those whose event is in the table and speaks of them, or cannot be read: then nobody knows that they are left over. */
async function ownedParts(client: DynamoDBClient, table: string, parts: readonly Part[]): Promise<ReadonlySet<Part>> {
  const keys = [...new Set(parts.map((part) => part.eventKey))];
  const get: BatchGet = (input) => client.send(new BatchGetItemCommand(input));
  const events = new Map<string | undefined, Item>();
  const what = { ConsistentRead: true, ProjectionExpression: 'pk, partsHash, parts' };
  for await (const event of batchItems(get, table, keys, what)) events.set(event['pk']?.S, event);
  return new Set(parts.filter((part) => mayOwn(events.get(part.eventKey), part)));
}

function mayOwn(event: Record<string, AttributeValue> | undefined, { partsHash }: Part): boolean {
  if (!event) return false;
  const { parts, partsHash: hash } = event;
  if (!parts && !hash) return false; // its body is in the item
  return !PARTS_HASH.test(hash?.S ?? '') || hash?.S === partsHash;
}

async function deletePart(client: DynamoDBClient, table: string, { key, group, place }: Part): Promise<boolean> {
  const command = new DeleteItemCommand({
    TableName: table,
    Key: { pk: { S: key } },
    ConditionExpression: 'gpk = :group AND gsk = :place',
    ExpressionAttributeValues: { ':group': group, ':place': place },
  });
  try {
    await client.send(command);
    return true;
  } catch (fault) {
    if (fault instanceof ConditionalCheckFailedException) return false;
    throw fault;
  }
}
