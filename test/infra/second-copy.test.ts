import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const repository = join(import.meta.dirname, '../..');

/** What an app says that has one copy of aws-cdk-lib or, beside the constructs, a second one. */
const APP = `
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import * as sns from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';

const place = process.argv[2];
const { MaintenanceWindow } = await import(join(place, 'infra/maintenance-window.ts'));
const app = new App();
const [platform, team] = [new Stack(app, 'Platform'), new Stack(app, 'Team')];
const image = (id, props = {}) => new lambda.DockerImageFunction(team, id, {
  code: lambda.DockerImageCode.fromEcr(ecr.Repository.fromRepositoryName(team, id + 'Images', 'images')), ...props });
const isolated = { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };
const vpc = (id) => new ec2.Vpc(team, id, { natGateways: 0, subnetConfiguration: [{ name: 'isolated', ...isolated }] });

const maintenance = new MaintenanceWindow(platform, 'Maintenance', {
  windows: [{ schedule: 'cron(0 2 ? * SUN *)', duration: 'PT2H' }],
  monitor: { vpc: new ec2.Vpc(platform, 'Vpc'), architecture: lambda.Architecture.X86_64 },
  alarms: { actions: [new SnsAction(new sns.Topic(platform, 'OnCall'))] },
  dashboard: true,
});
const subscribed = image('Subscribed');
new sns.Topic(team, 'Topic').addSubscription(new LambdaSubscription(subscribed));
const scheduled = image('Scheduled');
const schedule = scheduler.ScheduleExpression.cron({ minute: '0' });
new scheduler.Schedule(team, 'Schedule', { schedule, target: new LambdaInvoke(scheduled.addAlias('live')) });
const queue = new sqs.Queue(team, 'Queue');
const sent = image('Sent', { onFailure: new SqsDestination(queue), onSuccess: new SqsDestination(queue), retryAttempts: 0 });
const shut = image('Shut', { vpc: vpc('ShutVpc'), vpcSubnets: isolated });
const endpoints = vpc('OpenVpc');
endpoints.addGatewayEndpoint('DynamoDb', { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB });
endpoints.addInterfaceEndpoint('Ssm', { service: ec2.InterfaceVpcEndpointAwsService.SSM });
const open = image('Open', { vpc: endpoints, vpcSubnets: isolated });
const fixed = image('Fixed', { role: iam.Role.fromRoleArn(team, 'Role', 'arn:aws:iam::111122223333:role/fixed', { mutable: false }) });
for (const fn of [subscribed, scheduled, sent, shut, open, fixed]) maintenance.protect(fn);
maintenance.grantOperate(new iam.Role(platform, 'Operator', { assumedBy: new iam.AccountRootPrincipal() }));
maintenance.grantRead(new iam.ManagedPolicy(team, 'Readers'));

const refused = (what) => { try { maintenance.protect(what); return 'taken'; } catch ({ message }) { return message; } };
const architecture = process.arch === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;
const zip = (id, runtime) => new lambda.Function(team, id, { runtime, architecture, handler: 'i.h', code: lambda.Code.fromInline('0') });
maintenance.protect(zip('Zip', lambda.Runtime.NODEJS_24_X));
const refusals = [open, open.addAlias('live'), open.currentVersion, lambda.Function.fromFunctionName(team, 'Name', 'name'),
  zip('Old', lambda.Runtime.NODEJS_20_X)].map(refused);
const { stacks } = app.synth();
const kept = (text) => JSON.stringify(text).replace(/[0-9a-f]{64}/g, 'hash');
console.log(JSON.stringify({
  copies: lambda.Runtime === createRequire(join(place, 'infra/x.ts'))('aws-cdk-lib/aws-lambda').Runtime ? 1 : 2,
  refusals,
  messages: stacks.flatMap(({ messages }) => messages.map(({ id, level, entry }) => [id, level, entry.data])),
  templates: stacks.map(({ template }) => kept(template)),
}));
`;

interface Said {
  readonly copies: number;
  readonly refusals: readonly string[];
  readonly messages: readonly (readonly [string, string, string])[];
  readonly templates: readonly string[];
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'copies-'));
  for (const place of ['app', 'library']) {
    mkdirSync(join(folder, place, 'node_modules'), { recursive: true });
    for (const name of ['infra', 'core', 'cloud', 'dist', 'package.json'])
      symlinkSync(join(repository, name), join(folder, place, name));
    for (const name of readdirSync(join(repository, 'node_modules'))) {
      symlinkSync(join(repository, 'node_modules', name), join(folder, place, 'node_modules', name));
    }
  }
  writeFileSync(join(folder, 'app', 'app.ts'), APP);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Links that are not followed make a second copy of what they lead to, with classes of its own. */
function appWith(library: 'app' | 'library'): Said {
  const words = ['--preserve-symlinks', '--preserve-symlinks-main', 'app.ts', join(folder, library)];
  const options = { cwd: join(folder, 'app'), encoding: 'utf8', maxBuffer: 1e8 } as const;
  return JSON.parse(execFileSync(process.execPath, words, options).trim().split('\n').at(-1) ?? '');
}

test('an app with a copy of aws-cdk-lib of its own gets the same templates, warnings and refusals', () => {
  const [one, two] = [appWith('app'), appWith('library')];
  expect([one.copies, two.copies]).toEqual([1, 2]);
  expect(two).toEqual({ ...one, copies: 2 });

  const warned = two.messages.map(([at, , text]) => [at, /maintenance-window:[\w-]+/.exec(text)?.[0]]);
  expect(warned).toEqual(
    expect.arrayContaining([
      ['/Team/Subscribed', 'maintenance-window:no-failure-destination'],
      ['/Team/Scheduled', 'maintenance-window:no-failure-destination'],
      ['/Team/Sent', 'maintenance-window:no-retry'],
      ['/Team/Sent', 'maintenance-window:success-destination'],
      ['/Team/Shut', 'maintenance-window:no-network-way'],
      ['/Team/Fixed', 'maintenance-window:missing-permissions'],
    ]),
  );
  expect(two.templates.join()).toMatch(/"Layers":\[\{"Ref":"MaintenanceWindowLayer/);
  expect(two.refusals).toEqual([
    expect.stringMatching(/^Team\/Open: is protected already/),
    expect.stringMatching(/^Team\/Open\/Aliaslive: is an alias or a version/),
    expect.stringMatching(/^Team\/Open\/CurrentVersion: is an alias or a version/),
    expect.stringMatching(/^Team\/Name: is no function that this app makes/),
    expect.stringMatching(/^Team\/Old: runs on nodejs20\.x, and the client needs Node 22 or later/),
  ]);
});
