import { createHashes } from '../../host/native-hashes.ts';
import { type Connect, createSockets } from '../../host/native-sockets.ts';
import type { Host } from '../realm/host.ts';
import type { NativeBegun } from './begin.ts';
import { createTakingOver } from './take-over.ts';

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?=\n$)/;

/** Node's own way, loaded when it is called. */
export interface NodesOwn {
  tlsConnect(): Connect;
  randomUUID(): string;
}

/**
 * Modules of Node's by the addon: connections whose making does not wait for this thread, and hashes.
 * Loading Node's own `tls` and `crypto` would take 20 ms of a cold start.
 *
 * @param tell hears once why Node takes connections over, if it does
 */
export function nativeModules(
  { addon, hearBy }: NativeBegun,
  readFileSync: Host['readFileSync'],
  own: NodesOwn,
  tell: (cause: string) => void,
): Readonly<Record<string, () => unknown>> {
  const { net, tls, heard } = createSockets(addon, ownBytes);
  hearBy(heard);
  return {
    'node:net': () => net,
    'node:tls': () => ({ connect: createTakingOver(tls.connect, own.tlsConnect, tell) }),
    'node:crypto': () => ({ ...createHashes(addon, ownBytes), randomUUID }),
  };

  /** By the kernel: two copies of one snapshot have it give two. */
  function randomUUID(): string {
    try {
      const [uuid] = UUID.exec(readFileSync('/proc/sys/kernel/random/uuid', 'utf8')) ?? [];
      if (uuid) return uuid;
    } catch {
      // Node has one, too.
    }
    return own.randomUUID();
  }
}

/** The addon makes an `ArrayBuffer` as Node's does, of the handler's realm. */
function ownBytes(given: unknown): Buffer {
  return Buffer.from(given as ArrayBuffer);
}
