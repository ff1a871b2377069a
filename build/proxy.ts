/**
 * Builds `dist/proxy/`, laid out as a layer is: `extensions/maintenance-window`, and `maintenance-window/` with the program
 * and the wrapper. The gate's text goes into the program as bytecode of the very engine in it.
 *
 * A finished program is kept in the cache folder under a hash of all that it is made of, so a second build takes no time. It
 * is linked by zig for glibc 2.26, which Amazon Linux 2 has: by the linker of a newer system it would not start there.
 */
import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { FAULTS } from '../core/errors.ts';
import { bundleForEngine } from './proxy-bundle.ts';

/** What links. Hashes of its files stand beside it: pip takes no others. */
const LINKER = join(import.meta.dirname, 'proxy-linker.txt');
const GLIBC = '2.26';
const TRIPLES: Readonly<Record<string, string>> = {
  x64: 'x86_64-unknown-linux-gnu',
  arm64: 'aarch64-unknown-linux-gnu',
};

const root = join(import.meta.dirname, '..');
const source = join(root, 'proxy');
const target = join(root, 'dist', 'proxy');
const gateFile = join(root, 'dist', 'proxy-gate', 'gate.js');
const engineFile = join(root, 'dist', 'proxy-gate', 'engine');
const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'maintenance-window');

const triple = TRIPLES[process.arch];
const missing = whatIsMissing();
if (process.argv.includes('--lacks')) {
  // for whoever wants to know before anything is built
  if (missing) console.log(`the proxy: ${missing}`);
} else if (missing) {
  // Where the tests are to skip nothing, a proxy that is not built is a fault.
  console.error(`The proxy is not built: ${missing}`);
  if (process.env['MAINTENANCE_WINDOW_TEST_DOCKER'] === 'required') {
    process.exit(FAULTS['MaintenanceWindow.Missing'].exitCode);
  }
} else {
  await bundleForEngine('proxy/main.ts', gateFile);
  const kept = join(cache, `proxy-${hashOfSource()}`);
  if (!existsSync(kept)) compile(kept);
  putInPlace(kept);
}

function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux' || !triple) return `it runs on Linux alone, on x64 and arm64.`;
  if (!runs('cargo', ['--version']))
    return 'this machine has no cargo:  sudo apt-get install cargo   (or https://rustup.rs)';
  if (!runs('python3', ['-m', 'venv', '--help'])) {
    return 'this machine has no python3 with venv, which brings the linker:  sudo apt-get install python3-venv';
  }
  return undefined;
}

function runs(command: string, words: readonly string[]): boolean {
  return spawnSync(command, words, { stdio: 'ignore' }).status === 0;
}

/** All that the program is made of. */
function hashOfSource(): string {
  const hash = createHash('sha256').update(`${triple} ${GLIBC}`).update(readFileSync(gateFile));
  for (const file of [LINKER, ...['Cargo.toml', 'Cargo.lock', 'build.rs'].map((name) => join(source, name))]) {
    hash.update(readFileSync(file));
  }
  for (const folder of ['src', 'examples', 'framing', 'framing/src']) {
    for (const name of readdirSync(join(source, folder)).sort()) {
      const file = join(source, folder, name);
      if (statSync(file).isFile()) hash.update(name).update(readFileSync(file));
    }
  }
  return hash.digest('hex').slice(0, 32);
}

function compile(kept: string): void {
  console.error('Compiling the proxy (once for each change; the first time some minutes) …');
  const linker = installedLinker();
  const compiled = join(cache, 'proxy-target');
  const parts = ['--bin', 'proxy', '--example', 'engine'];
  const words = ['zigbuild', '--release', '--locked', ...parts, '--target', `${triple}.${GLIBC}`];
  words.push('--target-dir', compiled);
  run('cargo', words, { cwd: source, env: { ...process.env, PATH: `${linker}/bin:${process.env['PATH']}` } });
  writeFileSync(licensesOf(kept), licensesOfCrates());
  for (const [made, name] of [
    ['examples/engine', engineOf(kept)],
    ['proxy', kept],
  ] as const) {
    const making = `${name}-${process.pid}`;
    copyFileSync(join(compiled, triple ?? '', 'release', made), making);
    renameSync(making, name);
  }
}

