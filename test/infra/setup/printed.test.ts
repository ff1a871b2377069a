/** What `maintenance-window setup --print` writes is what the construct makes. */
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { MaintenanceWindow } from '../../../infra/maintenance-window.ts';
import { cloudFormation } from '../../../operator/setup/cloudformation.ts';
import { type Deployment, DRAIN_NAME } from '../../../operator/setup/deployment.ts';
import { iamPolicies, stateMachine } from '../../../operator/setup/iam.ts';
import { createTableInput } from '../../../operator/setup/table.ts';
import { terraform } from '../../../operator/setup/terraform.ts';
import { carriedOut, type IamStatement, statementsIn } from '../iam-policy.ts';
import { createApp, imageFunction, type Resource, resourceOf, resourcesOf } from '../stacks.ts';

const DEPLOYMENT: Deployment = {
  parameters: ['/ops/windows', 'arn:aws:ssm:eu-south-1:444455556666:parameter/everybody'],
  table: 'deferred',
  functions: ['orders-api', 'billing'],
};

const TABLE_ARN = 'arn:aws:dynamodb:eu-south-1:111122223333:table/deferred';
const NAMES = {
  'AWS::Partition': { ref: 'aws' },
  'AWS::Region': { ref: 'eu-south-1' },
  'AWS::AccountId': { ref: '111122223333' },
  EventsTable: { ref: 'deferred', arn: TABLE_ARN },
  MaintenanceEvents: { ref: 'deferred', arn: TABLE_ARN },
  MaintenanceDrainFunction: { ref: DRAIN_NAME, arn: `arn:aws:lambda:eu-south-1:111122223333:function:${DRAIN_NAME}` },
  MaintenanceDrainMachine: {
    ref: `arn:aws:states:eu-south-1:111122223333:stateMachine:${DRAIN_NAME}`,
    name: DRAIN_NAME,
  },
};

/** The stack of an app that deploys the same by the construct. */
function constructed(drain: boolean): Template {
  const stack = new Stack(createApp(), 'Stack');
  const [first, second] = DEPLOYMENT.parameters;
  const maintenance = new MaintenanceWindow(stack, 'Maintenance', {
    parameters: [{ name: first ?? '' }, { arn: second ?? '' }],
    tableName: DEPLOYMENT.table,
    alarms: {},
    monitor: true,
    drain,
  });
  const role = (id: string) => new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() });
  maintenance.grantRead(role('Read'));
  maintenance.grantEditWindows(role('Windows'));
  maintenance.grantReplay(role('Replay'));
  maintenance.grantOperate(role('All'));
  for (const functionName of DEPLOYMENT.functions) {
    maintenance.protect(imageFunction(stack, functionName.replace('-', ''), { functionName }));
  }
  return Template.fromStack(stack);
}

const template = constructed(false);
const printed = cloudFormation(DEPLOYMENT) as { readonly Resources: Readonly<Record<string, Resource>> };
const policies = iamPolicies(DEPLOYMENT, { account: '111122223333', region: 'eu-south-1' });

/** The statements of a construct's role, its log and its own table's key aside, as IAM reads them. */
function granted(role: string, of = template): readonly string[] {
  const types = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'];
  const documents = types
    .flatMap((type) => Object.values(resourcesOf(of, type)))
    .filter(({ Properties }) => new RegExp(`"${role}`).test(JSON.stringify(Properties.Roles)))
    .map(({ Properties }) => carriedOut(withoutLog(Properties.PolicyDocument), NAMES));
  return inOrder(statementsIn(documents));
}

function withoutLog(document: { readonly Statement: readonly object[] }): object {
  return { Statement: document.Statement.filter((one) => !JSON.stringify(one).includes('logs:')) };
}

/** Each action on each resource by itself, in one order: IAM makes no difference, and the CDK unites statements. */
function inOrder(statements: readonly IamStatement[]): readonly string[] {
  return statements
    .flatMap(({ Effect, Action, Resource, Condition = {} }) =>
      Action.flatMap((action) =>
        Resource.map((resource) => `${Effect} ${action} ${resource} ${JSON.stringify(Condition)}`),
      ),
    )
    .sort();
}

