import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { hasProxy } from '../../worlds/proxy.ts';
import { startExtension } from '../../worlds/proxy-extension.ts';
import { activeWindows, type Surroundings, sha256, startSurroundings } from '../../worlds/surroundings.ts';

// Inside a window, events of 6 MB whose shapes cost a parser the most, in a function of 128 MB: the least that Lambda has. A
// runtime for Python takes some 40 MB of them before the first import of the function's own.

/** What the proxy may have: the rest of the 128 MB is the runtime's, with 20 MB to spare. */
const LIMIT_BYTES = 64 << 20;
/** Lambda's limit, and room for what a shape brings with it. */
const EVENT_BYTES = 6_291_456 - 2_000;

const QUEUE = 'arn:aws:sqs:eu-south-1:123456789012:orders';
const RULE =
  '{"version":"0","id":"i","detail-type":"t","source":"s","account":"1","time":"t","region":"r","resources":[],"detail":';

/** One piece again and again. */
function filled(piece: string, open: string, close: string): string {
  const times = Math.floor((EVENT_BYTES - open.length - close.length) / piece.length);
  return open + piece.repeat(times).replace(/,$/, '') + close;
}

/** Pieces that differ. */
function listed(piece: (index: number) => string, open: string, close: string): string {
  const pieces: string[] = [];
  for (let left = EVENT_BYTES - open.length - close.length, index = 0; ; index += 1) {
    const next = piece(index);
    left -= next.length + 1;
    if (left < 0) return open + pieces.join() + close;
    pieces.push(next);
  }
}

function nested(open: string, close: string): string {
  const levels = Math.floor((EVENT_BYTES - 500) / (open.length + close.length));
  return `{"a":${open.repeat(levels)}1${close.repeat(levels)}}`;
}

const record = (index: number, more: string) =>
  `{"messageId":"${index}","body":"order ${index}",${more}"eventSource":"aws:sqs","eventSourceARN":"${QUEUE}"}`;

/** What the event of a rule has for its detail. */
const DETAILS: readonly (readonly [shape: string, detail: string | Buffer])[] = [
  ['one text', filled('x', '{"a":"', '"}')],
  ['a text that packs badly', JSON.stringify({ a: randomBytes(EVENT_BYTES * 0.7).toString('base64') })],
  ['escapes', filled('\\u00e9\\n', '{"a":"', '"}')],
  ['characters of four bytes', `{"a":"${'💥'.repeat(EVENT_BYTES / 4 - 10)}"}`],
  [
    'bytes that are no UTF-8',
    Buffer.concat([Buffer.from('{"a":"'), Buffer.alloc(EVENT_BYTES, 0xff), Buffer.from('"}')]),
  ],
  ['lists one in another', nested('[', ']')],
  ['objects one in another', nested('{"detail":', '}')],
  ['empty lists', filled('[],', '{"a":[', ']}')],
  ['empty records', filled('{},', '{"Records":[', ']}')],
  ['numbers', listed((index) => String(index), '{"a":[', ']}')],
  ['names', listed((index) => `"${index.toString(36)}":0`, '{', '}')],
  ['names of headers', listed((index) => `"x-${index.toString(36)}":""`, '{"headers":{', '}}')],
  ['records of nobody', listed((index) => `{"id":${index},"lines":[{"sku":"a","count":1}]}`, '{"records":[', ']}')],
];

const EVENTS: readonly (readonly [shape: string, source: string, text: Buffer])[] = [
  ...DETAILS.map(
    ([shape, detail]) =>
      [shape, 'eventbridge', Buffer.concat([Buffer.from(RULE), Buffer.from(detail), Buffer.from('}')])] as const,
  ),
  ['records of a queue', 'sqs', batch((index) => `"receiptHandle":"${index}",`)],
  [
    'records in an order',
    'sqs',
    batch((index) => `"attributes":{"MessageGroupId":"g","SequenceNumber":"${1e15 + index}"},`),
  ],
];

function batch(more: (index: number) => string): Buffer {
  return Buffer.from(listed((index) => record(index, more(index)), '{"Records":[', ']}'));
}

describe.skipIf(!hasProxy)('an event of 6 MB inside a window, in a function of 128 MB', () => {
  let aws: Surroundings;
  beforeAll(async () => {
    aws = await startSurroundings(activeWindows());
  });
  afterAll(() => aws[Symbol.asyncDispose]());

  it.each(EVENTS)('of %s is told for one of %s, and stored whole', async (shape, source, text) => {
    const id = shape.replaceAll(' ', '-');
    const deadlineAt = Date.now() + 250_000;
    await using api = await startRuntimeApi({ invocations: [{ id, text, deadlineAt }], afterwards: 'hold' });
    await using proxy = await startExtension({ api, environment: aws.environment, dataLimitBytes: LIMIT_BYTES });
    const poll = fetch(`http://${proxy.address}/2018-06-01/runtime/invocation/next`).catch(() => undefined);
    const ended = proxy.ended.then(({ code, signal }) => `it has ended with ${signal ?? code}: ${proxy.output()}`);
    expect(await Promise.race([api.seen('answer').then(() => 'answered'), ended])).toBe('answered');
    // An engine that has no room left to parse an event takes it for anybody's.
    expect((await aws.eventItem(id))?.['source']?.S).toBe(source);
    const stored = await aws.storedBytes(id);
    // What is no UTF-8 reaches handlers as U+FFFD, and the table, too.
    expect(sha256(stored)).toBe(sha256(Buffer.from(text.toString())));
    proxy.kill();
    await poll;
  });
});
