import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { describe, expect, test } from 'vitest';
import { tableDefinition } from '../../core/events/table.ts';
import { readConfig } from '../../core/gate/config.ts';
import { MaintenanceWindow, type MaintenanceWindowProps } from '../../infra/maintenance-window.ts';
import { createApp, imageFunction, messageOf, resourceOf, resourcesOf, statementsOf } from './stacks.ts';

const HERE = { account: '111122223333', region: 'eu-south-1' };
const OTHER_ACCOUNT = { ...HERE, account: '444455556666' };
const OTHER_REGION = { ...HERE, region: 'eu-west-1' };
/** With every name given, so that the CDK itself sees nothing that crosses. */
const NAMED = { parameterName: '/ops/windows', tableName: 'events' };
const WINDOWS = 'arn:aws:ssm:eu-south-1:444455556666:parameter/everybody';
const TABLE = 'arn:aws:dynamodb:eu-south-1:444455556666:table/events';

function stacks(windows?: Partial<typeof HERE>, function_?: Partial<typeof HERE>) {
  const app = createApp();
  const of = (id: string, env?: Partial<typeof HERE>) => new Stack(app, id, env ? { env } : {});
  return { app, windows: of('Windows', windows), team: of('Team', function_) };
}

describe('a function is protected where the windows are', () => {
  test.each([
    ['another account', HERE, OTHER_ACCOUNT],
    ['another region', HERE, OTHER_REGION],
    ['an account that is left open', HERE, { region: HERE.region }],
    ['an environment that is left open', HERE, undefined],
    ['an environment, where that of the windows is left open', undefined, HERE],
  ])('and not in %s: one message names both', (_what, windows, team) => {
    const apart = stacks(windows, team);
    const maintenance = new MaintenanceWindow(apart.windows, 'Maintenance', NAMED);
    const message = messageOf(() => maintenance.protect(imageFunction(apart.team, 'Orders')));
    const named = (env?: Partial<typeof HERE>) =>
      `${env?.account ? `account ${env.account}` : 'whatever account it is deployed to'} and ` +
      `${env?.region ? `region ${env.region}` : 'whatever region it is deployed to'}`;
    expect(message).toMatch(
      `Team/Orders: is deployed to ${named(team)}, and the windows and events of Windows/Maintenance are in`,
    );
    expect(message).toContain(named(windows));
    expect(message.split('\n')).toHaveLength(1);
  });

  test.each([
    ['the same environment', HERE, HERE],
    ['two stacks that leave it open', undefined, undefined],
    ['two stacks that leave the account open', { region: HERE.region }, { region: HERE.region }],
  ])('as in %s', (_what, windows, team) => {
    const apart = stacks(windows, team);
    new MaintenanceWindow(apart.windows, 'Maintenance', NAMED).protect(imageFunction(apart.team, 'Orders'));
    const { Properties } = resourceOf(Template.fromStack(apart.team), 'AWS::Lambda::Function');
    expect(Properties.Environment.Variables).toMatchObject({ MAINTENANCE_WINDOW_PARAMETER: '/ops/windows' });
  });
});

describe('an operator is granted to where the windows are', () => {
  test.each([
    ['a role that another account makes', (stack: Stack) => ownRole(stack), OTHER_ACCOUNT],
    ['a role that another region makes', (stack: Stack) => ownRole(stack), OTHER_REGION],
    [
      'another account’s role',
      (stack: Stack) => iam.Role.fromRoleArn(stack, 'R', 'arn:aws:iam::444455556666:role/r'),
      HERE,
    ],
    ['another account', () => new iam.AccountPrincipal('444455556666'), HERE],
  ])('and not %s: one message names both', (_what, make, team) => {
    const apart = stacks(HERE, team);
    const maintenance = new MaintenanceWindow(apart.windows, 'Maintenance', NAMED);
    const message = messageOf(() => maintenance.grantOperate(make(apart.team)));
    expect(message).toMatch(
      /is in account \d+ and region [\w-]+, and the windows and events of Windows\/Maintenance are in/,
    );
    expect(message.split('\n')).toHaveLength(1);
  });

  test('as a role that another region makes, by its name', () => {
    const stack = new Stack(createApp(), 'Windows', { env: HERE });
    const maintenance = new MaintenanceWindow(stack, 'Maintenance', NAMED);
    maintenance.grantOperate(iam.Role.fromRoleName(stack, 'OnCall', 'on-call'));
    const policies = Object.values(resourcesOf(Template.fromStack(stack), 'AWS::IAM::Policy'));
    expect(policies.map(({ Properties }) => Properties.Roles)).toEqual([['on-call']]);
  });
});

