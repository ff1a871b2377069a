import { createHash, createHmac } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createHashes } from '../../../host/native-hashes.ts';
import { loadAddon } from '../../../ric/native/addon.ts';

const addon = loadAddon(process, join(import.meta.dirname, '..', '..', '..', 'dist', 'ric', 'sockets.node'));
const own = createHashes(addon, (digest) => Buffer.from(digest as ArrayBuffer));

/** A text with whatever characters, or bytes. */
const data = fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 300 }));

it('hashes are those of node:crypto, whatever is hashed, in however many pieces', () => {
  fc.assert(
    fc.property(data, fc.array(data, { maxLength: 3 }), (key, pieces) => {
      const [hash, ownHash] = [createHash('sha256'), own.createHash('sha256')];
      const [hmac, ownHmac] = [createHmac('sha256', key), own.createHmac('sha256', key)];
      for (const piece of pieces) for (const one of [hash, ownHash, hmac, ownHmac]) one.update(piece);
      expect(ownHash.digest('hex')).toBe(hash.digest('hex'));
      expect([...ownHmac.digest()]).toEqual([...hmac.digest()]);
    }),
  );
});

it('a digest is the key of the next one, as a signature has it', () => {
  const signed = (by: { createHmac: typeof own.createHmac }) =>
    ['eu-south-1', 'ssm', 'aws4_request'].reduce(
      (key, text) => by.createHmac('sha256', key).update(text).digest(),
      by.createHmac('sha256', 'AWS4wJalrXUtnFEMI').update('20261130').digest(),
    );
  expect(signed(own)).toEqual(signed({ createHmac: createHmac as unknown as typeof own.createHmac }));
});
