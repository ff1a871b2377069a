import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder itself and those above it that hold a file of this name, the nearest first. */
export function foldersWith(name: string, folder: string): readonly string[] {
  const above = dirname(folder) === folder ? [] : foldersWith(name, dirname(folder));
  return existsSync(join(folder, name)) ? [folder, ...above] : above;
}
