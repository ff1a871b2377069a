import {
  BatchGetItemCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type DynamoDb, type Operations, TO_DYNAMODB } from './dynamodb.ts';

/** Each of the SDK's commands by its operation's name. */
const COMMANDS: {
  readonly [Name in keyof Operations]: (
    client: DynamoDBClient,
    input: Operations[Name]['input'],
    abortSignal: AbortSignal,
  ) => Promise<Operations[Name]['output']>;
} = {
  PutItem: (client, input, abortSignal) => client.send(new PutItemCommand(input), { abortSignal }),
  GetItem: (client, input, abortSignal) => client.send(new GetItemCommand(input), { abortSignal }),
  UpdateItem: (client, input, abortSignal) => client.send(new UpdateItemCommand(input), { abortSignal }),
  Query: (client, input, abortSignal) => client.send(new QueryCommand(input), { abortSignal }),
  BatchGetItem: (client, input, abortSignal) => client.send(new BatchGetItemCommand(input), { abortSignal }),
};

/**
 * DynamoDB through the AWS SDK, which finds credentials, region and endpoint in all its ways. Importing this file costs
 * 55 ms and 11 MB.
 *
 * @param now epoch milliseconds
 */
export function createSdkDynamoDb(config: DynamoDBClientConfig = {}, now = Date.now): DynamoDb {
  const { connectLimitMs: connectionTimeout, idleLimitMs } = TO_DYNAMODB;
  const client = new DynamoDBClient({ requestHandler: { connectionTimeout }, ...config, maxAttempts: 1 });
  const { send, disconnect } = dynamoDbOf(client);
  let usedAt = now();
  let inUse = 0;
  return {
    async send(name, input, signal) {
      if (inUse === 0 && now() - usedAt > idleLimitMs) disconnect();
      inUse += 1;
      try {
        return await send(name, input, signal);
      } finally {
        inUse -= 1;
        usedAt = now();
      }
    },
    disconnect,
  };
}

/** @param client makes one attempt */
export function dynamoDbOf(client: DynamoDBClient): DynamoDb {
  return {
    send: (name, input, signal) => COMMANDS[name](client, input, signal),
    disconnect: () => client.destroy(),
  };
}
