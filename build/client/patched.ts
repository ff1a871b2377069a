import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { patch } from '../../ric/patch/patch.ts';
import { UPSTREAM } from '../../ric/patch/upstream.ts';
import { INSTALLED, NATIVE } from '../upstream/installed.ts';
import { GATE_MODULE } from './gate.ts';

/**
 * The text of upstream's client that imports the gate.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Missing` where upstream is not compiled, `MaintenanceWindow.PatchAnchor`
 * where it is not the version and content that the patch was made for
 */
export function patchedUpstream(): string {
  if (!existsSync(join(INSTALLED, NATIVE))) {
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Missing',
      `${UPSTREAM.package} ${UPSTREAM.version} is not compiled here yet: run  npm run prepare`,
    );
  }
  const { version } = JSON.parse(readFileSync(join(INSTALLED, 'package.json'), 'utf8'));
  const source = readFileSync(join(INSTALLED, UPSTREAM.file), 'utf8');
  const sha256 = createHash('sha256').update(source).digest('hex');
  const what = `${UPSTREAM.package} ${version}`;
  if (version !== UPSTREAM.version || sha256 !== UPSTREAM.sha256) {
    throw anchorFault(
      `${what} (${UPSTREAM.file}, SHA-256 ${sha256}) is not what the patch was made for: ${UPSTREAM.version}, ${UPSTREAM.sha256}.`,
    );
  }
  const patched = patch(source, `./${GATE_MODULE}`);
  if (patched.kind === 'fault') throw anchorFault(`${what}: ${patched.message}.`);
  return patched.source;
}

function anchorFault(message: string): MaintenanceWindowError {
  const remedy =
    'Install the pinned version (rm -r ric/upstream/node_modules && npm run prepare), or move the patch to the new one: docs/upgrading.md.';
  return new MaintenanceWindowError('MaintenanceWindow.PatchAnchor', `${message}\n${remedy}`);
}
