import './native.ts';
import { Bytes, viewOf } from './bytes.ts';

/** A hash under way. */
interface Hashing {
  update(data: string | Uint8Array): Hashing;
  digest(): Bytes;
  digest(encoding: 'hex'): string;
}

/** SHA-256: nothing here asks for another one. */
export function createHash(_algorithm: 'sha256'): Hashing {
  return hashing((data) => native.sha256(data));
}

export function createHmac(_algorithm: 'sha256', key: string | Uint8Array): Hashing {
  return hashing((data) => native.hmacSha256(key, data));
}

export function randomUUID(): string {
  return native.uuid();
}

function hashing(digestOf: (data: string | Uint8Array) => Uint8Array<ArrayBuffer>): Hashing {
  const pieces: (string | Uint8Array)[] = [];
  const own = {
    update(data: string | Uint8Array) {
      pieces.push(data);
      return own;
    },
    digest(encoding?: 'hex') {
      const [first = '', ...more] = pieces;
      const data = more.length === 0 ? first : Bytes.concat(pieces.map((piece) => Bytes.make(piece)));
      const bytes = viewOf(digestOf(data));
      return encoding ? bytes.toString(encoding) : bytes;
    },
  };
  return own as Hashing;
}

export default { createHash, createHmac, randomUUID };
