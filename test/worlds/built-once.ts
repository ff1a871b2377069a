import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../local/cache-folder.ts';

export interface Build {
  /** Names the folder, before its hash. */
  readonly name: string;
  /** The folder of the sources and lock files: all that the result depends on, with `tools`. */
  readonly sources: string;
  /** What the tools say of their versions, and whatever else a result depends on. */
  readonly tools: readonly string[];
  /** Makes the result in an empty folder. Runs once for one state of the sources and the tools. */
  readonly build: (folder: string) => Promise<void>;
}

/**
 * The folder of a build whose result is kept between runs, in `$XDG_CACHE_HOME/maintenance-window/tests`.
 *
 * A result appears under its name when it is whole, by one rename: two runs side by side may both build, and the first
 * to end is the one that counts.
 */
export async function builtOnce({ name, sources, tools, build }: Build): Promise<string> {
  const kept = join(cacheFolder(process.env), 'tests');
  const folder = join(kept, `${name}-${hashOf(sources, tools)}`);
  if (existsSync(folder)) return folder;

  const unfinished = join(kept, `.${name}-${randomUUID()}`);
  mkdirSync(unfinished, { recursive: true });
  try {
    await build(unfinished);
    renameSync(unfinished, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

function hashOf(sources: string, tools: readonly string[]): string {
  const files = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  const hash = createHash('sha256').update(JSON.stringify([process.arch, tools]));
  for (const file of files) hash.update(JSON.stringify([file.slice(sources.length), readFileSync(file, 'base64')]));
  return hash.digest('hex').slice(0, 16);
}
