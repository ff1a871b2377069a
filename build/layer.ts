/**
 * Builds `dist/layer/`: the client as a Lambda layer, one zip for each architecture, from the folder that `build/client.ts`
 * made. The same client gives the same bytes. An architecture whose native part cannot be had here is named in one line, and
 * left out.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { layerFile } from '../core/deployment/layer.ts';
import { BILL, hashedFile, withFiles } from './bill/bill-of-materials.ts';
import { ARCHITECTURES } from './layer/architectures.ts';
import { layerZip } from './layer/layer-zip.ts';
import { makeFile } from './output/whole.ts';
import { NATIVE } from './upstream/installed.ts';
import { nativeClient } from './upstream/native-client.ts';

/** V8's code cache of the gate: good for one Node alone, and a managed runtime's moves by itself. It would be a quarter of the zip. */
const LEFT_OUT = 'gate.cache';
/** Lambda unpacks a layer into /opt. */
const FOLDER = 'maintenance-window';

const dist = join(import.meta.dirname, '..', 'dist');
const client = join(dist, 'ric');

for (const [name, architecture] of Object.entries(ARCHITECTURES)) {
  const native = nativeClient(architecture, { env: process.env, say: console.error });
  const target = join(dist, layerFile(name));
  if (native.kind === 'there') {
    makeFile(target, zipWith(native.file));
  } else {
    // it would be an older client's
    rmSync(target, { force: true });
    console.error(`No layer for ${name}: ${native.message}`);
  }
}

function zipWith(native: string): Uint8Array {
  const names = readdirSync(client).filter((name) => name !== LEFT_OUT && name !== BILL);
  const files = names.sort().map((name) => ({
    name,
    bytes: readFileSync(name === NATIVE ? native : join(client, name)),
    isProgram: (statSync(join(client, name)).mode & 0o111) !== 0 && name !== NATIVE,
  }));
  const hashed = files.map(({ name, bytes }) => hashedFile(name, bytes));
  const bill = Buffer.from(withFiles(readFileSync(join(client, BILL), 'utf8'), hashed));
  const all = [...files, { name: BILL, bytes: bill, isProgram: false }];
  return layerZip(all.map(({ name, ...file }) => ({ name: `${FOLDER}/${name}`, ...file })));
}
