/**
 * Builds `dist/proxy/`, laid out as a layer is: `extensions/maintenance-window`, and `maintenance-window/` with the program
 * and the wrapper. The gate's text goes into the program as bytecode of the very engine in it. With `--both` that of the other
 * architecture as well, in `dist/proxy-arm64/` or `dist/proxy-x64/`; with `--program-alone`, for an image, without the engine
 * that the tests ask apart.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FAULTS } from '../core/errors.ts';
import { bundleForEngine } from './proxy/bundle.ts';
import { type Architecture, missingForProxy, type ProxyProgram, proxyProgram } from './proxy/program.ts';

const root = join(import.meta.dirname, '..');
const source = join(root, 'proxy');
const gate = join(root, 'dist', 'proxy-gate', 'gate.js');
const own: Architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
const isAlone = process.argv.includes('--program-alone');
const other: Architecture = own === 'arm64' ? 'x64' : 'arm64';

if (process.argv.includes('--lacks')) {
  // for whoever wants to know before anything is built
  const missing = missingForProxy(own);
  if (missing) console.log(`the proxy: ${missing}`);
} else {
  const isBuilt = await build(own, join(root, 'dist', 'proxy'));
  if (isBuilt && process.argv.includes('--both')) await build(other, join(root, 'dist', `proxy-${other}`));
}

async function build(architecture: Architecture, target: string): Promise<boolean> {
  const missing = missingForProxy(architecture);
  if (missing) {
    console.error(`The proxy for ${architecture} is not built: ${missing}`);
    // Where the tests are to skip nothing, that is a fault.
    if (process.env['MAINTENANCE_WINDOW_TEST_DOCKER'] === 'required') {
      process.exit(FAULTS['MaintenanceWindow.Missing'].exitCode);
    }
    return false;
  }
  await bundleForEngine('proxy/main.ts', gate);
  const program = proxyProgram(architecture, gate, isAlone || architecture !== own);
  putInPlace(program, target);
  if (architecture === own && !isAlone) putEngineInPlace(program);
  return true;
}

/** The folder appears whole, by a rename. */
function putInPlace({ file, licenses }: ProxyProgram, target: string): void {
  const making = join(root, 'dist', `.proxy-${process.pid}`);
  const replaced = `${making}-replaced`;
  const files = [
    [join(source, 'extension'), 'extensions/maintenance-window', 0o755],
    [join(source, 'wrapper'), 'maintenance-window/wrapper', 0o755],
    [join(root, 'host', 'next-wrapper'), 'maintenance-window/next-wrapper', 0o644],
    [file, 'maintenance-window/proxy', 0o755],
    [licenses, 'maintenance-window/THIRD-PARTY-LICENSES', 0o644],
  ] as const;
  try {
    for (const folder of ['extensions', 'maintenance-window']) mkdirSync(join(making, folder), { recursive: true });
    for (const [from, to, mode] of files) {
      copyFileSync(from, join(making, to));
      chmodSync(join(making, to), mode);
    }
    if (existsSync(target)) renameSync(target, replaced);
    renameSync(making, target);
  } finally {
    for (const folder of [making, replaced]) rmSync(folder, { recursive: true, force: true });
  }
}

function putEngineInPlace({ engine }: ProxyProgram): void {
  const making = join(root, 'dist', 'proxy-gate', `.engine-${process.pid}`);
  copyFileSync(engine, making);
  chmodSync(making, 0o755);
  renameSync(making, join(root, 'dist', 'proxy-gate', 'engine'));
}
