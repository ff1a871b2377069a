import { join } from 'node:path';
import { FUNCTIONS_FOLDER } from '../worlds/client-process.ts';
import { sideBySide } from './side-by-side.ts';

const CALLER = {
  id: 'b7a1c3d2-0000-4000-8000-000000000001',
  invokedFunctionArn: 'arn:aws:lambda:eu-south-1:123456789012:function:orders:live',
  traceId: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
  clientContext: '{"client":{"app_title":"größer"},"custom":{"k":"v"},"env":{}}',
  cognitoIdentity: '{"cognitoIdentityId":"eu-south-1:1","cognitoIdentityPoolId":"eu-south-1:2"}',
  tenantId: 'tenant-7',
};
const ALTERNATIVE = { AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true' };

sideBySide('a handler under the patched client sees, as under stock,', [
  { name: 'its context', handler: 'context.fields', invocations: [CALLER], shows: '"app_title":"größer"' },
  { name: 'its context without what is optional', handler: 'context.fields', shows: '"remaining":true' },
  {
    name: 'its context from the alternative client',
    handler: 'context.fields',
    invocations: [CALLER, {}],
    environment: ALTERNATIVE,
    shows: '"tenantId":"tenant-7"',
  },
  {
    name: 'a deadline that is over',
    handler: 'context.remainingIsOver',
    invocations: [{ deadlineAt: 1 }],
    shows: '\ntrue',
  },
  {
    name: 'its trace id while there is one',
    handler: 'context.trace',
    invocations: [CALLER, {}, CALLER],
    shows: '"present":false',
  },
  {
    name: 'its invoke store',
    handler: 'context.invokeStore',
    invocations: [CALLER, {}],
    shows: '"constructor":"InvokeStoreSingle"',
  },
  { name: 'that it cannot change its request id', handler: 'context.protectedKey', shows: 'Cannot modify protected' },
  { name: 'that it need not wait for the event loop', handler: 'context.doesNotWait', shows: '\nfalse' },
  {
    name: 'a context of its own each time',
    handler: 'context.leavesMarks',
    invocations: ['{}', '{}'],
    shows: '{"marked":null}',
  },
  { name: 'two arguments', handler: 'context.argumentsGiven', shows: '["object","object"]' },
]);

sideBySide('a handler under the patched client finds around it, as under stock,', [
  { name: 'the globals', handler: 'surroundings.globals', shows: '"awslambda"' },
  {
    name: 'the globals without awslambda',
    handler: 'surroundings.globals',
    environment: { AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA: '1' },
    shows: '"awslambda":[]',
  },
  { name: 'the environment', handler: 'surroundings.environment', shows: '"_HANDLER":"surroundings.environment"' },
  { name: 'the command line', handler: 'surroundings.commandLine', shows: '"execArgv":[' },
  { name: 'the listeners', handler: 'surroundings.listeners', shows: '"whileLoading":{"listeners":{' },
  { name: 'the settings of errors', handler: 'surroundings.errorSettings', shows: '"stackTraceLimit":10' },
  { name: 'the console', handler: 'surroundings.consoleMethods', shows: 'logger2.log' },
  { name: 'the built-in prototypes', handler: 'surroundings.builtinPrototypes', shows: '"flatMap"' },
  { name: 'the HTTP agents', handler: 'surroundings.httpDefaults', shows: '"freeSockets":[]' },
  {
    name: 'the modules in the CommonJS cache',
    handler: 'surroundings.commonJsCache',
    shows: '<client>/rapid-client.node',
  },
  { name: 'the performance entries', handler: 'surroundings.performanceEntries', shows: '\n[]' },
  { name: 'the diagnostic channels', handler: 'surroundings.diagnosticChannels', shows: '["net.client.socket",false]' },
  { name: 'the asynchronous context', handler: 'surroundings.asyncContext', shows: '"store":null' },
  { name: 'what keeps the process alive', handler: 'surroundings.keepsAlive', shows: '\n[' },
  { name: 'the receiver of its call', handler: 'surroundings.receiver', shows: '"name":"BufferedInvokeProcessor"' },
  { name: 'the frames below it', handler: 'surroundings.stack', shows: 'at async ignition' },
  { name: 'the call sites below it', handler: 'surroundings.callSites', shows: '"processInvoke"' },
]);

sideBySide('the patched client heeds, as stock does,', [
  {
    name: 'NODE_OPTIONS --import',
    handler: 'surroundings.globals',
    environment: { NODE_OPTIONS: `--import ${join(FUNCTIONS_FOLDER, 'preload.mjs')}` },
    shows: '"preloaded"',
  },
  {
    name: 'NODE_OPTIONS --stack-trace-limit',
    handler: 'faults.deepStack',
    environment: { NODE_OPTIONS: '--stack-trace-limit=50' },
    shows: 'at async ignition',
  },
  {
    name: 'NODE_OPTIONS --enable-source-maps',
    handler: 'faults.asyncStack',
    environment: { NODE_OPTIONS: '--enable-source-maps' },
    shows: 'at async middle',
  },
  {
    name: 'NODE_OPTIONS --unhandled-rejections',
    handler: 'lifetimes.unhandledRejection',
    environment: { NODE_OPTIONS: '--unhandled-rejections=warn' },
    shows: '"too late"',
  },
  {
    name: 'NODE_OPTIONS of the managed runtime',
    handler: 'surroundings.commandLine',
    environment: { NODE_OPTIONS: '--max-http-header-size=81920 --max-old-space-size=460' },
    shows: '"execArgv":[',
  },
  {
    name: 'NODE_OPTIONS that show deprecations',
    handler: 'values.echo',
    environment: { NODE_OPTIONS: '--trace-warnings --pending-deprecation --trace-deprecation' },
    shows: '\n{}',
  },
  {
    name: 'a Runtime API address that is none',
    handler: 'values.echo',
    environment: { AWS_LAMBDA_RUNTIME_API: 'http://127.0.0.1:1/api' },
    shows: 'Invalid hostnamePort',
  },
  {
    name: 'a Runtime API that is not there',
    handler: 'values.echo',
    environment: { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:1' },
    shows: 'Failed to get next invocation',
  },
  {
    name: 'that the function’s name is missing',
    handler: 'values.echo',
    environment: { AWS_LAMBDA_FUNCTION_NAME: undefined },
    shows: 'Missing required environment variables',
  },
]);
