import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';
import { OPERATOR_ACTIONS, READ_ACTIONS, REPLAY_ACTIONS, WINDOW_ACTIONS } from '../../core/deployment/permissions.ts';
import { WARNINGS } from '../../infra/checks/warnings.ts';
import { MaintenanceWindow } from '../../infra/maintenance-window.ts';
import { createApp, imageFunction, statementsOf, templateOf } from './stacks.ts';

const ENV = { account: '111122223333', region: 'eu-south-1' };
const ROLE = 'arn:aws:iam::111122223333:role/ops/on-call';

/** A window with every name given, so that every ARN is known, and a protected function. */
function protectedStack() {
  const stack = new Stack(createApp(), 'Stack', { env: ENV });
  const maintenance = new MaintenanceWindow(stack, 'Maintenance', { tableName: 'events' });
  const fn = imageFunction(stack, 'Orders', { functionName: 'orders' });
  maintenance.protect(fn);
  return { stack, maintenance, fn };
}

/** What synth warns of, by the construct's path. */
function warningsOf(stack: Stack): readonly (readonly [string, string])[] {
  const { messages } = (stack.node.root as ReturnType<typeof createApp>).synth().getStackArtifact(stack.artifactId);
  return messages.map(({ id, entry }) => [id, String(entry.data)] as const);
}

/** The policy that a warning has as JSON. */
function policyIn(warning: string | undefined) {
  const [json = ''] = /\{"Version".*\}(?= \[ack|$)/.exec(warning ?? '') ?? [];
  return JSON.parse(json) as {
    Version: string;
    Statement: { Action: string | string[]; Resource: string | string[] }[];
  };
}

describe('grants can be had apart', () => {
  test.each([
    ['grantRead', READ_ACTIONS],
    ['grantEditWindows', WINDOW_ACTIONS],
    ['grantReplay', REPLAY_ACTIONS],
    ['grantOperate', OPERATOR_ACTIONS],
  ] as const)('%s', (name, actions) => {
    const granted: boolean[] = [];
    const template = templateOf((stack) => {
      const maintenance = new MaintenanceWindow(stack, 'Maintenance');
      const role = new iam.Role(stack, 'OnCall', { assumedBy: new iam.AccountRootPrincipal() });
      maintenance.protect(imageFunction(stack, 'Before'));
      const grant = maintenance[name](role);
      grant.assertSuccess();
      granted.push(grant.success);
      maintenance.protect(imageFunction(stack, 'After'));
    });
    expect(granted).toEqual([true]);
    const statements = statementsOf(template, 'OnCall');
    expect([...new Set(statements.flatMap((one) => one.actions))].toSorted()).toEqual(
      [...new Set(Object.values(actions).flat())].toSorted(),
    );
    const ofFunctions = statements.find((one) => one.actions.some((action) => action.startsWith('lambda:')));
    expect(ofFunctions?.resources).toHaveLength(4);
  });

  test('and are there before what waits for them', () => {
    const template = templateOf((stack) => {
      const maintenance = new MaintenanceWindow(stack, 'Maintenance');
      const operator = imageFunction(stack, 'OnCall');
      const grant = maintenance.grantRead(operator);
      grant.applyBefore(imageFunction(stack, 'Later'));
    });
    const later = Object.entries(template.findResources('AWS::Lambda::Function')).find(([id]) =>
      id.startsWith('Later'),
    );
    expect(later?.[1]['DependsOn']).toContainEqual(expect.stringMatching(/^MaintenanceWindowGrants/));
  });
});

describe('users and groups are granted as roles are', () => {
  test.each([
    ['user', (stack: Stack) => new iam.User(stack, 'OnCall'), 'Users'],
    ['group', (stack: Stack) => new iam.Group(stack, 'OnCall'), 'Groups'],
    ['imported role', (stack: Stack) => iam.Role.fromRoleArn(stack, 'OnCall', ROLE), 'Roles'],
    ['role by its name', (stack: Stack) => iam.Role.fromRoleName(stack, 'OnCall', 'on-call'), 'Roles'],
    ['imported user', (stack: Stack) => iam.User.fromUserName(stack, 'OnCall', 'ada'), 'Users'],
  ] as const)('%s', (_what, make, key) => {
    const { stack, maintenance } = protectedStack();
    expect(maintenance.grantOperate(make(stack)).success).toBe(true);
    const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    const granted = policies.filter(({ Properties }) => JSON.stringify(Properties).includes('ssm:PutParameter'));
    expect(granted.map(({ Properties }) => Properties[key])).toEqual([[expect.anything()]]);
    expect(warningsOf(stack)).toEqual([]);
  });
});

describe('what cannot be edited is told, with the policy that is missing', () => {
  test.each<[string, (stack: Stack) => iam.IGrantable]>([
    [
      'an imported role that is not to be changed',
      (stack) => iam.Role.fromRoleArn(stack, 'R', ROLE, { mutable: false }),
    ],
    ['a role without policy updates', (stack) => ownRole(stack).withoutPolicyUpdates()],
    [
      'a role of IAM Identity Center',
      (stack) => iam.Role.fromRoleName(stack, 'R', 'AWSReservedSSO_OnCall_1234567890abcdef'),
    ],
    [
      '… by its ARN',
      (stack) =>
        iam.Role.fromRoleArn(
          stack,
          'R',
          'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-south-1/AWSReservedSSO_OnCall_1234567890abcdef',
        ),
    ],
    ['a role of a service', (stack) => iam.Role.fromRoleName(stack, 'R', 'AWSServiceRoleForECS')],
    ['a principal that is nothing in this app', () => new iam.ArnPrincipal(ROLE)],
  ])('%s', (_what, make) => {
    const { stack, maintenance } = protectedStack();
    const grant = maintenance.grantOperate(make(stack));
    expect(grant.success).toBe(false);
    const [[, warning] = ['', ''], ...others] = warningsOf(stack);
    expect(others).toEqual([]);
    expect(warning).toContain(`${WARNINGS.missingPermissions}]`);
    expect(policyIn(warning).Statement).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          Action: 'ssm:PutParameter',
          Resource: expect.stringMatching(
            /^arn:\$\{AWS::Partition\}:ssm:eu-south-1:111122223333:parameter\/maintenance-window\/Stack$/,
          ),
        }),
        expect.objectContaining({ Resource: expect.arrayContaining([expect.stringMatching(/:function:orders$/)]) }),
      ]),
    );
  });

  test('roles that somebody else makes beforehand', () => {
    const app = createApp();
    iam.Role.customizeRoles(app, { usePrecreatedRoles: { 'Stack/OnCall': 'on-call' } });
    const stack = new Stack(app, 'Stack', { env: ENV });
    const maintenance = new MaintenanceWindow(stack, 'Maintenance', { tableName: 'events' });
    const role = new iam.Role(stack, 'OnCall', { assumedBy: new iam.AccountRootPrincipal() });
    expect(maintenance.grantOperate(role).success).toBe(false);
    const warned = warningsOf(stack).filter(([, warning]) => warning.includes(WARNINGS.missingPermissions));
    expect(warned.map(([at, warning]) => [at, policyIn(warning).Statement.length])).toEqual([['/Stack/OnCall', 4]]);
  });

  test('a function whose role is not to be changed, which then could read no window', () => {
    const { stack, maintenance } = protectedStack();
    const role = iam.Role.fromRoleArn(stack, 'Theirs', ROLE, { mutable: false });
    maintenance.protect(imageFunction(stack, 'Fixed', { role }));
    const [[at, warning] = ['', ''], ...others] = warningsOf(stack);
    expect({ at, others }).toEqual({ at: '/Stack/Fixed', others: [] });
    expect(policyIn(warning)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'ssm:GetParameters',
          Resource: expect.stringMatching(
            /^arn:\$\{AWS::Partition\}:ssm:eu-south-1:111122223333:parameter\/maintenance-window\/Stack$/,
          ),
        },
        {
          Effect: 'Allow',
          Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
          Resource: expect.stringMatching(/^\$\{MaintenanceEvents\w+\.Arn\}$/),
          Condition: {
            'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [expect.stringMatching(/^\$\{Fixed\w+\}#\*$/)] },
            Null: { 'dynamodb:LeadingKeys': 'false' },
          },
        },
      ],
    });
  });
});

