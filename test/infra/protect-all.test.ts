import { Aspects, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { expect, test } from 'vitest';
import { MaintenanceWindow } from '../../infra/maintenance-window.ts';
import { createApp, imageFunction, resourceOf, resourcesOf } from './stacks.ts';

const ZIP = {
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('0'),
};
const warnings = (stack: Stack) => {
  const app = stack.node.root as ReturnType<typeof createApp>;
  const { messages } = app.synth().getStackArtifact(stack.artifactId);
  return messages.filter(({ entry }) => String(entry.data).includes('maintenance-window:'));
};

/** The environment of a function in the template. */
function environmentOf(stack: Stack, id: string): Record<string, unknown> {
  return resourceOf(Template.fromStack(stack), 'AWS::Lambda::Function', id).Properties.Environment?.Variables ?? {};
}

test('every image function of a scope is protected, made before the call or after it, with its permissions and alarms', () => {
  const app = createApp();
  const [platform, team] = [new Stack(app, 'Platform'), new Stack(app, 'Team')];
  const maintenance = new MaintenanceWindow(platform, 'Maintenance', { alarms: {} });
  imageFunction(team, 'Before');
  maintenance.protectAll(team, { ttl: Duration.minutes(2) });
  imageFunction(team, 'After');
  for (const id of ['Before', 'After']) {
    expect(environmentOf(team, id)).toMatchObject({
      MAINTENANCE_WINDOW_PARAMETER: '/maintenance-window/Platform',
      MAINTENANCE_WINDOW_TTL: '120',
    });
  }
  const template = Template.fromStack(team);
  template.resourceCountIs('AWS::CloudWatch::Alarm', 6);
  expect(JSON.stringify(Object.values(resourcesOf(template, 'AWS::IAM::Policy')))).toMatch(
    /PutItem.*Before|Before.*PutItem/,
  );
});

test('what is looked for at synth is looked for in its functions, too', () => {
  const app = createApp();
  const stack = new Stack(app, 'Stack');
  const fn = imageFunction(stack, 'Orders', { retryAttempts: 0, deadLetterQueueEnabled: true });
  fn.addPermission('Topic', { principal: new iam.ServicePrincipal('sns.amazonaws.com') });
  new MaintenanceWindow(stack, 'Maintenance').protectAll(stack);
  expect(warnings(stack).map(({ id }) => id)).toEqual(['/Stack/Orders']);
});

test('a function that is protected already keeps its own options, and one that is named stays as it is', () => {
  const stack = new Stack(createApp(), 'Stack');
  const maintenance = new MaintenanceWindow(stack, 'Maintenance');
  const [own, left] = [imageFunction(stack, 'Own'), imageFunction(stack, 'Left')];
  maintenance.protectAll(stack, { onError: 'dispatch', except: [left] });
  maintenance.protect(own, { onError: 'defer' });
  expect(environmentOf(stack, 'Own')).toMatchObject({ MAINTENANCE_WINDOW_ON_ERROR: 'defer' });
  expect(environmentOf(stack, 'Left')).toEqual({});
});

test('zip functions are named in one warning, the monitor and those that are named by the caller are not', () => {
  const stack = new Stack(createApp(), 'Stack');
  const maintenance = new MaintenanceWindow(stack, 'Maintenance', { monitor: true });
  const left = new lambda.Function(stack, 'Left', ZIP);
  for (const id of ['One', 'Two']) new lambda.Function(stack, id, ZIP);
  maintenance.protectAll(stack, { except: [left] });
  const [warning, ...others] = warnings(stack);
  expect(others).toEqual([]);
  expect(warning?.id).toBe('/Stack');
  expect(warning?.entry.data).toMatch(/: Stack\/One, Stack\/Two; .*maintenance-window:not-protected/s);
  expect(environmentOf(stack, 'One')).toEqual({});
});

test('a function that an aspect makes at synth is protected, where the aspect comes first', () => {
  const stack = new Stack(createApp(), 'Stack');
  Aspects.of(stack).add({
    visit: (node) => {
      if (node === stack) imageFunction(stack, 'Late');
    },
  });
  new MaintenanceWindow(stack, 'Maintenance').protectAll(stack);
  expect(environmentOf(stack, 'Late')).toMatchObject({ MAINTENANCE_WINDOW_PARAMETER: '/maintenance-window/Stack' });
});

test('operators who were granted before may replay what is protected at synth', () => {
  const stack = new Stack(createApp(), 'Stack');
  const maintenance = new MaintenanceWindow(stack, 'Maintenance');
  const operator = new iam.Role(stack, 'Operator', { assumedBy: new iam.AccountRootPrincipal() });
  maintenance.grantReplay(operator);
  imageFunction(stack, 'Orders');
  maintenance.protectAll(stack);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['lambda:InvokeFunction']) })]),
    },
  });
});
