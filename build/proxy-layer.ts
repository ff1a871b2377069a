/**
 * Builds `dist/proxy-layer/`: the proxy as a Lambda layer, one zip for this machine's architecture, from the folder that
 * `build/proxy.ts` made; none where it made none, and said so. A zip of the other architecture that was brought here stays.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layerZip } from './layer-zip.ts';

const dist = join(import.meta.dirname, '..', 'dist');
const proxy = join(dist, 'proxy');
const folder = join(dist, 'proxy-layer');
/** By Lambda's names. */
const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const target = join(folder, `maintenance-window-proxy-${architecture}.zip`);
const making = `${target}.${process.pid}`;

if (existsSync(proxy)) {
  const names = readdirSync(proxy, { recursive: true, encoding: 'utf8' }).sort();
  const files = names
    .map((name) => ({ name, stats: statSync(join(proxy, name)) }))
    .filter(({ stats }) => stats.isFile())
    .map(({ name, stats }) => ({
      name,
      bytes: readFileSync(join(proxy, name)),
      isProgram: (stats.mode & 0o111) !== 0,
    }));
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(making, layerZip(files));
    renameSync(making, target);
  } finally {
    rmSync(making, { force: true });
  }
} else {
  // it would be an older proxy's
  rmSync(target, { force: true });
}
