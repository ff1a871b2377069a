/** `doctor` as operators run it: against tables with each fault, functions of all kinds, and services that deny or are silent. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dynamoDbOf } from '../../../aws/dynamodb/dynamodb-sdk.ts';
import { createEventStore } from '../../../aws/events/event-store.ts';
import { TTL_ATTRIBUTE, tableDefinition } from '../../../core/events/table.ts';
import { type LocalSsm, startSsm } from '../../../local/aws/ssm.ts';
import project from '../../../package.json' with { type: 'json' };
import { sampleEvent } from '../../data/deferred-event.ts';
import { type DynamoDbUpkeep, startDynamoDbUpkeep } from '../../fakes/dynamodb-upkeep.ts';
import { type LambdaFunctions, startLambdaFunctions, type ToldFunction } from '../../fakes/lambda-functions.ts';
import {
  answers,
  type Behaviour,
  fails,
  type SeenRequest,
  startScriptedService,
} from '../../fakes/scripted-service.ts';
import { buildCli, runCli, runOnTerminal } from '../../worlds/cli.ts';

const STAND_IN = { region: 'eu-south-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };
const DEAD_LETTERS = 'arn:aws:sqs:eu-south-1:111122223333:orders-dead';
const ESCAPE = '\u001b';

let dynamoDb: DynamoDbUpkeep;
let ssm: LocalSsm;
let lambda: LambdaFunctions;
let tables: DynamoDBClient;
let parameters: SSMClient;
let environment: Record<string, string>;
let tests = 0;

/** A function that reads the parameter and stores in the table of each test. */
const protectedFunction = (FunctionName: string, more: Partial<ToldFunction> = {}): ToldFunction => ({
  FunctionName,
  Timeout: 29,
  PackageType: 'Image',
  State: 'Active',
  LastUpdateStatus: 'Successful',
  DeadLetterConfig: { TargetArn: DEAD_LETTERS },
  ...more,
});

beforeAll(async () => {
  buildCli();
  [dynamoDb, ssm] = await Promise.all([startDynamoDbUpkeep(), startSsm()]);
  tables = new DynamoDBClient({ ...STAND_IN, endpoint: dynamoDb.url });
  parameters = new SSMClient({ ...STAND_IN, endpoint: ssm.url });
});
afterAll(async () => {
  tables.destroy();
  parameters.destroy();
  await Promise.all([dynamoDb[Symbol.asyncDispose](), ssm.close()]);
});
beforeEach(() => {
  tests += 1;
  dynamoDb.denied.clear();
  environment = {
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
    AWS_ENDPOINT_URL_SSM: ssm.url,
    MAINTENANCE_WINDOW_TABLE: `events-${tests}`,
    MAINTENANCE_WINDOW_PARAMETER: `windows-${tests}`,
  };
});

const doctor = (...words: string[]) => runCli(['doctor', ...words], { environment });
const inJson = async (...words: string[]) => {
  const { code, out, err } = await doctor(...words, '-o', 'json');
  if (!out.startsWith('{')) throw new Error(`no JSON, exit code ${code}: ${out}${err}`);
  return { code, err, ...(JSON.parse(out) as { findings: JsonFinding[]; counts: Record<string, number> }) };
};

interface JsonFinding {
  readonly kind: string;
  readonly subject: string;
  readonly state: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly message: string;
  readonly remedy?: string;
}

/** Kind, state and why of what is not well. */
const unwell = (findings: readonly JsonFinding[]) =>
  findings
    .filter(({ state }) => state !== 'ok')
    .map(({ kind, state, data: { why } }) => [kind, state, why].filter((word) => word !== undefined).join(' '));

/** Makes the table of this test. */
async function makeTable(
  changes: Partial<CreateTableCommandInput> = {},
  attribute: string | undefined = TTL_ATTRIBUTE,
) {
  const TableName = `events-${tests}`;
  const definition = { ...tableDefinition(TableName), DeletionProtectionEnabled: true, ...changes };
  await tables.send(new CreateTableCommand(definition));
  if (attribute !== undefined) {
    const TimeToLiveSpecification = { AttributeName: attribute, Enabled: true };
    await tables.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  }
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  await tables.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
}

