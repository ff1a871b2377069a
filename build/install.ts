/**
 * Installs the pinned upstream client, after making sure that this machine can compile it. Runs as npm's `prepare`.
 *
 * Upstream is a package of its own (`ric/upstream/`), because npm runs a dependency's install scripts before any of the
 * root's: as a dependency of the root it would fail in the middle of a compile before a word could be said.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAULTS } from '../core/errors.ts';
import { UPSTREAM } from '../ric/patch/upstream.ts';
import { INSTALLED, NATIVE, UPSTREAM_HOME } from './upstream/installed.ts';
import { missingTools } from './upstream/toolchain.ts';

if (process.platform !== 'linux') {
  console.error(
    `The Lambda runtime interface client runs on Linux alone, so it is not compiled on ${process.platform}: use docker compose.`,
  );
} else if (!isInstalled()) {
  const missing = missingTools(process.env['PATH'] ?? '');
  if (missing) end(missing, FAULTS['MaintenanceWindow.Missing'].exitCode);
  console.error(`Compiling ${UPSTREAM.package} ${UPSTREAM.version} (about 45 s, once) …`);
  const npm = spawnSync('npm', ['run', '--silent', 'compile'], { cwd: UPSTREAM_HOME, encoding: 'utf8' });
  if (npm.status !== 0 || !isInstalled()) {
    end(
      `${npm.stdout ?? ''}${npm.stderr ?? ''}${npm.error ?? ''}\nCompiling ${UPSTREAM.package} failed: the reason stands above.`,
      1,
    );
  }
}

function isInstalled(): boolean {
  if (!existsSync(join(INSTALLED, NATIVE))) return false;
  return JSON.parse(readFileSync(join(INSTALLED, 'package.json'), 'utf8')).version === UPSTREAM.version;
}

function end(message: string, exitCode: number): never {
  console.error(`\n${message}\n`);
  process.exit(exitCode);
}
