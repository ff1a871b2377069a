/** The zip of `dist/proxy-layer` as Lambda unpacks it into `/opt`. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { proxyLayerFile } from '../../../core/deployment/layer.ts';
import { hasProxy, PROXY_LAYER } from '../../worlds/proxy.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const ZIP = join(ROOT, 'dist', 'proxy-layer', proxyLayerFile(process.arch === 'arm64' ? 'arm64' : 'x86_64'));
const MAX_BYTES = 3e6;

/** Every file of a folder: its name, who may run it, and its bytes. */
function filesOf(folder: string) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return names
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => {
      const file = join(folder, name);
      return { name, runs: (statSync(file).mode & 0o111) !== 0, text: readFileSync(file, 'latin1') };
    });
}

describe.skipIf(!hasProxy)('the proxy as a layer', () => {
  it('has the files of the folder, which may be run as there, and 3 MB at most', () => {
    const folder = mkdtempSync(join(tmpdir(), 'proxy-layer-'));
    try {
      execFileSync('unzip', ['-q', ZIP, '-d', folder]);
      const unpacked = filesOf(folder);
      expect(unpacked.filter(({ runs }) => runs).map(({ name }) => name)).toEqual([
        'extensions/maintenance-window',
        'maintenance-window/proxy',
        'maintenance-window/wrapper',
      ]);
      // what they hold would be a long message
      expect(JSON.stringify(unpacked) === JSON.stringify(filesOf(PROXY_LAYER))).toBe(true);
      expect(readFileSync(ZIP).length).toBeLessThan(MAX_BYTES);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is the same wherever and whenever it is made, and a zip of another architecture stays beside it', () => {
    const checkout = mkdtempSync(join(tmpdir(), 'proxy-layer-'));
    try {
      for (const name of ['build/proxy-layer.ts', 'build/layer-zip.ts', 'dist/proxy', 'package.json']) {
        cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
      }
      symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
      const layers = join(checkout, 'dist', 'proxy-layer');
      mkdirSync(layers);
      writeFileSync(join(layers, 'maintenance-window-proxy-other.zip'), 'brought here');
      const make = () => spawnSync(process.execPath, ['build/proxy-layer.ts'], { cwd: checkout, encoding: 'utf8' });
      const { status, stderr } = make();
      expect([status, stderr]).toEqual([0, '']);
      expect(readFileSync(join(layers, basename(ZIP))).equals(readFileSync(ZIP))).toBe(true);
      expect(readFileSync(join(layers, 'maintenance-window-proxy-other.zip'), 'utf8')).toBe('brought here');
      rmSync(join(checkout, 'dist', 'proxy'), { recursive: true });
      expect(make().status).toBe(0);
      expect(readdirSync(layers)).toEqual(['maintenance-window-proxy-other.zip']);
    } finally {
      rmSync(checkout, { recursive: true });
    }
  });
});
