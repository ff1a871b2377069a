import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import { readConfig, SETTINGS } from '../../../core/gate/config.ts';

const SHARED = 'arn:aws:ssm:eu-south-1:111122223333:parameter/account/windows';

test('An environment without settings gives the defaults', () => {
  expect(readConfig({ PATH: '/bin', AWS_REGION: 'eu-south-1' })).toEqual({
    parameters: ['maintenance-window'],
    table: 'maintenance-window-events',
    ttlSeconds: 60,
    onError: 'dispatch',
    policy: {},
  });
});

test('Each setting is read from its variable', () => {
  const environment = {
    MAINTENANCE_WINDOW_PARAMETER: ` ${SHARED} ,/team/orders.v2_windows`,
    MAINTENANCE_WINDOW_TABLE: 'arn:aws-cn:dynamodb:cn-north-1:111122223333:table/Deferred_events.1',
    MAINTENANCE_WINDOW_TTL: '3600',
    MAINTENANCE_WINDOW_ON_ERROR: 'defer',
    MAINTENANCE_WINDOW_POLICY: '{"sqs":"dispatch"}',
  };
  expect(readConfig(environment)).toEqual({
    parameters: [SHARED, '/team/orders.v2_windows'],
    table: environment.MAINTENANCE_WINDOW_TABLE,
    ttlSeconds: 3600,
    onError: 'defer',
    policy: { sqs: 'dispatch' },
  });
});

describe('A value that is not allowed is a fault that names the variable, the value and the remedy', () => {
  test.each<[string, string, string]>([
    ['MAINTENANCE_WINDOW_PARAMETER', '', 'a name is missing'],
    ['MAINTENANCE_WINDOW_PARAMETER', 'a,,b', 'a name is missing'],
    ['MAINTENANCE_WINDOW_PARAMETER', 'a,b c', '"b c" is neither a parameter’s name'],
    ['MAINTENANCE_WINDOW_PARAMETER', 'a,b,a', '"a" stands there twice'],
    ['MAINTENANCE_WINDOW_PARAMETER', 'windows:3', 'write it without ":3"'],
    ['MAINTENANCE_WINDOW_PARAMETER', '/team/windows:stable', 'write it without ":stable"'],
    ['MAINTENANCE_WINDOW_PARAMETER', `${SHARED}:12`, 'write it without ":12"'],
    ['MAINTENANCE_WINDOW_PARAMETER', SHARED.replace('ssm', 's3'), 'is neither a parameter’s name'],
    ['MAINTENANCE_WINDOW_PARAMETER', 'a,b,c,d,e,f,g,h,i,j,k', 'these are 11 parameters; write one to 10'],
    ['MAINTENANCE_WINDOW_PARAMETER', 'x'.repeat(2049), 'is longer than 2048 characters'],
    ['MAINTENANCE_WINDOW_TABLE', '', 'write the name of a DynamoDB table'],
    ['MAINTENANCE_WINDOW_TABLE', 'ab', 'write the name of a DynamoDB table'],
    ['MAINTENANCE_WINDOW_TABLE', 'my table', 'write the name of a DynamoDB table'],
    ['MAINTENANCE_WINDOW_TTL', '', 'write a whole number of seconds from 1 to 3600'],
    ['MAINTENANCE_WINDOW_TTL', '0', 'write a whole number of seconds from 1 to 3600'],
    ['MAINTENANCE_WINDOW_TTL', '-1', 'write a whole number of seconds from 1 to 3600'],
    ['MAINTENANCE_WINDOW_TTL', '1.5', 'write a whole number of seconds from 1 to 3600'],
    ['MAINTENANCE_WINDOW_TTL', '60s', 'write a whole number of seconds from 1 to 3600'],
    ['MAINTENANCE_WINDOW_TTL', '3601', 'write a whole number of seconds from 1 to 3600'],
    ['MAINTENANCE_WINDOW_ON_ERROR', '', 'write dispatch or defer'],
    ['MAINTENANCE_WINDOW_ON_ERROR', 'Defer', 'write dispatch or defer'],
    ['MAINTENANCE_WINDOW_EXEC_WRAPPER', '', 'write the path of a file, from the root on'],
    ['MAINTENANCE_WINDOW_EXEC_WRAPPER', 'wrapper', 'write the path of a file, from the root on'],
    ['MAINTENANCE_WINDOW_SOCKETS', '', 'write native or node'],
    ['MAINTENANCE_WINDOW_SOCKETS', 'off', 'write native or node'],
    ['MAINTENANCE_WINDOW_POLICY', '', 'it is not JSON'],
    ['MAINTENANCE_WINDOW_POLICY', '{', 'it is not JSON'],
    ['MAINTENANCE_WINDOW_POLICY', '[]', 'policy: must be an object'],
    ['MAINTENANCE_WINDOW_POLICY', '{"sqs":"accept"}', 'policy.sqs'],
    ['MAINTENANCE_WINDOW_POLICY', '{"cognito":"defer"}', 'policy.cognito'],
    ['MAINTENANCE_WINDOW_POLICY', '{"sqs":"reject","sqs":"dispatch"}', 'policy.sqs: stands there twice; keep one'],
    [
      'MAINTENANCE_WINDOW_POLICY',
      '{"http":{"status":503,"st\\u0061tus":429}}',
      'policy.http.status: stands there twice',
    ],
    ['MAINTENANCE_WINDOW_POLICY', '{"http":{"status":503.0000000000000001}}', 'policy.http.status: "503.0'],
    [
      'MAINTENANCE_WINDOW_POLICY',
      '{"rules":[{"match":{"a":"b"},"do":"answer"}]}',
      'policy.rules[0].match.a: "b" stands',
    ],
    [
      'MAINTENANCE_WINDOW_POLICY',
      '{"rules":[{"match":{"a":["b"],"a":["c"]},"do":"answer"}]}',
      'policy.rules[0].match.a: stands there twice',
    ],
  ])('%s=%j', (name, text, remedy) => {
    const [line, ...others] = faultsOf({ [name]: text });
    expect(others).toEqual([]);
    expect(line).toMatch(new RegExp(`^${name}: "`));
    expect(line).toContain(JSON.stringify(text.slice(0, 50)).slice(0, -1));
    expect(line).toContain('is not allowed; ');
    expect(line).toContain(remedy);
  });
});

