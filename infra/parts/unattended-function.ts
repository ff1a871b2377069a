import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ArnFormat, type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { refuse } from '../checks/fault.ts';
import { PREBUILT } from '../prebuilt.ts';
import { environmentOf } from './environment.ts';
import type { Grounds } from './permissions.ts';

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

/** A managed runtime by its name: older versions of aws-cdk-lib have no constant for it. */
const NODEJS_24 = new lambda.Runtime('nodejs24.x', lambda.RuntimeFamily.NODEJS);

/** What can be chosen about a function that runs unattended. */
export interface UnattendedFunctionProps {
  /** Where it runs. It needs a way there to the services that it calls. Default: outside a VPC. */
  readonly vpc?: ec2.IVpc;
  /** A customer managed key for its log; that of another app has to allow CloudWatch Logs itself. Default: CloudWatch's own. */
  readonly encryptionKey?: kms.IKey;
  /** Default: ARM. */
  readonly architecture?: lambda.Architecture;
  /** In MiB. Default: 256 of the monitor, 512 of the drain. */
  readonly memorySize?: number;
}

interface Kind {
  /** Folder of its code, below `dist`. */
  readonly bundle: 'monitor' | 'drain';
  readonly description: string;
  readonly timeout: Duration;
  /** In MiB, where nobody says. */
  readonly memorySize: number;
}

/** Makes the function with a role and a log of its own. The role may write that log, and nothing else yet. */
export function unattendedFunction(
  scope: Construct,
  grounds: Grounds,
  { vpc, encryptionKey, architecture = lambda.Architecture.ARM_64, ...props }: UnattendedFunctionProps,
  { bundle, description, timeout, memorySize }: Kind,
): { readonly fn: lambda.Function; readonly role: iam.Role } {
  if (encryptionKey) allowLogs(encryptionKey, Stack.of(scope));
  const logGroup = new logs.LogGroup(scope, 'Log', {
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
    ...(encryptionKey && { encryptionKey }),
  });
  // Lambda's own managed policy would allow writing to every log of the account.
  const role = new iam.Role(scope, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  if (vpc) role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: [...NETWORK_ACTIONS], resources: ['*'] }));
  const fn = new lambda.Function(scope, 'Function', {
    description,
    runtime: NODEJS_24,
    architecture,
    handler: 'index.handler',
    code: prebuiltCode(scope, bundle),
    memorySize: props.memorySize ?? memorySize,
    timeout,
    environment: environmentOf(grounds),
    logGroup,
    role,
    ...(vpc && { vpc }),
  });
  return { fn, role };
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
function prebuiltCode(scope: Construct, bundle: string): lambda.Code {
  const folder = join(PREBUILT, bundle);
  if (!existsSync(folder)) refuse(scope, `its code is missing in ${folder}; run  npm run build`);
  return lambda.Code.fromAsset(folder);
}
