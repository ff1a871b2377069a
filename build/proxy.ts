/**
 * Builds `dist/proxy/`, laid out as a layer is: `extensions/maintenance-window`, and `maintenance-window/` with the program
 * and the wrapper. The gate's text goes into the program as bytecode of the very engine in it. With `--both` that of the other
 * architecture as well, in `dist/proxy-arm64/` or `dist/proxy-x64/`; with `--program-alone`, for an image, without the engine
 * that the tests ask apart.
 */
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAULTS } from '../core/errors.ts';
import { makeFile, makeFolder } from './output/whole.ts';
import { bundleForEngine } from './proxy/bundle.ts';
import { type Architecture, missingForProxy, type ProxyProgram, proxyProgram } from './proxy/program.ts';

const root = join(import.meta.dirname, '..');
const source = join(root, 'proxy');
const gate = join(root, 'dist', 'proxy-gate', 'gate.js');
const own: Architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
const isAlone = process.argv.includes('--program-alone');
const other: Architecture = own === 'arm64' ? 'x64' : 'arm64';
const caller = { env: process.env, say: console.error };

if (process.argv.includes('--lacks')) {
  // for whoever wants to know before anything is built
  const missing = missingForProxy(own, caller);
  if (missing) console.log(`the proxy: ${missing}`);
} else {
  const isBuilt = await build(own, join(root, 'dist', 'proxy'));
  if (isBuilt && process.argv.includes('--both')) await build(other, join(root, 'dist', `proxy-${other}`));
}

async function build(architecture: Architecture, target: string): Promise<boolean> {
  const missing = missingForProxy(architecture, caller);
  if (missing) {
    console.error(`The proxy for ${architecture} is not built: ${missing}`);
    // Where the tests are to skip nothing, that is a fault.
    if (process.env['MAINTENANCE_WINDOW_TEST_DOCKER'] === 'required') {
      process.exit(FAULTS['MaintenanceWindow.Missing'].exitCode);
    }
    return false;
  }
  await bundleForEngine('proxy/main.ts', gate);
  const withEngine = architecture === own && !isAlone;
  const made = proxyProgram(architecture, gate, withEngine, caller);
  if (made.kind === 'failed') {
    console.error(`\n${made.message}`);
    process.exit(1);
  }
  await makeFolder(target, (making) => layOut(made, making));
  if (withEngine) makeFile(join(root, 'dist', 'proxy-gate', 'engine'), readFileSync(made.engine), 0o755);
  return true;
}

function layOut({ file, licenses }: ProxyProgram, folder: string): void {
  const files = [
    [join(source, 'extension'), 'extensions/maintenance-window', 0o755],
    [join(source, 'wrapper'), 'maintenance-window/wrapper', 0o755],
    [join(root, 'host', 'next-wrapper'), 'maintenance-window/next-wrapper', 0o644],
    [file, 'maintenance-window/proxy', 0o755],
    [licenses, 'maintenance-window/THIRD-PARTY-LICENSES', 0o644],
  ] as const;
  for (const inner of ['extensions', 'maintenance-window']) mkdirSync(join(folder, inner));
  for (const [from, to, mode] of files) {
    copyFileSync(from, join(folder, to));
    chmodSync(join(folder, to), mode);
  }
}
