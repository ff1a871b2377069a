import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectRaw, type RawConnection, type RawServer, startRawServer } from '../../fakes/raw-server.ts';
import { type RuntimeApi, startRuntimeApi } from '../../fakes/runtime-api.ts';
import { messagesOf } from '../../fakes/wire-messages.ts';
import { hasProxy } from '../../worlds/proxy.ts';
import { type ProxyExtension, startExtension } from '../../worlds/proxy-extension.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

// Both ends of the proxy are sockets of the test's own: what goes in comes out, whatever HTTP/1.1 allows.

const NEXT = 'GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n';
const TAKEN = 'HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n';
const RESPONSE = '/2018-06-01/runtime/invocation/00000000-0000-4000-8000-000000000001/response';
const CHUNKED_HEAD = `POST ${RESPONSE} HTTP/1.1\r\nhOsT:  x \r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n`;
const CHUNKED = `${CHUNKED_HEAD}4;name="a;b";x\r\nWiki\r\n05 ;y\r\npedia\r\nE\r\n in\r\n\r\nchunks.\r\n0;last\r\nA: 1\r\nB: \r\n\r\n`;
const ARN = 'Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-south-1:123456789012:function:orders\r\n';
const EVENT_ID = '00000000-0000-4000-8000-000000000001';
const EVENT_HEAD = `HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: ${EVENT_ID}\r\nLambda-Runtime-Deadline-Ms: 3786912000000\r\n`;

/** How much of a message has arrived. */
const whole = (count: number) => (bytes: Buffer) => messagesOf(bytes).filter(({ isWhole }) => isWhole).length >= count;
const startsWith = (text: string) => (bytes: Buffer) => bytes.length >= text.length;

let aws: Surroundings;
let api: RuntimeApi;
let server: RawServer;
let proxy: ProxyExtension;
/** What the Runtime API does with the next connection. */
let serve: (connection: RawConnection) => Promise<void>;
const faults: unknown[] = [];

async function startAnother(): Promise<ProxyExtension> {
  return startExtension({ api, upstream: server.address, environment: aws.environment });
}

/** Connects a client to the proxy; `upstream` is the Runtime API's end of it, once the first request has begun. */
function connected(to = proxy): { client: RawConnection; upstream: Promise<RawConnection> } {
  const { promise, resolve } = Promise.withResolvers<RawConnection>();
  serve = async (connection) => resolve(connection);
  return { client: connectRaw(to.address), upstream: promise };
}

