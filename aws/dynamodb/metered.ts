import type { DynamoDb, Operations } from './dynamodb.ts';

/** Of what is read, DynamoDB says what it came to where it is asked to, at no cost. */
const READS: readonly (keyof Operations)[] = ['GetItem', 'Query', 'BatchGetItem'];

/**
 * Has DynamoDB say what reading costs, and leaves everything else as it is.
 *
 * @param spent told of the read units of each answer: half a unit for each 4 KB, as reads are eventually consistent
 */
export function createMetered(dynamoDb: DynamoDb, spent: (readUnits: number) => void): DynamoDb {
  return {
    ...dynamoDb,
    async send(name, input, signal) {
      if (!READS.includes(name)) return dynamoDb.send(name, input, signal);
      const answer = await dynamoDb.send(name, { ...input, ReturnConsumedCapacity: 'TOTAL' }, signal);
      for (const { CapacityUnits = 0 } of consumedIn(answer)) spent(CapacityUnits);
      return answer;
    },
  };
}

/** Of one table or several. */
function consumedIn(answer: object): readonly { readonly CapacityUnits?: number | undefined }[] {
  const { ConsumedCapacity: consumed = [] }: Operations['Query']['output'] | Operations['BatchGetItem']['output'] =
    answer;
  return Array.isArray(consumed) ? consumed : [consumed];
}