const putWindows = (...windows: object[]) =>
  parameters.send(
    new PutParameterCommand({
      Name: `windows-${tests}`,
      Value: JSON.stringify({ version: 1, windows }),
      Type: 'String',
      Overwrite: true,
    }),
  );

/** Has Lambda know these functions, each of which reads this test's parameter and stores in its table. */
async function withFunctions(...functions: ToldFunction[]): Promise<void> {
  const Variables = {
    MAINTENANCE_WINDOW_PARAMETER: `windows-${tests}`,
    MAINTENANCE_WINDOW_TABLE: `events-${tests}`,
  };
  lambda = await startLambdaFunctions(functions.map((each) => ({ Environment: { Variables }, ...each })));
  environment['AWS_ENDPOINT_URL_LAMBDA'] = lambda.url;
}

/** Has a client of this version store an event of the function. */
async function storeEvent(functionName: string, clientVersion: string, deferredAt = Date.now()): Promise<void> {
  const clock = { now: Date.now, random: Math.random };
  const store = createEventStore({ dynamoDb: dynamoDbOf(tables), table: `events-${tests}`, functionName, clock });
  await store.put(sampleEvent('{"order":1}', { functionName, clientVersion, deferredAt }), Date.now() + 10_000);
}

describe('where all is well', () => {
  beforeEach(async () => {
    await makeTable();
    await putWindows({ start: '2040-01-14T22:00:00Z', end: '2040-01-15T02:00:00Z', reason: 'CHG-1' });
    await withFunctions(
      protectedFunction('orders-api'),
      protectedFunction('unrelated', { Environment: { Variables: {} } }),
    );
    await storeEvent('orders-api', '0.0.1', Date.UTC(2026, 10, 20));
    await storeEvent('orders-api', project.version, Date.UTC(2026, 10, 21));
  });

  it('there is a line for each thing, and it ends with 0', async () => {
    const { code, out, err } = await doctor();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')).toEqual([
      '✓ credentials: key operator, region eu-south-1',
      expect.stringMatching(
        new RegExp(
          `^✓ parameter windows-${tests}: version 1, 1 window, next 2040-01-14T22:00:00Z \\(in \\d+ d[^)]*\\), every function, CHG-1 \\([0-9a-f]{6}\\)$`,
        ),
      ),
      `✓ table events-${tests}: active, keys and index as needed, finished events expire by expiresAt, point-in-time recovery, deletion protection`,
      '✓ functions: 1 that the table or windows know, or that name parameter or table in their settings',
      `✓ function orders-api: reads windows-${tests}, stores in events-${tests}, active, time-out 29 s, failed events go to ${DEAD_LETTERS}, client ${project.version} (event of 2026-11-21T00:00:00Z)`,
      '',
      'All is well. What a role may do, and what is in an image, only a stored event can show.',
      '',
    ]);
  });

  it('programs get the same, in a shape that is documented', async () => {
    const { code, findings, counts } = await inJson('--function', 'orders-api');
    expect(code).toBe(0);
    expect(counts).toEqual({ ok: findings.length, warning: 0, problem: 0, unknown: 0 });
    for (const finding of findings) {
      expect(finding).toEqual({
        kind: expect.any(String),
        subject: expect.any(String),
        state: 'ok',
        data: expect.any(Object),
        message: expect.any(String),
      });
    }
    const dataOf = (kind: string) => findings.find((finding) => finding.kind === kind)?.data;
    expect(dataOf('parameter')).toEqual({
      version: 1,
      windows: 1,
      active: 0,
      modified: expect.stringMatching(/^20\d\d-.*Z$/),
      next: {
        start: '2040-01-14T22:00:00Z',
        end: '2040-01-15T02:00:00Z',
        id: expect.stringMatching(/^[0-9a-f]{6}$/),
        reason: 'CHG-1',
      },
    });
    expect(dataOf('client')).toEqual({
      version: project.version,
      toolVersion: project.version,
      seen: '2026-11-21T00:00:00Z',
    });
    expect(dataOf('functions')).toEqual({ count: 1, named: true });
  });

  it('the examples of docs/cli.md run', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8');
    const [, block = ''] = /^```sh\n(.*?)^```$/ms.exec(page.split('\n### doctor\n')[1] ?? '') ?? [];
    const lines = block.trim().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const words = line
        .split(' ')
        .slice(1)
        .map((word) => (word === 'billing' ? 'orders-api' : word));
      expect({ line, ...(await runCli(words, { environment })) }).toMatchObject({ line, code: 0, err: '' });
    }
  });

  it('on a terminal marks have colours, and none with NO_COLOR', async () => {
    const coloured = await runOnTerminal(['doctor'], { environment });
    expect(coloured.out).toContain(`${ESCAPE}[32m✓`);
    const plain = await runOnTerminal(['doctor'], { environment: { ...environment, NO_COLOR: '1' } });
    expect(plain.out).toContain('✓ credentials');
    expect(plain.out).not.toContain(`${ESCAPE}[32m`);
  });
});

