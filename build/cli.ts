/**
 * Builds `dist/cli/`, the tool as JavaScript: Node strips no types inside of `node_modules`, where the tool stands once the
 * package is installed. What the package depends on stays outside, so that an audit sees it. What is loaded on need (each
 * of AWS's clients) is a file of its own: a command pays for those that it uses.
 *
 * Files appear whole, by a rename, and `main.mjs` last: a tool that is just starting, or another build, never meets half of it.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { versionAlone } from './bundle/project-version.ts';
import { makeFile } from './output/whole.ts';

const MAIN = 'main.mjs';

const root = join(import.meta.dirname, '..');
const target = join(root, 'dist', 'cli');

const { outputFiles } = await build({
  entryPoints: [join(root, 'operator', 'cli', 'main.ts')],
  outdir: target,
  outExtension: { '.js': '.mjs' },
  // the name says the content, so that files of two builds never mix
  chunkNames: 'part-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  plugins: [versionAlone],
  platform: 'node',
  target: 'node22',
  format: 'esm',
  write: false,
  logLevel: 'warning',
});
const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
for (const [name, contents] of files) if (name !== MAIN && !existsSync(join(target, name))) put(name, contents);
put(MAIN, files.get(MAIN) ?? '');
for (const name of readdirSync(target)) if (name.startsWith('part-') && !files.has(name)) rmSync(join(target, name));

function put(name: string, contents: string | Uint8Array): void {
  makeFile(join(target, name), contents, 0o755);
}
