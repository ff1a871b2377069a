import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Whether the file is there with exactly this content. Reads all of it: 9 MB take some 10 ms. */
export async function isChecked(file: string, sha256: string): Promise<boolean> {
  return (await sha256Of(file).catch(() => undefined)) === sha256;
}

/**
 * Makes an executable file that is there either whole and right or not at all: it is written under another name in the
 * same folder, checked, and only then renamed. So several runs side by side may make the same file.
 *
 * @param write writes the content to the path that it is given
 * @throws what `write` throws, or an error that names both checksums
 */
export async function keepChecked(
  target: string,
  sha256: string,
  write: (file: string) => Promise<void>,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const unchecked = `${target}.${randomUUID()}`;
  try {
    await write(unchecked);
    const found = await sha256Of(unchecked);
    if (found !== sha256) throw new Error(`what came is not the emulator: its SHA-256 is ${found}, not ${sha256}`);
    await chmod(unchecked, 0o755);
    await rename(unchecked, target);
  } finally {
    await rm(unchecked, { force: true });
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
