/**
 * Builds `dist/proxy-layer/`: the proxy as a Lambda layer, one zip for each architecture, from the folders that
 * `build/proxy.ts` made. A zip of the other architecture that was brought here stays where none was made.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { proxyLayerFile } from '../core/deployment/layer.ts';
import { ARCHITECTURES } from './layer/architectures.ts';
import { layerZip } from './layer/layer-zip.ts';
import { makeFile } from './output/whole.ts';

const dist = join(import.meta.dirname, '..', 'dist');

for (const [name, architecture] of Object.entries(ARCHITECTURES)) {
  const isOwn = architecture === process.arch;
  const folder = join(dist, isOwn ? 'proxy' : `proxy-${architecture}`);
  const target = join(dist, proxyLayerFile(name));
  if (existsSync(folder)) makeFile(target, zipOf(folder));
  // it would be an older proxy's
  else if (isOwn) rmSync(target, { force: true });
}

function zipOf(folder: string): Uint8Array {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names
    .map((name) => ({ name, stats: statSync(join(folder, name)) }))
    .filter(({ stats }) => stats.isFile())
    .map(({ name, stats }) => ({
      name,
      bytes: readFileSync(join(folder, name)),
      isProgram: (stats.mode & 0o111) !== 0,
    }));
  return layerZip(files);
}
