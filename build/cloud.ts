/**
 * Builds `dist/monitor/` and `dist/drain/`: code as Lambda runs it, which `infra/` takes as it is. The SDK stays outside, since
 * it comes with the runtime.
 */
import { join } from 'node:path';
import { build } from 'esbuild';
import { makeFile } from './output/whole.ts';

const root = join(import.meta.dirname, '..');

for (const name of ['monitor', 'drain']) {
  const target = join(root, 'dist', name);
  const { outputFiles } = await build({
    // Paths stand in the bundle's comments: relative to the root, they are the same on every machine.
    absWorkingDir: root,
    entryPoints: [`cloud/${name}/main.ts`],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    external: ['@aws-sdk/*'],
    legalComments: 'inline',
    write: false,
    logLevel: 'warning',
  });
  // Here, too, it is what it is in Lambda, which knows no package around it.
  makeFile(join(target, 'package.json'), '{"type":"commonjs"}\n');
  for (const { contents } of outputFiles) makeFile(join(target, 'index.js'), contents);
}
