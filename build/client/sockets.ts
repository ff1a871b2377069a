/** Compiles `ric/native/`, the client's own sockets, with the machine's C compiler alone: Node exports the OpenSSL that it has. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Caller } from '../machine/caller.ts';
import { hasProgram } from '../machine/programs.ts';
import { makeFile } from '../output/whole.ts';

/** The addon, in whatever folder one is. */
export const SOCKETS = 'sockets.node';

const SOURCES = join(import.meta.dirname, '..', '..', 'ric', 'native');

const FLAGS = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-fPIC', '-fvisibility=hidden', '-fstack-protector-strong'];
/** Never unloaded: a lookup may still be under way when the worker that loaded it is gone. */
const LINKED = ['-shared', '-pthread', '-Wl,-z,relro,-z,now,-z,nodelete'];
const SHIPPED = ['-O2', '-s'];

const TRIPLETS = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' } as const;

/** Which machine it is for. */
export type Architecture = keyof typeof TRIPLETS;

/**
 * Compiles the sockets for an architecture.
 *
 * @param target the file that is made
 * @param flags for another purpose than to be shipped
 * @returns in one line why it cannot be compiled here; undefined where it is
 */
export function compileSockets(
  architecture: Architecture,
  target: string,
  { env }: Pick<Caller, 'env'>,
  flags: readonly string[] = SHIPPED,
): string | undefined {
  if (process.platform !== 'linux') return `it is made for Linux, and this is ${process.platform}`;
  const compiler = compilerFor(architecture, env['PATH'] ?? '');
  if (!compiler.name) return `this machine has no ${compiler.wanted}: ${compiler.get}`;
  const headers = headersFrom(env['HOME'] ?? homedir());
  if (!headers) return `Node's headers, with those of OpenSSL ${OPENSSL}, are in none of ${folders('~').join(', ')}`;
  const folder = mkdtempSync(join(tmpdir(), 'sockets-'));
  try {
    const made = join(folder, SOCKETS);
    const sources = readdirSync(SOURCES)
      .filter((name) => name.endsWith('.c'))
      .sort();
    const done = spawnSync(
      compiler.name,
      [...FLAGS, ...flags, '-isystem', headers, '-o', made, ...sources, ...LINKED],
      {
        cwd: SOURCES, // so that no path of this machine is in it
        encoding: 'utf8',
        env,
      },
    );
    if (done.status !== 0) return `its compile failed: ${done.error?.message ?? done.stderr.trim()}`;
    makeFile(target, readFileSync(made), 0o644);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compilerFor(architecture: Architecture, searchPath: string) {
  const triplet = TRIPLETS[architecture];
  const isOwn = architecture === process.arch;
  const names = isOwn ? ['gcc', 'cc', 'clang'] : [`${triplet}-gcc`];
  return {
    name: names.find((name) => hasProgram(searchPath, name)),
    wanted: names[0],
    get: `sudo apt-get install -y gcc${isOwn ? '' : `-${triplet.replace('_', '-')}`}`,
  };
}

/** Its interface is the same within a major version. */
const OPENSSL = process.versions.openssl.split('.')[0];

function headersFrom(home: string): string | undefined {
  return folders(home).find((folder) => existsSync(join(folder, 'node_api.h')) && opensslIn(folder) === OPENSSL);
}

/** Where Node's headers are: beside the Node that runs this, in its npm package, where images and distributions have them, and where node-gyp keeps them. */
function folders(home: string): readonly string[] {
  const node = dirname(dirname(process.execPath));
  return [
    join(node, 'include', 'node'),
    join(node, 'node_modules', `node-linux-${process.arch}`, 'include', 'node'),
    '/usr/local/include/node',
    '/usr/include/node',
    join(home, '.cache', 'node-gyp', process.versions.node, 'include', 'node'),
  ];
}

/** Node has one file of OpenSSL's version for each architecture, all the same but for that; an image has that of its own. */
function opensslIn(folder: string): string | undefined {
  const ofArchitectures = ['linux-x86_64', 'linux-aarch64'].map((name) =>
    join('archs', name, 'asm', 'include', 'openssl'),
  );
  const places = ['', ...ofArchitectures].map((place) => join(place, 'opensslv.h'));
  const texts = places.map((place) => join(folder, 'openssl', place)).filter(existsSync);
  return texts.map((file) => /OPENSSL_VERSION_MAJOR\s+(\d+)/.exec(readFileSync(file, 'utf8'))?.[1]).find(Boolean);
}
