import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetParameterHistoryCommand, type ParameterHistory, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createEventsTable } from '../../aws/events/create-table.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import { HOUR_MS } from '../../core/units.ts';
import { startDynamoDb } from '../../local/aws/dynamodb.ts';
import { startSsm } from '../../local/aws/ssm.ts';
import { type LambdaFunctions, startLambdaFunctions } from '../fakes/lambda-functions.ts';
import { buildCli, type CliOptions, type CliRun, runCli, runOnTerminal } from './cli.ts';

export const NO_WINDOWS = '{"version":1,"windows":[]}';
/** What every control sequence of a terminal begins with. */
export const ESCAPE = '\u001b';

/** Somebody at the operator's tool, with an SSM, a Lambda, and a DynamoDB whose table is empty. */
export interface WindowOperator extends AsyncDisposable {
  /** Where his AWS is, and the window parameter that the tool is to use. */
  environment: Record<string, string>;
  readonly ssmUrl: string;
  /** For files. */
  readonly folder: string;
  /** The window parameter of this test alone. */
  readonly parameter: string;
  /** Knows `orders-api` and `orders-batch`, which read the parameter `orders` and that of the test, and `elsewhere`, which reads none. */
  readonly lambda: LambdaFunctions;
  /** Goes on to another parameter. */
  another(): void;
  /** Overwrites a parameter, as the user `carol`. */
  put(text: string, name?: string, type?: 'String' | 'StringList' | 'SecureString'): Promise<void>;
  /** Oldest first. */
  versions(name?: string): Promise<readonly ParameterHistory[]>;
  text(): Promise<string>;
  /** Runs a command with its output piped. */
  piped(words: readonly string[], options?: CliOptions): Promise<CliRun>;
  /** Runs a command on a pseudo-terminal. */
  terminal(words: readonly string[], options?: CliOptions): Promise<Pick<CliRun, 'code' | 'out'>>;
  /** Runs a command with `-o json`: what it says, with its exit code and what it wrote to stderr. */
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of it is the test
  json(words: readonly string[], options?: CliOptions): Promise<any>;
}

/** The operator of all tests of a file, with a parameter of its own for each test. */
export function windowOperatorForEach(): WindowOperator {
  let started: WindowOperator;
  beforeAll(async () => {
    started = await startWindowOperator();
  });
  afterAll(() => started[Symbol.asyncDispose]());
  beforeEach(() => started.another());
  return new Proxy({} as WindowOperator, {
    get: (_, name) => Reflect.get(started, name),
    set: (_, name, value) => Reflect.set(started, name, value),
  });
}

/** Builds the tool and starts what it works with. */
export async function startWindowOperator(): Promise<WindowOperator> {
  buildCli();
  const [ssm, dynamoDb] = await Promise.all([startSsm(), startDynamoDb()]);
  const lambda = await startLambdaFunctions([
    { FunctionName: 'elsewhere', Timeout: 600, PackageType: 'Zip' },
    { FunctionName: 'orders-api', Timeout: 29, PackageType: 'Image', Environment: ordersEnvironment },
    { FunctionName: 'orders-batch', Timeout: 300, PackageType: 'Image', Environment: ordersEnvironment },
  ]);
  const access = { region: 'eu-south-1', credentials: { accessKeyId: 'carol', secretAccessKey: 'secret' } };
  const client = new SSMClient({ ...access, endpoint: ssm.url });
  const tables = new DynamoDBClient({ ...access, endpoint: dynamoDb.url });
  await createEventsTable(tables, SETTINGS.table.default);
  tables.destroy();
  let count = 0;
  let parameter = '';
  const operator: WindowOperator = {
    environment: {},
    ssmUrl: ssm.url,
    folder: mkdtempSync(join(tmpdir(), 'window-operator-')),
    get parameter() {
      return parameter;
    },
    lambda,
    another() {
      count += 1;
      parameter = `windows-${count}`;
      lambda.mayList = true;
      lambda.alsoRead = parameter;
      operator.environment = {
        MAINTENANCE_WINDOW_PARAMETER: parameter,
        AWS_ENDPOINT_URL_SSM: ssm.url,
        AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
        AWS_ENDPOINT_URL_LAMBDA: lambda.url,
      };
    },
    async put(Value, Name = parameter, Type = 'String') {
      await client.send(new PutParameterCommand({ Name, Value, Type, Overwrite: true }));
    },
    async versions(Name = parameter) {
      const { Parameters = [] } = await client.send(new GetParameterHistoryCommand({ Name, WithDecryption: true }));
      return Parameters;
    },
    text: async () => (await operator.versions()).at(-1)?.Value ?? '',
    piped: (words, options = {}) => runCli(words, withEnvironment(options)),
    terminal: (words, options = {}) => runOnTerminal(words, withEnvironment(options)),
    async json(words, options = {}) {
      const { code, out, err } = await runCli([...words, '-o', 'json'], withEnvironment(options));
      if (!out.startsWith('{')) throw new Error(`no JSON, exit code ${code}: ${out}${err}`);
      return { code, err, ...JSON.parse(out) };
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      rmSync(operator.folder, { recursive: true });
      await Promise.all([ssm.close(), dynamoDb.close(), lambda[Symbol.asyncDispose]()]);
    },
  };
  operator.another();
  return operator;

  function withEnvironment(options: CliOptions): CliOptions {
    return { ...options, environment: { ...operator.environment, ...options.environment } };
  }
}

const ordersEnvironment = { Variables: { MAINTENANCE_WINDOW_PARAMETER: 'orders', MAINTENANCE_WINDOW_TTL: '10' } };

/** A document with a window that is active now, from an hour ago for two hours, and more windows. */
export function activeDocument({
  reason = 'CHG-1',
  functions,
  more = [],
  policy,
}: {
  readonly reason?: string;
  readonly functions?: readonly string[];
  readonly more?: readonly object[];
  readonly policy?: object;
} = {}): string {
  const window = { start: iso(Date.now() - HOUR_MS), end: iso(Date.now() + HOUR_MS), reason, functions };
  return JSON.stringify({ version: 1, windows: [window, ...more], policy });
}

/** An instant in whole seconds, as the window language has it. */
export function iso(at: number): string {
  return new Date(Math.floor(at / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');
}
