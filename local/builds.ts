import { spawn } from 'node:child_process';
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
    'package-lock.json',
  ],
};
const TOOL: Product = {
  script: 'build/cli.ts',
  outputs: ['dist/cli/main.mjs'],
  sources: ['{core,aws,operator,build}/**/*.ts', 'package-lock.json'],
};

/** Entries of the patched client and of the tool, or the exit code of a failed build, which has reported its fault. */
export type Built =
  | { readonly kind: 'built'; readonly bootstrap: string; readonly tool: string }
  | { readonly kind: 'failed'; readonly exitCode: number };

/**
 * Builds the patched client and the operator's tool where they are older than their sources. What is not is left alone:
 * another runner may be using it. The builds' own words go to this process's standard error.
 */
export async function build(signal: AbortSignal): Promise<Built> {
  for (const product of [CLIENT, TOOL]) {
    if (isUpToDate(product)) continue;
    const exitCode = await run(product, signal);
    if (exitCode !== 0) return { kind: 'failed', exitCode };
  }
  return { kind: 'built', bootstrap: join(HOME, 'dist/ric/bootstrap'), tool: join(HOME, 'dist/cli/main.mjs') };
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
    const started = spawn(process.execPath, [join(HOME, script)], { stdio: ['ignore', 2, 2], signal });
    started.once('error', reject);
    started.once('close', (code) => resolve(code ?? 1));
  });
}
