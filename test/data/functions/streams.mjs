import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

// Streaming handlers: `awslambda` is the client's own global.

const { streamifyResponse, HttpResponseStream } = awslambda;
const tick = () => new Promise((resolve) => setTimeout(resolve, 10));

export const plain = streamifyResponse(async (event, stream) => {
  stream.setContentType('text/plain');
  stream.write(`hello ${event.name}, `);
  await tick();
  stream.write('and ');
  await tick();
  stream.end('goodbye');
});
export const onlyEnd = streamifyResponse(async (_event, stream) => stream.end('in one piece') && undefined);
export const nothingWritten = streamifyResponse(async (_event, stream) => {
  stream.end();
});
export const kindsOfChunks = streamifyResponse(async (_event, stream) => {
  stream.write('text');
  stream.write(Buffer.from([0, 1, 254, 255]));
  stream.write(new Uint8Array([10, 20]));
  stream.write({ an: 'object' });
  stream.write('7a', 'hex', () => stream.end());
  await tick();
});
export const prelude = streamifyResponse(async (_event, stream) => {
  const http = HttpResponseStream.from(stream, { statusCode: 418, headers: { 'x-a': 'b' }, cookies: ['c=d'] });
  http.write('short and stout');
  await tick();
  http.end();
});
export const preludeAndEnd = streamifyResponse(async (_event, stream) => {
  HttpResponseStream.from(stream, { statusCode: 204 }).end('the prelude is lost here');
});
export const throwsBeforeWriting = streamifyResponse(async () => {
  throw new Error('before the first byte');
});
export const throwsSynchronously = streamifyResponse(() => {
  throw new Error('synchronously');
});
export const throwsInTheMiddle = streamifyResponse(async (_event, stream) => {
  stream.write('so far so good');
  await tick();
  throw Object.assign(new Error('in the middle'), { name: 'Mid\x7fStream' });
});
export const throwsAfterEnd = streamifyResponse(async (_event, stream) => {
  stream.end('all of it');
  await tick();
  throw new Error('too late');
});
export const rejectsString = streamifyResponse(() => Promise.reject('a string'));
export const notEnded = streamifyResponse(async (_event, stream) => {
  stream.write('never ended');
});
export const returnsValue = streamifyResponse(async (_event, stream) => {
  stream.end('the body');
  return 'ignored';
});
export const notAsync = streamifyResponse((_event, stream) => {
  stream.end('from a function that is not async');
});
export const contentTypeTooLate = streamifyResponse(async (_event, stream) => {
  stream.write('first');
  await tick();
  stream.setContentType('text/html');
});
export const withHighWaterMark = streamifyResponse(
  async (_event, stream) => {
    const full = [];
    for (let i = 0; i < 4; i++) {
      const accepted = stream.write('z'.repeat(600));
      full.push(accepted);
      if (!accepted) await new Promise((resolve) => stream.once('drain', resolve));
    }
    stream.end(JSON.stringify({ full, mark: stream.writableHighWaterMark }));
  },
  { highWaterMark: 1000 },
);
export const piped = streamifyResponse(async (_event, stream) => {
  await pipeline(Readable.from(['one ', 'two ', 'three']), stream);
});
export const large = streamifyResponse(async (_event, stream) => {
  for (let i = 0; i < 100; i++) stream.write(String(i % 10).repeat(100_000));
  stream.end();
});
export const destroyed = streamifyResponse(async (_event, stream) => {
  stream.write('and then');
  stream.destroy(new Error('destroyed by the handler'));
});
export const shapeOfTheStream = streamifyResponse(async (_event, stream, context) => {
  const { writable, writableEnded, destroyed, writableLength, writableObjectMode } = stream;
  stream.end(
    JSON.stringify({
      keys: Object.getOwnPropertyNames(stream),
      state: { writable, writableEnded, destroyed, writableLength, writableObjectMode },
      id: context.awsRequestId,
    }),
  );
});
export const unknownStreaming = Object.assign(async () => 'never called', {
  [Symbol.for('aws.lambda.runtime.handler.streaming')]: 'request',
});
export const everything = streamifyResponse(async (event, stream, context) => {
  stream.end(JSON.stringify([event, context, process.env]));
});
