import {
  BatchGetItemCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDb, Operations } from './dynamodb.ts';

const CONNECT_LIMIT_MS = 1_000;

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
 * DynamoDB by the AWS SDK, which finds credentials, region and endpoint by itself wherever they may be. Importing this
 * file costs 55 ms and 11 MB.
 */
export function createSdkDynamoDb(config: DynamoDBClientConfig = {}): DynamoDb {
  return dynamoDbOf(
    new DynamoDBClient({ requestHandler: { connectionTimeout: CONNECT_LIMIT_MS }, ...config, maxAttempts: 1 }),
  );
}

/** @param client makes one attempt */
export function dynamoDbOf(client: DynamoDBClient): DynamoDb {
  return {
    send: (name, input, signal) => COMMANDS[name](client, input, signal),
    disconnect: () => client.destroy(),
  };
}
