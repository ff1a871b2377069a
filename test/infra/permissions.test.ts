import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { describe, expect, test } from 'vitest';
import {
  CLIENT_ACTIONS,
  MONITOR_ACTIONS,
  OPERATOR_ACTIONS,
  PARAMETER_KEY_ACTIONS,
  TABLE_KEY_ACTIONS,
} from '../../core/deployment/permissions.ts';
import { MaintenanceWindow, type MaintenanceWindowProps } from '../../infra/maintenance-window.ts';
import { createApp, imageFunction, resourceOf, type Statement, statement, statementsOf, templateOf } from './stacks.ts';

const SHARED = 'arn:aws:ssm:eu-south-1:111122223333:parameter/account/windows';

/** A stack with a protected function, an operator, and a function that is protected only later. */
function fullStack(props: (stack: Stack) => MaintenanceWindowProps): Template {
  return templateOf((stack) => {
    const maintenance = new MaintenanceWindow(stack, 'Maintenance', { monitor: true, ...props(stack) });
    maintenance.protect(imageFunction(stack, 'Orders'));
    const operator = new iam.Role(stack, 'Operator', { assumedBy: new iam.AccountRootPrincipal() });
    maintenance.grantOperate(operator);
    maintenance.protect(imageFunction(stack, 'Payments'));
  });
}

/** What stands in the template for what is granted on. */
function groundsIn(template: Template) {
  const table = { 'Fn::GetAtt': [resourceOf(template, 'AWS::DynamoDB::Table').logicalId, 'Arn'] };
  const functionArn = (id: string) => ({
    'Fn::GetAtt': [resourceOf(template, 'AWS::Lambda::Function', id).logicalId, 'Arn'],
  });
  return {
    table,
    index: { 'Fn::Join': ['', [table, '/index/pending']] },
    functions: ['Orders', 'Payments'].flatMap((id) => [functionArn(id), { 'Fn::Join': ['', [functionArn(id), ':*']] }]),
    key: (id: string) => ({ 'Fn::GetAtt': [resourceOf(template, 'AWS::KMS::Key', id).logicalId, 'Arn'] }),
    stacksParameter: () =>
      parameterArn([':parameter/', { Ref: resourceOf(template, 'AWS::SSM::Parameter').logicalId }]),
    ownItems: (id: string) => ({
      'ForAllValues:StringLike': {
        'dynamodb:LeadingKeys': [
          { 'Fn::Join': ['', [{ Ref: resourceOf(template, 'AWS::Lambda::Function', id).logicalId }, '#*']] },
        ],
      },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    }),
  };
}

function parameterArn([first, ...rest]: [string, ...unknown[]]) {
  return {
    'Fn::Join': [
      '',
      [
        'arn:',
        { Ref: 'AWS::Partition' },
        ':ssm:',
        { Ref: 'AWS::Region' },
        ':',
        { Ref: 'AWS::AccountId' },
        first,
        ...rest,
      ],
    ],
  };
}

function through(service: string) {
  return {
    StringEquals: {
      'kms:ViaService': {
        'Fn::Join': ['', [`${service}.`, { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]],
      },
    },
  };
}

describe('without customer managed keys', () => {
  const template = fullStack(() => ({ windows: [] }));
  const { table, index, functions, stacksParameter, ownItems } = groundsIn(template);
  const [own, stacks] = [parameterArn([':parameter/maintenance-window/Stack']), stacksParameter()];

  test('a protected function may read the parameters and use what is its own in the table, and nothing else', () => {
    for (const id of ['Orders', 'Payments']) {
      expect(statementsOf(template, `${id}ServiceRole`).toSorted(byAction)).toEqual([
        statement(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [table], ownItems(id)),
        statement(['ssm:GetParameters'], [own, stacks]),
      ]);
    }
  });

  test('an operator may edit the operator’s parameter alone, and invoke what is protected before and after the grant', () => {
    expect(statementsOf(template, 'Operator')).toEqual([
      statement(OPERATOR_ACTIONS.parameters, [own, stacks]),
      statement(['ssm:PutParameter'], [own]),
      statement(OPERATOR_ACTIONS.table ?? [], [table]),
      statement(['dynamodb:Query'], [index]),
      statement(OPERATOR_ACTIONS.functions ?? [], functions),
    ]);
  });

  test('the monitor may look and sweep, and write its own log', () => {
    const log = resourceOf(template, 'AWS::Logs::LogGroup', 'MaintenanceMonitor').logicalId;
    const bus = {
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':events:',
          { Ref: 'AWS::Region' },
          ':',
          { Ref: 'AWS::AccountId' },
          ':event-bus/default',
        ],
      ],
    };
    expect(statementsOf(template, 'MaintenanceMonitorRole')).toEqual([
      statement(['logs:CreateLogStream', 'logs:PutLogEvents'], [{ 'Fn::GetAtt': [log, 'Arn'] }]),
      statement(['ssm:GetParameters'], [own, stacks]),
      statement(['dynamodb:BatchGetItem'], [table], {
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['gpk', 'gsk', 'parts', 'partsHash', 'pk'] },
        StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
        Null: { 'dynamodb:Attributes': 'false' },
      }),
      statement(['dynamodb:DeleteItem'], [table], {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['*#*#*#*'] },
        StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      }),
      statement(['dynamodb:GetItem', 'dynamodb:PutItem'], [table], {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['#monitor.*'] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      }),
      statement(['dynamodb:BatchGetItem'], [table], {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['#run#*'] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      }),
      statement(['dynamodb:Query'], [index]),
      statement(['events:PutEvents'], [bus]),
    ]);
  });

  test('nothing is asked of KMS', () => {
    expect(JSON.stringify(template.toJSON())).not.toContain('kms:');
  });
});

