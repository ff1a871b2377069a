import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import validate from 'asl-validator';
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DRAIN_VARIABLE, drainMachine, LOOK_ACTION } from '../../core/deployment/drain-machine.ts';
import { DRAIN_ACTIONS } from '../../core/deployment/permissions.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import { MaintenanceWindow, type MaintenanceWindowProps } from '../../infra/maintenance-window.ts';
import { faultsIn } from './setup/template-faults.ts';
import { createApp, imageFunction, resourceOf, resourcesOf, statementsOf } from './stacks.ts';

const ENV = { account: '111122223333', region: 'eu-south-1' };
const ORDERS = 'arn:aws:lambda:eu-south-1:111122223333:function:orders';

function drained(props: MaintenanceWindowProps = {}): Template {
  const stack = new Stack(createApp(), 'Stack', { env: ENV });
  const maintenance = new MaintenanceWindow(stack, 'Maintenance', { drain: true, tableName: 'events', ...props });
  maintenance.protect(imageFunction(stack, 'Orders', { functionName: 'orders' }));
  imageFunction(stack, 'Other', { functionName: 'other' });
  return Template.fromStack(stack);
}

/** The text of the machine, with this in the place of what is known at deployment. */
function definitionOf(template: Template): object {
  const { DefinitionString } = resourceOf(template, 'AWS::StepFunctions::StateMachine').Properties;
  const text = DefinitionString['Fn::Join'][1].map((part: unknown) => (typeof part === 'string' ? part : ORDERS));
  return JSON.parse(text.join(''));
}

