/**
 * Builds `dist/cli/main.mjs`, the tool as one file of JavaScript: Node strips no types inside of `node_modules`, where the
 * tool stands once the package is installed. What the package depends on stays outside, so that an audit sees it. The file
 * appears whole, by a rename.
 */
import { chmodSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;
const target = join(here, '..', 'dist', 'cli');
const making = join(target, `.main-${process.pid}.mjs`);

mkdirSync(target, { recursive: true });
await build({
  entryPoints: [join(here, 'main.ts')],
  outfile: making,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node22',
  format: 'esm',
  logLevel: 'warning',
});
chmodSync(making, 0o755);
renameSync(making, join(target, 'main.mjs'));
