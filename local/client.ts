import { spawn } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

const HOME = join(import.meta.dirname, '..');
const BUILT = join(HOME, 'dist', 'ric');
/** The last file of the three is written last: a build that broke off lacks it. */
const OUTPUTS = ['bootstrap', 'index.mjs', 'maintenance-window.mjs'].map((name) => join(BUILT, name));
const SOURCES = ['{ric,aws,gate}/*', 'ric/upstream/node_modules/aws-lambda-ric/index.mjs', 'package-lock.json'];

/** The patched client, or the exit code of a build that has said itself what is wrong. */
export type ClientBuild =
  | { readonly kind: 'built'; readonly bootstrap: string }
  | { readonly kind: 'failed'; readonly exitCode: number };

/**
 * Builds the patched client where it is older than its sources. Where it is not, it is left alone: another runner may be
 * using it. The build's own words go to this process's standard error.
 */
export async function buildClient(signal: AbortSignal): Promise<ClientBuild> {
  if (!isUpToDate()) {
    const exitCode = await runBuild(signal);
    if (exitCode !== 0) return { kind: 'failed', exitCode };
  }
  return { kind: 'built', bootstrap: join(BUILT, 'bootstrap') };
}

function isUpToDate(): boolean {
  const builtAt = Math.min(...OUTPUTS.map(changedAt));
  return globSync(SOURCES, { cwd: HOME }).every((source) => changedAt(join(HOME, source)) < builtAt);
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}

function runBuild(signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const build = spawn(process.execPath, [join(HOME, 'ric', 'build.ts')], { stdio: ['ignore', 2, 2], signal });
    build.once('error', reject);
    build.once('close', (code) => resolve(code ?? 1));
  });
}
