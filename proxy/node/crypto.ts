import './native.ts';
import { createHashes } from '../../host/native-hashes.ts';
import { viewOf } from './bytes.ts';

export const { createHash, createHmac } = createHashes(
  native,
  (digest) => viewOf(digest as Uint8Array<ArrayBuffer>) as unknown as Buffer,
);

export function randomUUID(): string {
  return native.uuid();
}

export default { createHash, createHmac, randomUUID };
