/**
 * Builds `dist/man/maintenance-window.1`, the manual page that npm links where `man` finds it. The tool of `dist/cli/` prints it,
 * so that page and commands are of one build. It appears whole, by a rename.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const dist = join(import.meta.dirname, '..', 'dist');
const page = join(dist, 'man', 'maintenance-window.1');

const text = execFileSync(process.execPath, [join(dist, 'cli', 'main.mjs'), 'help', 'man']);
mkdirSync(join(dist, 'man'), { recursive: true });
writeFileSync(`${page}-${process.pid}`, text);
renameSync(`${page}-${process.pid}`, page);
