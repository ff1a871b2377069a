import { join } from 'node:path';
import { afterAll, beforeAll, describe, vi } from 'vitest';
import { createSockets } from '../../../host/native-sockets.ts';
import { loadAddon } from '../../../ric/native/addon.ts';
import { httpConnectionTests } from '../aws/http-connection.ts';

const addon = loadAddon(process, join(import.meta.dirname, '..', '..', '..', 'dist', 'ric', 'sockets.node'));
const { net, tls, heard } = createSockets(addon, (data) => Buffer.from(data as ArrayBuffer));
addon.start(heard, '');
const MODULES: Readonly<Record<string, object>> = { 'node:net': net, 'node:tls': tls };

describe('over the addon’s sockets', () => {
  beforeAll(() => {
    const { getBuiltinModule } = process;
    vi.spyOn(process, 'getBuiltinModule').mockImplementation((name) => MODULES[name] ?? getBuiltinModule(name));
  });
  afterAll(() => vi.restoreAllMocks());
  httpConnectionTests();
});
