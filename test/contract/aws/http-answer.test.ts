/** Answers are read as `node:http` reads them, in whatever pieces they come. */
import { createServer, get, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAnswerReader, type HttpAnswer, type ReadAnswer } from '../../../aws/request/http-answer.ts';

/** How a server answers. */
interface Manner {
  readonly status: number;
  readonly pieces: readonly string[];
  readonly framing: 'length' | 'chunks' | 'close';
  readonly interim: boolean;
  readonly trailer: boolean;
}

const MANNERS: fc.Arbitrary<Manner> = fc.record({
  status: fc.constantFrom(200, 204, 400, 500, 503),
  pieces: fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 4 }),
  framing: fc.constantFrom('length', 'chunks', 'close'),
  interim: fc.boolean(),
  trailer: fc.boolean(),
});

let manner: Manner;
const server = createServer((_, response) => answerAs(manner, response));
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('an answer of a real server', () => {
  it('is read as node:http reads it, and is whole no sooner and no later than it is', async () => {
    await fc.assert(
      fc.asyncProperty(MANNERS, fc.infiniteStream(fc.integer({ min: 1, max: 40 })), async (each, sizes) => {
        manner = each;
        const [expected, bytes] = [await askWithNode(), await askForBytes()];
        const found = readInPieces(bytes, sizes);
        expect(found?.answer).toEqual({ ...expected, headers: expect.objectContaining(expected.headers) });
        expect(found?.keepsConnection).toBe(false); // it was asked to close
      }),
      { numRuns: 300 },
    );
  });
});

describe('an answer', () => {
  const read = (text: string, ended = false) => {
    const reader = createAnswerReader();
    return reader.push(Buffer.from(text)) ?? (ended ? reader.end() : undefined);
  };

  it('keeps its connection, unless it says otherwise or more comes than it says', () => {
    const answer = { status: 200, headers: { 'content-length': '2' }, body: 'ok' };
    expect(read('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')).toEqual({ answer, keepsConnection: true });
    expect(read('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore')).toMatchObject({
      answer,
      keepsConnection: false,
    });
    expect(read('HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok')?.keepsConnection).toBe(false);
    expect(read('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: Close\r\n\r\nok')?.keepsConnection).toBe(false);
    expect(read('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n')?.keepsConnection).toBe(
      true,
    );
  });

  it('joins headers of one name, and takes names in any case', () => {
    expect(read('HTTP/1.1 204 No\r\nA: 1\r\na:2 \r\n\r\n')?.answer.headers).toEqual({ a: '1, 2' });
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'the answer is not HTTP'],
    ['another version', 'HTTP/2 200\r\n\r\n', 'the answer is not HTTP/1.1'],
    ['a header without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n', 'a header of the answer is malformed'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', 'has no length that is a number'],
    ['a length beyond counting', `HTTP/1.1 200 OK\r\nContent-Length: ${'9'.repeat(23)}\r\n\r\n`, 'has no length'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n',
      'has a length, and comes in chunks',
    ],
    ['a header with a control character', 'HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n', 'a header of the answer is malformed'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 'has no length'],
    ['a coding that nobody asked for', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', 'is gzip, which nobody'],
    ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nok\r\n', 'has no size'],
    [
      'a chunk that is too long',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nokay',
      'longer than it says',
    ],
  ])('is refused for %s', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it.each([
    ['no byte', ''],
    ['half a status line', 'HTTP/1.1 2'],
    ['half the headers', 'HTTP/1.1 200 OK\r\nContent-Le'],
    ['half a body', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok'],
    ['half a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok'],
    ['chunks without their end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n'],
  ])('is never whole after %s, not even at the end of the connection', (_, text) => {
    expect(read(text)).toBeUndefined();
    expect(read(text, true)).toBeUndefined();
  });

  it.each([
    ['a head', 'HTTP/1.1 200 OK\r\nA: ', 'the head of the answer is longer than 128 kB'],
    ['a line before a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;', 'longer than 128 kB'],
    ['trailers', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: ', 'longer than 128 kB'],
    ['a body', 'HTTP/1.1 200 OK\r\n\r\n', 'the answer is larger than 32 MB'],
  ])('that never ends is none: %s', (_, begun, message) => {
    const reader = createAnswerReader();
    reader.push(Buffer.from(begun));
    const piece = Buffer.alloc(64 << 10, 'y');
    let pieces = 0;
    const goOn = () => {
      for (; pieces < 1_000; pieces++) reader.push(piece);
    };
    expect(goOn).toThrow(message);
    expect(pieces).toBeLessThanOrEqual(message.includes('32 MB') ? 512 : 2);
  });

  it('never makes the reader throw anything else, or loop, whatever comes', () => {
    const parts = [
      'HTTP/1.1 200 OK',
      '\r\n',
      'Transfer-Encoding: chunked',
      'Content-Length: 3',
      'a',
      '0',
      ';',
      ' ',
      ':',
    ];
    const texts = fc.array(fc.oneof(fc.constantFrom(...parts), fc.string()), { maxLength: 20 });
    fc.assert(
      fc.property(texts, fc.boolean(), (some, ended) => {
        try {
          read(some.join(''), ended);
        } catch (error) {
          expect((error as Error).name).toBe('HttpAnswerError');
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

function answerAs({ status, pieces, framing, interim, trailer }: Manner, response: ServerResponse): void {
  const hasBody = status !== 204;
  const hasTrailer = trailer && hasBody && framing === 'chunks';
  if (interim) response.writeProcessing();
  response.useChunkedEncodingByDefault = framing === 'chunks';
  response.writeHead(status, {
    'X-Manner': framing,
    Connection: 'close',
    ...(hasBody && framing === 'length' && { 'Content-Length': Buffer.byteLength(pieces.join('')) }),
    ...(hasTrailer && { Trailer: 'X-Sum' }),
  });
  if (hasBody) for (const piece of pieces) response.write(piece);
  if (hasTrailer) response.addTrailers({ 'X-Sum': 'none' });
  response.end();
}

function port(): number {
  return (server.address() as AddressInfo).port;
}

function askWithNode(): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: port(), agent: false }, async (response) => {
      const body = (await buffer(response)).toString();
      const { 'x-manner': manner } = response.headers;
      resolve({ status: response.statusCode ?? 0, headers: { 'x-manner': String(manner) }, body });
    }).on('error', reject);
  });
}

function askForBytes(): Promise<Buffer> {
  const socket = connect(port(), '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n');
  return buffer(socket);
}

/** Hands over what was received bit by bit, as a connection does. */
function readInPieces(bytes: Buffer, sizes: Iterable<number>): ReadAnswer | undefined {
  const reader = createAnswerReader();
  let from = 0;
  for (const size of sizes) {
    const read = reader.push(bytes.subarray(from, from + size));
    if (read) return read;
    from += size;
    if (from >= bytes.length) return reader.end();
  }
  return undefined;
}