describe('a table', () => {
  beforeEach(async () => {
    await putWindows();
    await withFunctions(protectedFunction('orders-api'));
  });
  const key = (name: string) => ({
    AttributeDefinitions: [{ AttributeName: name, AttributeType: 'S' as const }],
    KeySchema: [{ AttributeName: name, KeyType: 'HASH' as const }],
    GlobalSecondaryIndexes: undefined,
  });

  it.each<[string, () => Promise<void>, string, RegExp]>([
    [
      'without its index',
      () => makeTable(key('pk')),
      'layout problem other-layout',
      /✗ has the key pk \(HASH, S\) and no index pending; .*: make one as {2}maintenance-window setup --print table/,
    ],
    [
      'with other keys',
      () => makeTable(key('id')),
      'layout problem other-layout',
      /✗ has the key id \(HASH, S\) and no index pending; events need the key pk/,
    ],
    [
      'without time to live',
      () => makeTable({}, ''),
      'time-to-live problem off',
      /✗ finished events never expire: aws dynamodb update-time-to-live --table-name events-\d+ .*AttributeName=expiresAt/,
    ],
    [
      'with time to live by another attribute',
      () => makeTable({}, 'deferredAt'),
      'time-to-live problem other-attribute',
      /✗ items expire by deferredAt instead of expiresAt, so pending events may be deleted: turn that off/,
    ],
    [
      'that is missing',
      async () => undefined,
      'table problem absent',
      /✗ table events-\d+: does not exist: .*maintenance-window setup --apply/,
    ],
  ])('%s is a problem', async (_what, make, expected, words) => {
    await make();
    const { code, findings } = await inJson('--function', 'orders-api');
    expect({ code, about: unwell(findings).filter((line) => !/^(?:client|functions)/.test(line)) }).toEqual({
      code: 4,
      about: [expected],
    });
    const { code: again, out } = await doctor();
    expect(again).toBe(4);
    expect(out).toMatch(words);
    expect(out).toMatch(/^1 problem/m);
  });

  it('without safeguards is warned of, and ends with 0', async () => {
    await tables.send(new CreateTableCommand(tableDefinition(`events-${tests}`)));
    const TimeToLiveSpecification = { AttributeName: TTL_ATTRIBUTE, Enabled: true };
    await tables.send(new UpdateTimeToLiveCommand({ TableName: `events-${tests}`, TimeToLiveSpecification }));
    const { code, findings } = await inJson('--function', 'orders-api');
    expect(code).toBe(0);
    expect(unwell(findings)).toEqual([
      'point-in-time-recovery warning off',
      'deletion-protection warning off',
      'client unknown never-seen',
    ]);
    expect((await doctor()).out).toMatch(
      /! no deletion protection: aws dynamodb update-table .*--deletion-protection-enabled/,
    );
  });
});

