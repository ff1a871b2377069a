import { Duration, Fn, Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { LambdaAction, SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, test } from 'vitest';
import { MONITOR_SETTINGS } from '../../cloud/monitor/task.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import { CLIENT_METRICS } from '../../core/metrics.ts';
import { createLog } from '../../host/log.ts';
import { MaintenanceWindow, type MaintenanceWindowProps } from '../../infra/maintenance-window.ts';
import {
  createApp,
  imageFunction,
  type Resource,
  resourceOf,
  resourcesOf,
  statementsOf,
  templateOf,
} from './stacks.ts';

function watched(props: (stack: Stack) => MaintenanceWindowProps): Template {
  return templateOf((stack) => {
    new MaintenanceWindow(stack, 'Maintenance', props(stack)).protect(imageFunction(stack, 'Orders'));
  });
}

/** The alarms of a template by the name of their metric. */
function alarmsOf(template: Template): Readonly<Record<string, Resource['Properties']>> {
  return Object.fromEntries(
    Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map(({ Properties }) => [
      Properties.MetricName,
      Properties,
    ]),
  );
}

describe('the monitor tells that a window is quiet', () => {
  /** After which TTL. */
  function longestTtl(monitor: MaintenanceWindowProps['monitor'], ...ttls: (Duration | string)[]): string {
    const template = templateOf((stack) => {
      const maintenance = new MaintenanceWindow(stack, 'Maintenance', { ...(monitor && { monitor }) });
      for (const [index, ttl] of ttls.entries()) {
        const fn = imageFunction(stack, `Fn${index}`);
        maintenance.protect(fn, typeof ttl === 'string' ? {} : { ttl });
        if (typeof ttl === 'string') fn.addEnvironment(SETTINGS.ttlSeconds.name, ttl);
      }
    });
    const { Environment } = resourceOf(template, 'AWS::Lambda::Function', 'MaintenanceMonitor').Properties;
    return Environment.Variables[MONITOR_SETTINGS.longestTtlSeconds];
  }

  test('after the longest TTL of the functions that it knows, the default one among them', () => {
    expect(longestTtl(true)).toBe('60');
    expect(longestTtl(true, Duration.seconds(5))).toBe('60');
    expect(longestTtl(true, Duration.seconds(5), Duration.minutes(5))).toBe('300');
    expect(longestTtl(true, Duration.minutes(5), '600')).toBe('600');
    expect(longestTtl({ longestTtl: Duration.minutes(10) }, Duration.minutes(5))).toBe('600');
    expect(longestTtl(true, Fn.importValue('Ttl'))).toBe('3600');
  });
});

describe('metrics', () => {
  const stack = new Stack(createApp(), 'Stack');
  const maintenance = new MaintenanceWindow(stack, 'Maintenance', { monitor: true });
  const fn = imageFunction(stack, 'Orders');

  test('of a function are those that its client writes, in its namespace and under its dimension', () => {
    const written = clientLines();
    const metrics = [
      maintenance.metricDeferred(fn),
      maintenance.metricRejected(fn),
      maintenance.metricDeferralFailed(fn),
      maintenance.metricDeferralLatency(fn),
      maintenance.metricWindowReadFailed(fn),
      maintenance.metricGateFault(fn),
    ];
    for (const { metricName, namespace, dimensions } of metrics) {
      expect(written).toContainEqual({ metricName, namespace, dimensions: Object.keys(dimensions ?? {}) });
      expect(stack.resolve(dimensions)).toEqual({ FunctionName: { Ref: expect.stringMatching(/^Orders/) } });
    }
    expect(new Set(written.map(({ metricName }) => metricName))).toEqual(new Set(Object.keys(CLIENT_METRICS)));
    expect(metrics.map(({ statistic }) => statistic)).toEqual(['Sum', 'Sum', 'Sum', 'p99', 'Sum', 'Sum']);
  });

  test('of the monitor are told of the table', () => {
    const metrics = [
      maintenance.metricPendingEvents(),
      maintenance.metricOldestPendingAge(),
      maintenance.metricWindowActive(),
      maintenance.metricWindowActiveAge({ period: Duration.hours(1) }),
    ];
    for (const { namespace, statistic, dimensions } of metrics) {
      expect({ namespace, statistic, dimensions: stack.resolve(dimensions) }).toEqual({
        namespace: 'MaintenanceWindow',
        statistic: 'Maximum',
        dimensions: { TableName: { Ref: expect.stringMatching(/^MaintenanceEvents/) } },
      });
    }
    expect(metrics.at(-1)?.period.toSeconds()).toBe(3_600);
  });

  /** Every metric that the client's log writes, as embedded metrics declare it. */
  function clientLines() {
    const lines: string[] = [];
    const log = createLog({ format: 'JSON', level: 'FATAL', functionName: 'orders' }, '1.2.3', (line) =>
      lines.push(line),
    );
    const common = { id: '1', source: 'sqs', bytes: 2, window: { startAt: 0 } };
    log.write({ kind: 'deferred', ...common, outcome: 'stored', latencyMs: 1 });
    log.write({ kind: 'reject', ...common });
    log.write({ kind: 'deferral-failed', ...common, cause: 'none' });
    log.write({ kind: 'window-read-failed', parameters: ['a'], cause: 'none', firstOfStreak: true, effect: 'none' });
    log.write({ kind: 'fault', cause: 'none' });
    return lines.flatMap((line) => {
      const [{ Namespace, Dimensions, Metrics }] = JSON.parse(line)._aws.CloudWatchMetrics;
      return Metrics.map(({ Name }: { Name: string }) => ({
        metricName: Name,
        namespace: Namespace,
        dimensions: Dimensions[0],
      }));
    }) as { metricName: string; namespace: string; dimensions: string[] }[];
  }
});

describe('alarms', () => {
  test('there are none unless asked for', () => {
    watched(() => ({ monitor: true, dashboard: true })).resourceCountIs('AWS::CloudWatch::Alarm', 0);
  });

  test('without a monitor they are the three of each function', () => {
    const alarms = alarmsOf(watched(() => ({ alarms: {} })));
    expect(Object.keys(alarms).sort()).toEqual(['DeferralFailed', 'GateFault', 'WindowReadFailed']);
    expect(alarms['GateFault']).toMatchObject({ Threshold: 1, Statistic: 'Sum', Period: 300, EvaluationPeriods: 1 });
    expect(alarms['DeferralFailed']).toMatchObject({
      Namespace: 'MaintenanceWindow',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: expect.stringMatching(/^Orders/) } }],
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
    });
    expect(alarms['WindowReadFailed']).toMatchObject({
      Threshold: 1,
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 12,
      DatapointsToAlarm: 3,
      TreatMissingData: 'notBreaching',
    });
  });

  test('with a monitor there are five more, at a day, at half a day, on replays, and on the monitor itself', () => {
    const alarms = alarmsOf(watched(() => ({ alarms: {}, monitor: true })));
    expect(Object.keys(alarms).sort()).toEqual([
      'DeferralFailed',
      'GateFault',
      'Measured',
      'OldestPendingAge',
      'RunsLost',
      'RunsStopped',
      'WindowActiveAge',
      'WindowReadFailed',
    ]);
    const table = [{ Name: 'TableName', Value: { Ref: expect.stringMatching(/^MaintenanceEvents/) } }];
    const common = { Namespace: 'MaintenanceWindow', Dimensions: table, Statistic: 'Maximum', Period: 300 };
    expect(alarms['OldestPendingAge']).toMatchObject({ ...common, Threshold: 86_400, EvaluationPeriods: 1 });
    expect(alarms['WindowActiveAge']).toMatchObject({ ...common, Threshold: 43_200, EvaluationPeriods: 1 });
    expect(alarms['RunsLost']).toMatchObject({ ...common, Threshold: 1, EvaluationPeriods: 1 });
    expect(alarms['RunsStopped']).toMatchObject({ ...common, Statistic: 'Sum', Threshold: 1, EvaluationPeriods: 1 });
    for (const id of ['OldestPendingAge', 'RunsLost', 'RunsStopped', 'WindowActiveAge'])
      expect(alarms[id].TreatMissingData).toBe('notBreaching');
  });

  test('with a drain there is one on the executions of its state machine', () => {
    const { ExecutionsFailed } = alarmsOf(watched(() => ({ alarms: {}, drain: true })));
    expect(ExecutionsFailed).toMatchObject({
      Namespace: 'AWS/States',
      Dimensions: [{ Name: 'StateMachineArn', Value: { Ref: expect.stringMatching(/^MaintenanceDrainMachine/) } }],
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
      Statistic: 'Sum',
      TreatMissingData: 'notBreaching',
    });
  });

  test('that on the monitor itself goes off when nothing is told, whether the monitor fails or does not run at all', () => {
    const { Measured } = alarmsOf(watched(() => ({ alarms: {}, monitor: true })));
    expect(Measured).toMatchObject({
      Namespace: 'MaintenanceWindow',
      Dimensions: [{ Name: 'TableName', Value: { Ref: expect.stringMatching(/^MaintenanceEvents/) } }],
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
    });
  });

  test('take thresholds and actions, and each says what to do', () => {
    const template = watched((stack) => ({
      monitor: true,
      drain: true,
      alarms: {
        actions: [new SnsAction(new Topic(stack, 'OnCall'))],
        oldestPendingAge: Duration.hours(4),
        windowActiveAge: Duration.hours(6),
      },
    }));
    const alarms = alarmsOf(template);
    expect(alarms['OldestPendingAge'].Threshold).toBe(4 * 3_600);
    expect(alarms['WindowActiveAge'].Threshold).toBe(6 * 3_600);
    const topic = { Ref: resourceOf(template, 'AWS::SNS::Topic').logicalId };
    for (const { AlarmActions, AlarmDescription } of Object.values(alarms)) {
      expect(AlarmActions).toEqual([topic]);
      // CloudFormation replaces what is not ASCII in some places.
      expect(AlarmDescription).toMatch(/^[ -~]{40,}$/);
    }
  });
});