describe('what setup prints', () => {
  it('has the table of the construct, property for property, and keeps it as the construct does', () => {
    const { logicalId: _, ...table } = resourceOf(template, 'AWS::DynamoDB::Table');
    expect(printed.Resources['EventsTable']).toEqual(table);
  });

  it('creates the same table by the AWS CLI', () => {
    const { TimeToLiveSpecification, PointInTimeRecoverySpecification, ...atOnce } = resourceOf(
      template,
      'AWS::DynamoDB::Table',
    ).Properties;
    expect(createTableInput(DEPLOYMENT.table)).toEqual(atOnce);
    expect([TimeToLiveSpecification, PointInTimeRecoverySpecification]).not.toContain(undefined);
  });

  it.each([
    ['client orders-api', 'ClientOrdersApi', 'ordersapiServiceRole'],
    ['client billing', 'ClientBilling', 'billingServiceRole'],
    ['operator read', 'OperatorRead', 'Read'],
    ['operator windows', 'OperatorWindows', 'Windows'],
    ['operator replay', 'OperatorReplay', 'Replay'],
    ['operator all', undefined, 'All'],
    ['monitor', undefined, 'MaintenanceMonitorRole'],
  ])('allows %s what the construct allows it', (name, logicalId, role) => {
    const expected = granted(role);
    expect(expected.length).toBeGreaterThan(0);
    expect(inOrder(statementsIn([policies[name]]))).toEqual(expected);
    if (logicalId === undefined) return;
    const { PolicyDocument } = printed.Resources[logicalId]?.Properties ?? {};
    expect(inOrder(statementsIn([carriedOut(PolicyDocument, NAMES)]))).toEqual(expected);
  });

  it('allows with a drain what the construct allows then, and has its machine', () => {
    const drained = constructed(true);
    for (const [names, role] of [
      [['drain'], 'MaintenanceDrainRole'],
      [['drain machine'], 'MaintenanceDrainMachineRole'],
      [['monitor', 'monitor with drain'], 'MaintenanceMonitorRole'],
      [['operator read', 'operator read with drain'], 'Read'],
      [['operator replay', 'operator with drain'], 'Replay'],
      [['operator all', 'operator with drain'], 'All'],
    ] as const) {
      const own = inOrder(statementsIn(names.map((name) => policies[name])));
      expect([role, [...new Set(own)]]).toEqual([role, [...new Set(granted(role, drained))]]);
    }
    const { DefinitionString } = resourceOf(drained, 'AWS::StepFunctions::StateMachine').Properties;
    const home = { account: '111122223333', region: 'eu-south-1' };
    expect(stateMachine(DEPLOYMENT, home)).toEqual(JSON.parse(String(carriedOut(DefinitionString, NAMES))));
  });

  it('has the alarms of the construct on each function, and a topic that they may tell', () => {
    const alarmsIn = (resources: Readonly<Record<string, Resource>>) =>
      Object.values(resources)
        .filter(
          ({ Type, Properties }) => Type === 'AWS::CloudWatch::Alarm' && !/TableName/.test(JSON.stringify(Properties)),
        )
        .map(({ Properties: { AlarmActions: _, ...facts } }) => ({
          ...facts,
          Dimensions: functionOf(facts.Dimensions),
        }))
        .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    const expected = alarmsIn(template.toJSON().Resources);
    expect(expected).toHaveLength(6);
    expect(alarmsIn(printed.Resources)).toEqual(expected);
  });

  it('writes for Terraform the table, the policies and the alarms that it writes for CloudFormation', () => {
    const { table, ...ofTerraform } = readTerraform(terraform(DEPLOYMENT));
    const { Properties } = printed.Resources['EventsTable'] ?? { Properties: {} };
    expect(table).toEqual([
      Properties.TableName,
      Properties.BillingMode,
      Properties.KeySchema[0].AttributeName,
      ...attributesOf(Properties),
      Properties.TimeToLiveSpecification.AttributeName,
    ]);
    const ofType = (type: string) => Object.values(printed.Resources).filter(({ Type }) => Type === type);
    expect(ofTerraform.policies.map((policy) => inOrder(statementsIn([policy])))).toEqual(
      ofType('AWS::IAM::ManagedPolicy').map(({ Properties: { PolicyDocument } }) =>
        inOrder(statementsIn([carriedOut(PolicyDocument, NAMES)])),
      ),
    );
    expect(ofTerraform.alarms).toEqual(
      ofType('AWS::CloudWatch::Alarm').map(({ Properties: { AlarmActions: _, Dimensions, ...facts } }) => ({
        ...facts,
        FunctionName: Dimensions[0].Value,
      })),
    );
  });

  it('makes no parameter: CloudFormation would write it again', () => {
    const types = Object.values(printed.Resources).map(({ Type }) => Type);
    expect(new Set(types)).toEqual(
      new Set(['AWS::DynamoDB::Table', 'AWS::IAM::ManagedPolicy', 'AWS::CloudWatch::Alarm']),
    );
  });

  it('makes no table where one is named by its ARN, and grants on that one', () => {
    const shared = 'arn:aws:dynamodb:eu-south-1:444455556666:table/events';
    const { Resources } = cloudFormation({ ...DEPLOYMENT, table: shared }) as typeof printed;
    expect(Object.values(Resources).map(({ Type }) => Type)).not.toContain('AWS::DynamoDB::Table');
    expect(JSON.stringify(Resources['OperatorRead'])).toContain(`"${shared}/index/pending"`);
  });

  it('refuses more functions than a policy can name', () => {
    const functions = Array.from({ length: 40 }, (_, index) => `a-function-with-a-longer-name-${index}`);
    expect(() => cloudFormation({ ...DEPLOYMENT, functions })).toThrow(/IAM takes 6144/);
  });
});

