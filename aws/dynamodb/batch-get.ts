import type { BatchGetItemCommandInput, BatchGetItemCommandOutput, KeysAndAttributes } from '@aws-sdk/client-dynamodb';
import { steadyClock } from '../time/steady-clock.ts';
import type { Item } from './dynamodb.ts';

/** Keys of one request. Source: Amazon DynamoDB API reference, "BatchGetItem". */
export const BATCH_LIMIT = 100;
/** Pauses before what was left out is asked for again: random, up to 50, 100, 200 ms and so on, 2 s at most. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** Answers in a row that have nothing; then the table is asked too often. A dozen seconds at most. */
const MOST_VAIN_ANSWERS = 10;

/** Sends one BatchGetItem. Retries of the request itself are the sender's. */
export type BatchGet = (
  input: BatchGetItemCommandInput,
) => Promise<Pick<BatchGetItemCommandOutput, 'Responses' | 'UnprocessedKeys'>>;

/**
 * Reads the existing items of these keys, in no order, a hundred at a time. DynamoDB leaves out what a throttled table did
 * not give (`UnprocessedKeys`): that is asked for again after a pause, as AWS recommends.
 *
 * @param what which attributes, and whether consistently
 * @throws a fault named `ProvisionedThroughputExceededException` where ten answers in a row had nothing
 */
export async function* batchItems(
  get: BatchGet,
  table: string,
  keys: readonly string[],
  what: Omit<KeysAndAttributes, 'Keys'>,
  { sleep, random }: Pick<typeof steadyClock, 'sleep' | 'random'> = steadyClock,
): AsyncGenerator<Item> {
  for (let from = 0; from < keys.length; from += BATCH_LIMIT) {
    let wanted: Item[] = keys.slice(from, from + BATCH_LIMIT).map((key) => ({ pk: { S: key } }));
    for (let tries = 0, vain = 0; wanted.length > 0; tries += 1) {
      if (tries > 0) await sleep(random() * Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS));
      const { Responses: found = {}, UnprocessedKeys: rest = {} } = await get({
        RequestItems: { [table]: { Keys: wanted, ...what } },
      });
      // All of it is of this table, which an answer may name otherwise than its ARN.
      yield* Object.values(found).flat();
      const left = Object.values(rest).flatMap(({ Keys = [] }) => Keys);
      vain = left.length < wanted.length ? 0 : vain + 1;
      if (vain === MOST_VAIN_ANSWERS) throw throttled(left.length);
      wanted = left;
    }
  }
}

/** As DynamoDB names it where it refuses a whole request for the same reason. */
function throttled(count: number): Error {
  const fault = new Error(`${MOST_VAIN_ANSWERS} answers in a row left out all of ${count} items`);
  fault.name = 'ProvisionedThroughputExceededException';
  return fault;
}
