import { type App, Duration, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { LambdaDestination as FunctionDestination, SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Bucket, EventType } from 'aws-cdk-lib/aws-s3';
import { LambdaDestination } from 'aws-cdk-lib/aws-s3-notifications';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as schedulerTargets from 'aws-cdk-lib/aws-scheduler-targets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, test } from 'vitest';
import { WARNINGS } from '../../infra/checks/warnings.ts';
import { MaintenanceWindow, type MaintenanceWindowProps } from '../../infra/maintenance-window.ts';
import { createApp, imageFunction } from './stacks.ts';

const EVERY_HOUR = events.Schedule.cron({ minute: '0' });

/** The warnings about a protected function to which something is done after it was protected. */
function warningsAfter(
  then: (fn: lambda.Function, stack: Stack) => void,
  options?: (stack: Stack) => Parameters<typeof imageFunction>[2],
): readonly string[] {
  const stack = new Stack(createApp(), 'Stack', { env: { account: '111122223333', region: 'eu-south-1' } });
  const fn = imageFunction(stack, 'Orders', options?.(stack));
  new MaintenanceWindow(stack, 'Maintenance').protect(fn);
  then(fn, stack);
  return Annotations.fromStack(stack)
    .findWarning('/Stack/Orders', Match.anyValue())
    .map(({ entry }) => String(entry.data));
}

describe('an asynchronous function without a place for what fails is warned of', () => {
  test.for<[string, (fn: lambda.Function, stack: Stack) => void]>([
    ['an EventBridge rule', hourly],
    ['an EventBridge rule on an alias', (fn, stack) => hourlyOn(fn.addAlias('live'), stack)],
    ['an EventBridge rule on a version', (fn, stack) => hourlyOn(fn.currentVersion, stack)],
    [
      'an S3 notification',
      (fn, stack) =>
        new Bucket(stack, 'Bucket').addEventNotification(EventType.OBJECT_CREATED, new LambdaDestination(fn)),
    ],
    [
      'another function whose destination it is',
      (fn, stack) => imageFunction(stack, 'Producer', { onSuccess: new FunctionDestination(fn) }),
    ],
    ['an SNS topic', (fn, stack) => new Topic(stack, 'Topic').addSubscription(new LambdaSubscription(fn))],
    [
      'a schedule of EventBridge Scheduler',
      (fn, stack) => {
        new scheduler.Schedule(stack, 'Schedule', {
          schedule: scheduler.ScheduleExpression.cron({ minute: '0' }),
          target: new schedulerTargets.LambdaInvoke(fn),
        });
      },
    ],
    [
      'a CloudWatch alarm',
      (fn) => {
        fn.addPermission('Alarm', { principal: new iam.ServicePrincipal('lambda.alarms.cloudwatch.amazonaws.com') });
      },
    ],
  ])('%s', ([, invoke]) => {
    expect(warningsAfter(invoke)).toEqual([
      expect.stringMatching(/neither a dead-letter queue nor a failure destination/),
    ]);
  });

  test('not where it has a dead-letter queue', () => {
    expect(warningsAfter(hourly, () => ({ deadLetterQueueEnabled: true }))).toEqual([]);
  });

  test('not where it has a failure destination, its own or its alias’s', () => {
    const own = warningsAfter(hourly, (stack) => ({ onFailure: new SqsDestination(new Queue(stack, 'Failed')) }));
    expect(own).toEqual([]);
    const alias = warningsAfter((fn, stack) => {
      hourlyOn(fn.addAlias('live', { onFailure: new SqsDestination(new Queue(stack, 'Failed')) }), stack);
    });
    expect(alias).toEqual([]);
  });

  test('a success destination is no place for what fails', () => {
    const warnings = warningsAfter(hourly, (stack) => ({ onSuccess: new SqsDestination(new Queue(stack, 'Done')) }));
    expect(warnings).toEqual([expect.stringMatching(/neither a dead-letter/), expect.stringMatching(/for successes/)]);
  });

  test('not where its sources keep what fails, or wait for the answer, or cannot be seen', () => {
    const warnings = warningsAfter((fn, stack) => {
      fn.addEventSource(new SqsEventSource(new Queue(stack, 'Queue')));
      fn.addFunctionUrl();
      fn.addPermission('Api', { principal: new iam.ServicePrincipal('apigateway.amazonaws.com') });
      fn.addPermission('Batch', { principal: new iam.ServicePrincipal('batchoperations.s3.amazonaws.com') });
      hourlyOn(imageFunction(stack, 'Other'), stack);
    });
    expect(warnings).toEqual([]);
  });

  test('not once it is acknowledged', () => {
    const warnings = warningsAfter((fn, stack) => {
      hourly(fn, stack);
      Validations.of(fn).acknowledge({
        id: WARNINGS.noFailureDestination,
        reason: 'losing ticks is fine',
      });
    });
    expect(warnings).toEqual([]);
  });
});

describe('an asynchronous function is warned of what an event that is only stored would set off', () => {
  const failed = (stack: Stack) => new SqsDestination(new Queue(stack, 'Failed'));
  const NO_RETRY = expect.stringMatching(/^is not tried again .*, so it is in the table and in the dead-letter/);

  test.each<[string, (stack: Stack) => Parameters<typeof imageFunction>[2]]>([
    ['no retry and a dead-letter queue', () => ({ retryAttempts: 0, deadLetterQueueEnabled: true })],
    ['no retry and a failure destination', (stack) => ({ retryAttempts: 0, onFailure: failed(stack) })],
    ['events that get no minute old', (stack) => ({ maxEventAge: Duration.seconds(60), onFailure: failed(stack) })],
  ])('%s', (_what, options) => {
    expect(warningsAfter(() => {}, options)).toEqual([NO_RETRY]);
  });

  test('no retry of an alias, whose failures go elsewhere', () => {
    const warnings = warningsAfter((fn, stack) => {
      fn.addAlias('live', { retryAttempts: 0, onFailure: failed(stack) });
    });
    expect(warnings).toEqual([NO_RETRY]);
  });

  test('a destination for successes', () => {
    const warnings = warningsAfter(
      () => {},
      (stack) => ({ onSuccess: new SqsDestination(new Queue(stack, 'Done')) }),
    );
    expect(warnings).toEqual([expect.stringMatching(/^has a destination for successes, /)]);
  });

  test('not of retries that come in time, nor where nothing is sent on, nor of another function', () => {
    const inTime = warningsAfter(
      () => {},
      (stack) => ({ retryAttempts: 1, maxEventAge: Duration.minutes(2), onFailure: failed(stack) }),
    );
    expect(inTime).toEqual([]);
    expect(
      warningsAfter(
        () => {},
        () => ({ retryAttempts: 0 }),
      ),
    ).toEqual([]);
    const others = warningsAfter((_, stack) => {
      imageFunction(stack, 'Other', { retryAttempts: 0, onFailure: failed(stack) });
    });
    expect(others).toEqual([]);
  });

  test('not once it is acknowledged', () => {
    const warnings = warningsAfter(
      (fn) => {
        for (const id of [WARNINGS.noRetry, WARNINGS.successDestination]) {
          Validations.of(fn).acknowledge({ id, reason: 'the queue passes over it' });
        }
      },
      (stack) => ({
        retryAttempts: 0,
        onFailure: failed(stack),
        onSuccess: new SqsDestination(new Queue(stack, 'Done')),
      }),
    );
    expect(warnings).toEqual([]);
  });
});

describe('two stacks of one class have functions of one logical id, and each is warned of by itself', () => {
  function warnedOf(build: (one: Stack, other: Stack) => readonly [lambda.Function, lambda.Function]) {
    const app = createApp();
    const [one, other] = ['TeamA', 'TeamB'].map((id) => new Stack(app, id)) as [Stack, Stack];
    const maintenance = new MaintenanceWindow(one, 'Maintenance');
    for (const fn of build(one, other)) maintenance.protect(fn);
    const warned = app.synth().stacks.flatMap(({ messages }) => messages.map(({ id }) => id));
    return warned.filter((id) => id.endsWith('/Orders'));
  }

  test('where only one of them has a place for what fails', () => {
    const warned = warnedOf((one, other) => {
      const fn = imageFunction(one, 'Orders');
      new Topic(one, 'Topic').addSubscription(new LambdaSubscription(fn));
      return [fn, imageFunction(other, 'Orders', { onFailure: new SqsDestination(new Queue(other, 'Failed')) })];
    });
    expect(warned).toEqual(['/TeamA/Orders']);
  });

  test('where only one of them is asynchronous', () => {
    const warned = warnedOf((one, other) => {
      const fn = imageFunction(other, 'Orders');
      new Topic(other, 'Topic').addSubscription(new LambdaSubscription(fn));
      return [imageFunction(one, 'Orders'), fn];
    });
    expect(warned).toEqual(['/TeamB/Orders']);
  });
});

test('two constructs of one stack that share the operator’s parameter are warned of, unless it is given a name', () => {
  const warningsWith = (props: MaintenanceWindowProps) => {
    const stack = new Stack(createApp(), 'Stack');
    new MaintenanceWindow(stack, 'One');
    const other = new MaintenanceWindow(stack, 'Other', props);
    const messages = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('shared-parameter'));
    return { names: other.parameter.reference, at: messages.map(({ id }) => id) };
  };
  expect(warningsWith({})).toEqual({ names: '/maintenance-window/Stack', at: ['/Stack/Other'] });
  expect(warningsWith({ parameterName: '/ops/other' })).toEqual({ names: '/ops/other', at: [] });
});

