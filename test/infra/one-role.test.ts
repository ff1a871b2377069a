import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { describe, expect, test } from 'vitest';
import { MaintenanceWindow } from '../../infra/maintenance-window.ts';
import { createApp, imageFunction, type Resource, resourcesOf, statementsOf } from './stacks.ts';

/** An inline policy and all others of its role, and a managed one. Source: IAM user guide, "IAM and AWS STS quotas". */
const [INLINE, MANAGED] = [10_240, 6_144];

function policiesIn(...stacks: readonly Stack[]): readonly Resource[] {
  const types = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'];
  const templates = stacks.map((stack) => Template.fromStack(stack));
  return templates.flatMap((template) => types.flatMap((type) => Object.values(resourcesOf(template, type))));
}

/** As long as a document is once every reference in it is an ARN or a name. */
function sizeOf({ Properties: { PolicyDocument } }: Resource): number {
  const name = 'Stack-Function89A1B2C3D4-AbCdEfGhIjKlMn';
  const arn = `arn:aws:lambda:eu-south-1:111122223333:function:${name}`;
  const written = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(written);
    const [[key = '', given] = []] = Object.entries(value);
    if (key === 'Ref') return given.startsWith('AWS::') ? 'eu-south-1' : name;
    if (key === 'Fn::Join') return given[1].map(written).join('');
    if (key.startsWith('Fn::')) return arn;
    return Object.fromEntries(Object.entries(value).map(([one, of]) => [one, written(of)]));
  };
  return JSON.stringify(written(PolicyDocument)).length;
}

function sizesIn(policies: readonly Resource[], type: string): readonly number[] {
  return policies.filter(({ Type }) => Type === type).map(sizeOf);
}

function expectToFit(policies: readonly Resource[]): void {
  expect(sizesIn(policies, 'AWS::IAM::Policy').reduce((sum, size) => sum + size, 0)).toBeLessThan(INLINE);
  const managed = sizesIn(policies, 'AWS::IAM::ManagedPolicy');
  expect(Math.max(0, ...managed)).toBeLessThan(MANAGED);
  expect(managed.length).toBeLessThanOrEqual(10);
}

const lambdaRole = (stack: Stack) =>
  new iam.Role(stack, 'Shared', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });

describe('what stacks give to a role that none of them makes', () => {
  /** A stack that attaches inline policies to two roles, by their names. */
  function build(stack: Stack): Stack {
    const maintenance = new MaintenanceWindow(stack, 'Maintenance');
    const role = iam.Role.fromRoleName(stack, 'Role', 'lambda-role');
    maintenance.protect(imageFunction(stack, 'Orders', { role }));
    maintenance.protect(imageFunction(stack, 'Named', { role, functionName: 'orders' }));
    maintenance.grantOperate(iam.Role.fromRoleName(stack, 'OnCall', 'on-call'));
    return stack;
  }

  function namesIn(...stacks: readonly Stack[]): readonly string[] {
    return policiesIn(...stacks).map(({ Properties }) => JSON.stringify(Properties.PolicyName));
  }

  test('has names of its own: one of the same name would take the place of another stack’s', () => {
    const app = createApp();
    const names = namesIn(...['TeamA', 'TeamB'].map((id) => build(new Stack(app, id))));
    expect(names).toHaveLength(8);
    expect(new Set(names).size).toBe(8);
  });

  test('in every region, as a role is the same one in all of them', () => {
    const regions = ['eu-south-1', 'eu-west-1'];
    const environments = regions.map((region) => ({ account: '111122223333', region }));
    const names = environments.flatMap((env) => namesIn(build(new Stack(createApp(), 'Team', { env }))));
    expect(new Set(names).size).toBe(8);
    expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(128);
    for (const name of namesIn(build(new Stack(createApp(), 'Team')))) expect(name).toContain('{"Ref":"AWS::Region"}');
  });

  test('is there before its functions, but for what names one whose name is generated', () => {
    const stack = build(new Stack(createApp(), 'Team'));
    const functions = Template.fromStack(stack).findResources('AWS::Lambda::Function');
    const waitsFor = (id: string) =>
      Object.entries(functions).find(([logicalId]) => logicalId.startsWith(id))?.[1]['DependsOn'];
    expect(waitsFor('Orders')).toEqual([expect.stringMatching(/^MaintenanceWindowClients/)]);
    expect(waitsFor('Named')).toEqual([
      expect.stringMatching(/^MaintenanceWindowClients/),
      expect.stringMatching(/^MaintenanceWindowGiven/),
    ]);
  });
});