describe('with customer managed keys', () => {
  const template = fullStack((stack) => ({
    encryptionKey: new kms.Key(stack, 'TableKey'),
    parameters: [{ name: '/ops/windows', encryptionKey: new kms.Key(stack, 'ParameterKey') }, { arn: SHARED }],
  }));
  const { key } = groundsIn(template);
  const secret = parameterArn([':parameter/ops/windows']);
  const tableKey = statement(TABLE_KEY_ACTIONS, [key('TableKey')], through('dynamodb'));
  const parameterKey = (actions: readonly string[]) => statement(actions, [key('ParameterKey')], through('ssm'));

  test('a protected function may use them through DynamoDB and SSM alone', () => {
    const { table, ownItems } = groundsIn(template);
    expect(statementsOf(template, 'OrdersServiceRole').toSorted(byAction)).toEqual([
      statement(CLIENT_ACTIONS.ownItems ?? [], [table], ownItems('Orders')),
      parameterKey(['kms:Decrypt']),
      tableKey,
      statement(CLIENT_ACTIONS.parameters, [SHARED, secret]),
    ]);
  });

  test('an operator may encrypt what is edited too', () => {
    const statements = statementsOf(template, 'Operator');
    expect(statements).toContainEqual(tableKey);
    expect(statements).toContainEqual(parameterKey([...PARAMETER_KEY_ACTIONS.read, ...PARAMETER_KEY_ACTIONS.write]));
  });

  test('the monitor may use them too', () => {
    const statements = statementsOf(template, 'MaintenanceMonitorRole');
    expect(statements).toContainEqual(tableKey);
    expect(statements).toContainEqual(parameterKey(['kms:Decrypt']));
    expect(statements).toContainEqual(statement(MONITOR_ACTIONS.parameters, [SHARED, secret]));
  });

  test('no policy has a wildcard, but for the versions and aliases of a function that an operator may invoke', () => {
    const { functions } = groundsIn(template);
    const policies = ['OrdersServiceRole', 'PaymentsServiceRole', 'Operator', 'MaintenanceMonitorRole'];
    for (const { actions, resources } of policies.flatMap((role) => statementsOf(template, role))) {
      expect(actions.join()).not.toContain('*');
      const wild = resources.filter((resource) => JSON.stringify(resource).includes('*'));
      expect(functions).toEqual(expect.arrayContaining(wild));
    }
  });
});

test('a function in another stack is protected there, without a circle between the stacks', () => {
  const app = createApp();
  const [shared, team] = [new Stack(app, 'Shared'), new Stack(app, 'Team')];
  const maintenance = new MaintenanceWindow(shared, 'Maintenance', { monitor: true, alarms: {}, dashboard: true });
  maintenance.protect(imageFunction(team, 'Orders'));
  const template = Template.fromStack(team);
  expect(
    statementsOf(template, 'OrdersServiceRole')
      .map(({ actions }) => actions)
      .toSorted(),
  ).toEqual([CLIENT_ACTIONS.ownItems, CLIENT_ACTIONS.parameters]);
  template.resourceCountIs('AWS::CloudWatch::Alarm', 3);
  Template.fromStack(shared).resourceCountIs('AWS::CloudWatch::Alarm', 5);
});

function byAction(one: Statement, other: Statement): number {
  return `${one.actions}` < `${other.actions}` ? -1 : 1;
}
