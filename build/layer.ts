/**
 * Builds `dist/layer/`: the client as a Lambda layer, one zip for each architecture, from the folder that `build/client.ts`
 * made. The same client gives the same bytes. An architecture whose native part cannot be had here is named in one line, and
 * left out.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFiles } from './bill/bill-of-materials.ts';
import { layerZip } from './layer/layer-zip.ts';
import { nativeClient } from './upstream/native-client.ts';

const BILL = 'bill-of-materials.cdx.json';
const NATIVE = 'rapid-client.node';
/** V8's code cache of the gate: good for one Node alone, and a managed runtime's moves by itself. It would be a quarter of the zip. */
const LEFT_OUT = 'gate.cache';
/** Lambda unpacks a layer into /opt. */
const FOLDER = 'maintenance-window';
/** By Lambda's names. */
const ARCHITECTURES = { x86_64: 'x64', arm64: 'arm64' } as const;

const dist = join(import.meta.dirname, '..', 'dist');
const client = join(dist, 'ric');
const target = join(dist, 'layer');
const making = join(dist, `.layer-${process.pid}`);

try {
  mkdirSync(making, { recursive: true });
  for (const [name, architecture] of Object.entries(ARCHITECTURES)) {
    const native = nativeClient(architecture, console.error);
    if (native.kind === 'there') writeFileSync(join(making, `${FOLDER}-${name}.zip`), layer(native.file));
    else console.error(`No layer for ${name}: ${native.message}`);
  }
  rmSync(target, { recursive: true, force: true });
  renameSync(making, target);
} finally {
  rmSync(making, { recursive: true, force: true });
}

function layer(native: string): Uint8Array {
  const names = readdirSync(client).filter((name) => name !== LEFT_OUT && name !== BILL);
  const files = names.sort().map((name) => ({
    name,
    bytes: readFileSync(name === NATIVE ? native : join(client, name)),
    isProgram: (statSync(join(client, name)).mode & 0o111) !== 0 && name !== NATIVE,
  }));
  const hashed = files.map(({ name, bytes }) => ({ name, sha256: createHash('sha256').update(bytes).digest('hex') }));
  const bill = Buffer.from(withFiles(readFileSync(join(client, BILL), 'utf8'), hashed));
  const all = [...files, { name: BILL, bytes: bill, isProgram: false }];
  return layerZip(all.map(({ name, ...file }) => ({ name: `${FOLDER}/${name}`, ...file })));
}
