import { createHash } from 'node:crypto';
import { gunzip, gzip, gzipSync } from 'node:zlib';
import { crc32Of } from './crc32.ts';

/**
 * How stored bytes come from the raw text. gzip and not zstd: on 6 MB of JSON, zstd's level 1 takes a third to a fifth
 * of gzip's time for the same size (11 ms against 35, 20 against 99 where it is mostly base64), but Node still calls its
 * zstd experimental, and an operator can unpack gzip with anything.
 */
type Encoding = 'identity' | 'gzip';

/** Proof that a body came back whole. */
export interface BodyFacts {
  readonly encoding: string;
  /** Of the raw text in UTF-8, hexadecimal. */
  readonly sha256: string;
  /** Length of the raw text in UTF-8. */
  readonly bytes: number;
}

/** A raw event text as it is stored. */
export interface EncodedBody extends BodyFacts {
  readonly encoding: Encoding;
  readonly stored: Uint8Array;
}

/** A body read back, or why it is not what was stored. */
export type DecodedBody =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'damaged'; readonly message: string };

/**
 * The longest raw text that is read back: three times what Lambda takes for an invocation, 6 MB, since a byte that is not
 * UTF-8 reaches the handler, and the table, as U+FFFD, which has three.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const BODY_LIMIT_BYTES = 3 * 6_291_456;

/** Below this length compressing takes 0.1 ms at most: not worth waiting for libuv's pool, which idle workers' polls may keep busy. */
const IN_PLACE_BYTES = 16 * 1024;

/** Level 1: level 6 takes half as long again for 1.5 % less. */
const GZIP = { level: 1 };

/** Encodes a raw event text, compressed where that is smaller and can be done. Costs the event loop a checksum: 4 ms at 6 MB. */
export async function encodeBody(text: string): Promise<EncodedBody> {
  const raw = Buffer.from(text);
  const zipped = await compressed(raw);
  const facts = { sha256: sha256Of(raw), bytes: raw.length };
  return zipped.length < raw.length
    ? { ...facts, encoding: 'gzip', stored: zipped }
    : { ...facts, encoding: 'identity', stored: raw };
}

/** Reads a raw event text back, and proves it by its length and checksum. Never throws. */
export async function decodeBody(stored: Uint8Array, { encoding, sha256, bytes }: BodyFacts): Promise<DecodedBody> {
  let raw: Buffer;
  try {
    switch (encoding) {
      case 'identity':
        raw = Buffer.from(stored);
        break;
      case 'gzip':
        raw = await decompress(stored, bytes);
        break;
      default:
        return damaged(`the encoding "${encoding}" is not known here`);
    }
  } catch (error) {
    return damaged(`the stored bytes cannot be unpacked (${String(error)})`);
  }
  if (raw.length !== bytes) return damaged(`it has ${raw.length} bytes instead of ${bytes}`);
  const found = sha256Of(raw);
  if (found !== sha256) return damaged(`its SHA-256 is ${found} instead of ${sha256}`);
  return { kind: 'text', text: raw.toString() };
}

/** Cuts stored bytes into parts of at most `partBytes`, in order. Views, not copies. */
export function splitBody(stored: Uint8Array, partBytes: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < stored.length; at += partBytes) parts.push(stored.subarray(at, at + partBytes));
  return parts;
}

/** The SHA-256 of some bytes, hexadecimal. */
export function sha256Of(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Compressed bytes, or the raw ones if compression fails: a compressor may have been replaced before it was needed. */
async function compressed(raw: Buffer): Promise<Buffer> {
  try {
    const zipped = await compress(raw);
    return isGzipOf(zipped, raw) ? zipped : raw;
  } catch {
    return raw;
  }
}

/** By its first bytes, and by the checksum and the length at its end. RFC 1952, section 2.3. */
function isGzipOf(zipped: Buffer, raw: Buffer): boolean {
  const end = new DataView(zipped.buffer, zipped.byteOffset + zipped.length - 8, 8);
  const isGzip = zipped[0] === 0x1f && zipped[1] === 0x8b;
  return isGzip && end.getUint32(4, true) === raw.length && end.getUint32(0, true) === crc32Of(raw);
}

function compress(raw: Buffer): Promise<Buffer> | Buffer {
  if (raw.length < IN_PLACE_BYTES) return gzipSync(raw, GZIP);
  return new Promise((resolve, reject) => {
    gzip(raw, GZIP, (error, zipped) => (error ? reject(error) : resolve(zipped)));
  });
}

/** Never unpacks more than was packed, whatever the stored bytes claim. */
function decompress(stored: Uint8Array, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gunzip(stored, { maxOutputLength: Math.max(1, bytes) }, (error, raw) => (error ? reject(error) : resolve(raw)));
  });
}

function damaged(what: string): DecodedBody {
  return { kind: 'damaged', message: `the stored event is damaged: ${what}` };
}
