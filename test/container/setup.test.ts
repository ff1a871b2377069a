import { CloudWatchClient, DescribeAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FUNCTION_ALARMS } from '../../core/deployment/alarms.ts';
import { TTL_ATTRIBUTE, tableDefinition } from '../../core/events/table.ts';
import { NAMESPACE } from '../../core/metrics.ts';
import type { Resource } from '../infra/stacks.ts';
import { buildCli, runCli } from '../worlds/cli.ts';
import { type CloudFormation, createCloudFormation } from './cloudformation.ts';
import { type Container, describeWithEngine, MOTO_IMAGE, startContainer } from './containers.ts';

const REGION = 'eu-south-1';
const STACK = 'Maintenance';
const TABLE = 'deferred';
const PARAMETER = '/ops/windows';
const TOPIC = 'arn:aws:sns:eu-south-1:123456789012:on-call';
const EVENT = { pk: { S: 'orders-api#9f1c0a52' }, body: { S: 'an event that nobody has replayed' } };

let moto: Container;
let endpoint: string;
let cloudFormation: CloudFormation;
let ssm: SSMClient;
let dynamoDb: DynamoDBClient;
let cloudWatch: CloudWatchClient;

function tool(...words: string[]) {
  return runCli([...words, '--table', TABLE, '--parameter', PARAMETER], {
    environment: {
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
    },
  });
}

/** The form for these functions, as the tool prints it. */
async function printed(...functions: readonly string[]): Promise<{ readonly Resources: Record<string, Resource> }> {
  const { code, out } = await tool('setup', '--print', 'cloudformation', '--function', ...functions);
  expect(code).toBe(0);
  return JSON.parse(out);
}

/** The parameter as it stands: an edit raises its version, one to the same text as well. */
async function window() {
  const { Parameter = {} } = await ssm.send(new GetParameterCommand({ Name: PARAMETER }));
  return { value: Parameter.Value, version: Parameter.Version };
}

async function event() {
  const { Item } = await dynamoDb.send(new GetItemCommand({ TableName: TABLE, Key: { pk: EVENT.pk } }));
  return Item;
}

describeWithEngine('the printed template', () => {
  beforeAll(async () => {
    buildCli();
    moto = await startContainer(MOTO_IMAGE, ['--publish', '127.0.0.1:0:5000']);
    endpoint = `http://${await moto.address(5000)}`;
    await moto.wrote('Running on');
    cloudFormation = createCloudFormation(endpoint, REGION);
    const settings = { endpoint, region: REGION, credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };
    [ssm, dynamoDb, cloudWatch] = [
      new SSMClient(settings),
      new DynamoDBClient(settings),
      new CloudWatchClient(settings),
    ];
    await cloudFormation.deploy(STACK, await printed('orders-api'));
  });
  afterAll(async () => {
    for (const client of [ssm, dynamoDb, cloudWatch]) client?.destroy();
    await moto?.[Symbol.asyncDispose]();
  });

  it('makes the table with its keys, its index and its protection, and a policy for each role', async () => {
    const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName: TABLE }));
    const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, BillingMode } = tableDefinition(TABLE);
    expect(Table).toMatchObject({
      KeySchema,
      AttributeDefinitions,
      GlobalSecondaryIndexes,
      BillingModeSummary: { BillingMode },
      DeletionProtectionEnabled: true,
    });
    expect(await cloudFormation.nameOf(STACK, 'AWS::IAM::ManagedPolicy')).toMatch(
      /^arn:aws:iam::\d+:policy\/.*ClientOrdersApi/,
    );
  });

  it('has a time to live and a recovery that DynamoDB takes', async () => {
    const { EventsTable } = (await printed('orders-api')).Resources;
    const { TimeToLiveSpecification, PointInTimeRecoverySpecification } = EventsTable?.Properties ?? {};
    await dynamoDb.send(new UpdateTimeToLiveCommand({ TableName: TABLE, TimeToLiveSpecification }));
    await dynamoDb.send(new UpdateContinuousBackupsCommand({ TableName: TABLE, PointInTimeRecoverySpecification }));
    const { TimeToLiveDescription } = await dynamoDb.send(new DescribeTimeToLiveCommand({ TableName: TABLE }));
    expect(TimeToLiveDescription).toEqual({ AttributeName: TTL_ATTRIBUTE, TimeToLiveStatus: 'ENABLED' });
    const { ContinuousBackupsDescription } = await dynamoDb.send(
      new DescribeContinuousBackupsCommand({ TableName: TABLE }),
    );
    expect(ContinuousBackupsDescription).toMatchObject({
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' },
    });
  });

  it('has alarms that CloudWatch takes', async () => {
    const alarms = Object.entries((await printed('orders-api', 'billing')).Resources).filter(
      ([, { Type }]) => Type === 'AWS::CloudWatch::Alarm',
    );
    for (const [AlarmName, { Properties }] of alarms) {
      await cloudWatch.send(new PutMetricAlarmCommand({ ...Properties, AlarmName, AlarmActions: [TOPIC] }));
    }
    const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms).toHaveLength(2 * FUNCTION_ALARMS.length);
    for (const {
      id,
      metric,
      threshold,
      periodSeconds,
      evaluationPeriods,
      missingData,
      description,
    } of FUNCTION_ALARMS) {
      expect(MetricAlarms).toContainEqual(
        expect.objectContaining({
          AlarmName: `${id}OrdersApi`,
          Namespace: NAMESPACE,
          MetricName: metric,
          Dimensions: [{ Name: 'FunctionName', Value: 'orders-api' }],
          Threshold: threshold,
          Period: periodSeconds,
          EvaluationPeriods: evaluationPeriods,
          TreatMissingData: missingData,
          AlarmDescription: description,
          AlarmActions: [TOPIC],
        }),
      );
    }
  });

  it('makes no window parameter: the first begin does', async () => {
    await expect(window()).rejects.toMatchObject({ name: 'ParameterNotFound' });
    expect(await tool('begin', '--for', '4h', '--yes')).toMatchObject({ code: 0 });
    expect(await window()).toMatchObject({ version: 1 });
  });

  it('leaves the window and the events as they are when it is deployed again, with no change and with one', async () => {
    await dynamoDb.send(new PutItemCommand({ TableName: TABLE, Item: EVENT }));
    const before = await window();
    await cloudFormation.deploy(STACK, await printed('orders-api'));
    expect(await window()).toEqual(before);
    await cloudFormation.deploy(STACK, await printed('billing', 'orders-api'), {}, { AlarmTopicArn: TOPIC });
    expect(await cloudFormation.nameOf(STACK, 'AWS::IAM::ManagedPolicy')).toContain('ClientBilling');
    expect(await window()).toEqual(before);
    expect(await event()).toEqual(EVENT);
    expect((await tool('status', '-o', 'json')).out).toContain('"active": true');
  });

  it('leaves the window and the table when the stack is gone', async () => {
    const before = await window();
    await cloudFormation.destroy(STACK);
    expect(await window()).toEqual(before);
    expect(await event()).toEqual(EVENT);
    await expect(cloudFormation.nameOf(STACK, 'AWS::IAM::ManagedPolicy')).rejects.toThrow(/does not exist/);
    const { code, out, err } = await tool('setup', '--apply');
    expect({ code, out, err }).toEqual({ code: 0, out: expect.stringMatching(/^(.*: there already\n){3}$/), err: '' });
  });
});
