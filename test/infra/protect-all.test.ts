import { Aspects, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId, Provider } from 'aws-cdk-lib/custom-resources';
import { expect, test } from 'vitest';
import { MaintenanceWindow } from '../../infra/maintenance-window.ts';
import { createApp, hasProxy, imageFunction, resourceOf, resourcesOf, zipFunction } from './stacks.ts';

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

test('what cannot have the client is named in one warning; monitors and what the caller names are not', () => {
  const stack = new Stack(createApp(), 'Stack');
  const maintenance = new MaintenanceWindow(stack, 'Maintenance', { monitor: true });
  new MaintenanceWindow(stack, 'Other', { parameterName: '/other', monitor: true });
  const left = zipFunction(stack, 'Left');
  zipFunction(stack, 'Old', { runtime: lambda.Runtime.NODEJS_20_X });
  zipFunction(stack, 'Go', { runtime: lambda.Runtime.PROVIDED_AL2023 });
  zipFunction(stack, 'Node');
  maintenance.protectAll(stack, { except: [left] });
  const [warning, ...others] = warnings(stack);
  expect(others).toEqual([]);
  expect(warning?.id).toBe('/Stack');
  expect(warning?.entry.data).toMatch(/: Stack\/Old, Stack\/Go; .*maintenance-window:not-protected/s);
  for (const id of ['Old', 'Go', 'Left']) expect(environmentOf(stack, id)).toEqual({});
  expect(environmentOf(stack, 'Node')).toHaveProperty('AWS_LAMBDA_EXEC_WRAPPER');
  for (const id of ['Maintenance', 'Other']) {
    expect(environmentOf(stack, `${id}MonitorFunction`)).not.toHaveProperty('AWS_LAMBDA_EXEC_WRAPPER');
  }
});

test.skipIf(!hasProxy)(
  'functions in other languages are protected, those on provided.* where all are said to be prepared',
  () => {
    const stack = new Stack(createApp(), 'Stack');
    zipFunction(stack, 'Python', { runtime: lambda.Runtime.PYTHON_3_13 });
    zipFunction(stack, 'Go', { runtime: lambda.Runtime.PROVIDED_AL2023 });
    zipFunction(stack, 'Node');
    new MaintenanceWindow(stack, 'Maintenance').protectAll(stack, { bootstrap: 'prepared', ttl: Duration.minutes(2) });
    expect(warnings(stack)).toEqual([]);
    for (const id of ['Python', 'Go', 'Node']) {
      expect(environmentOf(stack, id)).toMatchObject({ MAINTENANCE_WINDOW_TTL: '120' });
    }
  },
);

test('functions of custom resources that the CDK makes in Python or in a nested stack are passed over, and named', () => {
  const stack = new Stack(createApp(), 'Stack', { env: { account: '111122223333', region: 'eu-south-1' } });
  const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'site');
  new BucketDeployment(stack, 'Site', {
    sources: [Source.data('index.html', '')],
    destinationBucket: bucket,
    memoryLimit: 512,
  });
  new dynamodb.Table(stack, 'Replicated', {
    partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
    replicationRegions: ['eu-west-1'],
  });
  new MaintenanceWindow(stack, 'Maintenance').protectAll(stack);
  const [warning] = warnings(stack);
  expect(warning?.entry.data).toMatch(/Stack\/Custom::CDKBucketDeployment\w+512MiB, /);
  expect(warning?.entry.data).toMatch(/Stack\/@aws-cdk--aws-dynamodb\.ReplicaProvider\/OnEventHandler, /);
  expect(Object.keys(resourcesOf(Template.fromStack(stack), 'AWS::Lambda::LayerVersion', 'MaintenanceWindow'))).toEqual(
    [],
  );
});

test('functions of custom resources that the CDK makes are passed over, and named', () => {
  const stack = new Stack(createApp(), 'Stack');
  const onEventHandler = zipFunction(stack, 'Handler');
  new Provider(stack, 'Provider', { onEventHandler });
  const call = { service: 'S3', action: 'ListBuckets', physicalResourceId: PhysicalResourceId.of('x') };
  new AwsCustomResource(stack, 'Call', {
    onCreate: call,
    policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: AwsCustomResourcePolicy.ANY_RESOURCE }),
  });
  new MaintenanceWindow(stack, 'Maintenance').protectAll(stack);
  const functions = resourcesOf(Template.fromStack(stack), 'AWS::Lambda::Function');
  const protectedOnes = Object.entries(functions).filter(([, { Properties }]) => Properties.Layers);
  expect(protectedOnes.map(([id]) => id)).toEqual([expect.stringMatching(/^Handler/)]);
  expect(Object.keys(functions).length).toBe(3);
  expect(warnings(stack)[0]?.entry.data).toMatch(
    /Stack\/Provider\/framework-onEvent, Stack\/AWS\w+;|Stack\/AWS\w+, Stack\/Provider/,
  );
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
