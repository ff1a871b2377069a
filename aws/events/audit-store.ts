import { randomBytes } from 'node:crypto';
import { AUDIT_KINDS, type AuditNote, type AuditStore } from '../../core/events/audit.ts';
import { AUDIT_GROUP, auditKey, placeOf, TTL_ATTRIBUTE } from '../../core/events/table.ts';
import { parseJson } from '../../core/text/json.ts';
import { anyOf, emptyList, listOf, number, object, oneOf, optional, type Shape, text } from '../../core/text/shape.ts';
import type { DynamoDb, Item } from '../dynamodb/dynamodb.ts';
import { inTime, newestKeys, recordsOf } from './records.ts';
import { runExpiry } from './run-item.ts';

const texts = anyOf(emptyList, listOf(text));
const NOTE: Shape = object({
  kind: oneOf(...AUDIT_KINDS),
  at: number,
  by: text,
  events: number,
  functions: texts,
  ids: texts,
  replays: optional(texts),
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
      [TTL_ATTRIBUTE]: runExpiry(note.at),
    };
    await inTime((attempt) => attempt((signal) => dynamoDb.send('PutItem', { TableName: table, Item: item }, signal)));
  }

  async function list(limit: number): Promise<readonly AuditNote[]> {
    const keys: string[] = [];
    for await (const { key } of newestKeys(dynamoDb, table, AUDIT_GROUP, auditKey(''))) {
      if (keys.length >= limit) break;
      keys.push(key);
    }
    const notes: AuditNote[] = [];
    for await (const { note } of recordsOf(dynamoDb, table, keys)) {
      const read = parseJson(note?.S ?? '');
      if (NOTE(read)) notes.push(read as AuditNote);
    }
    return notes.sort((a, b) => b.at - a.at);
  }
}
