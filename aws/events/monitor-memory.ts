import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { monitorKey } from '../../core/events/table.ts';

/** What a monitor remembers from one look to the next. Faults are the SDK's own. */
export interface MonitorMemory {
  /** Consistently read. */
  read(): Promise<Remembered>;
  /**
   * Writes it in the place of what was read.
   *
   * @throws `ConditionalCheckFailedException` where somebody else has written meanwhile
   */
  write(before: Remembered, value: object): Promise<void>;
}

/** What was read, and by what a write in its place is known. */
export interface Remembered {
  /** Undefined where there is nothing, or nothing that is JSON. */
  readonly value: unknown;
  /** 0 where there is nothing. */
  readonly version: number;
}

/**
 * An item of the deferred events table, under a key that no function reaches. It is in no group of the index.
 *
 * @param table name or ARN
 */
export function createMonitorMemory(
  dynamoDb: DynamoDBClient,
  table: string,
  of: Parameters<typeof monitorKey>[0],
): MonitorMemory {
  const Key = { pk: { S: monitorKey(of) } };
  return { read, write };

  async function read(): Promise<Remembered> {
    const { Item = {} } = await dynamoDb.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    return { value: valueIn(Item['memory']?.S), version: Number(Item['version']?.N ?? 0) };
  }

  async function write({ version }: Remembered, value: object): Promise<void> {
    const next = { version: { N: String(version + 1) }, memory: { S: JSON.stringify(value) } };
    await dynamoDb.send(
      new PutItemCommand({
        TableName: table,
        Item: { ...Key, ...next },
        ...(version === 0
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: '#version = :version',
              ExpressionAttributeNames: { '#version': 'version' },
              ExpressionAttributeValues: { ':version': { N: String(version) } },
            }),
      }),
    );
  }
}

function valueIn(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
