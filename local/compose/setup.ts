/** Makes what a protected function needs, where AWS's endpoints are stand-ins: the table, and a parameter without windows. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import { readConfig } from '../../core/gate/config.ts';
import { createParameter } from './parameter.ts';
import { createTable } from './table.ts';

const { parameters, table } = readConfig(process.env);

async function setUp(): Promise<void> {
  const ssm = new SSMClient();
  for (const name of parameters) console.log(await createParameter(ssm, name));
  console.log(await createTable(new DynamoDBClient(), table));
}

setUp().catch((error) => {
  console.error(`setup: ${error}`);
  process.exitCode = 1;
});
