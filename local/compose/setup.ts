/** Makes what a protected function needs, where AWS's endpoints are stand-ins: the table, and a parameter without windows. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createEventsTable } from '../../aws/events/create-table.ts';
import { readConfig } from '../../core/gate/config.ts';
import { createParameter } from '../aws/create-parameter.ts';

const WORDS = { made: 'made', exists: 'is there already' } as const;

const { parameters, table } = readConfig(process.env);

async function setUp(): Promise<void> {
  const ssm = new SSMClient();
  for (const name of parameters) console.log(`parameter ${name} ${WORDS[await createParameter(ssm, name)]}`);
  console.log(`table ${table} ${WORDS[await createEventsTable(new DynamoDBClient(), table)]}`);
}

setUp().catch((error) => {
  console.error(`setup: ${error}`);
  process.exitCode = 1;
});