describe('what is denied', () => {
  beforeEach(async () => {
    await makeTable();
    await putWindows();
    await withFunctions(protectedFunction('orders-api'));
  });

  it('names its action, and all else is looked at', async () => {
    dynamoDb.denied.add('DescribeTable').add('DescribeContinuousBackups');
    const { code, findings } = await inJson('--function', 'orders-api');
    expect(code).toBe(1);
    expect(unwell(findings)).toEqual([
      'table unknown denied',
      'point-in-time-recovery unknown denied',
      'client unknown never-seen',
    ]);
    expect(findings.find(({ kind }) => kind === 'table')?.data).toEqual({
      why: 'denied',
      action: 'dynamodb:DescribeTable',
      message: expect.stringMatching(
        /^dynamodb:DescribeTable on the table .* is not allowed .*ask for that permission/,
      ),
    });
    const { out } = await doctor();
    expect(out).toMatch(/\? not known: dynamodb:DescribeTable on the table/);
    expect(out).toMatch(/finished events expire by expiresAt/);
    expect(out).toMatch(/function orders-api/);
  });

  it('may be a parameter, the index, or Lambda', async () => {
    dynamoDb.denied.add('Query');
    await using deniedSsm = await startScriptedService(() => fails(400, 'AccessDeniedException', { message: 'no' }));
    environment['AWS_ENDPOINT_URL_SSM'] = deniedSsm.url;
    lambda.instead = (path) =>
      path.endsWith('/configuration') ? undefined : fails(403, 'AccessDeniedException', { Message: 'no' });
    const { code, findings } = await inJson('--function', 'orders-api');
    expect(code).toBe(1);
    expect(findings.filter(({ state }) => state === 'unknown').map(({ data }) => data['action'])).toEqual([
      'ssm:GetParameters',
      'dynamodb:Query',
      'lambda:GetFunctionConcurrency',
    ]);
  });

  it('may be the list of functions alone, which a granted operator does without', async () => {
    await storeEvent('orders-api', project.version);
    lambda.mayList = false;
    const { code, out } = await doctor();
    expect(code).toBe(0);
    expect(out).toContain(
      '✓ functions: 1 that the table or windows know; of others nothing is known (lambda:ListFunctions is not allowed)\n✓ function orders-api',
    );
    await putWindows({ start: '2040-01-14T22:00:00Z', end: '2040-01-15T02:00:00Z', functions: ['bill*'] });
    expect((await doctor()).out).toMatch(
      /! functions: .*nor which ones bill\* names .*: name them: {2}maintenance-window doctor --function NAME/,
    );
  });

  it('is no problem of the command: bad input and bad credentials are', async () => {
    const without = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    const run = (words: readonly string[], more: Record<string, string | undefined> = {}) =>
      runCli(['doctor', ...words], { environment: { ...environment, ...more } });
    await expect(run([], without)).resolves.toMatchObject({
      code: 77,
      out: '',
      err: expect.stringMatching(/^maintenance-window: no AWS credentials/),
    });
    await using unknown = await startScriptedService(() =>
      fails(400, 'UnrecognizedClientException', { message: 'no' }),
    );
    await expect(run([], { AWS_ENDPOINT_URL_DYNAMODB: unknown.url })).resolves.toMatchObject({
      code: 77,
      out: '',
      err: expect.stringMatching(/^maintenance-window: DynamoDB does not know these credentials/),
    });
    await expect(run([], { AWS_REGION: '' })).resolves.toMatchObject({ code: 78, out: '' });
    await expect(run(['--function', 'orders-*'])).resolves.toMatchObject({
      code: 64,
      out: '',
      err: expect.stringContaining('without ARN and wildcard'),
    });
    await expect(run(['--parameter', 'a,,b'])).resolves.toMatchObject({ code: 64, out: '' });
  });
});

