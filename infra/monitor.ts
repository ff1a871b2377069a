import { join } from 'node:path';
import { AssetHashType, DockerImage, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { buildSync } from 'esbuild';
import { environmentOf } from './environment.ts';
import type { MonitorTask } from './monitor/main.ts';
import { allow, type Grounds, MONITOR_ACTIONS } from './permissions.ts';

/** How often the monitor measures. */
export const MEASURE_INTERVAL = Duration.minutes(5);
const SWEEP_INTERVAL = Duration.days(1);

const repository = join(import.meta.dirname, '..');

/** A scheduled function that measures what no invocation can tell, and sweeps orphaned parts. */
export class Monitor extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, grounds: Grounds) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, 'Log', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Lambda's own managed policy would allow writing to every log of the account.
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    allow(role, MONITOR_ACTIONS, grounds);
    this.function = new lambda.Function(this, 'Function', {
      description: 'Measures deferred events and maintenance windows; sweeps orphaned parts.',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: bundledCode(),
      memorySize: 256,
      timeout: MEASURE_INTERVAL,
      environment: environmentOf(grounds),
      logGroup,
      role,
    });
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

/** Bundled by esbuild in this process: no Docker, no network. The SDK comes with the runtime. */
function bundledCode(): lambda.Code {
  return lambda.Code.fromAsset(join(import.meta.dirname, 'monitor'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('never-pulled'),
      local: {
        tryBundle(folder) {
          buildSync({
            // Paths stand in the bundle's comments: relative to the repository, they are the same on every machine.
            absWorkingDir: repository,
            entryPoints: ['infra/monitor/main.ts'],
            outfile: join(folder, 'index.js'),
            bundle: true,
            platform: 'node',
            target: 'node24',
            format: 'cjs',
            external: ['@aws-sdk/*'],
            legalComments: 'inline',
            logLevel: 'warning',
          });
          return true;
        },
      },
    },
  });
}
