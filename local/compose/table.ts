import {
  CreateTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { TTL_ATTRIBUTE, tableDefinition } from '../../core/events/table.ts';

const LIMIT_SECONDS = 60;

/** Makes the deferred events table. One that is there stays as it is. */
export async function createTable(dynamoDb: DynamoDBClient, name: string): Promise<string> {
  try {
    await dynamoDb.send(new CreateTableCommand(tableDefinition(name)));
  } catch (error) {
    if (error instanceof ResourceInUseException) return `table ${name} is there already`;
    throw error;
  }
  await waitUntilTableExists({ client: dynamoDb, maxWaitTime: LIMIT_SECONDS, minDelay: 1 }, { TableName: name });
  const TimeToLiveSpecification = { AttributeName: TTL_ATTRIBUTE, Enabled: true };
  await dynamoDb.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
  return `table ${name} made`;
}
