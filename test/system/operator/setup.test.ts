/** `setup`: its forms, as the tool prints them and as `docs/cli.md` has them, and what it makes with the SDK. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tableDefinition } from '../../../core/events/table.ts';
import { type LocalSsm, startSsm } from '../../../local/aws/ssm.ts';
import { type DynamoDbUpkeep, startDynamoDbUpkeep } from '../../fakes/dynamodb-upkeep.ts';
import { buildCli, runCli, runOnTerminal } from '../../worlds/cli.ts';

let dynamoDb: DynamoDbUpkeep;
let ssm: LocalSsm;
let client: DynamoDBClient;
let environment: Record<string, string>;
let tables = 0;

beforeAll(async () => {
  buildCli();
  [dynamoDb, ssm] = await Promise.all([startDynamoDbUpkeep(), startSsm()]);
  client = new DynamoDBClient({
    endpoint: dynamoDb.url,
    region: 'eu-south-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
});
afterAll(async () => {
  client.destroy();
  await Promise.all([dynamoDb[Symbol.asyncDispose](), ssm.close()]);
});
beforeEach(() => {
  tables += 1;
  dynamoDb.denied.clear();
  environment = {
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
    AWS_ENDPOINT_URL_SSM: ssm.url,
    MAINTENANCE_WINDOW_TABLE: `events-${tables}`,
    MAINTENANCE_WINDOW_PARAMETER: `/try/windows-${tables}`,
  };
});

const setup = (...words: string[]) => runCli(['setup', ...words], { environment });

/** The commands under a heading of a document. */
function commandsOf(document: string, heading: string): readonly string[][] {
  const text = readFileSync(join(import.meta.dirname, '../../../docs', document), 'utf8');
  const section = text.split(`# ${heading}\n`)[1]?.split(/\n##+ /)[0] ?? '';
  const lines = /^```sh\n(.*?)^```$/ms.exec(section)?.[1]?.split('\n') ?? [];
  return lines
    .filter((line) => line.startsWith('maintenance-window '))
    .map((line) => line.replace(/ > .*/, '').split(' ').slice(1));
}

describe('the documents’ commands', () => {
  it.each([
    ['cli.md', 'setup', 6],
    ['deploying.md', 'For those without the CDK', 5],
  ])('of %s run', async (document, heading, count) => {
    const commands = commandsOf(document, heading);
    expect(commands).toHaveLength(count);
    for (const words of commands) {
      const { code, out, err } = await runCli(words, { environment });
      expect({ words, code, err }).toEqual({ words, code: 0, err });
      expect(out.length).toBeGreaterThan(50);
    }
  });
});

/** More functions than the policies of one template can name. */
const many = Array.from({ length: 60 }, (_, index) => `orders-function-${index}`);

describe('--print', () => {
  it('is stopped by nothing that is AWS’s: it asks nothing of it', async () => {
    environment = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
    for (const form of ['cloudformation', 'terraform', 'iam', 'table', 'state-machine']) {
      expect(await setup('--print', form, '--function', 'orders-api')).toMatchObject({ code: 0 });
    }
  });

  it('says which places are to be filled in, and fills in what is named', async () => {
    const { out, err } = await runCli(['setup', '--print', 'iam', '--function', 'orders-api'], {
      environment: { ...environment, AWS_REGION: '' },
    });
    expect(err).toContain('put in your account for ACCOUNT');
    expect(err).toContain('put in your region for REGION');
    expect(out).toContain(`arn:aws:dynamodb:REGION:ACCOUNT:table/events-${tables}`);
    const named = await setup('--print', 'iam', '--account', '111122223333', '--region', 'cn-north-1');
    expect(named.out).toContain(`arn:aws-cn:dynamodb:cn-north-1:111122223333:table/events-${tables}`);
    expect(named.err).toContain('--function names none');
  });

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html, and partitions.json of AWS's SDKs
  it.each([
    ['us-gov-west-1', 'aws-us-gov'],
    ['us-iso-east-1', 'aws-iso'],
    ['us-isob-east-1', 'aws-iso-b'],
    ['eusc-de-east-1', 'aws-eusc'],
    ['us-east-1', 'aws'],
  ])('in %s writes ARNs of %s', async (region, partition) => {
    const { out } = await setup('--print', 'iam', '--account', '111122223333', '--region', region);
    expect(out).toContain(`arn:${partition}:dynamodb:${region}:111122223333:table/events-${tables}`);
  });

  it.each([
    [[], /--print with a form writes it, --apply makes/],
    [['--print', 'table', '--apply'], /--print with a form writes it, --apply makes/],
    [['--print', 'yaml'], /Allowed choices are cloudformation, terraform, iam, table, state-machine/],
    [['--print', 'iam', '--function', 'orders-*'], /without ARN and wildcard/],
    [['--print', 'iam', '--account', '1'], /twelve digits/],
    [
      ['--print', 'table', '--table', 'arn:aws:dynamodb:eu-south-1:111122223333:table/events'],
      /a table is made by its name/,
    ],
    [['--apply', '--function', 'orders'], /--function is for --print/],
    [['--apply', '--parameter', 'team/windows'], /the parameter team\/windows has levels and does not begin with "\/"/],
    [['--print', 'iam', '--parameter', 'team,/aws/windows'], /the parameter \/aws\/windows begins with aws or ssm/],
    [['--print', 'terraform', '--parameter', `/${'x'.repeat(1_011)}`], /has 1012 characters, and SSM takes 1011/],
    [['--print', 'terraform', '--function', ...many], /operator read has \d+ characters, and IAM takes 6144/],
    [['--print', 'cloudformation', '--function', ...many], /operator read has \d+ characters, and IAM takes 6144/],
    [['--print', 'iam', '--region', 'eu"south'], /--region: "eu\\"south" is no region; write one such as eu-south-1/],
  ])('with %j is refused in one message', async (words, message) => {
    const { code, out, err } = await setup(...words);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toMatch(message);
  });
});

/** What a tool says of a file, where the tool is installed. */
const isInstalled = (command: string, ...words: string[]) => spawnSync(command, words).status === 0;

describe('a form is taken by the tools that it is for:', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'setup-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.skipIf(!isInstalled('cfn-lint', '--version'))('cfn-lint has nothing to say', async () => {
    const { out } = await setup('--print', 'cloudformation', '--function', 'orders-api', 'billing');
    const file = join(folder, 'template.json');
    writeFileSync(file, out);
    const { stdout, stderr, status } = spawnSync('cfn-lint', [file], { encoding: 'utf8' });
    expect({ stdout, stderr, status }).toEqual({ stdout: '', stderr: '', status: 0 });
  });

  it.skipIf(!isInstalled('terraform', 'version'))('terraform has nothing to lay out otherwise', async () => {
    const { out: input } = await setup('--print', 'terraform', '--function', 'orders-api', 'billing');
    const { stdout, status } = spawnSync('terraform', ['fmt', '-'], { input, encoding: 'utf8' });
    expect({ stdout, status }).toEqual({ stdout: input, status: 0 });
  });
});