test('an alarm may call a function, for whatever functions and windows there are', () => {
  const template = templateOf((stack) => {
    stack.node.setContext('@aws-cdk/aws-cloudwatch-actions:changeLambdaPermissionLogicalIdForLambdaAction', true);
    const alarms = { actions: [new LambdaAction(imageFunction(stack, 'Pager'))] };
    for (const team of ['One', 'Two']) {
      const maintenance = new MaintenanceWindow(stack, team, { parameterName: `/ops/${team}`, monitor: true, alarms });
      for (const id of ['Orders', 'Payments']) maintenance.protect(imageFunction(stack, `${team}${id}`));
    }
  });
  const permissions = Object.values(resourcesOf(template, 'AWS::Lambda::Permission', 'Pager'));
  const alarms = Object.keys(resourcesOf(template, 'AWS::CloudWatch::Alarm'));
  const allowed = permissions.map(({ Properties }) => Properties.SourceArn['Fn::GetAtt'][0]);
  expect(allowed.toSorted()).toEqual(alarms.toSorted());
  expect(alarms).toHaveLength(4 * 3 + 2 * 5);
});

describe('the dashboard', () => {
  function widgetsOf(template: Template) {
    const body = resourceOf(template, 'AWS::CloudWatch::Dashboard').Properties.DashboardBody['Fn::Join'][1];
    return JSON.parse(body.map((part: unknown) => (typeof part === 'string' ? part : 'REF')).join('')).widgets;
  }

  test('shows each metric of every function, in their own stacks too', () => {
    const widgets = widgetsOf(watched(() => ({ dashboard: true })));
    const expressions = widgets.map((widget: Resource['Properties']) => widget.properties.metrics[0][0].expression);
    expect(expressions.toSorted()).toEqual(
      Object.entries(CLIENT_METRICS)
        .map(([metric, unit]) => [metric, unit === 'Milliseconds' ? 'p99' : 'Sum'])
        .map(([metric, stat]) => `SEARCH('{MaintenanceWindow,FunctionName} MetricName="${metric}"', '${stat}', 300)`)
        .toSorted(),
    );
  });

  test('shows what the monitor measures where there is one', () => {
    const widgets = widgetsOf(watched(() => ({ dashboard: true, monitor: true })));
    const shown = JSON.stringify(widgets.slice(0, 2));
    for (const metric of ['WindowActive', 'WindowActiveAge', 'PendingEvents', 'OldestPendingAge']) {
      expect(shown).toContain(`["MaintenanceWindow","${metric}","TableName","REF"`);
    }
  });
});

