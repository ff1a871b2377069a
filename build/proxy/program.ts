/**
 * The proxy's program for an architecture. A finished one is kept in the cache folder under a hash of all that it is made of, so
 * a second build takes no time. It is linked by zig for glibc 2.26, which Amazon Linux 2 has: by the linker of a newer system
 * it would not start there. Zig compiles for every architecture, too; of Rust it takes the library of each.
 */
import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../local/cache-folder.ts';
import type { Caller } from '../machine/caller.ts';
import { hasProgram } from '../machine/programs.ts';

/** What links. Hashes of its files stand beside it: pip takes no others. */
const LINKER = join(import.meta.dirname, 'linker.txt');
const GLIBC = '2.26';
const TRIPLES = { x64: 'x86_64-unknown-linux-gnu', arm64: 'aarch64-unknown-linux-gnu' } as const;

type Environment = Caller['env'];

const source = join(import.meta.dirname, '..', '..', 'proxy');

/** As Node names it. */
export type Architecture = keyof typeof TRIPLES;

/** Files of a program that is finished. */
export interface ProxyProgram {
  readonly kind: 'there';
  readonly file: string;
  /** The engine in it alone, for the tests. */
  readonly engine: string;
  /** Texts of the licences of all that is linked into it. */
  readonly licenses: string;
}

/** What this machine lacks for a program of an architecture, in a line with the command that brings it, or nothing. */
export function missingForProxy(architecture: Architecture, { env }: Caller): string | undefined {
  const has = (name: string) => hasProgram(env['PATH'] ?? '', name);
  if (process.platform !== 'linux' || !(process.arch in TRIPLES)) return 'it runs on Linux alone, on x64 and arm64.';
  if (!has('cargo')) return 'this machine has no cargo:  sudo apt-get install cargo   (or https://rustup.rs)';
  if (!has('python3') || spawnSync('python3', ['-m', 'venv', '--help'], { env }).status !== 0) {
    return 'this machine has no python3 with venv, which brings the linker:  sudo apt-get install python3-venv';
  }
  const triple = TRIPLES[architecture];
  return rustcFor(triple, env) ? undefined : `its rustc has no library for ${triple}:  rustup target add ${triple}`;
}

/**
 * Finds the program for an architecture, and compiles it where it is not there yet.
 *
 * @param gate file of what the engine runs
 * @param withEngine compiles the engine alone, too, which takes as long again
 * @returns why it is not there, where a tool fails; the tool has then said its own words
 */
export function proxyProgram(
  architecture: Architecture,
  gate: string,
  withEngine: boolean,
  caller: Caller,
): ProxyProgram | { readonly kind: 'failed'; readonly message: string } {
  const triple = TRIPLES[architecture];
  const file = join(cacheFolder(caller.env), `proxy-${hashOfSource(triple, gate)}`);
  const program = { kind: 'there', file, engine: `${file}-engine`, licenses: `${file}-licenses` } as const;
  const wanted = [file, ...(withEngine ? [program.engine] : [])];
  const fault = wanted.every((each) => existsSync(each)) ? undefined : compile(triple, program, withEngine, caller);
  return fault ? { kind: 'failed', message: fault } : program;
}

/**
 * A compiler of Rust that has the library of a target: that of the path, or one that was laid into the cache folder
 * (`.ci/rust`), for machines that rustup's own servers are out of reach of.
 */
function rustcFor(triple: string, env: Environment): string | undefined {
  const compilers = [env['RUSTC'] || 'rustc', join(cacheFolder(env), 'rust', 'rustc')];
  return compilers.find((rustc) => {
    const words = ['--print', 'target-libdir', '--target', triple];
    const { status, stdout } = spawnSync(rustc, words, { cwd: source, env, encoding: 'utf8' });
    return status === 0 && existsSync(stdout.trim());
  });
}

/** All that the program is made of. */
function hashOfSource(triple: string, gate: string): string {
  const hash = createHash('sha256').update(`${triple} ${GLIBC}`).update(readFileSync(gate));
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

/** What went wrong, or nothing. */
function compile(triple: string, program: ProxyProgram, withEngine: boolean, { env, say }: Caller): string | undefined {
  say(`Compiling the proxy for ${triple} (once for each change; the first time some minutes) …`);
  const cache = cacheFolder(env);
  const linker = join(cache, `linker-${hashOf(LINKER)}`);
  const compiled = join(cache, 'proxy-target');
  const made = new Map(withEngine ? [['examples/engine', program.engine]] : []).set('proxy', program.file);
  const parts = ['--bin', 'proxy', ...(withEngine ? ['--example', 'engine'] : [])];
  const words = ['zigbuild', '--release', '--locked', ...parts, '--target', `${triple}.${GLIBC}`];
  words.push('--target-dir', compiled);
  // Clones share cargo's folder, where the programs of all have one name: nobody else may compile before ours is taken.
  const making = (name: string) => `${name}-${process.pid}`;
  const taking = [...made].map(([from, name]) => ['cp', join(compiled, triple, 'release', from), making(name)]);
  const commands = [['cargo', ...words], ...taking].map((command) => command.map(quotedForShell).join(' '));
  const fault =
    install(linker, env) ??
    run('flock', [`${compiled}.lock`, 'sh', '-c', commands.join(' && ')], {
      cwd: source,
      env: { ...env, RUSTC: rustcFor(triple, env), PATH: `${linker}/bin:${env['PATH']}` },
    });
  if (fault) return fault;
  writeFileSync(program.licenses, licensesOfCrates(triple, env));
  for (const [, name] of made) renameSync(making(name), name);
  return undefined;
}

function quotedForShell(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Texts of the licences of all that is linked into the program, by crate. */
function licensesOfCrates(triple: string, env: Environment): string {
  const words = ['metadata', '--locked', '--format-version', '1', '--filter-platform', triple];
  const { stdout } = spawnSync('cargo', words, { cwd: source, env, encoding: 'utf8', maxBuffer: 1 << 28 });
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

/** Installs the linker as a folder of Python's, whole or not at all. Returns what went wrong, or nothing. */
function install(linker: string, env: Environment): string | undefined {
  if (existsSync(linker)) return undefined;
  const making = `${linker}-${process.pid}`;
  try {
    const words = ['install', '--quiet', '--no-deps', '--require-hashes', '--only-binary', ':all:', '-r', LINKER];
    const fault =
      run('python3', ['-m', 'venv', making], { env }) ??
      run(join(making, 'bin', 'python'), ['-m', 'pip', ...words], { env });
    if (!fault) renameSync(making, linker);
    return fault;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);
}

/** Its own words go to standard error. Returns what went wrong, or nothing. */
function run(command: string, words: readonly string[], options: SpawnSyncOptions): string | undefined {
  const { status, error } = spawnSync(command, words, { stdio: ['ignore', 2, 2], ...options });
  if (status === 0) return undefined;
  return `${command} ${words.join(' ')} failed${error ? `: ${error.message}` : ': the reason stands above.'}`;
}