describe('--apply', () => {
  it('makes the table with its index and safeguards, and the parameter; a second time it says that all is there', async () => {
    const first = await setup('--apply', '-o', 'json');
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(first.out).steps.map(({ outcome }: { outcome: string }) => outcome)).toEqual(
      Array(3).fill('made'),
    );
    const { Table } = await client.send(new DescribeTableCommand({ TableName: `events-${tables}` }));
    expect(Table).toMatchObject({ DeletionProtectionEnabled: true, KeySchema: tableDefinition('').KeySchema });
    expect(dynamoDb.requests).toEqual(
      expect.arrayContaining(['CreateTable', 'UpdateTimeToLive', 'UpdateContinuousBackups']),
    );
    const second = await setup('--apply');
    expect(second).toMatchObject({ code: 0 });
    expect(second.out).toBe(
      [
        `table events-${tables}: there already`,
        `time to live of the table events-${tables}: there already`,
        `parameter /try/windows-${tables}: there already\n`,
      ].join('\n'),
    );
    expect((await runCli(['status'], { environment })).out).toMatch(/^Not under maintenance/);
  });

  it('goes on where something is missing, and overwrites no windows', async () => {
    await client.send(new CreateTableCommand(tableDefinition(`events-${tables}`)));
    expect(await runCli(['begin', '--yes'], { environment })).toMatchObject({ code: 0 });
    const { code, out } = await setup('--apply');
    expect(code).toBe(0);
    expect(out).toContain(`table events-${tables}: there already\ntime to live of the table events-${tables}: made\n`);
    expect(out).toContain(`parameter /try/windows-${tables}: there already`);
    expect((await runCli(['status'], { environment })).out).toMatch(/^Under maintenance/);
  });

  it('refuses a table of another layout, and makes nothing', async () => {
    await client.send(
      new CreateTableCommand({
        TableName: `events-${tables}`,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    const { code, out, err } = await setup('--apply');
    expect({ code, out }).toEqual({ code: 65, out: '' });
    expect(err).toMatch(
      /has the key id \(HASH, N\) and no index pending; events need the key pk .* name another table/,
    );
    expect((await runCli(['status'], { environment })).err).toContain('does not exist');
  });

  it('tells what fails, makes the rest, and ends with the code of the fault', async () => {
    dynamoDb.denied.add('UpdateContinuousBackups');
    const { code, out } = await setup('--apply');
    expect(code).toBe(77);
    expect(out).toMatch(/point-in-time recovery .*: failed: dynamodb:UpdateContinuousBackups .* is not allowed/);
    expect(out).toContain(`parameter /try/windows-${tables}: made`);
  });

  it('asks on a terminal, and makes nothing where the answer is no', async () => {
    const { code, out } = await runOnTerminal(['setup', '--apply'], { environment, typed: [['Make it?', 'n\n']] });
    expect(code).toBe(1);
    expect(out).toContain(`table events-${tables}`);
    expect(out).toContain('nothing was changed');
    const { out: after } = await setup('--apply', '-o', 'json');
    expect(JSON.parse(after).steps[0].outcome).toBe('made');
  });
});
