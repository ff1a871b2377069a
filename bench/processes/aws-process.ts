/** Stand-ins for SSM and DynamoDB, in a process of their own: what they cost is not measured. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createEventsTable } from '../../aws/events/create-table.ts';
import { startDynamoDb } from '../../local/aws/dynamodb.ts';
import { startSteadyService } from '../../test/fakes/scripted-service.ts';
import { delayed, holds, startMisbehavingSsm } from '../../test/fakes/ssm-misbehaving.ts';
import { answerOrders } from './own-process.ts';

export interface AwsOrder {
  /** The value of the parameter `maintenance-window`. */
  readonly parameter: string;
  /** How long SSM thinks about an answer. */
  readonly ssmDelayMs: number;
  readonly tls?: boolean;
  /** Default: none. `instant` confirms every write and keeps nothing. */
  readonly dynamoDb?: 'instant' | 'dynalite';
}

/** The SDK's own variables. */
export interface AwsUrls {
  readonly AWS_ENDPOINT_URL_SSM: string;
  readonly AWS_ENDPOINT_URL_DYNAMODB?: string;
}

answerOrders(async ({ parameter, ssmDelayMs, tls = false, dynamoDb }: AwsOrder): Promise<AwsUrls> => {
  const ssm = await startMisbehavingSsm(delayed(ssmDelayMs, holds({ 'maintenance-window': parameter })), { tls });
  const urls = { AWS_ENDPOINT_URL_SSM: ssm.url };
  if (!dynamoDb) return urls;
  return { ...urls, AWS_ENDPOINT_URL_DYNAMODB: dynamoDb === 'instant' ? await startInstant() : await startDynalite() };
});

/** DynamoDB as far as a client can tell that its write is confirmed. */
async function startInstant(): Promise<string> {
  return (await startSteadyService('{}')).url;
}

async function startDynalite(): Promise<string> {
  const { url } = await startDynamoDb();
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new DynamoDBClient({ endpoint: url, region: 'eu-south-1', credentials });
  await createEventsTable(client, 'maintenance-window-events');
  client.destroy();
  return url;
}