/** The names of attributes and of the index, with its keys and what it projects, as Terraform's blocks have them. */
function attributesOf({ AttributeDefinitions, GlobalSecondaryIndexes }: Resource['Properties']): readonly string[] {
  return [
    ...AttributeDefinitions.flatMap((one: Record<string, string>) => [one['AttributeName'], one['AttributeType']]),
    ...GlobalSecondaryIndexes.flatMap(({ IndexName, KeySchema, Projection }: Resource['Properties']) => [
      IndexName,
      ...KeySchema.map((key: Record<string, string>) => key['AttributeName']),
      Projection.ProjectionType,
      ...Projection.NonKeyAttributes,
    ]),
  ];
}

/** What Terraform's own words are in CloudFormation's. */
const ALARM_WORDS: Readonly<Record<string, string>> = {
  alarm_description: 'AlarmDescription',
  namespace: 'Namespace',
  metric_name: 'MetricName',
  statistic: 'Statistic',
  period: 'Period',
  comparison_operator: 'ComparisonOperator',
  threshold: 'Threshold',
  evaluation_periods: 'EvaluationPeriods',
  datapoints_to_alarm: 'DatapointsToAlarm',
  treat_missing_data: 'TreatMissingData',
  FunctionName: 'FunctionName',
};

/** Reads what `setup` itself writes, a value a line: texts of the table's block in order, policies, alarms. */
function readTerraform(text: string) {
  const put = (line: string) =>
    Object.entries({
      'data.aws_partition.current.partition': NAMES['AWS::Partition'].ref,
      'data.aws_region.current.id': NAMES['AWS::Region'].ref,
      'data.aws_caller_identity.current.account_id': NAMES['AWS::AccountId'].ref,
      'aws_dynamodb_table.maintenance_events.arn': TABLE_ARN,
    }).reduce((done, [name, value]) => done.replaceAll(`\${${name}}`, value), line);
  const blocksOf = (type: string) =>
    [...text.matchAll(new RegExp(`^resource "${type}" "\\w+" {\n(.*?)^}$`, 'gms'))].map(([, block = '']) => put(block));
  const json = (hcl: string) =>
    JSON.parse(
      hcl
        .replaceAll(/^( *)"?([\w:]+)"? += /gm, '$1"$2": ')
        .replaceAll(/([\]}"\w])\n(?= *")/g, '$1,\n')
        .replaceAll(/,(?=\n *[\]}])/g, ''),
    );
  return {
    table: blocksOf('aws_dynamodb_table').flatMap((block) =>
      [...block.matchAll(/"(\w[\w-]*)"/g)].map(([, word]) => word),
    ),
    policies: blocksOf('aws_iam_policy').map((block) => json(/jsonencode\((.*)\)/s.exec(block)?.[1] ?? '')),
    alarms: blocksOf('aws_cloudwatch_metric_alarm').map((block) =>
      Object.fromEntries(
        [...block.matchAll(/^ *(\w+) += ("?[^{\n]+)$/gm)].flatMap(([, name = '', value = '']) =>
          name in ALARM_WORDS ? [[ALARM_WORDS[name], JSON.parse(value)]] : [],
        ),
      ),
    ),
  };
}

/** A generated reference to a function of the construct, and a name that is printed, are the same function. */
function functionOf(dimensions: readonly { readonly Value: unknown }[]): string {
  return JSON.stringify(dimensions[0]?.Value)
    .replaceAll(/\W/g, '')
    .replace(/^Ref(\w+?)[0-9A-F]{8}$/, '$1');
}
