import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { App, BootstraplessSynthesizer, type IStackSynthesizer, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MaintenanceWindow, type MaintenanceWindowProps } from '../../infra/maintenance-window.ts';
import { imageFunction, type Resource, resourceOf } from '../infra/stacks.ts';
import { buildCli, runCli } from '../worlds/cli.ts';
import { type CloudFormation, createCloudFormation } from './cloudformation.ts';
import { type Container, describeWithEngine, MOTO_IMAGE, startContainer } from './containers.ts';

const REGION = 'eu-south-1';
const VACUUM = {
  schedule: 'cron(0 2 ? * SUN *)',
  duration: 'PT2H',
  from: '2040-01-01T00:00:00Z', // not active on a Sunday on which this runs
  reason: 'weekly vacuum',
};

let moto: Container;
let endpoint: string;
let cloudFormation: CloudFormation;
let ssm: SSMClient;

interface Change {
  /** What the windows' stack is called. */
  readonly name?: string;
  readonly id?: string;
  readonly props?: MaintenanceWindowProps;
  readonly stack?: StackProps;
  readonly tags?: Readonly<Record<string, string>>;
  readonly inside?: string;
}

/** Deploys the windows' stack, in an app without the flag `explicitStackTags`. Returns the parameter that functions read first. */
async function deploy({
  name = 'Platform',
  id = 'Maintenance',
  props = {},
  stack = {},
  tags = {},
  inside,
}: Change = {}): Promise<string> {
  const app = new App();
  const [platform, team] = [
    new Stack(app, name, { synthesizer: new BootstraplessSynthesizer() as IStackSynthesizer, ...stack }),
    new Stack(app, 'Team'),
  ];
  for (const [key, value] of Object.entries(tags)) Tags.of(app).add(key, value);
  const scope = inside ? new Construct(platform, inside) : platform;
  // moto would delete a table with every change of it
  const table = Table.fromTableName(platform, 'Events', 'events');
  const maintenance = new MaintenanceWindow(scope, id, { windows: [VACUUM], table, ...props });
  maintenance.protect(imageFunction(team, 'Orders'));
  const { template, tags: stackTags } = app.synth().getStackArtifact(platform.artifactId);
  await cloudFormation.deploy(name, forMoto(name, template), stackTags);
  const { Variables } = resourceOf(Template.fromStack(team), 'AWS::Lambda::Function').Properties.Environment;
  const setting = Variables.MAINTENANCE_WINDOW_PARAMETER['Fn::Join'][1][0];
  return setting.replace(/,$/, '');
}

/** moto gives a parameter no name of its own, as CloudFormation does, and reads its tags as a list. */
function forMoto(stack: string, template: { Resources: Record<string, Resource> }): object {
  for (const [logicalId, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type !== 'AWS::SSM::Parameter') continue;
    Properties.Name ??= `${stack}-${logicalId}`;
    Properties.Tags &&= Object.entries(Properties.Tags).map(([Key, Value]) => ({ Key, Value }));
  }
  return template;
}

function tool(parameter: string, ...words: string[]) {
  return runCli([...words, '--parameter', parameter], {
    environment: { AWS_REGION: REGION, AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' },
  });
}

async function isActive(parameter: string): Promise<boolean> {
  const { code, out } = await tool(parameter, 'status', '-o', 'json');
  expect(code).toBe(0);
  return JSON.parse(out).active;
}

const textOf = async (Name: string) => (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value ?? '';

describeWithEngine('a deployment', () => {
  beforeAll(async () => {
    buildCli();
    moto = await startContainer(MOTO_IMAGE, ['--publish', '127.0.0.1:0:5000']);
    endpoint = `http://${await moto.address(5000)}`;
    await moto.wrote('Running on');
    cloudFormation = createCloudFormation(endpoint, REGION);
    ssm = new SSMClient({ endpoint, region: REGION, credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  });
  afterAll(async () => {
    ssm?.destroy();
    await moto?.[Symbol.asyncDispose]();
  });

  it('makes no parameter of the operator’s: the first begin does', async () => {
    const parameter = await deploy();
    expect(parameter).toBe('/maintenance-window/Platform');
    expect(await isActive(parameter)).toBe(false);
    await expect(textOf(parameter)).rejects.toMatchObject({ name: 'ParameterNotFound' });
    expect(await tool(parameter, 'begin', '--for', '4h', '--yes')).toMatchObject({ code: 0 });
    expect(await isActive(parameter)).toBe(true);
  });

  it.each<[string, Change]>([
    ['with a tag of the app', { tags: { team: 'platform' } }],
    ['with another value of the tag', { tags: { team: 'operations' } }],
    ['with a tag of the stack', { stack: { tags: { cost: '1' } } }],
    ['without tags again', {}],
    ['with other settings', { props: { windows: [], dashboard: true } }],
    ['of the construct under another name', { id: 'Windows' }],
    ['of the construct in another place', { inside: 'Inner' }],
  ])('%s leaves an open window open', async (_what, change) => {
    const parameter = await deploy(change);
    expect(parameter).toBe('/maintenance-window/Platform');
    expect(await isActive(parameter)).toBe(true);
  });

  it('that renames the parameter leaves it as it is, to be named beside the new one', async () => {
    const before = await textOf('/maintenance-window/Platform');
    const parameters = [{ name: '/ops/windows' }, { name: '/maintenance-window/Platform' }];
    expect(await deploy({ props: { parameters } })).toBe('/ops/windows,/maintenance-window/Platform');
    expect(await isActive('/ops/windows,/maintenance-window/Platform')).toBe(true);
    expect(await deploy({ props: { parameterName: '/ops/windows' } })).toBe('/ops/windows');
    expect(await textOf('/maintenance-window/Platform')).toBe(before);
    expect(await isActive(await deploy())).toBe(true);
  });

  it('that writes everything anew, as a drift is reverted at most, leaves it open', async () => {
    const change = { name: 'Anew' };
    const parameter = await deploy(change);
    expect((await tool(parameter, 'begin', '--for', '4h', '--yes')).code).toBe(0);
    await cloudFormation.destroy(change.name);
    expect(await isActive(parameter)).toBe(true);
    expect(await deploy(change)).toBe(parameter);
    expect(await isActive(parameter)).toBe(true);
  });

  it('does write again what CloudFormation has: the windows of the stack', async () => {
    const name = 'Control';
    await deploy({ name });
    const own = await cloudFormation.nameOf(name, 'AWS::SSM::Parameter');
    const open = '{"version":1,"windows":[{"start":"2020-01-01T00:00:00Z","end":"2090-01-01T00:00:00Z"}]}';
    for (const change of [
      { tags: { team: 'platform' } },
      { props: { windows: [{ ...VACUUM, reason: 'monthly vacuum' }] } },
    ]) {
      await ssm.send(new PutParameterCommand({ Name: own, Value: open, Overwrite: true }));
      expect(await isActive(own)).toBe(true);
      await deploy({ name, ...change });
      expect(await isActive(own)).toBe(false);
    }
  });
});
