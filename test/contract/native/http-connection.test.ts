import { afterAll, beforeAll, describe, vi } from 'vitest';
import { loadNativeModules } from '../../worlds/native-modules.ts';
import { httpConnectionTests } from '../aws/http-connection.ts';

describe('over the addon’s sockets', () => {
  beforeAll(() => {
    const modules = loadNativeModules();
    const { getBuiltinModule } = process;
    vi.spyOn(process, 'getBuiltinModule').mockImplementation((name) => modules[name] ?? getBuiltinModule(name));
  });
  afterAll(() => vi.restoreAllMocks());
  httpConnectionTests();
});
