/**
 * Builds `dist/ric/`: one self-contained folder with the patched client, the gate, and `bootstrap`, their entry.
 * Stops before it writes anything where upstream is not the version and content that the patch was made for.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FAULTS, MaintenanceWindowError } from '../core/errors.ts';
import { UPSTREAM } from '../ric/patch/upstream.ts';
import { BILL, billOfMaterials, hashedFile } from './bill/bill-of-materials.ts';
import type { BundledPackage } from './bundle/bundled-packages.ts';
import { licensesOf } from './bundle/licenses.ts';
import { version } from './bundle/project-version.ts';
import { bundleGate } from './client/gate.ts';
import { patchedUpstream } from './client/patched.ts';
import { ROOTS, rootsText } from './client/roots.ts';
import { type Architecture, compileSockets, SOCKETS } from './client/sockets.ts';
import { makeFolder } from './output/whole.ts';
import { INSTALLED, NATIVE, UPSTREAM_HOME } from './upstream/installed.ts';

const root = join(import.meta.dirname, '..');

try {
  const patched = patchedUpstream();
  await makeFolder(join(root, 'dist', 'ric'), async (making) => {
    writeFileSync(join(making, UPSTREAM.file), patched);
    copyIn(making);
    addSockets(making);
    writeFileSync(join(making, ROOTS), rootsText());
    const packages = await bundleGate(making);
    appendFileSync(join(making, 'THIRD-PARTY-LICENSES'), licensesOf(packages));
    bakeCodeCache(making);
    writeBill(making, packages);
  });
} catch (error) {
  if (!(error instanceof MaintenanceWindowError)) throw error;
  console.error(`\n${error.message}\n`);
  process.exit(FAULTS[error.name].exitCode);
}

function copyIn(folder: string): void {
  for (const file of [NATIVE, 'LICENSE', 'NOTICE', 'THIRD-PARTY-LICENSES']) {
    copyFileSync(join(INSTALLED, file), join(folder, file));
  }
  appendFileSync(
    join(folder, 'NOTICE'),
    `\nmaintenance-window has changed ${UPSTREAM.file} of ${UPSTREAM.package} ${UPSTREAM.version}: its second line, which was empty, ` +
      'and the line that makes the invoke processor.\n',
  );
  for (const script of ['bootstrap', 'outside-lambda', 'exec-wrapper', 'watch-for-client', 'wrong-runtime']) {
    copyFileSync(join(root, 'ric', 'start', script), join(folder, script));
    chmodSync(join(folder, script), 0o755);
  }
  copyFileSync(join(root, 'ric', 'start', 'before-node'), join(folder, 'before-node'));
  copyFileSync(join(root, 'host', 'next-wrapper'), join(folder, 'next-wrapper'));
}

/** The client does without, in some more milliseconds. */
function addSockets(folder: string): void {
  const missing = compileSockets(process.arch as Architecture, join(folder, SOCKETS), { env: process.env });
  if (missing) console.error(`The client is built without ${SOCKETS}: ${missing}`);
}

/** By the Node that builds; at a cold start another one compiles by itself, which takes some milliseconds. */
function bakeCodeCache(folder: string): void {
  execFileSync(process.execPath, [join(folder, 'rehearse.mjs'), 'code-cache'], {
    env: { PATH: `${dirname(process.execPath)}:${process.env['PATH']}` },
    stdio: 'inherit',
  });
}

/** Last, since it has a hash of every other file. */
function writeBill(folder: string, packages: readonly BundledPackage[]): void {
  const { packages: locked } = JSON.parse(readFileSync(join(UPSTREAM_HOME, 'package-lock.json'), 'utf8'));
  const upstream = {
    integrity: locked[`node_modules/${UPSTREAM.package}`].integrity,
    archives: UPSTREAM.linked.map(({ name, archive }) => hashedFile(name, readFileSync(join(INSTALLED, archive)))),
  };
  const names = readdirSync(folder).sort();
  const files = names.map((name) => hashedFile(name, readFileSync(join(folder, name))));
  writeFileSync(join(folder, BILL), billOfMaterials(version, packages, upstream, files));
}
