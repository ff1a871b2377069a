import { sideBySide } from './side-by-side.ts';

const ALTERNATIVE = { AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true' };
const MIXED = ['{}', '{"fail":true}', '{}', '{"fail":true}', '{"fail":true}', '{}'];
const SAME_ID = 'c0ffee00-0000-4000-8000-000000000001';

sideBySide('over several invocations the patched client does what stock does:', [
  {
    name: 'module state is kept',
    handler: 'lifetimes.count',
    invocations: ['{}', '{}', '{}'],
    shows: '{"invocations":3}',
  },
  { name: 'failures and successes mix', handler: 'lifetimes.count', invocations: MIXED, shows: '{"invocations":6}' },
  {
    name: 'failures and successes mix, with the alternative client',
    handler: 'lifetimes.count',
    invocations: MIXED,
    environment: ALTERNATIVE,
    shows: '{"invocations":6}',
  },
  {
    name: 'Lambda retries with the same id',
    handler: 'lifetimes.count',
    invocations: [{ id: SAME_ID, text: '{"fail":true}' }, { id: SAME_ID }],
    shows: '{"invocations":2}',
  },
  {
    name: 'an id that must be encoded',
    handler: 'values.echo',
    invocations: [{ id: 'a/b c%20é' }],
    shows: 'a%2Fb%20c%2520%C3%A9/response',
  },
  { name: 'a timer ticks on', handler: 'lifetimes.keepsTimer', invocations: ['{}', '{}'], shows: '"still ticking"' },
  {
    name: 'fifty in a row',
    handler: 'values.echo',
    invocations: Array.from({ length: 50 }, (_, i) => `{"i":${i}}`),
    shows: '{"i":49}',
  },
]);

sideBySide('a process under the patched client ends as under stock when the handler', [
  { name: 'exits with 0', handler: 'lifetimes.exits', invocations: ['{"code":0}'], shows: 'ended with 0' },
  { name: 'exits with 7', handler: 'lifetimes.exits', invocations: ['{"code":7}'], shows: 'ended with 7' },
  { name: 'exits later', handler: 'lifetimes.exitsLater', shows: 'ended with 3' },
  { name: 'sets an exit code', handler: 'lifetimes.setsExitCode', shows: 'the exit code is set' },
  { name: 'kills itself', handler: 'lifetimes.killsItself', shows: 'ended with SIGKILL' },
  { name: 'leaves a rejection unhandled', handler: 'lifetimes.unhandledRejection', shows: 'nobody handles this' },
  { name: 'leaves a rejected text unhandled', handler: 'lifetimes.unhandledString', shows: 'ERR_UNHANDLED_REJECTION' },
  { name: 'throws in a timer', handler: 'lifetimes.uncaughtInTimer', shows: 'E_TIMER' },
  { name: 'waits for nothing', handler: 'lifetimes.waitsForNothing', shows: 'ended with 0' },
  {
    name: 'catches what nobody else does',
    handler: 'lifetimes.catchesUncaught',
    invocations: ['{}', '{}'],
    shows: 'caught: thrown in a timer',
  },
  { name: 'has a worker of its own', handler: 'lifetimes.ownWorker', shows: '{"message":true,"code":0}' },
  { name: 'emits a warning', handler: 'lifetimes.warning', shows: '[HANDLER] Warning: a warning of the handler' },
]);

sideBySide('a process under the patched client ends as under stock when Lambda sends', [
  {
    name: 'SIGTERM while it polls',
    handler: 'values.echo',
    signal: { name: 'SIGTERM', afterPolls: 2 },
    shows: 'ended with SIGTERM',
  },
  {
    name: 'SIGTERM to a handler that listens for it (the native client’s poll would keep it from exiting)',
    handler: 'lifetimes.listensForTheEnd',
    environment: ALTERNATIVE,
    signal: { name: 'SIGTERM', afterPolls: 2 },
    shows: 'SIGTERM received',
  },
  {
    name: 'SIGTERM in the middle of an invocation',
    handler: 'lifetimes.neverReplies',
    signal: { name: 'SIGTERM', afterPolls: 1 },
    shows: 'ended with SIGTERM',
  },
  {
    name: 'SIGINT while it polls',
    handler: 'values.echo',
    signal: { name: 'SIGINT', afterPolls: 2 },
    shows: 'ended with SIGINT',
  },
  {
    name: 'SIGKILL while it polls',
    handler: 'values.echo',
    signal: { name: 'SIGKILL', afterPolls: 2 },
    shows: 'ended with SIGKILL',
  },
]);

sideBySide('the patched client does what stock does when the Runtime API', [
  {
    name: 'has no invocation at all',
    handler: 'values.echo',
    invocations: [],
    shows: 'Failed to get next invocation, error 410',
  },
  {
    name: 'has no invocation at all, for the alternative client',
    handler: 'values.echo',
    invocations: [],
    environment: ALTERNATIVE,
    shows: 'Missing required headers',
  },
  {
    name: 'refuses a response as too large',
    handler: 'values.echo',
    invocations: ['{}', '{}'],
    answer: refuse('response', 413),
    shows: 'Http response code: 413',
  },
  {
    name: 'fails at a response',
    handler: 'values.echo',
    invocations: ['{}', '{}'],
    answer: refuse('response', 500),
    shows: 'Http response code: 500',
  },
  {
    name: 'fails at an error',
    handler: 'faults.cause',
    invocations: ['{}', '{}'],
    answer: refuse('error', 500),
    shows: 'Http response code: 500',
  },
  {
    name: 'hangs up at a response',
    handler: 'values.echo',
    invocations: ['{}', '{}'],
    answer: ({ kind }) => (kind === 'response' ? 'reset' : undefined),
    shows: 'ended with 1',
  },
  {
    name: 'fails at the next invocation',
    handler: 'values.echo',
    answer: refuse('next', 500),
    shows: 'Http Response code: 500',
  },
  {
    name: 'hangs up at the next invocation',
    handler: 'values.echo',
    answer: ({ kind }) => (kind === 'next' ? 'reset' : undefined),
    shows: 'Failed to get next invocation',
  },
  {
    name: 'leaves out the request id',
    handler: 'values.echo',
    invocations: [{ headers: { 'Lambda-Runtime-Aws-Request-Id': undefined } }],
    shows: 'Failed to find header',
  },
  {
    name: 'leaves out the deadline',
    handler: 'values.echo',
    invocations: [{ headers: { 'Lambda-Runtime-Deadline-Ms': undefined } }],
    shows: '\n{}',
  },
  {
    name: 'leaves out the deadline, for the alternative client',
    handler: 'values.echo',
    invocations: [{ headers: { 'Lambda-Runtime-Deadline-Ms': undefined } }],
    environment: ALTERNATIVE,
    shows: 'Missing required headers: lambda-runtime-deadline-ms',
  },
  {
    name: 'leaves out the ARN, for the alternative client',
    handler: 'values.echo',
    invocations: [{ headers: { 'Lambda-Runtime-Invoked-Function-Arn': undefined } }],
    environment: ALTERNATIVE,
    shows: 'Missing required headers: lambda-runtime-invoked-function-arn',
  },
  {
    name: 'sends a deadline that is no number',
    handler: 'values.echo',
    invocations: [{ headers: { 'Lambda-Runtime-Deadline-Ms': 'soon' } }],
    environment: ALTERNATIVE,
    shows: 'Invalid deadline timestamp',
  },
  {
    name: 'sends a client context that is no JSON',
    handler: 'values.echo',
    invocations: [{ clientContext: 'not JSON' }],
    shows: 'Failed to parse lambda-runtime-client-context as JSON',
  },
  {
    name: 'sends an identity that is no JSON',
    handler: 'values.echo',
    invocations: [{ cognitoIdentity: '{' }],
    shows: 'Failed to parse lambda-runtime-cognito-identity as JSON',
  },
  {
    name: 'sends an event that is no JSON, to the alternative client',
    handler: 'values.echo',
    invocations: ['{"a":'],
    environment: ALTERNATIVE,
    shows: 'SyntaxError',
  },
]);

function refuse(kind: string, status: number) {
  return (request: { readonly kind: string }) =>
    request.kind === kind ? { status, body: '{"errorType":"Refused"}' } : undefined;
}
