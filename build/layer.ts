/**
 * Builds `dist/layer/`: the client as a Lambda layer, one zip for each architecture, from the folder that `build/client.ts`
 * made. The same client gives the same bytes. An architecture whose native part cannot be had here is named in one line, and
 * left out; one whose native sockets cannot is named, and made without them.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { layerFile } from '../core/deployment/layer.ts';
import { BILL, hashedFile, withFiles } from './bill/bill-of-materials.ts';
import { layerSockets } from './client/layer-sockets.ts';
import { SOCKETS } from './client/sockets.ts';
import { ARCHITECTURES } from './layer/architectures.ts';
import { layerZip } from './layer/layer-zip.ts';
import { makeFile } from './output/whole.ts';
import { NATIVE } from './upstream/installed.ts';
import { compiledFor, nativeClient } from './upstream/native-client.ts';

/** V8's code cache of the gate: good for one Node alone, and a managed runtime's moves by itself. It would be a quarter of the zip. */
const LEFT_OUT = 'gate.cache';
/** Lambda unpacks a layer into /opt. */
const FOLDER = 'maintenance-window';

const dist = join(import.meta.dirname, '..', 'dist');
const client = join(dist, 'ric');

const caller = { env: process.env, say: console.error };

for (const [name, architecture] of Object.entries(ARCHITECTURES)) {
  const native = nativeClient(architecture, caller);
  const target = join(dist, layerFile(name));
  if (native.kind === 'there') {
    const sockets = layerSockets(
      architecture,
      [compiledFor(architecture), ...(architecture === process.arch ? [client] : [])],
      caller,
    );
    if (sockets.kind === 'missing') console.error(`The layer for ${name} has no ${SOCKETS}: ${sockets.message}`);
    makeFile(target, zipWith(readFileSync(native.file), sockets.kind === 'there' ? sockets.bytes : undefined));
  } else {
    // it would be an older client's
    rmSync(target, { force: true });
    console.error(`No layer for ${name}: ${native.message}`);
  }
}

function zipWith(native: Buffer, sockets: Buffer | undefined): Uint8Array {
  const shared = readdirSync(client).filter((name) => ![LEFT_OUT, BILL, NATIVE, SOCKETS].includes(name));
  const files = [
    ...shared.map((name) => ({
      name,
      bytes: readFileSync(join(client, name)),
      isProgram: (statSync(join(client, name)).mode & 0o111) !== 0,
    })),
    { name: NATIVE, bytes: native, isProgram: false },
    ...(sockets ? [{ name: SOCKETS, bytes: sockets, isProgram: false }] : []),
  ].sort((one, other) => (one.name < other.name ? -1 : 1));
  const hashed = files.map(({ name, bytes }) => hashedFile(name, bytes));
  const bill = Buffer.from(withFiles(readFileSync(join(client, BILL), 'utf8'), hashed));
  const all = [...files, { name: BILL, bytes: bill, isProgram: false }];
  return layerZip(all.map(({ name, ...file }) => ({ name: `${FOLDER}/${name}`, ...file })));
}