describe('what another account shares is used by its ARN', () => {
  function sharing(env: Partial<typeof HERE> | undefined, props: (stack: Stack) => MaintenanceWindowProps) {
    const team = new Stack(createApp(), 'Team', env ? { env } : {});
    const maintenance = new MaintenanceWindow(team, 'Maintenance', { monitor: true, alarms: {}, ...props(team) });
    maintenance.protect(imageFunction(team, 'Orders'));
    return Template.fromStack(team);
  }

  test.each([
    ['told', HERE],
    ['left open', undefined],
  ])('where the own account is %s', (_what, env) => {
    const template = sharing(env, (stack) => ({
      parameters: [{ name: '/ops/team' }, { arn: WINDOWS }],
      table: dynamodb.Table.fromTableArn(stack, 'Events', TABLE),
    }));
    template.resourceCountIs('AWS::DynamoDB::Table', 0);
    for (const id of ['Orders', 'MaintenanceMonitor']) {
      const { Variables } = resourceOf(template, 'AWS::Lambda::Function', id).Properties.Environment;
      expect(Variables).toMatchObject({
        MAINTENANCE_WINDOW_PARAMETER: `/ops/team,${WINDOWS}`,
        MAINTENANCE_WINDOW_TABLE: TABLE,
      });
      expect(readConfig(Variables)).toMatchObject({ parameters: ['/ops/team', WINDOWS], table: TABLE });
    }
    const resources = statementsOf(template, 'OrdersServiceRole').flatMap((one) => one.resources);
    expect(resources).toEqual(expect.arrayContaining([WINDOWS, TABLE]));
    const names = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).flatMap(({ Properties }) =>
      Properties.Dimensions.filter(({ Name }: { Name: string }) => Name === 'TableName'),
    );
    expect(names).toEqual([1, 2, 3, 4, 5].map(() => ({ Name: 'TableName', Value: 'events' })));
  });

  test.each<[string, (stack: Stack) => MaintenanceWindowProps]>([
    [
      'table',
      (stack) => ({ table: dynamodb.Table.fromTableArn(stack, 'T', TABLE.replace('eu-south-1', 'eu-west-1')) }),
    ],
    ['parameters[0].arn', () => ({ parameters: [{ arn: WINDOWS.replace('eu-south-1', 'eu-west-1') }] })],
  ])('and not from another region: %s', (place, props) => {
    expect(messageOf(() => sharing(HERE, props))).toBe(
      `Team/Maintenance: ${place}: is in region eu-west-1, and functions of region eu-south-1 cannot use it; give one of theirs`,
    );
  });
});

describe('a table that exists already is taken up again', () => {
  function existing(props: (stack: Stack) => MaintenanceWindowProps) {
    const stack = new Stack(createApp(), 'Stack');
    const maintenance = new MaintenanceWindow(stack, 'Maintenance', {
      dashboard: true,
      monitor: true,
      ...props(stack),
    });
    maintenance.protect(imageFunction(stack, 'Orders'));
    maintenance.grantOperate(ownRole(stack));
    return Template.fromStack(stack);
  }

  test('by its name', () => {
    const template = existing((stack) => ({ table: dynamodb.Table.fromTableName(stack, 'Events', 'kept') }));
    template.resourceCountIs('AWS::DynamoDB::Table', 0);
    const { Variables } = resourceOf(template, 'AWS::Lambda::Function', 'Orders').Properties.Environment;
    expect(Variables.MAINTENANCE_WINDOW_TABLE).toBe('kept');
    const index = statementsOf(template, 'OnCall').find(({ actions }) => actions.join() === 'dynamodb:Query');
    expect(JSON.stringify(index?.resources)).toContain(':table/kept/index/pending');
  });

  test('with its key', () => {
    const template = existing((stack) => {
      const encryptionKey = new kms.Key(stack, 'Key');
      return { table: dynamodb.Table.fromTableAttributes(stack, 'Events', { tableName: 'kept', encryptionKey }) };
    });
    const actions = statementsOf(template, 'OrdersServiceRole').flatMap((one) => one.actions);
    expect(actions).toContain('kms:GenerateDataKey');
  });

  test.each<[string, MaintenanceWindowProps]>([
    ['tableName', { tableName: 'new' }],
    ['warmThroughput', { warmThroughput: { writeUnitsPerSecond: 5_000 } }],
  ])('and %s, which is of a new one, is refused', (name, props) => {
    const message = messageOf(() =>
      existing((stack) => ({ ...props, table: dynamodb.Table.fromTableName(stack, 'Events', 'kept') })),
    );
    expect(message).toBe(
      `Stack/Maintenance: ${name}: is of a table to be made, beside a table that exists already; leave one out`,
    );
  });
});

