import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { tableDefinition } from '../../core/events/table.ts';
import { NO_WINDOWS, PARAMETER, TABLE } from '../guide.ts';
import { startDynamoDb } from './dynamodb.ts';
import { startSsm } from './ssm.ts';

/** For the SDK's clients of the stand-ins and of the Invoke endpoint: they want a signature and believe any. */
export const CLIENT_SETTINGS = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
} as const;

/** AWS as far as the gate needs it. */
export interface StandIns {
  readonly ssmUrl: string;
  readonly dynamoDbUrl: string;
  close(): Promise<void>;
}

/** Starts SSM and DynamoDB on loopback, with an empty table and a window parameter without windows. */
export async function startStandIns(): Promise<StandIns> {
  const [ssm, dynamoDb] = await Promise.all([startSsm(), startDynamoDb()]);
  await Promise.all([createParameter(ssm.url), createTable(dynamoDb.url)]);
  return {
    ssmUrl: ssm.url,
    dynamoDbUrl: dynamoDb.url,
    close: async () => {
      await Promise.all([ssm.close(), dynamoDb.close()]);
    },
  };
}

async function createParameter(endpoint: string): Promise<void> {
  const client = new SSMClient({ ...CLIENT_SETTINGS, endpoint });
  await client.send(new PutParameterCommand({ Name: PARAMETER, Value: NO_WINDOWS, Type: 'String' }));
  client.destroy();
}

async function createTable(endpoint: string): Promise<void> {
  const client = new DynamoDBClient({ ...CLIENT_SETTINGS, endpoint });
  await client.send(new CreateTableCommand(tableDefinition(TABLE)));
  client.destroy();
}
