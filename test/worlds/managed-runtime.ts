import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UPSTREAM } from '../../ric/patch/upstream.ts';
import { type Client, patchedClient, stockClient } from './client-process.ts';

/** Where AWS's managed runtimes have their client. */
export const RUNTIME_FOLDER = '/var/runtime';
const here = import.meta.dirname;
const BOOTSTRAP = join(here, '..', 'container', 'aws-base-image', 'bootstrap');
const CERTIFICATE = join(here, '..', 'fakes', 'tls', 'test-only-certificate.pem');

/** Makes `/var` and `/opt` those of a folder, for one process and what it becomes. */
const ENTER = 'mount --bind "$1/var" /var && mount --bind "$1/opt" /opt && shift && exec "$@"';
const UNSHARE = ['unshare', '--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])] as const;

/**
 * Whether this machine lets a test lay out folders for one process alone. On CI it must: there a test that needs it fails.
 */
export const canLayOut =
  Boolean(process.env['CI']) || spawnSync(UNSHARE[0], [...UNSHARE.slice(1), 'true']).status === 0;

/** Machine laid out as AWS's managed Node runtimes are, for zip functions. */
export interface ManagedRuntime extends Disposable {
  /** The folder that becomes `/opt`, where layers are. */
  readonly opt: string;
  /** Runtime's own client, started as AWS does. */
  readonly stock: Client;
  /** Runtime with a wrapper: `AWS_LAMBDA_EXEC_WRAPPER` names it. */
  wrappedBy(wrapper: string): Client;
}

/**
 * Lays out `/var/runtime` and `/var/lang` with the stock client and this Node, and an empty `/opt`, in a folder that each
 * client's process gets as its own. A namespace of mounts does it: no container, no change of this machine.
 *
 * @param node command that starts another Node in its place
 */
export function layOutManagedRuntime(node: readonly string[] = [process.execPath]): ManagedRuntime {
  const root = mkdtempSync(join(tmpdir(), 'managed-runtime-'));
  const [runtime, opt] = [join(root, RUNTIME_FOLDER), join(root, 'opt')];
  for (const folder of [join(root, 'var/lang/bin'), join(root, 'var/task'), opt])
    mkdirSync(folder, { recursive: true });
  mkdirSync(join(runtime, 'node_modules/from-aws'), { recursive: true });
  writeFileSync(join(runtime, 'node_modules/from-aws/index.js'), 'exports.from = "the runtime";');
  putNode(node, join(root, 'var/lang/bin/node'));
  for (const file of [UPSTREAM.file, 'rapid-client.node']) {
    copyFileSync(join(stockClient().folder, file), join(runtime, file));
  }
  copyFileSync(BOOTSTRAP, join(runtime, 'bootstrap'));
  copyFileSync(CERTIFICATE, join(runtime, 'ca-cert.pem'));
  const entry = [...UNSHARE, '/bin/sh', '-c', ENTER, 'sh', root] as const;
  const bootstrap = join(RUNTIME_FOLDER, 'bootstrap');
  return {
    opt,
    stock: { folder: RUNTIME_FOLDER, command: [...entry, bootstrap] },
    wrappedBy: (wrapper) => ({
      folder: join(wrapper, '..'),
      command: [...entry, '/usr/bin/env', `AWS_LAMBDA_EXEC_WRAPPER=${wrapper}`, bootstrap],
    }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true }),
  };
}

function putNode([program = '', ...words]: readonly string[], file: string): void {
  if (words.length === 0) symlinkSync(program, file);
  else writeFileSync(file, `#!/bin/sh\nexec ${program} ${words.join(' ')} "$@"\n`, { mode: 0o755 });
}

/**
 * The client as a layer of a managed runtime.
 *
 * @param folder in `/opt`
 */
export function layeredClient(runtime: ManagedRuntime, folder = '/opt/maintenance-window'): Client {
  cpSync(patchedClient().folder, join(runtime.opt, '..', folder), { recursive: true });
  return runtime.wrappedBy(join(folder, 'exec-wrapper'));
}

/** The patched client as users have it, each way. What it rests on is there until it is disposed of. */
export const LAYOUTS = [
  {
    layout: 'as an image has it',
    skipped: false,
    prepare: () => ({ client: patchedClient(), [Symbol.dispose]: () => undefined }),
  },
  {
    layout: 'as a layer of a managed runtime',
    skipped: !canLayOut,
    prepare: () => {
      const runtime = layOutManagedRuntime();
      return { client: layeredClient(runtime), [Symbol.dispose]: runtime[Symbol.dispose] };
    },
  },
] as const;
