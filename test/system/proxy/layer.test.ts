/** The zips of `dist/proxy-layer` as Lambda unpacks them into `/opt`. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
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
import { elfNeeds } from '../../../build/machine/elf.ts';
import { proxyLayerFile } from '../../../core/deployment/layer.ts';
import { type Cpu, OWN_CPU, proxyFolderOf } from '../../worlds/cpus.ts';
import { hasProxy } from '../../worlds/proxy.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const zipOf = (cpu: Cpu) => join(ROOT, 'dist', proxyLayerFile(cpu === 'arm64' ? 'arm64' : 'x86_64'));
const ZIP = zipOf(OWN_CPU);
const OTHER_CPU: Cpu = OWN_CPU === 'arm64' ? 'x64' : 'arm64';
/** The build says what it takes to make the other one; in CI that is an error of the build. */
const CPUS = [OWN_CPU, OTHER_CPU].filter((cpu) => process.env['CI'] || existsSync(proxyFolderOf(cpu)));
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
  it.each(CPUS)('of %s has the files of its folder, which may be run as there, and 3 MB at most', (cpu) => {
    const folder = mkdtempSync(join(tmpdir(), 'proxy-layer-'));
    try {
      execFileSync('unzip', ['-q', zipOf(cpu), '-d', folder]);
      const unpacked = filesOf(folder);
      expect(unpacked.filter(({ runs }) => runs).map(({ name }) => name)).toEqual([
        'extensions/maintenance-window',
        'maintenance-window/proxy',
        'maintenance-window/wrapper',
      ]);
      // what they hold would be a long message
      expect(JSON.stringify(unpacked) === JSON.stringify(filesOf(proxyFolderOf(cpu)))).toBe(true);
      expect(readFileSync(zipOf(cpu)).length).toBeLessThan(MAX_BYTES);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(CPUS)('of %s is a program of that CPU, for glibc 2.26 or later, without a library beside it', (cpu) => {
    const { architecture, libraries, versions } = elfNeeds(
      readFileSync(join(proxyFolderOf(cpu), 'maintenance-window', 'proxy')),
    );
    expect(architecture).toBe(cpu);
    const minors = versions.flatMap((version) => Number(/^GLIBC_2\.(\d+)/.exec(version)?.[1] ?? []));
    expect(minors.length).toBeGreaterThan(2);
    expect(Math.max(...minors)).toBeLessThanOrEqual(26);
    expect(libraries.filter((name) => !/^(?:lib(?:c|m|pthread|dl|rt|gcc_s)\.so|ld-linux)/.test(name))).toEqual([]);
  });

  it('is the same wherever and whenever it is made, and a zip of another architecture stays beside it', () => {
    const checkout = mkdtempSync(join(tmpdir(), 'proxy-layer-'));
    try {
      for (const name of ['build', 'core', 'dist/proxy', 'package.json']) {
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