describe('a table that the app makes itself', () => {
  const text = (name: string) => ({ name, type: dynamodb.AttributeType.STRING });
  const index = { indexName: 'pending', partitionKey: text('gpk'), sortKey: text('gsk') };
  const projected = tableDefinition('').GlobalSecondaryIndexes.flatMap(({ Projection }) => Projection.NonKeyAttributes);

  type Made = dynamodb.Table | dynamodb.TableV2;

  function madeWith(make: (stack: Stack) => Made, then: (stack: Stack) => void = () => {}) {
    const stack = new Stack(createApp(), 'Stack');
    new MaintenanceWindow(stack, 'Maintenance', { table: make(stack) as dynamodb.Table }).protect(
      imageFunction(stack, 'Orders'),
    );
    then(stack);
    return messageOf(() => Template.fromStack(stack));
  }

  test.each<[string, (stack: Stack) => Made, string]>([
    [
      'other keys',
      (stack) => new dynamodb.Table(stack, 'T', { partitionKey: text('id'), sortKey: text('at') }),
      'Stack/T has the key id (HASH, S) at (RANGE, S) and no index pending; events need the key pk (HASH, S) and the index',
    ],
    [
      'a key that is no text',
      (stack) =>
        new dynamodb.Table(stack, 'T', { partitionKey: { ...text('pk'), type: dynamodb.AttributeType.BINARY } }),
      'Stack/T has the key pk (HASH, B)',
    ],
    [
      'a sort key besides',
      (stack) =>
        new dynamodb.TableV2(stack, 'T', {
          partitionKey: text('pk'),
          sortKey: text('sk'),
          globalSecondaryIndexes: [index],
        }),
      'Stack/T has the key pk (HASH, S) sk (RANGE, S)',
    ],
    ['no index', (stack) => new dynamodb.TableV2(stack, 'T', { partitionKey: text('pk') }), 'and no index pending;'],
    [
      'an index that tells too little',
      (stack) => {
        const table = new dynamodb.Table(stack, 'T', { partitionKey: text('pk') });
        table.addGlobalSecondaryIndex({ ...index, projectionType: dynamodb.ProjectionType.KEYS_ONLY });
        return table;
      },
      `without ${projected.join(', ')}; events need`,
    ],
  ])('is refused with %s, in which no event could be stored or found', (_what, make, message) => {
    expect(madeWith(make)).toContain(message);
  });

  test('is taken with the same keys and index, whenever that is added, with replicas and a stream', () => {
    const stream = dynamodb.StreamViewType.KEYS_ONLY;
    const later = madeWith(
      (stack) => new dynamodb.Table(stack, 'T', { partitionKey: text('pk'), stream }),
      (stack) => {
        const table = stack.node.findChild('T') as dynamodb.Table;
        const { INCLUDE: projectionType } = dynamodb.ProjectionType;
        table.addGlobalSecondaryIndex({ ...index, projectionType, nonKeyAttributes: ['more', ...projected] });
      },
    );
    const replicated = madeWith(
      (stack) =>
        new dynamodb.TableV2(stack, 'T', {
          partitionKey: text('pk'),
          dynamoStream: stream,
          globalSecondaryIndexes: [index],
        }),
    );
    expect([later, replicated]).toEqual(['nothing was refused', 'nothing was refused']);
  });
});

test('a table whose account is known at deployment only is called by its ARN, which is right in every account', () => {
  const stack = new Stack(createApp(), 'Stack');
  const arn = new CfnParameter(stack, 'TableArn').valueAsString;
  const table = dynamodb.Table.fromTableArn(stack, 'Events', arn);
  new MaintenanceWindow(stack, 'Maintenance', { table }).protect(imageFunction(stack, 'Orders'));
  const { Variables } = resourceOf(Template.fromStack(stack), 'AWS::Lambda::Function').Properties.Environment;
  expect(Variables.MAINTENANCE_WINDOW_TABLE).toEqual({ Ref: 'TableArn' });
});

describe('a name that is known at deployment only', () => {
  const props = (stack: Stack, before: string) => ({
    parameterName: `${before}${new CfnParameter(stack, 'Stage').valueAsString}`,
  });

  test('is the operator’s parameter’s where it begins with text', () => {
    const stack = new Stack(createApp(), 'Stack');
    new MaintenanceWindow(stack, 'Maintenance', props(stack, '/ops/')).protect(imageFunction(stack, 'Orders'));
    const [
      {
        resources: [arn],
      } = { resources: [] },
    ] = statementsOf(Template.fromStack(stack), 'OrdersServiceRole').filter(
      ({ actions }) => actions.join() === 'ssm:GetParameters',
    );
    expect(JSON.stringify(arn)).toContain(':parameter/ops/",{"Ref":"Stage"}');
  });

  test('is refused where nobody can tell whether it begins with a slash', () => {
    const stack = new Stack(createApp(), 'Stack');
    expect(messageOf(() => new MaintenanceWindow(stack, 'Maintenance', props(stack, '')))).toMatch(
      /^Stack\/Maintenance: parameterName: is known at deployment only, its beginning at least, /,
    );
  });
});

function ownRole(stack: Stack): iam.Role {
  return new iam.Role(stack, 'OnCall', { assumedBy: new iam.AccountRootPrincipal() });
}
