/**
 * Builds `dist/console/`, the console's page: one script and one style, that ask nothing of anybody but their server. Files
 * appear whole, by a rename.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const source = join(root, 'operator', 'console', 'page');
const target = join(root, 'dist', 'console');

const { outputFiles } = await build({
  entryPoints: [{ in: join(source, 'main.tsx'), out: 'console' }],
  outdir: target,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'inline',
  write: false,
  logLevel: 'warning',
});
mkdirSync(target, { recursive: true });
for (const { path, contents } of outputFiles) put(basename(path), contents);
put(
  'index.html',
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Maintenance windows</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/console.css">
<script type="module" src="/console.js"></script>
</head>
<body>
<noscript>The console takes JavaScript.</noscript>
<div id="console"></div>
</body>
</html>
`,
);

function put(name: string, content: Uint8Array | string): void {
  const making = join(target, `.${name}-${process.pid}`);
  writeFileSync(making, content);
  renameSync(making, join(target, name));
}
