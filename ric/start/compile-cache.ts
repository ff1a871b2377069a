/** Folder of V8's compile cache beside the client's files, written by `bootstrap --compile-cache`. */
const BAKED = 'compile-cache';

/** Whether Node was told to use the cache that was baked in. A cache of the function's own is none of our business. */
export function isCompileCacheBaked(client: string, { NODE_COMPILE_CACHE: folder }: NodeJS.ProcessEnv): boolean {
  if (folder === undefined) return false;
  try {
    return process.getBuiltinModule('node:fs').realpathSync(folder) === `${client}/${BAKED}`;
  } catch {
    return false;
  }
}

/**
 * Why Node does not use the cache that was baked in, if it does not. Node looks for a folder whose name fits; what was
 * baked in are links, one for each user, and a folder is what Node made itself.
 */
export function compileCacheMismatch(client: string): string | undefined {
  try {
    const folder = process.getBuiltinModule('node:module').getCompileCacheDir();
    const { lstatSync, readdirSync } = process.getBuiltinModule('node:fs');
    if (folder && lstatSync(folder).isSymbolicLink()) return undefined;
    const tag = process.getBuiltinModule('node:v8').cachedDataVersionTag().toString(16);
    const wanted = `${process.version}-${process.arch}-${tag}-${process.getuid?.()}`;
    const baked = readdirSync(`${client}/${BAKED}`, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
    const names = baked.map(({ name }) => name).join(', ');
    return `this Node, with its V8 flags, CPU and user, looks for ${wanted}; there are ${names}`;
  } catch (fault) {
    return String(fault);
  }
}
