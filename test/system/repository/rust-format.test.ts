import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
const isRequired = process.env['MAINTENANCE_WINDOW_TEST_DOCKER'] === 'required';
const hasRustfmt = spawnSync('cargo', ['fmt', '--version']).status === 0;

let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'rust-format-'));
  for (const one of ['build', 'core', 'package.json']) {
    cpSync(join(root, one), join(checkout, one), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  put('proxy/Cargo.toml', '[package]\nname = "one"\nversion = "0.0.0"\nedition = "2024"\n');
  put('proxy/src/main.rs', 'fn main() {}\n');
});
afterEach(() => rmSync(checkout, { recursive: true }));

function put(name: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(checkout, name)), { recursive: true });
  writeFileSync(join(checkout, name), text);
  chmodSync(join(checkout, name), mode);
}

function rustFormat(env: Readonly<Record<string, string | undefined>>, ...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['build/rust-format.ts', ...words], {
    cwd: checkout,
    encoding: 'utf8',
    env,
  });
  return { status, said: stdout + stderr };
}

describe.skipIf(!hasRustfmt && !isRequired)('the format of Rust, where there is a rustfmt', () => {
  it('is nothing to speak of where it is right', () => {
    expect(rustFormat(process.env)).toEqual({ status: 0, said: '' });
  });

  it('is a fault of the check in any crate, with the difference and the remedy, and mended by the fix', () => {
    put('examples/more/Cargo.toml', '[package]\nname = "two"\nversion = "0.0.0"\nedition = "2024"\n');
    put('examples/more/src/main.rs', 'fn main(){}\n');
    const { status, said } = rustFormat(process.env);
    expect(status).toBe(1);
    expect(said).toMatch(/examples\/more\/src\/main\.rs:1/);
    expect(said).toContain('npm run fix');
    expect(rustFormat(process.env, '--write')).toEqual({ status: 0, said: '' });
    expect(readFileSync(join(checkout, 'examples/more/src/main.rs'), 'utf8')).toBe('fn main() {}\n');
    expect(rustFormat(process.env)).toEqual({ status: 0, said: '' });
  });

  it('is not checked by a cargo that cannot read a crate', () => {
    put('proxy/Cargo.toml', '[package]\nname = "one"\nversion = "0.0.0"\nedition = "9999"\n');
    const said = expect.stringMatching(
      /^The format of Rust is not checked: its cargo cannot read proxy\/Cargo\.toml, .*\n$/,
    );
    expect(rustFormat({ ...process.env, MAINTENANCE_WINDOW_TEST_DOCKER: undefined })).toEqual({ status: 0, said });
  });
});

describe('the format of Rust on a machine that cannot tell', () => {
  const withoutCargo = { PATH: '/nowhere' };
  const noCargo = /^The format of Rust is not checked: this machine has no cargo: .*\n$/;

  it('is not checked, and one line says so', () => {
    expect(rustFormat(withoutCargo)).toEqual({ status: 0, said: expect.stringMatching(noCargo) });
  });

  it('is a fault where nothing is to be skipped', () => {
    const { status, said } = rustFormat({ ...withoutCargo, MAINTENANCE_WINDOW_TEST_DOCKER: 'required' });
    expect([status, said]).toEqual([69, expect.stringMatching(noCargo)]);
  });

  it('is not checked by a cargo that rustup gave no rustfmt', () => {
    put('bin/cargo', '#!/bin/sh\necho "error: \'cargo-fmt\' is not installed for the toolchain" >&2\nexit 1\n', 0o755);
    const said = expect.stringMatching(/^The format of Rust is not checked: its cargo has no rustfmt: .*\n$/);
    expect(rustFormat({ PATH: join(checkout, 'bin') })).toEqual({ status: 0, said });
  });
});

it('the format of Rust is part of the check', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(scripts.check).toContain(' && node build/rust-format.ts');
});
