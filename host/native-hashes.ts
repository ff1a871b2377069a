/** Hashes that something native makes: as much of `node:crypto` as is used here. */

/** What makes the hashes. A text is hashed in UTF-8. */
export interface NativeHashes {
  sha256(data: string | Uint8Array): Uint8Array | ArrayBuffer;
  hmacSha256(key: string | Uint8Array, data: string | Uint8Array): Uint8Array | ArrayBuffer;
}

/** A hash under way. */
interface Hashing {
  update(data: string | Uint8Array): Hashing;
  digest(): Uint8Array;
  digest(encoding: 'hex'): string;
}

/** SHA-256: nothing here asks for another one. */
export interface Hashes {
  createHash(algorithm: 'sha256'): Hashing;
  createHmac(algorithm: 'sha256', key: string | Uint8Array): Hashing;
}

/** @param bytesOf makes of what the hashes are a `Buffer` of the caller's own */
export function createHashes(native: NativeHashes, bytesOf: (digest: Uint8Array | ArrayBuffer) => Buffer): Hashes {
  return {
    createHash: () => hashing((data) => native.sha256(data)),
    createHmac: (_algorithm, key) => hashing((data) => native.hmacSha256(key, data)),
  };

  function hashing(digestOf: NativeHashes['sha256']): Hashing {
    const pieces: (string | Uint8Array)[] = [];
    const own = {
      update(data: string | Uint8Array) {
        pieces.push(data);
        return own;
      },
      digest(encoding?: 'hex') {
        const [first = '', ...more] = pieces;
        const data = more.length === 0 ? first : Buffer.concat(pieces.map((piece) => Buffer.from(piece as string)));
        const bytes = bytesOf(digestOf(data));
        return encoding ? bytes.toString(encoding) : bytes;
      },
    };
    return own as Hashing;
  }
}