test('so are two of two stacks, but not where the stacks are called the same, as those of two accounts may be', () => {
  const warnedOf = (stacks: (app: App) => readonly Stack[]) => {
    const app = createApp();
    for (const stack of stacks(app)) new MaintenanceWindow(stack, 'Maintenance');
    return app.node
      .findAll()
      .filter(({ node }) => node.metadata.some(({ data }) => JSON.stringify(data).includes(WARNINGS.sharedParameter)))
      .map(({ node }) => node.path);
  };
  expect(warnedOf((app) => [new NestedStack(new Stack(app, 'Shop'), 'Orders'), new Stack(app, 'Shop-Orders')])).toEqual(
    ['Shop-Orders/Maintenance'],
  );
  const stages = (app: App) =>
    ['Test', 'Production'].map((id) => new Stack(new Stage(app, id), 'Shop', { stackName: 'shop' }));
  expect(warnedOf(stages)).toEqual([]);
});

describe('a function in a VPC without a way to SSM and DynamoDB is warned of', () => {
  const ISOLATED = { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };

  function isolatedVpc(stack: Stack): ec2.Vpc {
    return new ec2.Vpc(stack, 'Vpc', { natGateways: 0, subnetConfiguration: [{ name: 'isolated', ...ISOLATED }] });
  }

  function inVpc(build: (stack: Stack) => ec2.IVpc | ec2.Vpc, options: Parameters<typeof imageFunction>[2] = {}) {
    return warningsAfter(
      () => {},
      (stack) => ({ vpc: build(stack) as ec2.IVpc, ...options }),
    );
  }

  test('in isolated subnets', () => {
    expect(inVpc(isolatedVpc)).toEqual([expect.stringMatching(/no endpoint here for SSM and DynamoDB/)]);
  });

  test('in isolated subnets with one of the two endpoints, by what is missing', () => {
    const withDynamoDb = (stack: Stack) => {
      const vpc = isolatedVpc(stack);
      vpc.addGatewayEndpoint('DynamoDb', { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB });
      return vpc;
    };
    expect(inVpc(withDynamoDb)).toEqual([expect.stringMatching(/no endpoint here for SSM:/)]);
    const withSsm = (stack: Stack) => {
      const vpc = isolatedVpc(stack);
      vpc.addInterfaceEndpoint('Ssm', { service: ec2.InterfaceVpcEndpointAwsService.SSM });
      return vpc;
    };
    expect(inVpc(withSsm)).toEqual([expect.stringMatching(/no endpoint here for DynamoDB:/)]);
  });

  test('whatever endpoints another VPC has', () => {
    const besideAnother = (stack: Stack) => {
      const other = new ec2.Vpc(stack, 'Other');
      other.addInterfaceEndpoint('Ssm', { service: ec2.InterfaceVpcEndpointAwsService.SSM });
      other.addGatewayEndpoint('DynamoDb', { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB });
      return isolatedVpc(stack);
    };
    expect(inVpc(besideAnother)).toHaveLength(1);
  });

  test('in public subnets, where a function has no public address', () => {
    const options = { allowPublicSubnet: true, vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } };
    expect(inVpc((stack) => new ec2.Vpc(stack, 'Vpc'), options)).toHaveLength(1);
  });

  test('in the isolated subnets of an imported VPC, whose endpoints cannot be seen, until it is acknowledged', () => {
    const imported = (stack: Stack) =>
      ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
        vpcId: 'vpc-0a1b2c3d4e5f60718',
        availabilityZones: ['eu-south-1a'],
        isolatedSubnetIds: ['subnet-0a1b2c3d4e5f60718'],
      });
    expect(inVpc(imported, { vpcSubnets: ISOLATED })).toHaveLength(1);
    const acknowledged = warningsAfter(
      (fn) => Validations.of(fn).acknowledge({ id: WARNINGS.noNetworkWay, reason: 'endpoints are there' }),
      (stack) => ({ vpc: imported(stack), vpcSubnets: ISOLATED }),
    );
    expect(acknowledged).toEqual([]);
  });

  test('not in private subnets with a NAT, nor with both endpoints, wherever they are added, nor outside a VPC', () => {
    expect(inVpc((stack) => new ec2.Vpc(stack, 'Vpc'))).toEqual([]);
    const later = warningsAfter(
      (_, stack) => {
        const vpc = stack.node.findChild('Vpc') as ec2.Vpc;
        vpc.addInterfaceEndpoint('Ssm', { service: ec2.InterfaceVpcEndpointAwsService.SSM });
        vpc.addGatewayEndpoint('DynamoDb', { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB });
      },
      (stack) => ({ vpc: isolatedVpc(stack) as ec2.IVpc }),
    );
    expect(later).toEqual([]);
    expect(warningsAfter(() => {})).toEqual([]);
  });
});

function hourly(fn: lambda.Function, stack: Stack): void {
  hourlyOn(fn, stack);
}

function hourlyOn(fn: lambda.IFunction | lambda.Alias | lambda.Version, stack: Stack): void {
  const target = new targets.LambdaFunction(fn as lambda.IFunction);
  new events.Rule(stack, 'Hourly', { schedule: EVERY_HOUR, targets: [target] });
}
