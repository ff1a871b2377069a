/**
 * The globals of the engine that are not JavaScript's own. Evaluated before all else.
 */
import './native.ts';
import { OwnAbortController } from '../../host/abort.ts';
import { Bytes } from './bytes.ts';
import { OwnIntl } from './intl.ts';
import { net, tls } from './sockets.ts';
import { clearTimeout, setImmediate, setTimeout } from './timers.ts';
import { OwnUrl } from './url.ts';

const MODULES: Readonly<Record<string, object>> = { 'node:net': net, 'node:tls': tls };

Math.random = () => native.random();

Object.assign(globalThis, {
  Buffer: Object.assign(Bytes, { from: Bytes.make }),
  AbortController: OwnAbortController,
  URL: OwnUrl,
  Intl: OwnIntl,
  setTimeout,
  clearTimeout,
  setImmediate,
  process: {
    env: {},
    cwd: () => '/var/task',
    hrtime: () => {
      const ms = native.monotonicMs();
      return [Math.floor(ms / 1_000), (ms % 1_000) * 1_000_000];
    },
    uptime: () => native.monotonicMs() / 1_000,
    getBuiltinModule: (name: string) => MODULES[name],
  },
});
