import { randomBytes } from 'node:crypto';
import type { AuditNote, AuditStore } from '../../core/events/audit.ts';
import { AUDIT_GROUP, auditKey, PENDING_INDEX, placeOf, TTL_ATTRIBUTE } from '../../core/events/table.ts';
import { parseJson } from '../../core/text/json.ts';
import { allOf, anyList, number, object, oneOf, optional, type Shape, text } from '../../core/text/shape.ts';
import { batchItems } from '../dynamodb/batch-get.ts';
import type { DynamoDb, Item } from '../dynamodb/dynamodb.ts';
import { mayPass } from '../dynamodb/dynamodb-fault.ts';
import { steadyClock } from '../time/steady-clock.ts';
import { type Attempt, untilDeadline } from '../time/until-deadline.ts';

/** Retention of notes: 90 days, as of the records of replays. */
const KEPT_SECONDS = 90 * 86_400;
/** Nobody's work waits for a note for longer. */
const LIMIT_MS = 8_000;

const texts: Shape = allOf(anyList, (value) => Array.isArray(value) && value.every(text));
const NOTE: Shape = object({
  kind: oneOf('looked', 'exported', 'discarded', 'restored'),
  at: number,
  by: text,
  events: number,
  functions: texts,
  ids: texts,
  reason: optional(text),
});

/** Notes in the deferred events table, under keys that no function reaches. Faults are thrown as {@link DynamoDb} has them. */
export function createAuditStore(dynamoDb: DynamoDb, table: string): AuditStore {
  return { write, list };

  async function write(note: AuditNote): Promise<void> {
    const key = auditKey(randomBytes(4).toString('hex'));
    const item: Item = {
      pk: { S: key },
      gpk: { S: AUDIT_GROUP },
      gsk: { S: placeOf(note.at, key) },
      note: { S: JSON.stringify(note) },
      [TTL_ATTRIBUTE]: { N: String(Math.floor(note.at / 1_000) + KEPT_SECONDS) },
    };
    await inTime((attempt) => attempt((signal) => dynamoDb.send('PutItem', { TableName: table, Item: item }, signal)));
  }

  async function list(limit: number): Promise<readonly AuditNote[]> {
    const keys: string[] = [];
    for await (const key of newestKeys()) {
      if (keys.length >= limit) break;
      keys.push(key);
    }
    const notes: AuditNote[] = [];
    const get = (input: Parameters<Parameters<typeof batchItems>[0]>[0]) =>
      inTime((attempt) => attempt((signal) => dynamoDb.send('BatchGetItem', input, signal)));
    for await (const { note } of batchItems(get, table, keys, { ConsistentRead: true })) {
      const read = parseJson(note?.S ?? '');
      if (NOTE(read)) notes.push(read as AuditNote);
    }
    return notes.sort((a, b) => b.at - a.at);
  }

  /** A function may put its own items into any group: their keys are none of a note. */
  async function* newestKeys(): AsyncGenerator<string> {
    let from: Item | undefined;
    do {
      const input = {
        TableName: table,
        IndexName: PENDING_INDEX,
        KeyConditionExpression: 'gpk = :group',
        FilterExpression: 'begins_with(pk, :key)',
        ProjectionExpression: 'pk',
        ScanIndexForward: false,
        ExpressionAttributeValues: { ':group': { S: AUDIT_GROUP }, ':key': { S: auditKey('') } },
        ...(from && { ExclusiveStartKey: from }),
      };
      const page = await inTime((attempt) => attempt((signal) => dynamoDb.send('Query', input, signal)));
      for (const { pk } of page.Items ?? []) if (pk?.S !== undefined) yield pk.S;
      from = page.LastEvaluatedKey;
    } while (from);
  }
}

function inTime<T>(work: (attempt: Attempt) => Promise<T>): Promise<T> {
  return untilDeadline(steadyClock, steadyClock.now() + LIMIT_MS, mayPass, work);
}
