import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { missingTools } from '../../../build/upstream/toolchain.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'toolchain-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const install = (...names: string[]) => {
  for (const name of names) {
    writeFileSync(join(folder, name), '#!/bin/sh\n');
    chmodSync(join(folder, name), 0o755);
  }
};

describe('what compiling the client needs', () => {
  it('is found on the search path, by any of its names', () => {
    install('cmake3', 'make', 'cc', 'clang++', 'python3', 'xz', 'tar');
    expect(missingTools(`/nowhere:${folder}`)).toBeUndefined();
  });

  it('is named, with the one command of this machine’s package manager, where it is missing', () => {
    install('make', 'gcc', 'python3', 'tar', 'apt-get');
    expect(missingTools(folder)).toBe(
      `The Lambda runtime interface client cannot be compiled: this machine has no cmake, g++, xz.
  To get what is missing:  sudo apt-get update && sudo apt-get install -y cmake g++ xz-utils
  and then again:          npm ci`,
    );
    rmSync(join(folder, 'apt-get'));
    install('dnf');
    expect(missingTools(folder)).toContain('sudo dnf install -y cmake gcc-c++ libstdc++-static xz');
  });

  it('does not count when it cannot be executed, or points nowhere', () => {
    install('make', 'gcc', 'g++', 'python3', 'xz', 'tar');
    writeFileSync(join(folder, 'cmake'), '');
    symlinkSync(join(folder, 'gone'), join(folder, 'cmake3'));
    expect(missingTools(folder)).toContain('has no cmake.');
  });
});