test('the monitor is one function on the latest runtime that is called every minute, every five, and every day to sweep', () => {
  const template = watched(() => ({ monitor: true }));
  const { Properties, logicalId } = resourceOf(template, 'AWS::Lambda::Function', 'MaintenanceMonitor');
  expect(Properties).toMatchObject({
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Handler: 'index.handler',
    Timeout: 300,
    MemorySize: 256,
    LoggingConfig: { LogGroup: { Ref: expect.stringMatching(/^MaintenanceMonitorLog/) } },
    Environment: {
      Variables: {
        MAINTENANCE_WINDOW_PARAMETER: '/maintenance-window/Stack',
        MAINTENANCE_WINDOW_TABLE: { Ref: expect.stringMatching(/^MaintenanceEvents/) },
      },
    },
  });
  const rules = Object.values(resourcesOf(template, 'AWS::Events::Rule')).map((rule) => rule.Properties);
  expect(rules.map(({ ScheduleExpression, Targets: [{ Arn, Input }] }) => [ScheduleExpression, Arn, Input])).toEqual([
    ['rate(5 minutes)', { 'Fn::GetAtt': [logicalId, 'Arn'] }, '{"task":"measure"}'],
    ['rate(1 day)', { 'Fn::GetAtt': [logicalId, 'Arn'] }, '{"task":"sweep"}'],
    ['rate(1 minute)', { 'Fn::GetAtt': [logicalId, 'Arn'] }, '{"task":"watch"}'],
  ]);
  expect(resourceOf(template, 'AWS::Logs::LogGroup', 'MaintenanceMonitor').Properties.RetentionInDays).toBe(30);
});

