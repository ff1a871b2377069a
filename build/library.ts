/**
 * Builds `dist/lib/`, what the package exports beside the tool: JavaScript as CommonJS, which `require` and `import` both
 * load in one copy, and the declarations beside it. The files of `exports/` are the entries.
 *
 * One file of JavaScript for each entry: nothing is outside of it but aws-cdk-lib, constructs and Node's own modules.
 */
import { execFileSync } from 'node:child_process';
import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { makeFolder } from './output/whole.ts';

const root = join(import.meta.dirname, '..');

await makeFolder(join(root, 'dist', 'lib'), async (making) => {
  await bundle(making);
  declare(making);
  // The package is one of ES modules; to Node and to TypeScript the nearest package.json counts.
  writeFileSync(join(making, 'package.json'), '{ "type": "commonjs" }\n');
});

async function bundle(outdir: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: globSync('exports/*.ts', { cwd: root }),
    outbase: root,
    outdir,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    // CommonJS has no import.meta. What asks for its folder stands in infra/, beside dist/.
    define: { 'import.meta.dirname': 'folderOfInfra' },
    banner: { js: "const folderOfInfra = require('node:path').join(__dirname, '../../../infra');" },
    logLevel: 'warning',
  });
}

function declare(outdir: string): void {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const words = ['--project', join(root, 'tsconfig.library.json'), '--outDir', outdir];
  execFileSync(process.execPath, [compiler, ...words], { cwd: root, stdio: ['ignore', 2, 2] });
}
