import { isAbsolute, join, relative } from 'node:path';

/** Beside this folder and beside that of the built tool: the package brings its pages. */
const DOCS = join(import.meta.dirname, '..', '..', 'docs');

/**
 * A page of the documentation as a message names it: the file that stands on this machine, from the working folder where it is
 * below that.
 *
 * @param page its file name
 */
export function docsFile(page: string): string {
  const file = join(DOCS, page);
  const near = relative(process.cwd(), file);
  return near.startsWith('..') || isAbsolute(near) ? file : near;
}
