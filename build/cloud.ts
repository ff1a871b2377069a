/**
 * Builds `dist/monitor/` and `dist/drain/`: code as Lambda runs it, which `infra/` takes as it is. The SDK stays outside, since
 * it comes with the runtime. Each folder appears whole, by a rename.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');

for (const name of ['monitor', 'drain']) {
  const target = join(root, 'dist', name);
  const making = join(root, 'dist', `.${name}-${process.pid}.js`);
  await build({
    // Paths stand in the bundle's comments: relative to the root, they are the same on every machine.
    absWorkingDir: root,
    entryPoints: [`cloud/${name}/main.ts`],
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
    // Here, too, it is what it is in Lambda, which knows no package around it.
    writeFileSync(join(target, 'package.json'), '{"type":"commonjs"}\n');
    renameSync(making, join(target, 'index.js'));
  } finally {
    rmSync(making, { force: true });
  }
}
