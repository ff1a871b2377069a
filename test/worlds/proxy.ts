/**
 * The Runtime API proxy that `npm run build` makes, as an entry or as Lambda's emulator starts an extension.
 */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../local/port.ts';
import { type Client, stockClient } from './client-process.ts';
import { PYTHON } from './runtime-clients.ts';

/** Laid out as a layer is. */
export const PROXY_LAYER = join(import.meta.dirname, '..', '..', 'dist', 'proxy');
export const PROXY = join(PROXY_LAYER, 'maintenance-window', 'proxy');
export const WRAPPER = join(PROXY_LAYER, 'maintenance-window', 'wrapper');

/**
 * Whether there is a proxy to be tested. Where the machine has no cargo there is none, and the build has said so; in CI it
 * is an error of the build.
 */
export const hasProxy = existsSync(PROXY);

/** A runtime behind the proxy, which is its parent: upstream's client for Node, unless told otherwise. */
export function proxiedClient(runtime: readonly string[] = stockClient().command): Client {
  return { folder: PROXY_LAYER, command: [PROXY, '--', ...runtime] };
}

export interface ProxyPort {
  readonly MAINTENANCE_WINDOW_PROXY_PORT: string;
}

/** Where a proxy of this test's own may listen. */
export async function proxyPort(): Promise<ProxyPort> {
  return { MAINTENANCE_WINDOW_PROXY_PORT: String(await findFreePort()) };
}

/** A proxy whose runtime is the test itself, which speaks to its port. */
export interface RunningProxy extends AsyncDisposable {
  readonly port: number;
  readonly exited: Promise<number | null>;
  /** What it has written until now. */
  output(): string;
}

/** Starts a proxy as an entry, and waits until it listens. Its own runtime does nothing. */
export async function startProxy(
  runtimeApi: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<RunningProxy> {
  const { MAINTENANCE_WINDOW_PROXY_PORT: port } = { ...(await proxyPort()), ...environment };
  const child = spawn(PROXY, ['--', 'sleep', '600'], {
    env: {
      PATH: process.env['PATH'],
      AWS_LAMBDA_FUNCTION_NAME: 'orders',
      AWS_LAMBDA_RUNTIME_API: runtimeApi,
      AWS_REGION: 'eu-south-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      MAINTENANCE_WINDOW_PROXY_PORT: port,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // so that its runtime is ended with it, whichever way it ends
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      written += text;
    });
  }
  let over = false;
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      over = true;
      resolve(code);
    });
  });
  while (!over && !(await accepts(Number(port)))) await new Promise((go) => setTimeout(go, 5));
  return {
    port: Number(port),
    exited,
    output: () => written,
    async [Symbol.asyncDispose]() {
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      } catch {
        // it has ended, and so has all that it started
      }
      await exited;
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A machine's view with another `/opt`. */
export interface WithOpt {
  /** Makes a program of one that runs where `/opt` is that folder. */
  around(program: string): string;
  remove(): void;
}

/**
 * Shows a folder as `/opt` to the programs that run around: each in a mount namespace of its own, so that the machine's own
 * `/opt` stays as it is.
 */
export function withOpt(opt: string): WithOpt {
  const folder = mkdtempSync(join(tmpdir(), 'opt-'));
  const user = process.getuid?.() === 0 ? '' : '--map-root-user ';
  return {
    around(program) {
      const file = join(folder, 'program');
      const inside = `mount --bind "$0" /opt && exec "$@"`;
      writeFileSync(file, `#!/bin/sh\nexec unshare --mount ${user}-- sh -c '${inside}' '${opt}' '${program}' "$@"\n`);
      chmodSync(file, 0o755);
      return file;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Command of AWS's client for Python. */
export async function pythonClient(handler: string): Promise<readonly string[]> {
  const { client, environment } = (await PYTHON.prepare())(handler);
  return ['env', ...Object.entries(environment).map(([name, value]) => `${name}=${value}`), ...client.command];
}

/** The process of a proxy that the emulator has started as an extension: the one that listens there. Throws where there is none. */
export function pidOfExtension({ MAINTENANCE_WINDOW_PROXY_PORT: port }: ProxyPort): number {
  const found = readdirSync('/proc').find((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const settings = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      return words[1] === '--extension' && settings.includes(`MAINTENANCE_WINDOW_PROXY_PORT=${port}`);
    } catch {
      return false; // it is no process, has ended, or is another user's
    }
  });
  if (found === undefined) throw new Error(`there is no proxy at port ${port}`);
  return Number(found);
}