test('Every fault is told at once, one a line', () => {
  const faults = faultsOf({
    MAINTENANCE_WINDOW_TTLS: '60',
    MAINTENANCE_WINDOW_PARAMETER: '?',
    MAINTENANCE_WINDOW_TABLE: '?',
    MAINTENANCE_WINDOW_TTL: '?',
    MAINTENANCE_WINDOW_ON_ERROR: '?',
    MAINTENANCE_WINDOW_POLICY: '?',
    MAINTENANCE_WINDOW_EXEC_WRAPPER: '?',
    MAINTENANCE_WINDOW_SOCKETS: '?',
  });
  expect(faults.map((line) => line.split(/[: ]/)[0])).toEqual([
    'MAINTENANCE_WINDOW_TTLS',
    ...Object.values(SETTINGS).map(({ name }) => name),
  ]);
});

test('A variable of ours that is not known is a fault that names those that are', () => {
  const [line] = faultsOf({ MAINTENANCE_WINDOW_PARAMETERS: 'a' });
  expect(line).toContain('MAINTENANCE_WINDOW_PARAMETERS is no setting');
  for (const { name } of Object.values(SETTINGS)) expect(line).toContain(name);
});

test('Variables of tests, and of others, are left alone', () => {
  expect(() =>
    readConfig({
      MAINTENANCE_WINDOW_TEST_DELAY: '1',
      MAINTENANCE_WINDOW_PROXY_PORT: '9010',
      MAINTENANCE_WINDOW_EXEC_WRAPPER: '/opt/next',
      MAINTENANCE: 'x',
      maintenance_window_ttl: 'x',
    }),
  ).not.toThrow();
});

test('A long value is shown in part', () => {
  const [line] = faultsOf({ MAINTENANCE_WINDOW_POLICY: `{"sqs":"${'x'.repeat(4000)}"` });
  expect(line?.length).toBeLessThan(400);
});

test('Whatever the environment holds, it is a configuration that is allowed or one coded fault', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('defer', 'dispatch', '60', 'a,b', '{}', '{"sqs":"defer"}'));
  const names = Object.values(SETTINGS).map(({ name }) => name);
  const environment = fc.dictionary(fc.constantFrom(...names, 'MAINTENANCE_WINDOW_X', 'HOME'), text);
  fc.assert(
    fc.property(environment, (environment) => {
      try {
        const config = readConfig(environment);
        expect(config.parameters.length).toBeGreaterThanOrEqual(1);
        expect(config.parameters.length).toBeLessThanOrEqual(10);
        expect(Number.isInteger(config.ttlSeconds) && config.ttlSeconds >= 1 && config.ttlSeconds <= 3600).toBe(true);
        expect(environment).not.toHaveProperty('MAINTENANCE_WINDOW_X');
      } catch (error) {
        if (!(error instanceof MaintenanceWindowError)) throw error;
        expect(error.name).toBe('MaintenanceWindow.Config');
      }
    }),
  );
});

test('The defaults stand in the table as text that their own settings allow', () => {
  for (const setting of Object.values(SETTINGS)) {
    expect(setting.parse(setting.default).kind).toBe('value');
    expect(setting.meaning).toMatch(/^[A-Z].*\.$/);
    expect(setting.unit).not.toBe('');
  }
});

function faultsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof MaintenanceWindowError && error.name === 'MaintenanceWindow.Config')
      return error.message.split('\n');
    throw error;
  }
  throw new Error('no fault');
}
