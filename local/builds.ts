import { spawn, spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

const HOME = join(import.meta.dirname, '..');

/** Something that is built. */
interface Product {
  readonly script: string;
  /** The last one is written last: a build that broke off lacks it. */
  readonly outputs: readonly string[];
  readonly sources: readonly string[];
}

const CLIENT: Product = {
  script: 'build/client.ts',
  outputs: ['bootstrap', 'index.mjs', 'rehearse.mjs', 'maintenance-window.mjs'].map((name) => `dist/ric/${name}`),
  sources: [
    '{core,aws,host,build}/**/*.ts',
    'ric/*',
    'ric/{realm,rehearsal}/*',
    'ric/upstream/node_modules/aws-lambda-ric/index.mjs',
    'package{,-lock}.json',
  ],
};
const TOOL: Product = {
  script: 'build/cli.ts',
  outputs: ['dist/cli/main.mjs'],
  sources: ['{core,aws,operator,build}/**/*.ts', 'package{,-lock}.json'],
};
const PAGE: Product = {
  script: 'build/console.ts',
  outputs: ['dist/console/index.html'],
  sources: ['operator/console/**/*.{ts,tsx,css}', 'build/console.ts', 'package{,-lock}.json'],
};

const PROXY: Product = {
  script: 'build/proxy.ts',
  outputs: ['dist/proxy/maintenance-window/proxy'],
  sources: [
    '{core,aws,host,proxy,build}/**/*.ts',
    'proxy/{extension,wrapper,Cargo.toml,Cargo.lock,build.rs}',
    'proxy/{src,framing}/**/*.rs',
    'build/proxy/linker.txt',
    'package{,-lock}.json',
  ],
};

const CLOUD: Product = {
  script: 'build/cloud.ts',
  outputs: ['dist/monitor/index.js', 'dist/drain/index.js'],
  sources: ['{core,aws,cloud,build}/**/*.ts', 'package{,-lock}.json'],
};

/** What the gate is in. */
type Host = 'client' | 'proxy';
const HOSTS: Readonly<Record<Host, Product>> = { client: CLIENT, proxy: PROXY };

/** Program of the gate's host, the tool's, and the folder of what runs in the cloud; or the exit code of a failed build, which has reported its fault. */
export type Built =
  | { readonly kind: 'built'; readonly program: string; readonly tool: string; readonly cloud: string }
  | { readonly kind: 'failed'; readonly exitCode: number };

/**
 * Builds the client or the proxy, the operator's tool, monitor and drain, where they are older than their sources. What is not is left
 * alone: another runner may be using it. The builds' own words go to this process's standard error.
 */
export async function build(host: Host, signal: AbortSignal): Promise<Built> {
  for (const product of [HOSTS[host], TOOL, PAGE, CLOUD]) {
    if (isUpToDate(product)) continue;
    const exitCode = await run(product, signal);
    if (exitCode !== 0) return { kind: 'failed', exitCode };
  }
  const [program = ''] = HOSTS[host].outputs;
  return {
    kind: 'built',
    program: join(HOME, program),
    tool: join(HOME, 'dist/cli/main.mjs'),
    cloud: join(HOME, 'dist'),
  };
}

/** Says what this machine lacks to build the proxy, with the command to get it; absent where it is built, or can be. */
export function proxyLacks(): string | undefined {
  if (isUpToDate(PROXY)) return undefined;
  const { stdout } = spawnSync(process.execPath, [join(HOME, PROXY.script), '--lacks'], {
    cwd: HOME,
    encoding: 'utf8',
  });
  return stdout.trim() || undefined;
}

function isUpToDate({ outputs, sources }: Product): boolean {
  const builtAt = Math.min(...outputs.map(changedAt));
  return globSync(sources, { cwd: HOME }).every((source) => changedAt(source) < builtAt);
}

function changedAt(file: string): number {
  return statSync(join(HOME, file), { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}

function run({ script }: Product, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = spawn(process.execPath, [join(HOME, script)], { cwd: HOME, stdio: ['ignore', 2, 2], signal });
    started.once('error', reject);
    started.once('close', (code) => resolve(code ?? 1));
  });
}
