import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UPSTREAM } from '../../ric/patch/upstream.ts';
import type { Caller } from '../machine/caller.ts';
import { whyUnfit } from '../machine/managed-runtime.ts';
import { hasProgram } from '../machine/programs.ts';
import { makeFile } from '../output/whole.ts';
import { INSTALLED, NATIVE, UPSTREAM_HOME } from './installed.ts';

/** Beside what npm installs: compiled for the other architecture here, or put there by a release, which compiles each on its own. */
const compiled = join(UPSTREAM_HOME, 'compiled');

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

/** The folder of what is compiled for an architecture elsewhere than in npm's. */
export function compiledFor(architecture: string): string {
  return join(compiled, `${UPSTREAM.version}-${architecture}`);
}

function fileFor(architecture: string): string {
  const released = join(compiledFor(architecture), NATIVE);
  return architecture === process.arch && !existsSync(released) ? join(INSTALLED, NATIVE) : released;
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
