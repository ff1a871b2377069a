import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { MaintenanceWindowImageFunction } from '../../infra/image-function.ts';
import { MaintenanceWindow } from '../../infra/maintenance-window.ts';

/** What the sample's image is built from, and for. */
export interface SampleStackProps extends StackProps {
  /** The folder of the Dockerfile. Its `.dockerignore` says what the image needs. */
  readonly directory: string;
  /** Of the project, for the image's label. */
  readonly version?: string;
  /** Where it is built, so that no emulation is needed. */
  readonly architecture: 'arm64' | 'x86_64';
}

/** The sample function under maintenance windows, with everything that watches over it. */
export class SampleStack extends Stack {
  constructor(scope: Construct, id: string, { directory, version, architecture, ...props }: SampleStackProps) {
    super(scope, id, props);
    const maintenanceWindow = new MaintenanceWindow(this, 'Maintenance', {
      monitor: true,
      alarms: {},
      dashboard: true,
    });
    const logGroup = new logs.LogGroup(this, 'Log', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    const arm = architecture === 'arm64';
    const sample = new MaintenanceWindowImageFunction(this, 'Sample', {
      description: 'A function that knows nothing of maintenance windows.',
      code: lambda.DockerImageCode.fromImageAsset(directory, {
        platform: arm ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
        ...(version !== undefined && { buildArgs: { VERSION: version } }),
      }),
      architecture: arm ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64,
      memorySize: 256,
      timeout: Duration.seconds(30),
      logGroup,
      role,
      maintenanceWindow,
    });
    new CfnOutput(this, 'Function', { value: sample.functionName });
    new CfnOutput(this, 'WindowParameter', { value: maintenanceWindow.parameter.reference });
    new CfnOutput(this, 'EventsTable', { value: maintenanceWindow.table.tableName });
  }
}
