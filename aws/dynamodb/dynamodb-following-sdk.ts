import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isOfSignature } from '../request/aws-codes.ts';
import { createShownWay } from '../request/follow-sdk.ts';
import type { Hear } from '../time/aws-clock.ts';
import { type DynamoDb, TO_DYNAMODB } from './dynamodb.ts';
import { dynamoDbOf } from './dynamodb-sdk.ts';
import { createSignedDynamoDb } from './dynamodb-signed.ts';

/** How many requests are on their way at once; each has a connection. */
const REQUESTS_AT_ONCE = 64;
const LIMITS = { ...TO_DYNAMODB, connectLimitMs: 3_000 };

/**
 * DynamoDB for many requests: the SDK sends the first, later ones are signed here by its example, for a fifth of the
 * CPU time. A request refused for its signature goes to the SDK again, which corrects its clock or says why.
 *
 * @param client makes one attempt
 * @param hear told of each answer
 */
export function createQuickDynamoDb(client: DynamoDBClient, hear?: Hear): DynamoDb {
  const bySdk = dynamoDbOf(client);
  const way = createShownWay(client, 'dynamodb', LIMITS, hear);
  const inTurn = createTurns(REQUESTS_AT_ONCE);
  let made: DynamoDb | undefined;

  return {
    send: (name, input, signal) =>
      inTurn(async () => {
        const signed = quick();
        if (!signed) return bySdk.send(name, input, signal);
        try {
          return await signed.send(name, input, signal);
        } catch (fault) {
          if (!isOfSignature((fault as Error).name)) throw fault;
          return bySdk.send(name, input, signal);
        }
      }),
    disconnect() {
      bySdk.disconnect();
      way.disconnect();
    },
  };

  function quick(): DynamoDb | undefined {
    const requests = way.requests();
    if (requests) made ??= createSignedDynamoDb(requests, way);
    return made;
  }
}

/** Limits the work in flight; the rest waits, first come first served. */
function createTurns(atOnce: number): <Value>(work: () => Promise<Value>) => Promise<Value> {
  const waiting: (() => void)[] = [];
  let going = 0;
  return async (work) => {
    if (going === atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else going += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else going -= 1;
    }
  };
}
