import { sideBySide } from './side-by-side.ts';
import type { Scenario } from './transcript.ts';

const ALTERNATIVE = { AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true' };

sideBySide('the patched client does what stock does with a streaming handler that', [
  {
    name: 'writes and ends',
    handler: 'streams.plain',
    invocations: ['{"name":"Ada"}'],
    shows: 'hello Ada, \nand \ngoodbye',
  },
  { name: 'ends in one piece', handler: 'streams.onlyEnd', shows: 'in one piece' },
  {
    name: 'writes nothing',
    handler: 'streams.nothingWritten',
    shows: 'Lambda-Runtime-Function-Response-Mode: streaming',
  },
  { name: 'writes every kind of chunk', handler: 'streams.kindsOfChunks', shows: '{"an":"object"}' },
  { name: 'writes an HTTP prelude', handler: 'streams.prelude', shows: '{"statusCode":418' },
  {
    name: 'writes an HTTP prelude and only ends',
    handler: 'streams.preludeAndEnd',
    shows: 'vnd.awslambda.http-integration-response',
  },
  { name: 'returns a value', handler: 'streams.returnsValue', shows: 'Streaming handlers ignore return values.' },
  { name: 'has a high-water mark', handler: 'streams.withHighWaterMark', shows: '"full":[' },
  { name: 'is fed by a pipeline', handler: 'streams.piped', shows: 'one \ntwo \nthree' },
  { name: 'writes 10 MB', handler: 'streams.large', shows: '10000000 bytes' },
  { name: 'looks at its stream', handler: 'streams.shapeOfTheStream', shows: '"writableObjectMode":false' },
  {
    name: 'is invoked several times',
    handler: 'streams.plain',
    invocations: ['{"name":"Ada"}', '{"name":"Bob"}'],
    shows: 'hello Bob',
  },
  {
    name: 'gets its events from the alternative client',
    handler: 'streams.plain',
    invocations: ['{"name":"Ada"}', '{"name":"Bob"}'],
    environment: ALTERNATIVE,
    shows: 'hello Bob',
  },
  {
    name: 'is told of in verbose logs',
    handler: 'streams.plain',
    environment: { AWS_LAMBDA_RUNTIME_VERBOSE: '3' },
    shows: 'StreamingInvokeProcessor::processInvoke',
  },
]);

/** Stock polls again without waiting for the failed response to be sent. */
const FAILURES: readonly Scenario[] = [
  {
    name: 'throws before it writes',
    handler: 'streams.throwsBeforeWriting',
    shows: 'Lambda-Runtime-Function-Error-Type: Error',
  },
  {
    name: 'throws synchronously',
    handler: 'streams.throwsSynchronously',
    shows: 'Lambda-Runtime-Function-Error-Type: Error',
  },
  {
    name: 'throws in the middle',
    handler: 'streams.throwsInTheMiddle',
    shows: 'Lambda-Runtime-Function-Error-Type: Mid%7FStream',
  },
  { name: 'throws after its end', handler: 'streams.throwsAfterEnd', shows: 'too late' },
  {
    name: 'rejects with a text',
    handler: 'streams.rejectsString',
    shows: 'Lambda-Runtime-Function-Error-Type: string',
  },
  { name: 'is not asynchronous', handler: 'streams.notAsync', shows: 'Streaming does not support non-async handlers.' },
  {
    name: 'sets the content type too late',
    handler: 'streams.contentTypeTooLate',
    shows: 'Runtime.InvalidStreamingOperation',
  },
  { name: 'destroys its stream', handler: 'streams.destroyed', shows: 'destroyed by the handler' },
  {
    name: 'does not end, when Lambda ends first',
    handler: 'streams.notEnded',
    answer: ({ kind }) => (kind === 'response' ? { status: 202, early: true } : undefined),
    shows: 'Response stream is not finished.',
  },
  {
    name: 'meets a 413',
    handler: 'streams.plain',
    answer: ({ kind }) =>
      kind === 'response' ? { status: 413, body: '{"errorType":"RequestEntityTooLarge"}' } : undefined,
    shows: 'goodbye',
  },
  {
    name: 'meets a connection that is cut',
    handler: 'streams.plain',
    answer: ({ kind }) => (kind === 'response' ? 'reset' : undefined),
    shows: 'socket hang up',
  },
];

sideBySide(
  'the patched client does what stock does with a streaming handler that fails: it',
  FAILURES.map((scenario) => ({ ...scenario, unordered: true })),
);
