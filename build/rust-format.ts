/**
 * Checks that all Rust here is as rustfmt writes it, for `npm run check`; with `--write` it formats, for `npm run fix`. A machine
 * that has no rustfmt is told so in one line, and passes.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { FAULTS } from '../core/errors.ts';
import { hasProgram } from './machine/programs.ts';

const root = join(import.meta.dirname, '..');
const crates = globSync('{proxy,examples,bench,test}/**/Cargo.toml', { cwd: root, exclude: ['**/target'] }).sort();
const isWriting = process.argv.includes('--write');

const missing = whatIsMissing();
if (missing) {
  console.error(`The format of Rust is not checked: ${missing}`);
  // Where the tests are to skip nothing, that is a fault.
  if (process.env['MAINTENANCE_WINDOW_TEST_DOCKER'] === 'required') {
    process.exitCode = FAULTS['MaintenanceWindow.Missing'].exitCode;
  }
} else if (!crates.map(isFormatted).every(Boolean)) {
  console.error('\nThis is not as rustfmt writes it:  npm run fix');
  process.exitCode = 1;
}

/** One line, with the command that brings it. */
function whatIsMissing(): string | undefined {
  if (!hasProgram(process.env['PATH'] ?? '', 'cargo')) {
    return 'this machine has no cargo:  sudo apt-get install cargo rustfmt   (or https://rustup.rs)';
  }
  // rustup has a `cargo-fmt` on the path where there is nothing behind it
  if (!says('fmt', '--version')) {
    return 'its cargo has no rustfmt:  rustup component add rustfmt   (or sudo apt-get install rustfmt)';
  }
  const unread = crates.find((manifest) => !says('read-manifest', '--offline', '--manifest-path', manifest));
  return unread && `its cargo cannot read ${unread}, as an older one cannot:  rustup update`;
}

function says(...words: readonly string[]): boolean {
  return spawnSync('cargo', words, { cwd: root }).status === 0;
}

/** What is not is printed by rustfmt, as a difference. */
function isFormatted(manifest: string): boolean {
  const words = ['fmt', '--all', '--manifest-path', manifest, ...(isWriting ? [] : ['--check'])];
  return spawnSync('cargo', words, { cwd: root, stdio: ['ignore', 2, 2] }).status === 0;
}
