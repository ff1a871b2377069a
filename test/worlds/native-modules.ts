import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSockets } from '../../host/native-sockets.ts';
import { loadAddon } from '../../ric/native/addon.ts';

/** `node:net` and `node:tls` over the native sockets of `dist/ric`, which trust what `NODE_EXTRA_CA_CERTS` names. */
export function loadNativeModules(): Readonly<Record<string, object>> {
  const addon = loadAddon(process, join(import.meta.dirname, '..', '..', 'dist', 'ric', 'sockets.node'));
  const { net, tls, heard } = createSockets(addon, (data) => Buffer.from(data as ArrayBuffer));
  const roots = process.env['NODE_EXTRA_CA_CERTS'];
  addon.start(heard, roots ? readFileSync(roots, 'utf8') : '');
  return { 'node:net': net, 'node:tls': tls };
}
