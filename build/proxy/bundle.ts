/** Bundles for the engine in the proxy: what Node has, and the engine has not, comes from `proxy/node/`. */
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { versionAlone } from '../bundle/project-version.ts';

const root = join(import.meta.dirname, '..', '..');
const source = join(root, 'proxy');

/** Node's modules, and what the engine does better itself. */
const ALIASES: readonly (readonly [RegExp, string])[] = [
  [/^(?:node:)?crypto$/, 'crypto.ts'],
  [/^(?:node:)?zlib$/, 'zlib.ts'],
  [/^(?:node:)?(?:url|querystring)$/, 'nothing.ts'],
  [/^\.\/crc32\.ts$/, 'crc32.ts'],
];
const inTheEngine: Plugin = {
  name: 'in-the-engine',
  setup({ onResolve }) {
    for (const [filter, file] of ALIASES) {
      onResolve({ filter }, ({ importer }) =>
        importer.startsWith(join(source, 'node')) ? undefined : { path: join(source, 'node', file) },
      );
    }
  },
};

/** @param entry from the root of this project */
export async function bundleForEngine(entry: string, outfile: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2023',
    format: 'iife',
    legalComments: 'none',
    plugins: [inTheEngine, versionAlone],
    define: { ZONES: JSON.stringify(Intl.supportedValuesOf('timeZone').join(' ')) },
    logLevel: 'warning',
  });
}
