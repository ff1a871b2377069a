import { spawn } from 'node:child_process';
import { findFreePort } from '../../local/port.ts';
import type { RuntimeApi } from '../fakes/runtime-api.ts';
import { PROXY } from './proxy.ts';

export interface ExtensionOptions {
  /** Where its extension is registered. It is ready when it has asked there for its first event. */
  readonly api: RuntimeApi;
  /** `host:port` of the Runtime API itself, as the proxy finds it in its environment. Default: the address of `api`. */
  readonly runtimeApi?: string;
  /** `host:port` of another proxy, where the next hop is not the Runtime API. */
  readonly upstream?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Most memory that it may have for itself: its heap and its stacks. One more byte ends it. */
  readonly dataLimitBytes?: number;
}

export interface ProxyExtension extends AsyncDisposable {
  readonly pid: number;
  /** `host:port` for the runtime. */
  readonly address: string;
  /** What it wrote until now. */
  readonly output: () => string;
  /** Resolves when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Ends it at once, as Lambda would. */
  kill(): void;
}

/** Starts the proxy as Lambda starts an extension, and waits until INIT is over for it. Rejects where it ends before that. */
export async function startExtension({
  api,
  runtimeApi,
  upstream,
  environment = {},
  dataLimitBytes,
}: ExtensionOptions): Promise<ProxyExtension> {
  const port = await findFreePort();
  const limit = dataLimitBytes === undefined ? 'unlimited' : String(dataLimitBytes >> 10);
  const words = ['-c', `ulimit -d ${limit} && exec "$0" "$@"`, PROXY, '--extension', 'maintenance-window'];
  const child = spawn('/bin/sh', words, {
    env: {
      AWS_LAMBDA_FUNCTION_NAME: 'orders',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_REGION: 'eu-south-1',
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      AWS_SESSION_TOKEN: 'session',
      AWS_LAMBDA_RUNTIME_API: runtimeApi ?? api.address,
      MAINTENANCE_WINDOW_PROXY_PORT: String(port),
      ...(upstream && { MAINTENANCE_WINDOW_PROXY_UPSTREAM: upstream }),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.on('error', reject).on('close', (code, signal) => resolve({ code, signal }));
  });
  const close = async () => {
    child.kill('SIGKILL');
    await ended.catch(() => undefined);
  };

  const tooSoon = ended.then(({ code, signal }) => {
    throw new Error(`the proxy ended with ${signal ?? code} before it was ready:\n${output}`);
  });
  tooSoon.catch(() => undefined);
  try {
    await Promise.race([api.seen('extension-next', api.count('extension-next') + 1), tooSoon]);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    address: `127.0.0.1:${port}`,
    output: () => output,
    ended,
    kill: () => void child.kill('SIGKILL'),
    [Symbol.asyncDispose]: close,
  };
}
