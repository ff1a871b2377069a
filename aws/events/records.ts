import { PENDING_INDEX } from '../../core/events/table.ts';
import { batchItems } from '../dynamodb/batch-get.ts';
import type { DynamoDb, Item } from '../dynamodb/dynamodb.ts';
import { mayPass } from '../dynamodb/dynamodb-fault.ts';
import { steadyClock } from '../time/steady-clock.ts';
import { type Attempt, TimeUpError, untilDeadline } from '../time/until-deadline.ts';

/** How long one call may take: nobody's work waits for its record. */
const LIMIT_MS = 8_000;

/**
 * The keys of one kind of record, newest first. A function may put its own items into any group: their keys begin otherwise.
 *
 * @param group `gpk` of the kind
 * @param prefix what its keys begin with
 */
export async function* newestKeys(
  dynamoDb: DynamoDb,
  table: string,
  group: string,
  prefix: string,
): AsyncGenerator<string> {
  let from: Item | undefined;
  do {
    const input = {
      TableName: table,
      IndexName: PENDING_INDEX,
      KeyConditionExpression: 'gpk = :group',
      FilterExpression: 'begins_with(pk, :key)',
      ProjectionExpression: 'pk',
      ScanIndexForward: false,
      ExpressionAttributeValues: { ':group': { S: group }, ':key': { S: prefix } },
      ...(from && { ExclusiveStartKey: from }),
    };
    const page = await inTime((attempt) => attempt((signal) => dynamoDb.send('Query', input, signal)));
    for (const { pk } of page.Items ?? []) if (pk?.S !== undefined) yield pk.S;
    from = page.LastEvaluatedKey;
  } while (from);
}

/** The records of these keys, consistently read, in no order. */
export function recordsOf(dynamoDb: DynamoDb, table: string, keys: readonly string[]): AsyncGenerator<Item> {
  return batchItems(
    (input) => inTime((attempt) => attempt((signal) => dynamoDb.send('BatchGetItem', input, signal))),
    table,
    keys,
    { ConsistentRead: true },
  );
}

/** @throws the latest fault of the table's, where it had one */
export async function inTime<Value>(work: (attempt: Attempt) => Promise<Value>): Promise<Value> {
  try {
    return await untilDeadline(steadyClock, steadyClock.now() + LIMIT_MS, mayPass, work);
  } catch (fault) {
    if (!(fault instanceof TimeUpError)) throw fault;
    const isSilent = fault.cause === undefined || fault.cause instanceof TimeUpError;
    throw isSilent ? new Error(`no answer within ${LIMIT_MS / 1_000} s`, { cause: fault }) : fault.cause;
  }
}