describe('a drain', () => {
  const template = drained({ monitor: true, dashboard: true });

  test('is a machine whose text is the one that the tests execute', () => {
    expect(definitionOf(template)).toEqual(drainMachine({ functionArn: ORDERS }));
    expect(validate(definitionOf(template), { checkPaths: true, checkArn: true }).errorsText()).toBe('');
  });

  describe('in a template', () => {
    const folder = mkdtempSync(join(tmpdir(), 'drain-'));
    const file = join(folder, 'stack.template.json');
    beforeAll(() => writeFileSync(file, JSON.stringify(template.toJSON())));
    afterAll(() => rmSync(folder, { recursive: true }));

    test('has no fault by CloudFormation’s schemas, and by the rules of cfn-lint that the CDK brings', () => {
      expect(faultsIn(file)).toEqual([[]]);
    });

    test.skipIf(spawnSync('cfn-lint', ['--version']).status !== 0)('cfn-lint has nothing to say of it', () => {
      // The CDK has what takes a role wait for the role as well.
      const words = ['--ignore-checks', 'W3005', '--', file];
      const { stdout, stderr, status } = spawnSync('cfn-lint', words, { encoding: 'utf8' });
      expect({ stdout, stderr, status }).toEqual({ stdout: '', stderr: '', status: 0 });
    });
  });

  test('may invoke the protected functions and nothing else', () => {
    const statements = statementsOf(template, 'MaintenanceDrainRole');
    const invoking = statements.filter(({ actions }) => actions.includes('lambda:InvokeFunction'));
    const resources = JSON.stringify(invoking.flatMap((each) => each.resources));
    expect(resources.match(/:function:[\w:*-]+/g)?.toSorted()).toEqual([':function:orders', ':function:orders:*']);
    expect(invoking.flatMap(({ actions }) => actions)).toEqual(DRAIN_ACTIONS.functions?.toSorted());
    const others = statements.filter(({ actions }) => !actions.includes('lambda:InvokeFunction'));
    expect(JSON.stringify(others)).not.toMatch(/"lambda:|DeleteItem|"\*"/);
  });

  test('may read and write events, and say words, and its machine may call it, and nothing else', () => {
    const own = statementsOf(template, 'MaintenanceDrainRole').flatMap(({ actions }) => actions);
    const others = ['ssm:GetParameters', 'logs:CreateLogStream', 'logs:PutLogEvents'];
    const events = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];
    const expected = [...events, 'dynamodb:Query', 'events:PutEvents', ...others];
    expect(own.filter((action) => !action.startsWith('lambda:')).toSorted()).toEqual(expected.toSorted());
    const { logicalId } = resourceOf(template, 'AWS::Lambda::Function', 'MaintenanceDrain');
    const ofMachine = statementsOf(template, 'MaintenanceDrainMachineRole');
    expect(ofMachine.filter(({ actions }) => actions.includes('lambda:InvokeFunction'))).toEqual([
      { actions: ['lambda:InvokeFunction'], resources: [{ 'Fn::GetAtt': [logicalId, 'Arn'] }] },
    ]);
    expect(JSON.stringify(ofMachine.flatMap(({ resources }) => resources))).not.toContain('"*"');
  });

  test('is started by itself for the children of a run, and by the monitor', () => {
    const { logicalId } = resourceOf(template, 'AWS::StepFunctions::StateMachine');
    for (const role of ['MaintenanceDrainMachineRole', 'MaintenanceMonitorRole']) {
      expect(statementsOf(template, role)).toContainEqual({
        actions: ['states:StartExecution'],
        resources: [{ Ref: logicalId }],
      });
    }
    const [look] = statementsOf(template, 'MaintenanceMonitorRole').filter(({ actions }) =>
      actions.includes(LOOK_ACTION),
    );
    expect(look?.actions).toEqual([LOOK_ACTION]);
    expect(JSON.stringify(look?.resources)).toMatch(/:execution:.*:\*/);
    const monitor = resourceOf(template, 'AWS::Lambda::Function', 'MaintenanceMonitor').Properties;
    expect(monitor.Environment.Variables[DRAIN_VARIABLE]).toEqual({ Ref: logicalId });
  });

  test('has a row of the dashboard', () => {
    expect(JSON.stringify(resourcesOf(template, 'AWS::CloudWatch::Dashboard'))).toMatch(/Replays of the drain/);
    expect(
      JSON.stringify(resourcesOf(drained({ drain: false, dashboard: true }), 'AWS::CloudWatch::Dashboard')),
    ).not.toMatch(/Replays of the drain/);
  });

  test('is not there where nobody asks for it', () => {
    expect(resourcesOf(drained({ drain: false, monitor: true }), 'AWS::StepFunctions::StateMachine')).toEqual({});
  });

  test('is told what becomes of a backlog by the policy of the stack, and by a window of it', () => {
    const replay = { rate: '50/s', canary: 20, stopAfter: '10%', ordered: true };
    const night = { schedule: 'cron(0 2 ? * SUN *)', duration: 'PT2H', replay: 'manual' } as const;
    for (const windows of [[], [night], undefined]) {
      const made = drained({ monitor: true, policy: { replay }, ...(windows && { windows }) });
      const { Value } = resourceOf(made, 'AWS::SSM::Parameter').Properties;
      expect(JSON.parse(Value)).toMatchObject({ windows: windows ?? [], policy: { replay } });
      const { Environment } = resourceOf(made, 'AWS::Lambda::Function', 'Orders').Properties;
      expect(JSON.stringify(Environment.Variables[SETTINGS.parameters.name])).toContain('StackWindows');
    }
  });

  test.for<[string, MaintenanceWindowProps, number]>([
    ['nobody does it', {}, 1],
    ['nobody starts it', { drain: true }, 1],
    ['nothing replays', { monitor: true }, 1],
    ['it is done', { drain: true, monitor: true }, 0],
  ])('is missed with a warning where a backlog is to be replayed by itself, and %s', ([, props, count]) => {
    const night = { schedule: 'cron(0 2 ? * SUN *)', duration: 'PT2H' };
    const saying: readonly MaintenanceWindowProps[] = [
      { policy: { replay: {} } },
      { windows: [night, { ...night, id: 'abcdef', replay: {} }] },
    ];
    const warned = (path: string, stack: Stack) =>
      Annotations.fromStack(stack).findWarning(path, Match.stringLikeRegexp('replayed by itself')).length;
    for (const said of saying) {
      const stack = new Stack(createApp(), 'Stack');
      new MaintenanceWindow(stack, 'Maintenance', { ...props, ...said });
      expect(warned('/Stack/Maintenance', stack)).toBe(count);
    }
    const stack = new Stack(createApp(), 'Stack');
    const fn = imageFunction(stack, 'Orders');
    new MaintenanceWindow(stack, 'Maintenance', { ...props, policy: { replay: 'manual' } }).protect(fn, {
      policy: { replay: { rate: '5/s' } },
    });
    expect([warned('/Stack/Maintenance', stack), warned('/Stack/Orders', stack)]).toEqual([0, count]);
  });

  test('is passed over where a whole scope is protected: it has to run inside windows', () => {
    const stack = new Stack(createApp(), 'Stack', { env: ENV });
    const maintenance = new MaintenanceWindow(stack, 'Maintenance', { drain: true });
    maintenance.protectAll(stack);
    const { Environment, Layers } = resourceOf(
      Template.fromStack(stack),
      'AWS::Lambda::Function',
      'MaintenanceDrain',
    ).Properties;
    expect(Layers).toBeUndefined();
    expect(Environment.Variables['AWS_LAMBDA_EXEC_WRAPPER']).toBeUndefined();
  });
});