describe.skipIf(!hasProxy)('the wire through the proxy', () => {
  beforeAll(async () => {
    aws = await startSurroundings();
    api = await startRuntimeApi();
    server = await startRawServer((connection) => void serve(connection).catch((fault) => faults.push(fault)));
    proxy = await startAnother();
  });
  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await Promise.all([server.close(), api.close(), aws[Symbol.asyncDispose]()]);
  });
  afterEach(() => expect(faults.splice(0)).toEqual([]));

  it('passes an answer on that is split at any byte', async () => {
    const chunked = CHUNKED.slice(CHUNKED_HEAD.length);
    const answer = `HTTP/1.1 100 Continue\r\nX: y\r\n\r\n${EVENT_HEAD}transfer-encoding: chunked\r\n\r\n${chunked}`;
    for (let at = 1; at < answer.length; at++) {
      serve = async (connection) => {
        await connection.until(whole(1));
        await connection.write(answer.slice(0, at), answer.slice(at));
        await connection.until(whole(2));
        await connection.write(TAKEN);
      };
      await using client = connectRaw(proxy.address);
      await client.write(NEXT);
      await client.until(whole(2));
      await client.write(NEXT);
      expect(`${await client.until(whole(3))}`, `split at ${at}`).toBe(answer + TAKEN);
    }
  });

  it('passes on what a client sends byte by byte', async () => {
    const { client, upstream } = connected();
    await using _client = client;
    await client.write(...CHUNKED);
    expect(`${await (await upstream).until(whole(1))}`).toBe(CHUNKED);
  });

  it('passes on any request and any answer, in any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ request: aRequest, answer: anAnswer }), { minLength: 1, maxLength: 4 }),
        aCut,
        aCut,
        async (exchanges, cutOne, cutTwo) => {
          const { client, upstream } = connected();
          await using _client = client;
          for (const [index, { request, answer }] of exchanges.entries()) {
            await client.write(...cutOne(request));
            const there = await upstream;
            await there.until(whole(index + 1));
            await there.write(...cutTwo(answer));
            await client.until(whole(index + 1));
          }
          expect(client.received.toString('latin1')).toBe(exchanges.map(({ answer }) => answer).join(''));
          expect((await upstream).received.toString('latin1')).toBe(exchanges.map(({ request }) => request).join(''));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('lets a client wait for 100 Continue, and for what is said in its place', async () => {
    const head = `POST ${RESPONSE} HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n`;
    const { client, upstream } = connected();
    await using _client = client;
    await client.write(head);
    const there = await upstream;
    expect(`${await there.until(startsWith(head))}`).toBe(head);
    await there.write('HTTP/1.1 100 Continue\r\n\r\n');
    await client.until(whole(1));
    await client.write('body');
    expect(`${await there.until(whole(1))}`).toBe(`${head}body`);
    await there.write(TAKEN);
    expect(`${await client.until(whole(2))}`).toBe(`HTTP/1.1 100 Continue\r\n\r\n${TAKEN}`);

    const refused = connected();
    await using _refused = refused.client;
    await refused.client.write(head);
    const refuses = await refused.upstream;
    await refuses.until(startsWith(head));
    const no = 'HTTP/1.1 417 Expectation Failed\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno';
    await refuses.write(no);
    refuses.end();
    expect(`${await refused.client.ended}`).toBe(no);
  });

  it.each([
    ['of one header', `X: ${'x'.repeat(1 << 20)}\r\n`],
    ['of very many', Array.from({ length: 20_000 }, (_, index) => `X-${index}: ${'y'.repeat(40)}\r\n`).join('')],
  ])('passes heads of 1 MB on, %s', async (_, headers) => {
    const { client, upstream } = connected();
    await using _client = client;
    const request = `POST ${RESPONSE} HTTP/1.1\r\n${headers}Content-Length: 2\r\n\r\nok`;
    await client.write(request);
    const there = await upstream;
    expect((await there.until(whole(1))).equals(Buffer.from(request))).toBe(true);
    const answer = `HTTP/1.1 202 Accepted\r\n${headers}Content-Length: 0\r\n\r\n`;
    await there.write(answer);
    expect((await client.until(whole(1))).equals(Buffer.from(answer))).toBe(true);
  });

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['two lengths', `POST ${RESPONSE} HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
    ['a length that is no number', `POST ${RESPONSE} HTTP/1.1\r\nContent-Length: +1\r\n\r\na`],
    ['a chunk without a size', `${CHUNKED_HEAD}x\r\n`],
    ['a chunk that is longer than it says', `${CHUNKED_HEAD}1\r\nab\r\n0\r\n\r\n`],
  ])('closes a connection with %s, and no other', async (_, text) => {
    const seen: RawConnection[] = [];
    const said = proxy.output().length;
    serve = async (connection) => void seen.push(connection);
    await using client = connectRaw(proxy.address);
    await client.write(text);
    expect(`${await client.ended}`).toBe('');
    expect(seen.map(({ received }) => messagesOf(received).some(({ isWhole }) => isWhole))).not.toContain(true);
    await expect.poll(() => proxy.output().slice(said)).toContain("a connection of the runtime's is closed");
    const { client: other, upstream } = connected();
    await using _other = other;
    await other.write(CHUNKED);
    expect(`${await (await upstream).until(whole(1))}`).toBe(CHUNKED);
  });

  // A runtime that reports why it ends, and ends. Not all of these sizes have room in the buffers of the Runtime API's side.
  it.each([3, 6, 9, 12])('delivers a request of %i MB whose client has gone without its answer', async (megabytes) => {
    const body = Buffer.alloc(megabytes * 1_000_000, 'x');
    const request = Buffer.concat([
      Buffer.from(`POST ${RESPONSE} HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n`),
      body,
    ]);
    const { client, upstream } = connected();
    await using _client = client;
    const sent = client.write(request);
    client.end();
    const there = await upstream;
    there.pause();
    await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, 300))]);
    there.resume();
    expect((await there.ended).equals(request)).toBe(true);
  });

  it('stores an event whole that comes in any chunks and in any pieces, and then polls for its runtime', async () => {
    await using inside = await startSurroundings(activeWindows());
    await using another = await startExtension({ api, upstream: server.address, environment: inside.environment });
    const answers: string[] = [];
    await fc.assert(
      fc.asyncProperty(
        fc.json(),
        fc.array(aSize, { maxLength: 5 }),
        anExtension,
        aCut,
        async (value, sizes, more, cut) => {
          const id = randomUUID();
          const text = JSON.stringify({ value });
          const chunks = chunked(Buffer.from(text).toString('latin1'), sizes, more);
          const event = `${EVENT_HEAD.replace(EVENT_ID, id)}${ARN}Transfer-Encoding: chunked\r\n\r\n${chunks}`;
          const polledAgain = Promise.withResolvers<void>();
          serve = async (connection) => {
            for (let count = 1; ; count++) {
              const bytes = await connection.until(whole(count)).catch(() => undefined);
              if (!bytes) return; // kept by the proxy for answers, and ended with it
              const request = messagesOf(bytes)[count - 1];
              if (request?.head[0]?.startsWith('POST')) {
                answers.push(`${request.body}`); // over a connection that the proxy may keep
                await connection.write(TAKEN);
              } else if (count === 1) {
                await connection.write(...cut(event));
              } else {
                return polledAgain.resolve();
              }
            }
          };
          await using client = connectRaw(another.address);
          await client.write(NEXT);
          await polledAgain.promise;
          expect(`${await inside.storedBytes(id)}`).toBe(text);
          expect(answers.splice(0)).toEqual([expect.stringContaining(`stored as ${id}`)]);
          expect(client.received.length).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  // What lacks an ARN is no invocation that could be stored: the gate is asked, and the runtime has it as it came.
  it('passes an event on as it came, in any chunks and in any pieces, that the gate has read', async () => {
    await using inside = await startSurroundings(activeWindows());
    await using another = await startExtension({ api, upstream: server.address, environment: inside.environment });
    await fc.assert(
      fc.asyncProperty(aFramedBody, theHeaders, aCut, async ({ header, body }, headers, cut) => {
        const event = `${EVENT_HEAD}${headers}${header}\r\n${body}`;
        const { client, upstream } = connected(another);
        await using _client = client;
        await client.write(NEXT);
        const there = await upstream;
        await there.until(whole(1));
        await there.write(...cut(event));
        expect((await client.until(whole(1))).toString('latin1')).toBe(event);
      }),
      { numRuns: 100 },
    );
    expect(await inside.items()).toEqual([]);
  });

  it('hangs up at the client when the Runtime API goes away: in a poll, and in the middle of an answer', async () => {
    for (const begun of [
      '',
      `${EVENT_HEAD}Content-Length: 5\r\n\r\nab`,
      `${EVENT_HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nab`,
    ]) {
      const { client, upstream } = connected();
      await using _client = client;
      await client.write(NEXT);
      const there = await upstream;
      await there.until(whole(1));
      if (begun) await there.write(begun);
      there.end();
      expect(`${await client.ended}`).toBe(begun);
    }
  });
});

const aToken = fc.stringMatching(/^[A-Za-z0-9-]{1,12}$/);
const aValue = fc.stringMatching(/^[ -~\t\x80-\xff]{0,30}$/).filter((value) => !/chunked|continue/i.test(value));
const aHeader = fc
  .tuple(aToken, fc.constantFrom('', ' ', '  ', '\t'), aValue)
  .map(([name, blank, value]) => `X-${name}:${blank}${value}\r\n`);
const theHeaders = fc.array(aHeader, { maxLength: 4 }).map((headers) => headers.join(''));
const aBody = fc.string({ maxLength: 300, unit: 'binary-ascii' });
const anExtension = fc.constantFrom('', ';a', ';a=b', ' ; a="0\\"; b"', ' ');
const aChunk = fc
  .tuple(fc.string({ minLength: 1, maxLength: 60, unit: 'binary-ascii' }), fc.nat(3), fc.boolean(), anExtension)
  .map(([data, zeros, isUpper, extension]) => {
    const size = '0'.repeat(zeros) + data.length.toString(16);
    return `${isUpper ? size.toUpperCase() : size}${extension}\r\n${data}\r\n`;
  });
const aSize = fc.integer({ min: 1, max: 40 });
/** A text in chunks of these sizes, and one of what is left. */
function chunked(text: string, sizes: readonly number[], extension: string): string {
  let rest = text;
  let chunks = '';
  for (const size of [...sizes, text.length]) {
    const data = rest.slice(0, size);
    rest = rest.slice(size);
    if (data) chunks += `${data.length.toString(16)}${extension}\r\n${data}\r\n`;
  }
  return `${chunks}0\r\n\r\n`;
}
const someChunks = fc
  .tuple(fc.array(aChunk, { maxLength: 5 }), anExtension, theHeaders)
  .map(([chunks, extension, trailers]) => `${chunks.join('')}0${extension}\r\n${trailers}\r\n`);
const aFramedBody = fc.oneof(
  aBody.map((body) => ({ header: `Content-Length: ${body.length}\r\n`, body })),
  aBody.map((body) => ({ header: `content-length:${body.length} \r\n`, body })),
  someChunks.map((body) => ({ header: 'Transfer-Encoding: chunked\r\n', body })),
  someChunks.map((body) => ({ header: 'TRANSFER-ENCODING:Chunked\r\n', body })),
);
const aRequest = fc.oneof(
  theHeaders.map((headers) => `GET /2018-06-01/runtime/anything HTTP/1.1\r\n${headers}\r\n`),
  fc
    .tuple(
      fc.constantFrom(RESPONSE, '/2018-06-01/runtime/init/error', '/elsewhere?a=b'),
      theHeaders,
      theHeaders,
      aFramedBody,
    )
    .map(([path, before, after, { header, body }]) => `POST ${path} HTTP/1.1\r\n${before}${header}${after}\r\n${body}`),
);
const anAnswer = fc
  .tuple(fc.constantFrom('200 OK', '202 Accepted', '400 ', '500'), theHeaders, theHeaders, aFramedBody)
  .map(([status, before, after, { header, body }]) => `HTTP/1.1 ${status}\r\n${before}${header}${after}\r\n${body}`);
/** Where a text is cut: by fractions of its length. */
const aCut = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 })
  .map((fractions) => (text: string): string[] => {
    const places = [
      0,
      ...fractions.map((fraction) => Math.floor(fraction * text.length)).toSorted((a, b) => a - b),
      text.length,
    ];
    return places
      .slice(1)
      .map((end, index) => text.slice(places[index], end))
      .filter((piece) => piece !== '');
  });
