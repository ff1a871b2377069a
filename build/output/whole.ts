/**
 * Files and folders that appear whole, by a rename: whoever is just reading one, or another build, never meets half of it.
 * Of two builds at once the later one wins; of one that fails nothing is seen.
 */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Makes a file, and its folder where there is none.
 *
 * @param mode such as `0o755`; without it this machine's own
 */
export function makeFile(target: string, contents: string | Uint8Array, mode?: number): void {
  const folder = dirname(target);
  // beside the folder: a stack may just be taking all that is in it
  const making = `${besides(folder)}-${basename(target)}`;
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(making, contents);
    if (mode !== undefined) chmodSync(making, mode);
    renameSync(making, target);
  } finally {
    rmSync(making, { force: true });
  }
}

/**
 * Makes a folder, in place of the one that is there.
 *
 * @param fill writes what is to be in it, into the empty folder that it is given
 */
export async function makeFolder(target: string, fill: (making: string) => void | Promise<void>): Promise<void> {
  const making = besides(target);
  const replaced = `${making}-replaced`;
  // a process of the same id may have been killed here
  remove(making);
  mkdirSync(making, { recursive: true });
  try {
    await fill(making);
    while (!isPut(making, target, replaced)) remove(replaced);
  } finally {
    remove(making);
    remove(replaced);
  }
}

/** Whether it is there now; not where another build took the old folder away, or put its own, in between. */
function isPut(making: string, target: string, replaced: string): boolean {
  try {
    if (existsSync(target)) renameSync(target, replaced);
    renameSync(making, target);
    return true;
  } catch (error) {
    const metAnother =
      error instanceof Error && 'code' in error && ['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(String(error.code));
    if (!metAnother || !existsSync(making)) throw error;
    return false;
  }
}

function besides(target: string): string {
  return join(dirname(target), `.${basename(target)}-${process.pid}`);
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
