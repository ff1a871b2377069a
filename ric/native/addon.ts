import type { NativeHashes } from '../../host/native-hashes.ts';
import type { Heard, NativeSockets } from '../../host/native-sockets.ts';

/** The client's native sockets, from the C beside this. What they give are primitives and `ArrayBuffer`s, read by no prototype of the handler's. */
export interface SocketsAddon extends Required<NativeSockets>, NativeHashes {
  /**
   * Once, before the first connection.
   *
   * @param heard called by Node's loop alone
   * @param roots certificates in PEM. They are read in the addon's thread, when the first connection over TLS is made.
   */
  start(heard: (id: number, kind: Heard, first?: unknown, second?: unknown) => void, roots: string): void;
}

/** The file beside the client's others. */
export const ADDON = 'sockets.node';

/**
 * Loads the addon into this thread.
 *
 * @throws where the system does not load it, or it is compiled for another OpenSSL than Node's
 */
export function loadAddon({ dlopen }: Pick<NodeJS.Process, 'dlopen'>, file: string): SocketsAddon {
  const module = { exports: {} as SocketsAddon };
  dlopen(module, file);
  return module.exports;
}