test('a role in a stack that the windows need makes no circle', () => {
  const app = createApp();
  const [base, windows, team] = ['Base', 'Windows', 'Team'].map((id) => new Stack(app, id)) as [Stack, Stack, Stack];
  const props = { encryptionKey: new kms.Key(base, 'Key'), windows: [] };
  const maintenance = new MaintenanceWindow(windows, 'Maintenance', props);
  maintenance.protect(imageFunction(team, 'Orders', { role: lambdaRole(base) }));
  const actions = statementsOf(Template.fromStack(team), '.*Shared').flatMap((one) => one.actions);
  expect(actions).toEqual(expect.arrayContaining(['ssm:GetParameters', 'dynamodb:PutItem', 'kms:Decrypt']));
});

describe('no policy is larger than IAM takes', () => {
  test.each(['generated', 'given'])('of a role that 150 functions share, whose names are %s', (kind) => {
    const stack = new Stack(createApp(), 'Stack');
    const [maintenance, role] = [new MaintenanceWindow(stack, 'Maintenance'), lambdaRole(stack)];
    for (let number = 0; number < 150; number += 1) {
      const functionName = `${'a'.repeat(40)}-${number}`;
      maintenance.protect(
        imageFunction(stack, `Function${number}`, { role, ...(kind === 'given' && { functionName }) }),
      );
    }
    const policies = policiesIn(stack);
    expectToFit(policies);
    expect(JSON.stringify(policies).match(/#\*/g)).toHaveLength(150);
  });

  test('of an operator of very many functions', () => {
    const app = createApp();
    const stacks = ['Windows', 'Operator', 'Functions'].map((id) => new Stack(app, id)) as [Stack, Stack, Stack];
    const [windows, operator, functions] = stacks;
    const role = new iam.Role(operator, 'OnCall', { assumedBy: new iam.AccountRootPrincipal() });
    const maintenance = new MaintenanceWindow(windows, 'Maintenance');
    maintenance.grantOperate(role);
    const shared = lambdaRole(functions);
    for (let number = 0; number < 90; number += 1) {
      maintenance.protect(imageFunction(functions, `Function${number}`, { role: shared }));
    }
    const policies = policiesIn(...stacks).filter(({ Properties }) => /OnCall/.test(JSON.stringify(Properties.Roles)));
    expectToFit(policies);
    expect(JSON.stringify(policies).match(/":\*"/g)).toHaveLength(90);
  });

  test('of an operator of the windows of many teams', () => {
    const stack = new Stack(createApp(), 'Stack');
    const role = new iam.Role(stack, 'OnCall', { assumedBy: new iam.AccountRootPrincipal() });
    for (let team = 0; team < 8; team += 1) {
      const maintenance = new MaintenanceWindow(stack, `Team${team}`, { parameterName: `/ops/team-${team}` });
      maintenance.grantOperate(role);
      for (let number = 0; number < 4; number += 1) maintenance.protect(imageFunction(stack, `F${team}x${number}`));
    }
    const policies = policiesIn(stack).filter(({ Properties }) => /OnCall/.test(JSON.stringify(Properties.Roles)));
    expectToFit(policies);
    expect(JSON.stringify(policies).match(/ssm:PutParameter/g)).toHaveLength(8);
  });
});
