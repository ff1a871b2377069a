/**
 * Builds `dist/man/maintenance-window.1`, the manual page that npm links where `man` finds it. The tool of `dist/cli/` prints it,
 * so that page and commands are of one build.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { makeFile } from './output/whole.ts';

const dist = join(import.meta.dirname, '..', 'dist');
const text = execFileSync(process.execPath, [join(dist, 'cli', 'main.mjs'), 'help', 'man']);
makeFile(join(dist, 'man', 'maintenance-window.1'), text);
