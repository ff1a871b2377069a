import { createHashes } from '../../host/native-hashes.ts';
import { type Connect, createSockets } from '../../host/native-sockets.ts';
import type { Host } from '../realm/host.ts';
import { ADDON, loadAddon, type SocketsAddon } from './addon.ts';
import { SOCKETS_SETTING, whyUnfit } from './fit.ts';
import { createTakingOver } from './take-over.ts';

/** The roots of AWS's certificates, from the build: `build/client/roots.ts`. */
const ROOTS = 'roots.pem';
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?=\n$)/;

/** What the addon serves of Node's modules, if it does. */
export type Native =
  | { readonly kind: 'served'; readonly modules: Readonly<Record<string, () => unknown>> }
  /** As the operator has said. */
  | { readonly kind: 'off' }
  | { readonly kind: 'unfit'; readonly cause: string };

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
  { process, readFileSync, folder }: Pick<Host, 'process' | 'readFileSync' | 'folder'>,
  own: NodesOwn,
  tell: (cause: string) => void,
): Native {
  const { env, execArgv } = process;
  if (env[SOCKETS_SETTING] === 'node') return { kind: 'off' };
  const unfit = whyUnfit({ environment: env, execArgv });
  if (unfit) return { kind: 'unfit', cause: unfit };
  try {
    const extra = env['NODE_EXTRA_CA_CERTS'];
    const roots = [`${folder}/${ROOTS}`, ...(extra ? [extra] : [])].map((file) => readFileSync(file, 'utf8'));
    return { kind: 'served', modules: modulesBy(loadAddon(process, `${folder}/${ADDON}`), roots.join('\n')) };
  } catch (error) {
    return { kind: 'unfit', cause: (error as Error).message };
  }

  function modulesBy(addon: SocketsAddon, roots: string): Readonly<Record<string, () => unknown>> {
    const { net, tls, heard } = createSockets(addon, ownBytes);
    addon.start(heard, roots);
    return {
      'node:net': () => net,
      'node:tls': () => ({ connect: createTakingOver(tls.connect, own.tlsConnect, tell) }),
      'node:crypto': () => ({ ...createHashes(addon, ownBytes), randomUUID }),
    };
  }

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
