import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UPSTREAM } from '../../../ric/patch/upstream.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const upstream = join(root, 'ric', 'upstream', 'node_modules', UPSTREAM.package);

/** A checkout as a fresh clone has it after `npm ci`: upstream is installed where a test puts it. */
let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'checkout-'));
  for (const folder of ['core', 'aws', 'host', 'build'])
    cpSync(join(root, folder), join(checkout, folder), { recursive: true });
  for (const file of readdirSync(join(root, 'ric'))) {
    if (file !== 'upstream') cpSync(join(root, 'ric', file), join(checkout, 'ric', file), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  for (const file of ['package.json', 'package-lock.json']) {
    cpSync(join(root, file), join(checkout, file));
  }
});
afterEach(() => rmSync(checkout, { recursive: true }));

function installUpstream(change: { version?: string; source?: (text: string) => string } = {}): void {
  const folder = join(checkout, 'ric', 'upstream', 'node_modules', UPSTREAM.package);
  mkdirSync(folder, { recursive: true });
  for (const file of ['rapid-client.node', 'LICENSE', 'NOTICE', 'THIRD-PARTY-LICENSES', 'deps']) {
    cpSync(join(upstream, file), join(folder, file), { recursive: true });
  }
  const lock = 'ric/upstream/package-lock.json';
  cpSync(join(root, lock), join(checkout, lock));
  const source = readFileSync(join(upstream, UPSTREAM.file), 'utf8');
  writeFileSync(join(folder, UPSTREAM.file), change.source?.(source) ?? source);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: change.version ?? UPSTREAM.version }));
}

function run(script: string, searchPath = process.env['PATH']) {
  const { status, stderr } = spawnSync(process.execPath, [join(checkout, script)], {
    cwd: checkout,
    encoding: 'utf8',
    env: { PATH: searchPath },
  });
  return { status, stderr };
}

describe('the build', () => {
  it('makes one folder that is whole', () => {
    installUpstream();
    expect(run('build/client.ts')).toEqual({ status: 0, stderr: '' });
    expect(readdirSync(join(checkout, 'dist')).sort()).toEqual(['ric']);
    expect(readdirSync(join(checkout, 'dist', 'ric')).sort()).toEqual([
      'LICENSE',
      'NOTICE',
      'THIRD-PARTY-LICENSES',
      'before-node',
      'bill-of-materials.cdx.json',
      'bootstrap',
      'dynamodb-sdk.cjs',
      'dynamodb-signed.cjs',
      'event-store.cjs',
      'exec-wrapper',
      'gate.cache',
      'gate.cjs',
      'index.mjs',
      'inside.cjs',
      'maintenance-window.mjs',
      'next-wrapper',
      'outside-lambda',
      'parameter-reader-sdk.cjs',
      'rapid-client.node',
      'rehearse.mjs',
      'roots.pem',
      'schedule.cjs',
      'sockets.node',
      'watch-for-client',
      'wrong-runtime',
    ]);
    expect(readFileSync(join(checkout, 'dist/ric/THIRD-PARTY-LICENSES'), 'utf8')).toContain('aws4 1.13.2 (MIT)');
  });

  it('makes the layer of this architecture, and says in one line what the other one takes', () => {
    installUpstream();
    run('build/client.ts');
    const [own, other, get] =
      process.arch === 'arm64'
        ? ['arm64', 'x86_64', 'aws-lambda-ric is compiled for x64 on a machine of its own']
        : [
            'x86_64',
            'arm64',
            'this machine has no aarch64-linux-gnu-g++: sudo apt-get install -y g++-aarch64-linux-gnu',
          ];
    expect(run('build/layer.ts', dirname(process.execPath))).toEqual({
      status: 0,
      stderr: `No layer for ${other}: ${get}\n`,
    });
    expect(readdirSync(join(checkout, 'dist', 'layer'))).toEqual([`maintenance-window-${own}.zip`]);
  });

  it('makes no layer of a native part that Lambda could not load', () => {
    installUpstream();
    run('build/client.ts');
    const native = join(checkout, 'ric', 'upstream', 'node_modules', UPSTREAM.package, 'rapid-client.node');
    const bytes = readFileSync(native);
    const needed = bytes.indexOf('GLIBC_2.32\0');
    bytes.write('GLIBC_2.38', needed);
    writeFileSync(native, bytes);
    const { stderr } = run('build/layer.ts', dirname(process.execPath));
    expect(stderr).toMatch(
      /^No layer for \w+: \S+ needs GLIBC_2\.38, and Amazon Linux 2023 has glibc 2\.34: compile it on Debian 12 or older$/m,
    );
    expect(existsSync(join(checkout, 'dist', 'layer'))).toBe(false);
  });

  it('puts the version of package.json into the client, and nothing else of it', () => {
    installUpstream();
    const file = join(checkout, 'package.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), version: '98.76.54-rc.1' }));
    expect(run('build/client.ts')).toEqual({ status: 0, stderr: '' });
    const ric = (name: string) => readFileSync(join(checkout, 'dist', 'ric', name), 'utf8');
    expect(ric('gate.cjs').split('98.76.54-rc.1')).toHaveLength(2);
    expect(/devDependencies|allowScripts/.exec(ric('gate.cjs'))?.[0]).toBeUndefined();
    expect(JSON.parse(ric('bill-of-materials.cdx.json')).metadata.component.version).toBe('98.76.54-rc.1');
  });

  it.each([
    ['another version', { version: '4.0.3' }, `${UPSTREAM.package} 4.0.3`],
    ['another content', { source: (text: string) => `${text}\n` }, `${UPSTREAM.package} ${UPSTREAM.version}`],
  ])('stops for %s of upstream, and says what to do', (_, change, named) => {
    installUpstream(change);
    const { status, stderr } = run('build/client.ts');
    expect(status).toBe(65);
    expect(stderr).toContain(named);
    expect(stderr).toContain('npm run prepare');
    expect(stderr).toContain('docs/upgrading.md');
    expect(stderr).not.toContain('    at ');
    expect(existsSync(join(checkout, 'dist'))).toBe(false);
  });

  it('stops where upstream is not compiled yet', () => {
    expect(run('build/client.ts')).toEqual({ status: 69, stderr: expect.stringContaining('npm run prepare') });
  });
});

describe('the installation of upstream', () => {
  it('leaves alone what is installed', () => {
    installUpstream();
    expect(run('build/install.ts', '/nowhere')).toEqual({ status: 0, stderr: '' });
  });

  it('names what this machine lacks before any compile starts', () => {
    const { status, stderr } = run('build/install.ts', dirname(process.execPath));
    expect(status).toBe(69);
    expect(stderr).toContain('this machine has no cmake, make, gcc, g++, python3, xz, tar.');
    expect(stderr).not.toContain('Compiling aws-lambda-ric 4.0.2 (');
    expect(existsSync(join(checkout, 'ric', 'upstream'))).toBe(false);
  });
});
