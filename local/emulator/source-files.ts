import { readdirSync, statSync } from 'node:fs';
import { extname, join, relative } from 'node:path';

/** What a function's code is made of. */
export interface SourceKind {
  /** Of files that are loaded or built, or that a function reads beside them. */
  readonly extensions: readonly string[];
  /** Names of folders with packages, or with what is built. */
  readonly except: readonly string[];
}

const NODE: SourceKind = {
  extensions: ['.js', '.mjs', '.cjs', '.json', '.node', '.wasm'],
  except: ['node_modules'],
};
/** A task root may be a folder with much else in it. */
const MAX_FILES = 2_000;

/** The code of a function as it is now: when each file was changed, and how long it is. */
export type SourceFiles = ReadonlyMap<string, string>;

/**
 * Looks at the code below a task root, without packages and what is hidden.
 *
 * @param file the handler's own, wherever it is
 */
export function lookAtSources(taskRoot: string, file: string, { extensions, except }: SourceKind = NODE): SourceFiles {
  const found = new Map<string, string>();
  note(found, taskRoot, file);
  const folders = [taskRoot];
  for (let folder = folders.pop(); folder !== undefined && found.size < MAX_FILES; folder = folders.pop()) {
    for (const entry of entriesOf(folder)) {
      if (entry.name.startsWith('.') || except.includes(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (extensions.includes(extname(entry.name))) note(found, taskRoot, path);
    }
  }
  return found;
}

/** A file that is another one than before, or is there no more or anew; by its path in the task root. */
export function changedFile(before: SourceFiles, after: SourceFiles): string | undefined {
  return [...new Set([...after.keys(), ...before.keys()])].find((path) => before.get(path) !== after.get(path));
}

function note(found: Map<string, string>, taskRoot: string, path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) found.set(relative(taskRoot, path), `${stat.mtimeMs} ${stat.size} ${stat.ino}`);
}

/** A folder may be gone, or closed to us. */
function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
