import { sideBySide } from './side-by-side.ts';

const AS_JSON = { AWS_LAMBDA_LOG_FORMAT: 'JSON' };
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'no such level'];

sideBySide('the patched client logs as stock does, as text:', [
  { name: 'every level', handler: 'logs.everyLevel', shows: 'FATAL\tat fatal' },
  { name: 'every kind of value', handler: 'logs.everyKind', shows: 'Ada is 36.5 years and 36' },
  { name: 'errors', handler: 'logs.errors', shows: 'logged' },
  { name: 'lines within a message', handler: 'logs.multiLine', shows: 'one\rtwo' },
  { name: 'a long message', handler: 'logs.long', shows: 'l'.repeat(30_000) },
  { name: 'unicode and control characters', handler: 'logs.unicode', shows: '👩‍🚀 größer' },
  { name: 'what goes around the console', handler: 'logs.aroundTheConsole', shows: 'straight to stderr' },
  { name: 'what comes after the reply', handler: 'logs.afterTheReply', shows: 'from setImmediate' },
  { name: 'a failure', handler: 'logs.thenFail', shows: 'ERROR\tInvoke Error' },
  {
    name: 'verbosely',
    handler: 'logs.everyLevel',
    environment: { AWS_LAMBDA_RUNTIME_VERBOSE: '3' },
    shows: 'RUNTIME Ignition',
  },
]);

sideBySide('the patched client logs as stock does, as JSON:', [
  { name: 'every level', handler: 'logs.everyLevel', environment: AS_JSON, shows: '"level":"FATAL"' },
  { name: 'every kind of value', handler: 'logs.everyKind', environment: AS_JSON, shows: '"message":"text 1 true' },
  { name: 'errors', handler: 'logs.errors', environment: AS_JSON, shows: '"errorMessage":"logged"' },
  { name: 'lines within a message', handler: 'logs.multiLine', environment: AS_JSON, shows: 'one\\ntwo' },
  { name: 'unicode and control characters', handler: 'logs.unicode', environment: AS_JSON, shows: '\\u0000' },
  {
    name: 'what comes after the reply',
    handler: 'logs.afterTheReply',
    environment: AS_JSON,
    shows: 'from setImmediate',
  },
  { name: 'a failure', handler: 'logs.thenFail', environment: AS_JSON, shows: '"errorMessage":"failed after logging"' },
  { name: 'a text that was thrown', handler: 'faults.rejectString', environment: AS_JSON, shows: 'only a string' },
]);

sideBySide(
  'the patched client leaves out what stock leaves out at the level',
  LEVELS.flatMap((level) => [
    { name: level, handler: 'logs.everyLevel', environment: { AWS_LAMBDA_LOG_LEVEL: level }, shows: 'at fatal' },
    {
      name: `${level}, as JSON`,
      handler: 'logs.everyLevel',
      environment: { ...AS_JSON, AWS_LAMBDA_LOG_LEVEL: level },
      shows: 'at fatal',
    },
  ]),
);

sideBySide('the patched client writes the same frames into Lambda’s log pipe:', [
  { name: 'every level as text', handler: 'logs.everyLevel', telemetry: true, shows: 'frame a55a001b' },
  {
    name: 'every level as JSON',
    handler: 'logs.everyLevel',
    telemetry: true,
    environment: AS_JSON,
    shows: 'frame a55a001a',
  },
  { name: 'lines within a message', handler: 'logs.multiLine', telemetry: true, shows: 'one\ntwo' },
  { name: 'a failure', handler: 'logs.thenFail', telemetry: true, shows: 'frame a55a0017' },
  {
    name: 'what goes around the console',
    handler: 'logs.aroundTheConsole',
    telemetry: true,
    shows: 'straight to stdout',
  },
  { name: 'a failure of INIT', handler: 'broken/throws.handler', telemetry: true, shows: 'Init Error' },
]);