test('the monitor tells of a backlog from that age on, at which there is an alarm', () => {
  const variables = (alarms: object) => {
    const template = watched(() => ({ monitor: true, alarms }));
    return resourceOf(template, 'AWS::Lambda::Function', 'MaintenanceMonitor').Properties.Environment.Variables;
  };
  expect(variables({ oldestPendingAge: Duration.hours(4) })).toMatchObject({ OLD_PENDING_SECONDS: '14400' });
  expect(variables({})).not.toHaveProperty('OLD_PENDING_SECONDS');
});

describe('notifications', () => {
  test('tell a topic what is said of this table, a sentence each', () => {
    const template = watched((stack) => ({ monitor: true, notify: new Topic(stack, 'OnCall') }));
    const rules = Object.values(resourcesOf(template, 'AWS::Events::Rule')).map((rule) => rule.Properties);
    const [rule] = rules.filter(({ EventPattern }) => EventPattern);
    expect(rule.EventPattern).toEqual({
      source: ['maintenance-window'],
      detail: { table: [{ Ref: expect.stringMatching(/^MaintenanceEvents/) }] },
    });
    const [{ Arn, InputTransformer }] = rule.Targets;
    expect(Arn).toEqual({ Ref: resourceOf(template, 'AWS::SNS::Topic').logicalId });
    const paths = Object.fromEntries(
      Object.entries(InputTransformer.InputPathsMap).map(([name, path]) => [path, `<${name}>`]),
    );
    expect(InputTransformer.InputTemplate).toBe(
      `"${paths['$.detail.summary']}. Account ${paths['$.account']}, ${paths['$.region']}."`,
    );
  });

  test('need a monitor, which tells', () => {
    expect(() => watched((stack) => ({ notify: new Topic(stack, 'OnCall') }))).toThrow(/notify: .*set monitor: true/);
  });
});

test('the monitor takes a VPC, a key for its log, an architecture and a size', () => {
  const template = watched((stack) => ({
    monitor: {
      vpc: new Vpc(stack, 'Vpc') as IVpc,
      encryptionKey: new Key(stack, 'Key'),
      architecture: Architecture.X86_64,
      memorySize: 512,
    },
  }));
  const { Properties } = resourceOf(template, 'AWS::Lambda::Function', 'MaintenanceMonitor');
  expect(Properties).toMatchObject({
    Architectures: ['x86_64'],
    MemorySize: 512,
    VpcConfig: {
      SubnetIds: [{ Ref: expect.stringMatching(/^VpcPrivate/) }, { Ref: expect.stringMatching(/^VpcPrivate/) }],
    },
  });
  expect(resourceOf(template, 'AWS::Logs::LogGroup', 'MaintenanceMonitor').Properties.KmsKeyId).toEqual({
    'Fn::GetAtt': [resourceOf(template, 'AWS::KMS::Key').logicalId, 'Arn'],
  });
});

test('the monitor may be in that VPC, and CloudWatch Logs may use that key, or neither could be deployed', () => {
  const template = watched((stack) => ({
    monitor: { vpc: new Vpc(stack, 'Vpc') as IVpc, encryptionKey: new Key(stack, 'Key') },
  }));
  const role = statementsOf(template, 'MaintenanceMonitorRole').flatMap(({ actions }) => actions);
  expect(role).toEqual(
    expect.arrayContaining([
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
    ]),
  );
  const { Statement } = resourceOf(template, 'AWS::KMS::Key').Properties.KeyPolicy;
  expect(Statement).toContainEqual(
    expect.objectContaining({
      Principal: { Service: { 'Fn::Join': ['', ['logs.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } },
      Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': expect.anything() } },
    }),
  );
  const outside = statementsOf(
    watched(() => ({ monitor: true })),
    'MaintenanceMonitorRole',
  );
  expect(outside.flatMap(({ actions }) => actions).filter((action) => action.startsWith('ec2:'))).toEqual([]);
});

test('without monitor, alarms and dashboard there is nothing of them', () => {
  const template = watched(() => ({}));
  for (const type of ['AWS::Events::Rule', 'AWS::Logs::LogGroup', 'AWS::CloudWatch::Dashboard']) {
    template.resourceCountIs(type, 0);
  }
  template.resourceCountIs('AWS::Lambda::Function', 1);
});