it('a service that is silent is told of, and all else is looked at', { timeout: 300_000 }, async () => {
  await makeTable();
  await putWindows();
  await withFunctions(protectedFunction('orders-api'), protectedFunction('billing'));
  await using silent = await startScriptedService(() => ({ kind: 'hang' }));
  const runs = await Promise.all(
    ['SSM', 'DYNAMODB', 'LAMBDA'].map((service) =>
      runCli(['doctor', '-o', 'json', '--function', 'orders-api', 'billing'], {
        environment: { ...environment, [`AWS_ENDPOINT_URL_${service}`]: silent.url },
        keepsWaiting: true,
      }),
    ),
  );
  const seen = runs.map(({ code, out, err }) => ({
    code,
    isTold: /still waiting: .*(?:SSM|DynamoDB|Lambda|table)/.test(err),
    silent: (JSON.parse(out).findings as JsonFinding[])
      .filter(({ data: { why } }) => why === 'no-answer')
      .map(({ kind, subject }) => `${kind} ${subject}`.trim()),
  }));
  const isTold = true;
  expect(seen).toEqual([
    { code: 1, isTold, silent: [`parameter windows-${tests}`] },
    {
      code: 1,
      isTold,
      silent: ['table', 'time-to-live', 'point-in-time-recovery']
        .map((kind) => `${kind} events-${tests}`)
        .concat('functions'),
    },
    { code: 1, isTold, silent: ['function orders-api', 'function billing'] },
  ]);
});

