import { addressOf } from '../../aws/request/endpoint.ts';
import { plainAccess } from '../../aws/request/plain-access.ts';
import type { Heard } from '../../host/native-sockets.ts';
import { ADDON, loadAddon, type SocketsAddon } from './addon.ts';
import { SOCKETS_SETTING, whyUnfit } from './fit.ts';

/** The roots of AWS's certificates, from the build: `build/client/roots.ts`. */
const ROOTS = 'roots.pem';

/** The addon at work, if it serves this thread. */
export type Native =
  | NativeBegun
  /** As the operator has said. */
  | { readonly kind: 'off' }
  | { readonly kind: 'unfit'; readonly cause: string };

type Hear = (id: number, kind: Heard, first?: unknown, second?: unknown) => void;

/** An addon that has begun the connection of the first request. */
export interface NativeBegun {
  readonly kind: 'begun';
  /** Its first connection to SSM is the one that has begun. */
  readonly addon: SocketsAddon;
  /** Says who hears of all connections. Nothing is heard before Node's loop goes round. */
  hearBy(hear: Hear): void;
  /** Closes the connection that has begun if nobody has asked for it, before Node's loop goes round. */
  closeUntaken(): void;
}

/** What it takes of a process, before a handler is loaded. */
export interface BeginParts {
  readonly process: Pick<NodeJS.Process, 'env' | 'execArgv' | 'dlopen' | 'getBuiltinModule'>;
  readonly readFileSync: typeof import('node:fs').readFileSync;
  /** Where the client's files lie. */
  readonly folder: string;
}

/**
 * Loads the addon, and begins to connect to SSM: making a connection takes as long as making the gate, so they are made
 * side by side. The gate decides everything else, and whether it takes this connection.
 */
export function beginNative({ process, readFileSync, folder }: BeginParts): Native {
  const { env, execArgv } = process;
  if (env[SOCKETS_SETTING] === 'node') return { kind: 'off' };
  const unfit = whyUnfit({ environment: env, execArgv });
  if (unfit) return { kind: 'unfit', cause: unfit };
  try {
    const extra = env['NODE_EXTRA_CA_CERTS'];
    const roots =
      readFileSync(`${folder}/${ROOTS}`, 'utf8') + (extra ? certificatesIn(readFileSync(extra, 'utf8')) : '');
    const addon = loadAddon(process, `${folder}/${ADDON}`);
    let hear: Hear = () => undefined;
    addon.start((id, kind, first, second) => hear(id, kind, first, second), roots);
    let begun = readsWindows(process) ? connectToSsm(addon, env) : undefined;
    const connect: typeof addon.connect = (host, port, isTls) => {
      if (begun?.host !== host || begun.port !== port || begun.isTls !== isTls) return addon.connect(host, port, isTls);
      const { id } = begun;
      begun = undefined;
      return id;
    };
    return {
      kind: 'begun',
      addon: { ...addon, connect },
      hearBy(other) {
        hear = other;
      },
      closeUntaken() {
        if (begun) addon.close(begun.id);
        begun = undefined;
      },
    };
  } catch (error) {
    return { kind: 'unfit', cause: (error as Error).message };
  }
}

/** OpenSSL passes a byte order mark over, but not in the midst of a text. */
function certificatesIn(text: string): string {
  return `\n${text.replace(/^\ufeff/, '')}`;
}

/** Not so in the worker threads of several invocations at once. Loading `node:worker_threads` takes two milliseconds. */
function readsWindows({ env, getBuiltinModule }: BeginParts['process']): boolean {
  return env['AWS_LAMBDA_MAX_CONCURRENCY'] === undefined || getBuiltinModule('node:worker_threads').isMainThread;
}

/** Undefined where the SDK has to find the way, or the host's name is none: who needs the connection is told that. */
function connectToSsm(addon: SocketsAddon, env: NodeJS.ProcessEnv) {
  const access = plainAccess('ssm', env);
  if (!access) return undefined;
  const { host, port, isTls } = addressOf(access.endpoint);
  try {
    return { id: addon.connect(host, port, isTls), host, port, isTls };
  } catch {
    return undefined;
  }
}
