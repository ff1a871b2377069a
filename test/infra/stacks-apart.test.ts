import { CfnOutput, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, test } from 'vitest';
import { MaintenanceWindow, type MaintenanceWindowProps } from '../../infra/maintenance-window.ts';
import { createApp, imageFunction, statementsOf } from './stacks.ts';

/** Who stands where, and what else the app has. */
interface Layout {
  readonly windows: Stack;
  readonly operator: Stack;
  readonly functions: Stack;
  readonly grantFirst: boolean;
  readonly props?: MaintenanceWindowProps;
  readonly functionName?: string;
}

/** What the operator may do in the end, in all templates together. */
function allowedIn({ windows, operator, functions, grantFirst, props = {}, functionName }: Layout) {
  const role = new iam.Role(operator, 'OnCall', { assumedBy: new iam.AccountRootPrincipal() });
  const fn = imageFunction(functions, 'Orders', functionName === undefined ? {} : { functionName });
  const maintenance = new MaintenanceWindow(windows, 'Maintenance', props);
  if (grantFirst) maintenance.grantOperate(role);
  maintenance.protect(fn);
  if (!grantFirst) maintenance.grantOperate(role);
  return { role, fn, maintenance, actions: () => actionsOf([windows, operator, functions]) };
}

function actionsOf(stacks: readonly Stack[]): readonly string[] {
  const templates = [...new Set(stacks)].map((stack) => Template.fromStack(stack));
  return templates.flatMap((template) => statementsOf(template, '.*OnCall').flatMap(({ actions }) => actions));
}

const ALL = ['dynamodb:UpdateItem', 'lambda:InvokeFunction', 'ssm:PutParameter'];

/** Every way in which three may share stacks, by the number of each one's stack: windows, operator, functions. */
const SHARING = [
  [0, 0, 0],
  [0, 0, 1],
  [0, 1, 0],
  [0, 1, 1],
  [0, 1, 2],
] as const;

function stacksOf(sharing: readonly [number, number, number]): Pick<Layout, 'windows' | 'operator' | 'functions'> {
  const app = createApp();
  const stacks = new Map([...new Set(sharing)].map((number) => [number, new Stack(app, `Stack${number}`)]));
  const [windows, operator, functions] = sharing.map((number) => stacks.get(number)) as [Stack, Stack, Stack];
  return { windows, operator, functions };
}

describe.each(SHARING)('windows, operator and functions in the stacks %i, %i and %i', (...sharing) => {
  test.each([true, false])('make no circle, granted before it is protected: %s', (grantFirst) => {
    const { actions } = allowedIn({ ...stacksOf(sharing), grantFirst });
    expect(actions()).toEqual(expect.arrayContaining(ALL));
  });

  test('make none where the functions tell the operator’s topic of alarms', () => {
    const stacks = stacksOf(sharing);
    const actions = [new SnsAction(new Topic(stacks.operator, 'Calls'))];
    const layout = allowedIn({ ...stacks, grantFirst: true, props: { alarms: { actions } } });
    expect(layout.actions()).toEqual(expect.arrayContaining(ALL));
  });

  // The functions need the windows: an app that has the windows need the functions' stack has made the circle itself.
  const [windows, operator, functions] = sharing;
  const besideFunctions = operator === functions && functions !== windows;
  const besideWindows = operator === windows && functions !== windows;

  test.each(besideFunctions ? [] : [''])('make none where the windows’ monitor tells it, too', () => {
    const stacks = stacksOf(sharing);
    const actions = [new SnsAction(new Topic(stacks.operator, 'Calls'))];
    const layout = allowedIn({ ...stacks, grantFirst: false, props: { monitor: true, alarms: { actions } } });
    expect(layout.actions()).toEqual(expect.arrayContaining(ALL));
  });

  test.each(besideWindows ? [] : [''])('make none where the operator’s stack uses the functions', () => {
    const stacks = stacksOf(sharing);
    const { fn, actions } = allowedIn({ ...stacks, grantFirst: true });
    new CfnOutput(stacks.operator, 'Used', { value: fn.functionName });
    expect(actions()).toEqual(expect.arrayContaining(ALL));
  });
});

describe('the operator in a stack of its own makes no circle', () => {
  test.each(['last', 'first'])('where that has to be deployed %s', (when) => {
    const { windows, operator, functions } = stacksOf([0, 1, 2]);
    for (const other of [windows, functions]) {
      if (when === 'last') operator.addDependency(other);
      else other.addDependency(operator);
    }
    const { actions } = allowedIn({ windows, operator, functions, grantFirst: false });
    expect(actions()).toEqual(expect.arrayContaining(ALL));
  });
});

test('a function with a given name needs no stack to be named by', () => {
  const stacks = stacksOf([0, 1, 2]);
  const { actions } = allowedIn({ ...stacks, grantFirst: true, functionName: 'orders' });
  expect(actions()).toEqual(expect.arrayContaining(ALL));
  expect(stacks.functions.dependencies).not.toContain(stacks.operator);
  expect(stacks.operator.dependencies).not.toContain(stacks.functions);
});

test('stacks that are nested in one another make none either', () => {
  const parent = new Stack(createApp(), 'Parent');
  const [windows, operator, functions] = ['Windows', 'Operator', 'Functions'].map((id) => new NestedStack(parent, id));
  const layout = allowedIn({ windows, operator, functions, grantFirst: true } as Layout);
  expect(layout.actions()).toEqual(expect.arrayContaining(ALL));
});

test.each(['operator', 'functions'] as const)(
  'nor does one that the windows around it need: that of the %s',
  (which) => {
    const parent = new Stack(createApp(), 'Parent');
    const nested = new NestedStack(parent, 'Nested');
    const layout = { windows: parent, operator: parent, functions: parent, [which]: nested, grantFirst: true };
    const props = which === 'operator' ? { encryptionKey: new Key(nested, 'Key') } : {};
    const { role, actions } = allowedIn({ ...layout, props });
    if (which === 'functions') new CfnOutput(parent, 'Used', { value: role.roleArn });
    expect(actions()).toEqual(expect.arrayContaining(ALL));
  },
);

test('an operator that is a protected function itself makes none in the template', () => {
  const stack = new Stack(createApp(), 'Stack');
  const fn = imageFunction(stack, 'OnCall');
  const maintenance = new MaintenanceWindow(stack, 'Maintenance');
  maintenance.protect(fn);
  maintenance.grantOperate(fn);
  // which looks for circles between resources
  const template = Template.fromStack(stack);
  expect(statementsOf(template, 'OnCall').flatMap(({ actions }) => actions)).toEqual(expect.arrayContaining(ALL));
});

test('functions that an aspect protects are granted, too', async () => {
  const { Aspects } = await import('aws-cdk-lib');
  const stacks = stacksOf([0, 1, 2]);
  const { maintenance, actions } = allowedIn({ ...stacks, grantFirst: true });
  const late = imageFunction(stacks.functions, 'Late');
  Aspects.of(stacks.functions.node.root).add({
    visit: (node) => {
      if (node === late) maintenance.protect(late);
    },
  });
  expect(actions().filter((action) => action === 'lambda:InvokeFunction')).toHaveLength(2);
});
