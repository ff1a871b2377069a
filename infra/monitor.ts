import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { MonitorTask } from '../cloud/monitor/task.ts';
import { MEASURE_INTERVAL_SECONDS } from '../core/deployment/alarms.ts';
import { MONITOR_ACTIONS } from '../core/deployment/permissions.ts';
import { refuse } from './checks/fault.ts';
import { environmentOf } from './parts/environment.ts';
import { type Grounds, statementsOn } from './parts/permissions.ts';
import { markAsMonitor } from './parts/protected-function.ts';

const MEASURE_INTERVAL = Duration.minutes(MEASURE_INTERVAL_SECONDS / 60);
const SWEEP_INTERVAL = Duration.days(1);

/**
 * What Lambda does in a VPC in the name of a function's role; IAM has no narrower resource for the half of it.
 * Source: AWS managed policy reference, "AWSLambdaVPCAccessExecutionRole".
 */
const NETWORK_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
] as const;

/** The monitor as `build/cloud.ts` made it. The package ships it, so that a synth needs no compiler. */
const PREBUILT = join(import.meta.dirname, '..', 'dist', 'monitor');

/** A managed runtime by its name: older versions of aws-cdk-lib have no constant for it. */
const NODEJS_24 = new lambda.Runtime('nodejs24.x', lambda.RuntimeFamily.NODEJS);

/** What can be chosen about the monitor. */
export interface MonitorProps {
  /** Where it runs. It needs a way to SSM and DynamoDB there. Default: outside a VPC. */
  readonly vpc?: ec2.IVpc;
  /** A customer managed key for its log; that of another app has to allow CloudWatch Logs itself. Default: CloudWatch's own. */
  readonly encryptionKey?: kms.IKey;
  /** Default: ARM. */
  readonly architecture?: lambda.Architecture;
  /** In MiB. Default: 256. */
  readonly memorySize?: number;
}

/** A scheduled function that measures what no invocation can tell, and sweeps orphaned parts. */
export class Monitor extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, grounds: Grounds, props: MonitorProps) {
    super(scope, id);
    const { vpc, encryptionKey, architecture = lambda.Architecture.ARM_64, memorySize = 256 } = props;
    if (encryptionKey) allowLogs(encryptionKey, Stack.of(this));
    const logGroup = new logs.LogGroup(this, 'Log', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryptionKey }),
    });
    // Lambda's own managed policy would allow writing to every log of the account.
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    for (const statement of statementsOn(grounds, MONITOR_ACTIONS)) role.addToPrincipalPolicy(statement);
    if (vpc) role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: [...NETWORK_ACTIONS], resources: ['*'] }));
    this.function = new lambda.Function(this, 'Function', {
      description: 'Measures deferred events and maintenance windows; sweeps orphaned parts.',
      runtime: NODEJS_24,
      architecture,
      handler: 'index.handler',
      code: prebuiltCode(this),
      memorySize,
      timeout: MEASURE_INTERVAL,
      environment: environmentOf(grounds),
      logGroup,
      role,
      ...(vpc && { vpc }),
    });
    markAsMonitor(this.function);
    this.#schedule('Measure', MEASURE_INTERVAL, { task: 'measure' });
    this.#schedule('Sweep', SWEEP_INTERVAL, { task: 'sweep' });
  }

  #schedule(id: string, interval: Duration, task: MonitorTask): void {
    new events.Rule(this, id, {
      schedule: events.Schedule.rate(interval),
      targets: [new targets.LambdaFunction(this.function, { event: events.RuleTargetInput.fromObject(task) })],
    });
  }
}

/**
 * CloudWatch Logs takes a key only if the key's own policy lets it. By every log group here: one by its generated name would
 * close a circle. Source: CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
 */
function allowLogs(key: kms.IKey, stack: Stack): void {
  const { region } = stack;
  const anyLog = {
    service: 'logs',
    resource: 'log-group',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  };
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': stack.formatArn(anyLog) } },
    }),
  );
}

/** The SDK comes with the runtime. */
function prebuiltCode(scope: Construct): lambda.Code {
  if (!existsSync(join(PREBUILT, 'index.js'))) refuse(scope, `its code is missing in ${PREBUILT}; run  npm run build`);
  return lambda.Code.fromAsset(PREBUILT);
}
