import type {
  AttributeValue,
  BatchGetItemCommandInput,
  BatchGetItemCommandOutput,
  GetItemCommandInput,
  GetItemCommandOutput,
  PutItemCommandInput,
  QueryCommandInput,
  QueryCommandOutput,
  UpdateItemCommandInput,
  UpdateItemCommandOutput,
} from '@aws-sdk/client-dynamodb';

/** An item as DynamoDB has it. */
export type Item = Record<string, AttributeValue>;

/**
 * Limits of a connection to DynamoDB. One that was idle for a minute may be dead without a sign (a NAT forgot it while
 * the environment was frozen): a new one beats a wait.
 */
export const TO_DYNAMODB = { connectLimitMs: 1_000, idleLimitMs: 60_000, tcpKeepAliveMs: 1_000 };

interface Operation<Input, Output> {
  readonly input: Input;
  readonly output: Output;
}

/** Operations of DynamoDB that are used. Source: Amazon DynamoDB API reference. */
export interface Operations {
  readonly PutItem: Operation<PutItemCommandInput, object>;
  readonly GetItem: Operation<GetItemCommandInput, Pick<GetItemCommandOutput, 'Item' | 'ConsumedCapacity'>>;
  readonly UpdateItem: Operation<UpdateItemCommandInput, Pick<UpdateItemCommandOutput, 'Attributes'>>;
  readonly Query: Operation<
    QueryCommandInput,
    Pick<QueryCommandOutput, 'Items' | 'Count' | 'LastEvaluatedKey' | 'ConsumedCapacity'>
  >;
  readonly BatchGetItem: Operation<
    BatchGetItemCommandInput,
    Pick<BatchGetItemCommandOutput, 'Responses' | 'UnprocessedKeys' | 'ConsumedCapacity'>
  >;
}

/** DynamoDB with one attempt per call and no retries: through the SDK, or signed here. Owns its connections. */
export interface DynamoDb {
  /**
   * @param signal aborted: the request is given up, and its connection closed
   * @throws the service's refusal with its code as `name` and `$metadata.httpStatusCode`; a connection's fault with the
   *   system's `code`
   */
  send<Name extends keyof Operations>(
    name: Name,
    input: Operations[Name]['input'],
    signal: AbortSignal,
  ): Promise<Operations[Name]['output']>;
  /** Closes kept connections. */
  disconnect(): void;
}
