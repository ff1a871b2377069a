import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createEventsTable } from '../../aws/events/create-table.ts';
import { PARAMETER, TABLE } from '../guide.ts';
import { createParameter } from './create-parameter.ts';
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
  await furnish(ssm.url, dynamoDb.url);
  return {
    ssmUrl: ssm.url,
    dynamoDbUrl: dynamoDb.url,
    close: async () => {
      await Promise.all([ssm.close(), dynamoDb.close()]);
    },
  };
}

/** Makes what a protected function needs: parameter and table. */
async function furnish(ssmUrl: string, dynamoDbUrl: string): Promise<void> {
  const ssm = new SSMClient({ ...CLIENT_SETTINGS, endpoint: ssmUrl });
  const dynamoDb = new DynamoDBClient({ ...CLIENT_SETTINGS, endpoint: dynamoDbUrl });
  await Promise.all([createParameter(ssm, PARAMETER), createEventsTable(dynamoDb, TABLE)]);
  ssm.destroy();
  dynamoDb.destroy();
}