describe('a managed policy, for permission sets', () => {
  test('has all, of functions that are protected before and after', () => {
    const app = createApp();
    const [platform, operators] = [new Stack(app, 'Platform'), new Stack(app, 'Operators')];
    const maintenance = new MaintenanceWindow(platform, 'Maintenance');
    maintenance.protect(imageFunction(platform, 'Before'));
    const policy = new iam.ManagedPolicy(operators, 'OnCall', { managedPolicyName: 'maintenance-operators' });
    expect(maintenance.grantOperate(policy).success).toBe(true);
    maintenance.protect(imageFunction(platform, 'After'));
    const [{ Properties } = { Properties: {} }] = Object.values(
      Template.fromStack(operators).findResources('AWS::IAM::ManagedPolicy'),
    );
    expect(Properties).toMatchObject({ ManagedPolicyName: 'maintenance-operators' });
    const text = JSON.stringify(Properties);
    for (const part of ['ssm:PutParameter', 'lambda:InvokeFunction', 'FnGetAttBefore', 'FnGetAttAfter']) {
      expect(text).toContain(part);
    }
  });

  test('is refused in a stack that the functions need, with one message', () => {
    const app = createApp();
    const [platform, team] = [new Stack(app, 'Platform'), new Stack(app, 'Team')];
    const maintenance = new MaintenanceWindow(platform, 'Maintenance');
    maintenance.protect(imageFunction(team, 'Orders'));
    maintenance.grantOperate(new iam.ManagedPolicy(platform, 'OnCall'));
    expect(() => app.synth()).toThrow(
      'Platform/Maintenance: a policy in the stack Platform is granted what stands in Team, which needs that stack: a circle; ' +
        'make the policy in a stack that no other one needs',
    );
  });
});

function ownRole(stack: Stack): iam.Role {
  return new iam.Role(stack, 'Own', { assumedBy: new iam.AccountRootPrincipal() });
}
