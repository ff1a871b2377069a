/** Stand-ins for SSM and DynamoDB, in a process of their own: what they cost is not measured. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createEventsTable } from '../../aws/events/create-table.ts';
import { startDynamoDb } from '../../local/aws/dynamodb.ts';
import { startSteadyService } from '../../test/fakes/scripted-service.ts';
import { delayed, holds, startMisbehavingSsm } from '../../test/fakes/ssm-misbehaving.ts';
import { startTlsFront } from '../../test/fakes/tls-front.ts';
import { answerOrders } from './own-process.ts';

export interface AwsOrder {
  /** The value of the parameter `maintenance-window`. */
  readonly parameter: string;
  /** How long SSM thinks about an answer. */
  readonly ssmDelayMs: number;
  /**
   * SSM and an instant DynamoDB over TLS, by a certificate that signs itself, or SSM by one of an authority: the proxy's
   * library takes no other.
   */
  readonly tls?: boolean | 'by-authority';
  /** Default: none. `instant` confirms every write and keeps nothing. */
  readonly dynamoDb?: 'instant' | 'dynalite';
}

/** Asks what SSM has seen since it was asked last: its steps by name, in nanoseconds of the monotonic clock. */
export interface MarksOrder {
  readonly kind: 'marks';
}

export type Marks = Readonly<Record<string, number>>;

/** The SDK's own variables. */
export interface AwsUrls {
  readonly AWS_ENDPOINT_URL_SSM: string;
  readonly AWS_ENDPOINT_URL_DYNAMODB?: string;
}

let marks: Record<string, number> = {};

answerOrders((order: AwsOrder | MarksOrder) => ('kind' in order ? takeMarks() : start(order)));

async function takeMarks(): Promise<Marks> {
  const taken = marks;
  marks = {};
  return taken;
}

function mark(step: string): void {
  marks[step] ??= Number(process.hrtime.bigint());
}

async function start({ parameter, ssmDelayMs, tls = false, dynamoDb }: AwsOrder): Promise<AwsUrls> {
  const answer = delayed(ssmDelayMs, (request) => {
    mark('SSM answers');
    return holds({ 'maintenance-window': parameter })(request);
  });
  const script: typeof answer = (request) => {
    mark('SSM has the request');
    return answer(request);
  };
  const onConnection = (event: string) =>
    mark(event === 'connection' ? 'SSM is connected' : 'SSM has its session of TLS');
  const ssm = await startMisbehavingSsm(script, { tls: tls === true, onConnection });
  const { url } = tls === 'by-authority' ? await startTlsFront(ssm.url, 'localhost') : ssm;
  const urls = { AWS_ENDPOINT_URL_SSM: url };
  if (!dynamoDb) return urls;
  return {
    ...urls,
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDb === 'instant' ? await startInstant(tls === true) : await startDynalite(),
  };
}

/** DynamoDB as far as a client can tell that its write is confirmed. */
async function startInstant(tls: boolean): Promise<string> {
  return (await startSteadyService('{}', { tls })).url;
}

async function startDynalite(): Promise<string> {
  const { url } = await startDynamoDb();
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new DynamoDBClient({ endpoint: url, region: 'eu-south-1', credentials });
  await createEventsTable(client, 'maintenance-window-events');
  client.destroy();
  return url;
}
