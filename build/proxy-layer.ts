/**
 * Builds `dist/proxy-layer/`: the proxy as a Lambda layer, one zip for each architecture, from the folders that
 * `build/proxy.ts` made. A zip of the other architecture that was brought here stays where none was made.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layerZip } from './layer/layer-zip.ts';

const dist = join(import.meta.dirname, '..', 'dist');
const layers = join(dist, 'proxy-layer');
/** By Lambda's names. */
const ARCHITECTURES = { x86_64: 'x64', arm64: 'arm64' } as const;

for (const [name, architecture] of Object.entries(ARCHITECTURES)) {
  const isOwn = architecture === process.arch;
  const folder = join(dist, isOwn ? 'proxy' : `proxy-${architecture}`);
  const target = join(layers, `maintenance-window-proxy-${name}.zip`);
  if (existsSync(folder)) makeZip(folder, target);
  // it would be an older proxy's
  else if (isOwn) rmSync(target, { force: true });
}

function makeZip(folder: string, target: string): void {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names
    .map((name) => ({ name, stats: statSync(join(folder, name)) }))
    .filter(({ stats }) => stats.isFile())
    .map(({ name, stats }) => ({
      name,
      bytes: readFileSync(join(folder, name)),
      isProgram: (stats.mode & 0o111) !== 0,
    }));
  const making = `${target}.${process.pid}`;
  mkdirSync(layers, { recursive: true });
  try {
    writeFileSync(making, layerZip(files));
    renameSync(making, target);
  } finally {
    rmSync(making, { force: true });
  }
}
