import { PENDING_INDEX, placeOf } from '../../core/events/table.ts';
import { batchItems } from '../dynamodb/batch-get.ts';
import type { DynamoDb, Item } from '../dynamodb/dynamodb.ts';
import { mayPass } from '../dynamodb/dynamodb-fault.ts';
import { steadyClock } from '../time/steady-clock.ts';
import { type Attempt, TimeUpError, untilDeadline } from '../time/until-deadline.ts';

/** How long one call may take: nobody's work waits for its record. */
const LIMIT_MS = 8_000;

/**
 * The keys of one kind of record, newest first, each with its place. A function may put its own items into any group: their keys begin otherwise.
 *
 * @param group `gpk` of the kind
 * @param prefix what its keys begin with
 * @param fromAt nothing older: epoch milliseconds
 */
export async function* newestKeys(
  dynamoDb: DynamoDb,
  table: string,
  group: string,
  prefix: string,
  fromAt = 0,
): AsyncGenerator<{ readonly key: string; readonly place: string }> {
  let from: Item | undefined;
  do {
    const input = {
      TableName: table,
      IndexName: PENDING_INDEX,
      KeyConditionExpression: 'gpk = :group AND gsk >= :from',
      FilterExpression: 'begins_with(pk, :key)',
      ProjectionExpression: 'pk, gsk',
      ScanIndexForward: false,
      ExpressionAttributeValues: { ':group': { S: group }, ':key': { S: prefix }, ':from': { S: placeOf(fromAt, '') } },
      ...(from && { ExclusiveStartKey: from }),
    };
    const page = await inTime((attempt) => attempt((signal) => dynamoDb.send('Query', input, signal)));
    for (const { pk, gsk } of page.Items ?? []) if (pk?.S !== undefined) yield { key: pk.S, place: gsk?.S ?? '' };
    from = page.LastEvaluatedKey;
  } while (from);
}

/** Merges what is newest first into one in the same order. */
export async function* newestFirst<Row extends { readonly place: string }>(
  sources: readonly AsyncGenerator<Row>[],
): AsyncGenerator<Row> {
  const heads = await Promise.all(sources.map(async (source) => ({ source, row: await nextOf(source) })));
  for (;;) {
    const [first] = heads
      .filter(({ row }) => row)
      .toSorted((a, b) => ((a.row?.place ?? '') < (b.row?.place ?? '') ? 1 : -1));
    if (!first?.row) return;
    yield first.row;
    first.row = await nextOf(first.source);
  }
}

async function nextOf<Row>(source: AsyncGenerator<Row>): Promise<Row | undefined> {
  const { value, done } = await source.next();
  return done ? undefined : value;
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
