import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecodedBody, decodeBody, encodeBody, splitBody } from '../../../core/events/body.ts';
import { anyCharacter } from '../../data/characters.ts';

const anyText = fc.oneof(
  fc.string({ unit: anyCharacter(), maxLength: 400 }),
  fc.json(),
  fc
    .tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.integer({ min: 1, max: 4_000 }))
    .map(([s, n]) => s.repeat(n)),
);

describe('encodeBody and decodeBody', () => {
  it('give back every text, and know its bytes and its checksum', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const body = await encodeBody(text);
        expect(body.bytes).toBe(Buffer.byteLength(text));
        expect(body.sha256).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
        expect(await decodeBody(body.stored, body)).toEqual({ kind: 'text', text });
      }),
    );
  });

  it('give back 6 MiB', async () => {
    const text = randomBytes(3 * 1_048_576).toString('hex');
    const body = await encodeBody(text);
    expect(textOf(await decodeBody(body.stored, body)) === text).toBe(true);
  });

  it('compress only where that is smaller', async () => {
    expect((await encodeBody('{}')).encoding).toBe('identity');
    expect((await encodeBody(randomBytes(9).toString('hex'))).encoding).toBe('identity');
    expect((await encodeBody('[0,0]'.repeat(100))).encoding).toBe('gzip');
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const { encoding, stored, bytes } = await encodeBody(text);
        return encoding === 'gzip' ? stored.length < bytes : stored.length === bytes;
      }),
    );
  });

  it('make the same bytes of the same text, in place or on the pool', async () => {
    for (const length of [100, 100_000]) {
      const text = 'abcdefghij'.repeat(length / 10);
      const [one, other] = await Promise.all([encodeBody(text), encodeBody(text)]);
      expect(Buffer.from(one.stored).equals(other.stored)).toBe(true);
    }
  });
});

describe('decodeBody', () => {
  it('tells of any byte that is not what was stored', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1, maxLength: 200 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (text, at, by) => {
          const body = await encodeBody(text);
          const stored = Buffer.from(body.stored);
          const index = at % stored.length;
          stored[index] = (stored[index] ?? 0) ^ by;
          const decoded = await decodeBody(stored, body);
          // gzip's header has bytes that say nothing of the content: the text is proven all the same.
          if (decoded.kind === 'text') expect(decoded.text).toBe(text);
          if (body.encoding === 'identity') expect(decoded.kind).toBe('damaged');
        },
      ),
    );
  });

  it.each([
    ['bytes that are cut short', { stored: Buffer.from('{"a"'), bytes: 7 }, 'it has 4 bytes instead of 7'],
    ['another text of the same length', { stored: Buffer.from('{"a":2}') }, 'its SHA-256 is'],
    ['an encoding of the future', { stored: Buffer.from('x'), encoding: 'br' }, 'the encoding "br" is not known here'],
    ['gzip that is none', { stored: Buffer.from('x'), encoding: 'gzip' }, 'cannot be unpacked'],
    [
      'gzip that unpacks to more than was packed',
      { stored: gzipSync(Buffer.alloc(50_000_000)), encoding: 'gzip' },
      'cannot be unpacked',
    ],
  ])('tells of %s', async (_, { stored, ...facts }, message) => {
    const { stored: __, ...body } = await encodeBody('{"a":1}');
    const decoded = await decodeBody(stored, { ...body, ...facts });
    expect(decoded).toEqual({ kind: 'damaged', message: expect.stringContaining(message) });
  });
});

describe('splitBody', () => {
  it('cuts into parts of the given length, the last of what is left, that make up the whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 50 }), (bytes, partBytes) => {
        const parts = splitBody(bytes, partBytes);
        expect(Buffer.concat(parts).equals(bytes)).toBe(true);
        expect(parts.slice(0, -1).every(({ length }) => length === partBytes)).toBe(true);
        expect(parts.length).toBe(Math.ceil(bytes.length / partBytes));
      }),
    );
  });
});

function textOf(decoded: DecodedBody): string | undefined {
  return decoded.kind === 'text' ? decoded.text : undefined;
}
