import { sideBySide } from './side-by-side.ts';
import type { Scenario } from './transcript.ts';

const WORKERS = 2;
const AS_JSON = { AWS_LAMBDA_LOG_FORMAT: 'JSON' };
const ALTERNATIVE = { AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true' };
/** Where several fail at once. */
const WITHOUT_TRACES = { NODE_OPTIONS: '--stack-trace-limit=0' };
const TRACE_ID = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

/** For what has a trace: several events may come in one turn of the loop, which leaves frames of Node's own. */
const ONE_EVENT = ['{}'];
const SIX_EVENTS = Array.from({ length: 6 }, (_, i) => ({ text: `{"i":${i},"delayMs":${60 - 10 * i}}` }));

sideBySide(
  'with several invocations at once the patched client does what stock does:',
  [
    { name: 'events come back', handler: 'values.echo', invocations: SIX_EVENTS, shows: '{"i":5,' },
    { name: 'the first comes back last', handler: 'lifetimes.slowThenFast', invocations: SIX_EVENTS, shows: '{"i":0,' },
    { name: 'every handler fails', handler: 'faults.withoutStack', invocations: SIX_EVENTS, shows: '"trace":[]' },
    {
      name: 'errors with their traces',
      handler: 'faults.throwSynchronously',
      invocations: ONE_EVENT,
      shows: 'at _Runtime.runWithInvokeContext',
    },
    { name: 'a result cannot be sent', handler: 'values.bigInt', invocations: ONE_EVENT, shows: 'JSONStringifyError' },
    { name: 'logs', handler: 'logs.everyKind', invocations: SIX_EVENTS, shows: '"message":"text 1 true' },
    {
      name: 'logs of errors',
      handler: 'logs.errors',
      invocations: ONE_EVENT,
      environment: AS_JSON,
      shows: '"errorMessage":"logged"',
    },
    {
      name: 'a log level',
      handler: 'logs.everyLevel',
      invocations: SIX_EVENTS,
      environment: { AWS_LAMBDA_LOG_LEVEL: 'WARN' },
      shows: 'at warn',
    },
    {
      name: 'the context',
      handler: 'context.fields',
      invocations: [{ tenantId: 'tenant-7', traceId: TRACE_ID }],
      shows: '"tenantId":"tenant-7"',
    },
    { name: 'the trace id', handler: 'context.trace', invocations: [{ traceId: TRACE_ID }], shows: '"present":false' },
    {
      name: 'the invoke store',
      handler: 'context.invokeStore',
      invocations: SIX_EVENTS,
      shows: '"constructor":"_InvokeStoreMulti"',
    },
    { name: 'the globals', handler: 'surroundings.globals', invocations: ONE_EVENT, shows: '"awslambda"' },
    {
      name: 'the environment',
      handler: 'surroundings.environment',
      invocations: ONE_EVENT,
      shows: '"AWS_LAMBDA_MAX_CONCURRENCY"',
    },
    {
      name: 'the environment with a pool of its own size',
      handler: 'surroundings.environment',
      invocations: ONE_EVENT,
      environment: { UV_THREADPOOL_SIZE: '6' },
      shows: '"UV_THREADPOOL_SIZE"',
    },
    {
      name: 'the command line',
      handler: 'surroundings.commandLine',
      invocations: ONE_EVENT,
      shows: '"execArgv":[]',
      showsBelowBootstrap: '"execArgv":["--max-http-header-size"',
    },
    { name: 'the listeners', handler: 'surroundings.listeners', invocations: ONE_EVENT, shows: '"whileLoading"' },
    {
      name: 'the HTTP agents',
      handler: 'surroundings.httpDefaults',
      invocations: ONE_EVENT,
      shows: '"freeSockets":[]',
    },
    { name: 'what keeps a worker alive', handler: 'surroundings.keepsAlive', invocations: ONE_EVENT, shows: '\n[' },
    {
      name: 'the receiver of the call',
      handler: 'surroundings.receiver',
      invocations: ONE_EVENT,
      shows: '"BufferedInvokeProcessor"',
    },
    { name: 'the frames below the handler', handler: 'surroundings.stack', invocations: ONE_EVENT, shows: 'at async' },
    { name: 'streams', handler: 'streams.plain', invocations: SIX_EVENTS, shows: 'goodbye' },
    {
      name: 'streams that fail',
      handler: 'streams.throwsInTheMiddle',
      invocations: SIX_EVENTS,
      environment: WITHOUT_TRACES,
      shows: 'Function-Error-Type: Mid%7FStream',
    },
    {
      name: 'the alternative client',
      handler: 'lifetimes.slowThenFast',
      invocations: SIX_EVENTS,
      environment: ALTERNATIVE,
      shows: '{"i":0,',
    },
  ].map(inTwoWorkers),
);

sideBySide(
  'with several invocations at once the patched client ends as stock does for',
  [
    { name: 'a failure of INIT', handler: 'broken/throws.handler', shows: '"errorType":"LoadFailed"' },
    { name: 'a handler that is not there', handler: 'values.noSuchExport', shows: 'Runtime.HandlerNotFound' },
    { name: 'a callback handler', handler: 'modules/shapes.callback', shows: 'Runtime.CallbackHandlerDeprecated' },
  ].map((scenario): Scenario => ({ ...scenario, workers: WORKERS, unordered: true })),
);

/** Each worker polls at once, and again for each invocation; then all is held. */
function inTwoWorkers(scenario: Scenario & { readonly invocations: readonly unknown[] }): Scenario {
  const { length } = scenario.invocations;
  const signal = { name: 'SIGTERM', afterPolls: WORKERS + length, afterAnswers: length } as const;
  return { ...scenario, workers: WORKERS, unordered: true, signal };
}
