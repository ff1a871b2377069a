import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UPSTREAM } from '../../ric/patch/upstream.ts';
import type { Caller } from '../machine/caller.ts';
import { elfNeeds } from '../machine/elf.ts';
import { hasProgram } from '../machine/programs.ts';
import { makeFile } from '../output/whole.ts';
import { INSTALLED, NATIVE, UPSTREAM_HOME } from './installed.ts';

/** Beside what npm installs: compiled for the other architecture here, or put there by a release, which compiles each on its own. */
const compiled = join(UPSTREAM_HOME, 'compiled');

/** What the managed Node runtimes have, which run on Amazon Linux 2023: glibc 2.34, and what Node itself is linked with. */
const RUNTIME = { GLIBC: '2.34', GLIBCXX: '3.4.29', CXXABI: '1.3.13', GCC: '7.0.0' } as const;

/** The other architecture, for whose compile a machine of x64 needs one more compiler. */
const CROSS = {
  arm64: { prefix: 'aarch64-linux-gnu', get: 'sudo apt-get install -y g++-aarch64-linux-gnu' },
} as const;

/** Upstream's native part for an architecture, or why there is none. */
export type NativeClient =
  | { readonly kind: 'there'; readonly file: string }
  | { readonly kind: 'missing'; readonly message: string };

/**
 * Finds upstream's native part for an architecture, and compiles it where it is not there yet and a compiler is.
 *
 * @param architecture as Node names it
 */
export function nativeClient(architecture: 'x64' | 'arm64', caller: Caller): NativeClient {
  const file = fileFor(architecture);
  if (!existsSync(file)) {
    const missing = compile(architecture, file, caller);
    if (missing) return { kind: 'missing', message: missing };
  }
  const unfit = whyUnfit(readFileSync(file), architecture);
  return unfit ? { kind: 'missing', message: `${file} ${unfit}` } : { kind: 'there', file };
}

function fileFor(architecture: string): string {
  const released = join(compiled, `${UPSTREAM.version}-${architecture}`, NATIVE);
  return architecture === process.arch && !existsSync(released) ? join(INSTALLED, NATIVE) : released;
}

/**
 * Why a native part cannot be loaded by AWS's managed Node runtimes.
 *
 * @param bytes of the ELF file
 */
export function whyUnfit(bytes: Buffer, architecture: string): string | undefined {
  const needs = elfNeeds(bytes);
  if (needs.architecture !== architecture) return `is compiled for ${needs.architecture}, not for ${architecture}`;
  const newer = needs.versions.filter((version) => {
    const [, name = '', number = ''] = /^([A-Z]+)_([\d.]+)$/.exec(version) ?? [];
    const limit = (RUNTIME as Readonly<Record<string, string>>)[name];
    return limit === undefined || compareVersions(number, limit) > 0;
  });
  if (newer.length === 0) return undefined;
  return `needs ${newer.join(', ')}, and Amazon Linux 2023 has glibc ${RUNTIME.GLIBC}: compile it on Debian 12 or older`;
}

function compareVersions(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

/**
 * Runs upstream's own compile with another compiler. Its scripts know of none, so all is said in the environment: autoconf
 * takes the host's name from there, CMake the compiler, and node-gyp the architecture.
 */
function compile(architecture: 'x64' | 'arm64', file: string, { env, say }: Caller): string | undefined {
  const cross = architecture === 'arm64' && process.arch === 'x64' ? CROSS.arm64 : undefined;
  if (!cross) return `${UPSTREAM.package} is compiled for ${architecture} on a machine of its own`;
  if (!hasProgram(env['PATH'] ?? '', `${cross.prefix}-g++`)) {
    return `this machine has no ${cross.prefix}-g++: ${cross.get}`;
  }
  say(`Compiling ${UPSTREAM.package} ${UPSTREAM.version} for ${architecture} (about a minute, once) …`);
  const folder = mkdtempSync(join(tmpdir(), 'native-client-'));
  try {
    for (const one of ['package.json', 'package-lock.json', '.npmrc']) {
      copyFileSync(join(UPSTREAM_HOME, one), join(folder, one));
    }
    const npm = spawnSync('npm', ['run', '--silent', 'compile'], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...env,
        host_alias: cross.prefix,
        build_alias: 'x86_64-linux-gnu',
        CC: `${cross.prefix}-gcc`,
        CXX: `${cross.prefix}-g++`,
        LINK: `${cross.prefix}-g++`,
        AR: `${cross.prefix}-ar`,
        RANLIB: `${cross.prefix}-ranlib`,
        npm_config_arch: architecture,
      },
    });
    const made = join(folder, 'node_modules', UPSTREAM.package, NATIVE);
    if (npm.status !== 0 || !existsSync(made)) return `its compile failed:\n${npm.stdout}${npm.stderr}`;
    makeFile(file, readFileSync(made), 0o755);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