/** Beside a finished program: the engine in it alone, for the tests. */
function engineOf(kept: string): string {
  return `${kept}-engine`;
}

/** Beside a finished program. */
function licensesOf(kept: string): string {
  return `${kept}-licenses`;
}

/** Texts of the licences of all that is linked into the program, by crate. */
function licensesOfCrates(): string {
  const words = ['metadata', '--locked', '--format-version', '1', '--filter-platform', triple ?? ''];
  const { stdout } = spawnSync('cargo', words, { cwd: source, encoding: 'utf8', maxBuffer: 1 << 28 });
  const { packages, resolve }: CargoMetadata = JSON.parse(stdout);
  const used = new Set(resolve.nodes.map(({ id }) => id));
  const foreign = packages.filter(({ id, source: from }) => from !== null && used.has(id));
  return foreign
    .map(({ name, version, license, manifest_path: manifest }) => {
      const folder = dirname(manifest);
      const files = globSync(['{LICEN[CS]E,COPYING,UNLICENSE}*', 'quickjs/LICENSE'], { cwd: folder }).sort();
      const texts = files
        .filter((file) => statSync(join(folder, file)).isFile())
        .map((file) => readFileSync(join(folder, file), 'utf8'));
      return [`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n');
    })
    .join(`\n\n${'-'.repeat(80)}\n\n`);
}

/** The part of `cargo metadata` that is used here. */
interface CargoMetadata {
  readonly packages: readonly {
    readonly id: string;
    readonly name: string;
    readonly version: string;
    readonly license: string | null;
    readonly source: string | null;
    readonly manifest_path: string;
  }[];
  readonly resolve: { readonly nodes: readonly { readonly id: string }[] };
}

/** A folder of Python's, whole or not there. */
function installedLinker(): string {
  const hash = createHash('sha256').update(readFileSync(LINKER)).digest('hex').slice(0, 16);
  const folder = join(cache, `linker-${hash}`);
  if (existsSync(folder)) return folder;
  const making = `${folder}-${process.pid}`;
  try {
    run('python3', ['-m', 'venv', making]);
    const words = ['install', '--quiet', '--no-deps', '--require-hashes', '--only-binary', ':all:', '-r', LINKER];
    run(join(making, 'bin', 'python'), ['-m', 'pip', ...words]);
    renameSync(making, folder);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return folder;
}

function run(command: string, words: readonly string[], options: SpawnSyncOptions = {}): void {
  const { status, error } = spawnSync(command, words, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (status === 0) return;
  console.error(`\n${command} ${words.join(' ')} failed${error ? `: ${error.message}` : ': the reason stands above.'}`);
  process.exit(1);
}

/** The folder appears whole, by a rename. */
function putInPlace(kept: string): void {
  const making = join(root, 'dist', `.proxy-${process.pid}`);
  const replaced = `${making}-replaced`;
  const files = [
    [join(source, 'extension'), 'extensions/maintenance-window'],
    [join(source, 'wrapper'), 'maintenance-window/wrapper'],
    [kept, 'maintenance-window/proxy'],
    [licensesOf(kept), 'maintenance-window/THIRD-PARTY-LICENSES'],
  ] as const;
  try {
    for (const folder of ['extensions', 'maintenance-window']) mkdirSync(join(making, folder), { recursive: true });
    for (const [from, to] of files) {
      copyFileSync(from, join(making, to));
      chmodSync(join(making, to), from === licensesOf(kept) ? 0o644 : 0o755);
    }
    copyFileSync(engineOf(kept), join(making, 'engine'));
    renameSync(join(making, 'engine'), engineFile);
    if (existsSync(target)) renameSync(target, replaced);
    renameSync(making, target);
  } finally {
    for (const folder of [making, replaced]) rmSync(folder, { recursive: true, force: true });
  }
}