describe('functions', () => {
  beforeEach(async () => {
    await makeTable();
    await putWindows();
  });

  it('are judged by what Lambda tells of each', async () => {
    await withFunctions(
      protectedFunction('a-zip', { PackageType: 'Zip', Runtime: 'nodejs24.x' }),
      protectedFunction('elsewhere', { Environment: { Variables: { MAINTENANCE_WINDOW_PARAMETER: 'others' } } }),
      protectedFunction('entry', { ImageConfigResponse: { ImageConfig: { EntryPoint: ['/lambda-entrypoint.sh'] } } }),
      protectedFunction('failed', { State: 'Failed', StateReason: 'the image is gone' }),
      protectedFunction('halted', { reserved: 0 }),
      protectedFunction('lossy', { DeadLetterConfig: {} }),
      protectedFunction('routed', {
        DeadLetterConfig: {},
        asynchronous: { DestinationConfig: { OnFailure: { Destination: DEAD_LETTERS } } },
      }),
    );
    const names = ['a-zip', 'elsewhere', 'entry', 'failed', 'halted', 'lossy', 'routed', 'absent'];
    for (const name of ['halted', 'routed']) await storeEvent(name, project.version);
    await storeEvent('lossy', '99.0.0');
    await storeEvent('failed', '0.0.1');
    const { code, findings } = await inJson('--function', ...names);
    expect(code).toBe(4);
    const of = (name: string) => unwell(findings.filter(({ subject }) => subject === name));
    expect(Object.fromEntries(names.map((name) => [name, of(name)]))).toEqual({
      'a-zip': ['protection problem zip'],
      elsewhere: [
        'protection problem parameter-not-read',
        'protection problem other-table',
        'client unknown never-seen',
      ],
      entry: ['protection problem entry-point-of-aws'],
      failed: ['function-state problem failed', 'client warning older'],
      halted: ['concurrency warning zero'],
      lossy: ['failure-destination warning none', 'client warning newer'],
      routed: [],
      absent: ['function problem absent'],
    });
    const { out } = await doctor('--function', ...names);
    for (const words of [
      /✗ function a-zip: is not protected: neither layer nor wrapper brings the client into it \(nodejs24\.x\): attach the layer, and set AWS_LAMBDA_EXEC_WRAPPER=\/opt\/maintenance-window\/exec-wrapper: .*docs\/layer\.md/,
      /✗ its state is Failed \(the image is gone\): deploy it again/,
      /! its client 99\.0\.0 is newer than this tool .*: update the tool first: docs\/upgrading\.md/,
      /! its client 0\.0\.1 is older than this tool .*, which works with it: give it the newer one, in its image or layer/,
      /✗ function absent: does not exist in this account and region: check the name, --profile and --region/,
    ]) {
      expect(out).toMatch(words);
    }
  });

  it('that Lambda polls for are told with what it polls, which may give records up', async () => {
    await withFunctions(protectedFunction('queued'), protectedFunction('streamed'));
    const of = (name: string, arn: string, more = {}) => ({
      FunctionArn: `arn:aws:lambda:eu-south-1:012345678912:function:${name}`,
      EventSourceArn: `arn:aws:${arn}`,
      State: 'Enabled',
      ...more,
    });
    const stream = 'kinesis:eu-south-1:012345678912:stream/clicks';
    lambda.mappings = [
      of('queued', 'sqs:eu-south-1:012345678912:orders', { State: 'Disabled' }),
      // of an alias, without an end, and with somebody who hears of it
      of('queued:live', stream, { MaximumRetryAttempts: -1, MaximumRecordAgeInSeconds: -1 }),
      of('queued', stream, {
        MaximumRetryAttempts: 3,
        DestinationConfig: { OnFailure: { Destination: DEAD_LETTERS } },
      }),
      of('streamed', stream, { MaximumRecordAgeInSeconds: 3_600 }),
    ];
    const { findings } = await inJson('--function', 'queued', 'streamed');
    const sources = findings.filter(({ kind }) => kind === 'event-sources');
    expect(sources.map(({ subject, state, data }) => [subject, state, data])).toMatchObject([
      [
        'queued',
        'ok',
        { sources: [{ source: 'sqs', state: 'Disabled' }, { source: 'kinesis' }, { onFailure: DEAD_LETTERS }] },
      ],
      [
        'streamed',
        'warning',
        { why: 'gives-up', sources: [{ source: 'kinesis', maximumAgeSeconds: 3_600, givesUp: true }] },
      ],
    ]);
    lambda.mappings = undefined;
    const denied = await inJson('--function', 'queued', 'streamed');
    expect(denied.findings.filter(({ kind }) => kind.startsWith('event-source'))).toMatchObject([
      { kind: 'event-source-list', state: 'ok', data: { why: 'not-listed', action: 'lambda:ListEventSourceMappings' } },
    ]);
  });

  it('from a zip are judged by runtime, CPU, layers and wrappers, each with a remedy', async () => {
    const [CLIENT, PROXY] = ['/opt/maintenance-window/exec-wrapper', '/opt/maintenance-window/wrapper'];
    const zip = (FunctionName: string, Runtime: string, layer?: string, wrapper?: string, next?: string) =>
      protectedFunction(FunctionName, {
        PackageType: 'Zip',
        Runtime: Runtime as ToldFunction['Runtime'],
        Architectures: ['x86_64'],
        Layers: layer ? [{ Arn: `arn:aws:lambda:eu-south-1:111122223333:layer:${layer}:3` }] : [],
        Environment: {
          Variables: {
            MAINTENANCE_WINDOW_PARAMETER: `windows-${tests}`,
            MAINTENANCE_WINDOW_TABLE: `events-${tests}`,
            ...(wrapper && { AWS_LAMBDA_EXEC_WRAPPER: wrapper }),
            ...(next && { MAINTENANCE_WINDOW_EXEC_WRAPPER: next }),
          },
        },
      });
    const [layer, proxy] = ['maintenance-window-x86_64', 'maintenance-window-proxy-x86_64'];
    await withFunctions(
      zip('well', 'nodejs24.x', layer, CLIENT),
      zip('chained', 'nodejs24.x', layer, CLIENT, '/opt/datadog_wrapper'),
      zip('behind', 'python3.13', proxy, PROXY),
      zip('bare', 'python3.13', layer.replace('maintenance-window', 'tools')),
      zip('unstarted', 'nodejs24.x', layer),
      zip('unlayered', 'nodejs24.x', undefined, CLIENT),
      zip('monitored', 'nodejs24.x', layer, '/opt/datadog_wrapper'),
      zip('elsewhere', 'java21', layer, CLIENT),
      zip('foreign', 'nodejs24.x', 'maintenance-window-arm64', CLIENT),
      zip('old', 'nodejs20.x', layer, CLIENT),
      zip('double', 'nodejs24.x', layer, PROXY, CLIENT),
      zip('native', 'provided.al2023', proxy),
    );
    const names = ['well', 'chained', 'behind', 'bare', 'unstarted', 'unlayered', 'monitored', 'elsewhere'];
    names.push('foreign', 'old', 'double', 'native');
    for (const name of names) await storeEvent(name, project.version);
    const { code, findings } = await inJson('--function', ...names);
    expect(code).toBe(4);
    const told = findings
      .filter(({ kind }) => kind === 'protection')
      .map(({ subject, state, message, remedy }) => [subject, `${state}: ${message}`, remedy]);
    const reads = `ok: reads windows-${tests}, stores in events-${tests}`;
    const [layerPage, proxyPage] = [/docs\/layer\.md/, /docs\/proxy\.md/].map((page) => expect.stringMatching(page));
    expect(told).toEqual([
      ['well', reads, undefined],
      ['chained', reads, undefined],
      ['behind', reads, undefined],
      ['bare', 'problem: is not protected: neither layer nor wrapper brings the proxy into it (python3.13)', proxyPage],
      [
        'unstarted',
        `problem: is not protected: it has the layer ${layer}, and no wrapper that starts what is in it`,
        layerPage,
      ],
      [
        'unlayered',
        `problem: does not start: no layer brings ${CLIENT}, which AWS_LAMBDA_EXEC_WRAPPER names`,
        layerPage,
      ],
      [
        'monitored',
        'warning: is started by /opt/datadog_wrapper, and Lambda does not tell whether the client comes behind it',
        expect.stringContaining(`${CLIENT}, and MAINTENANCE_WINDOW_EXEC_WRAPPER=/opt/datadog_wrapper, which runs next`),
      ],
      ['elsewhere', `problem: does not start: ${CLIENT} is for Node, and it runs on java21`, proxyPage],
      [
        'foreign',
        'problem: does not start: it runs on x86_64, and its layer maintenance-window-arm64 is for the other CPU',
        'attach the layer for x86_64',
      ],
      [
        'old',
        'problem: is not protected: it runs on nodejs20.x, and the client needs Node 22 or later',
        'move it to nodejs22.x or a later one',
      ],
      [
        'double',
        'problem: does not start: it has both the client for Node and the proxy, which would both store each event',
        'take one of the two layers away, and its wrapper',
      ],
      [
        'native',
        'warning: runs on provided.al2023, where Lambda calls no wrapper, and does not tell what its bootstrap starts',
        proxyPage,
      ],
    ]);
    // what does not hold the gate is not looked at any further
    expect(findings.filter(({ subject, kind }) => subject === 'foreign' && kind === 'client')).toEqual([]);
    expect(findings.filter(({ subject, kind }) => subject === 'native' && kind === 'client')).toHaveLength(1);
  });

  it('are found by the table, by windows and by their settings', async () => {
    await withFunctions(
      protectedFunction('by-settings'),
      protectedFunction('by-glob', { Environment: { Variables: {} } }),
      protectedFunction('nobodys', { Environment: { Variables: {} } }),
    );
    await putWindows({ start: '2040-01-14T22:00:00Z', end: '2040-01-15T02:00:00Z', functions: ['by-gl*', 'by-name'] });
    await storeEvent('by-table', project.version);
    const { findings } = await inJson();
    const known = findings
      .filter(({ kind }) => kind === 'function')
      .map(({ subject, data }) => [subject, data['knownBy']]);
    expect(known).toEqual([
      ['by-glob', ['glob']],
      ['by-name', ['window']],
      ['by-settings', ['environment']],
      ['by-table', ['table']],
    ]);
  });

  it('by the hundred are asked for a few at a time, and each has its line', { timeout: 300_000 }, async () => {
    const names = Array.from({ length: 300 }, (_, index) => `orders-${index}`);
    const busy = createBusyLambda(() => false);
    await using service = await startScriptedService(busy.choose);
    environment['AWS_ENDPOINT_URL_LAMBDA'] = service.url;
    const { code, out } = await doctor('--function', ...names);
    expect(code).toBe(0);
    const lines = out.split('\n').filter((line) => /^\S function /.test(line));
    expect(lines.map((line) => /function ([\w-]+)/.exec(line)?.[1])).toEqual(names);
    // what Lambda polls is asked once, for all
    expect(busy.counts.requests).toBe(3 * names.length + 1);
    expect(busy.counts.atOnce).toBeLessThanOrEqual(4);
  });

  it('are asked for again where Lambda throttles', { timeout: 300_000 }, async () => {
    const names = Array.from({ length: 12 }, (_, index) => `orders-${index}`);
    const throttled = new Map<string, number>();
    const busy = createBusyLambda((path) => {
      const times = throttled.get(path) ?? 0;
      throttled.set(path, times + 1);
      return times < 2 && /orders-\d*[05]\//.test(path);
    });
    await using service = await startScriptedService(busy.choose);
    environment['AWS_ENDPOINT_URL_LAMBDA'] = service.url;
    const { code, findings } = await inJson('--function', ...names);
    expect(code).toBe(0);
    expect(findings.filter(({ kind, state }) => kind === 'function' && state === 'ok')).toHaveLength(12);
    expect(findings.filter(({ data: { why } }) => why === 'throttled')).toEqual([]);
    // orders-0, -5 and -10, three requests each, twice more
    expect(busy.counts.requests).toBe(3 * 12 + 3 * 3 * 2 + 1);
  });

  it('have names and words that act on no terminal, and are no request', async () => {
    await withFunctions(protectedFunction('loud', { State: 'Failed', StateReason: `red ${ESCAPE}[31m\nalert \u0007` }));
    const name = 'x'.repeat(3_000);
    await putWindows({ start: '2040-01-14T22:00:00Z', end: '2040-01-15T02:00:00Z', functions: [name, 'loud', '*?*'] });
    const asked: string[] = [];
    lambda.instead = (path) => {
      asked.push(path);
      return undefined;
    };
    const { code, out } = await runOnTerminal(['doctor'], { environment: { ...environment, NO_COLOR: '1' } });
    expect(code).toBe(4);
    expect(out).toContain('(red \\u001b[31m\\u000aalert \\u0007)');
    expect(out.replaceAll(`\r${ESCAPE}[K`, '')).not.toContain(ESCAPE);
    expect(out).toMatch(/^.*✗ function x{80,100}…: cannot be the name of a function: a window names it/m);
    expect(asked.filter((path) => path.includes('xxx'))).toEqual([]);
  });
});

/** A Lambda with whatever function somebody asks for. It throttles the requests that it is told to. */
function createBusyLambda(isThrottled: (path: string) => boolean) {
  const counts = { requests: 0, atOnce: 0 };
  let underWay = 0;
  const choose = async ({ path }: SeenRequest): Promise<Behaviour> => {
    counts.requests += 1;
    underWay += 1;
    counts.atOnce = Math.max(counts.atOnce, underWay);
    await new Promise((resolve) => setTimeout(resolve, 2));
    underWay -= 1;
    if (isThrottled(path)) return fails(429, 'TooManyRequestsException', { Message: 'Rate exceeded' });
    if (path.includes('/event-invoke-config')) return fails(404, 'ResourceNotFoundException', { Message: 'none' });
    if (path.includes('/concurrency')) return answers(200, {});
    const [, FunctionName] = /\/functions\/([^/]+)\//.exec(path) ?? [];
    const Variables = { MAINTENANCE_WINDOW_PARAMETER: `windows-${tests}`, MAINTENANCE_WINDOW_TABLE: `events-${tests}` };
    return answers(200, { FunctionName, Timeout: 3, PackageType: 'Image', Environment: { Variables } });
  };
  return { choose, counts };
}
