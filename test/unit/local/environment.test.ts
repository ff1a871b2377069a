import { expect, it } from 'vitest';
import { functionEnvironment } from '../../../local/environment.ts';

const settings = {
  handler: 'app.handler',
  taskRoot: '/function',
  functionName: 'orders',
  timeoutSeconds: 7,
  more: { MORE: '1' },
};

it('gives the function what Lambda gives it', () => {
  expect(functionEnvironment({}, settings)).toMatchObject({
    _HANDLER: 'app.handler',
    LAMBDA_TASK_ROOT: '/function',
    AWS_LAMBDA_FUNCTION_NAME: 'orders',
    AWS_LAMBDA_FUNCTION_TIMEOUT: '7',
    AWS_REGION: 'us-east-1',
    MORE: '1',
  });
});

it('hands on the user’s own variables, LOG_LEVEL and NODE_OPTIONS included', () => {
  const own = {
    TABLE: 'orders',
    LOG_LEVEL: 'DEBUG',
    NODE_OPTIONS: '--enable-source-maps',
    MAINTENANCE_WINDOW_POLICY: '{}',
  };
  expect(functionEnvironment(own, settings)).toMatchObject(own);
});

it('keeps real credentials, and what would change the emulator, away from the function', () => {
  const own = {
    AWS_ACCESS_KEY_ID: 'AKIAREAL',
    AWS_SECRET_ACCESS_KEY: 'real',
    AWS_SESSION_TOKEN: 'real',
    AWS_PROFILE: 'production',
    AWS_DEFAULT_PROFILE: 'production',
    AWS_REGION: 'eu-west-1',
    AWS_LAMBDA_MAX_CONCURRENCY: '8',
    AWS_LAMBDA_FUNCTION_HANDLER: 'other.handler',
  };
  const environment = functionEnvironment(own, settings);
  for (const [name, value] of Object.entries(own)) expect(environment[name]).not.toBe(value);
  expect(environment['AWS_PROFILE']).toBeUndefined();
  expect(environment['AWS_LAMBDA_MAX_CONCURRENCY']).toBeUndefined();
});
