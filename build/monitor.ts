/**
 * Builds `dist/monitor/`: the monitor's code as Lambda runs it, which `infra/monitor.ts` takes as it is. The SDK stays outside,
 * since it comes with the runtime. The folder appears whole, by a rename.
 */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const target = join(root, 'dist', 'monitor');
const making = join(root, 'dist', `.monitor-${process.pid}.js`);

await build({
  // Paths stand in the bundle's comments: relative to the root, they are the same on every machine.
  absWorkingDir: root,
  entryPoints: ['cloud/monitor/main.ts'],
  outfile: making,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  external: ['@aws-sdk/*'],
  legalComments: 'inline',
  logLevel: 'warning',
});
try {
  mkdirSync(target, { recursive: true });
  renameSync(making, join(target, 'index.js'));
} finally {
  rmSync(making, { force: true });
}
