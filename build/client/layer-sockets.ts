import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Caller } from '../machine/caller.ts';
import { whyUnfit } from '../machine/managed-runtime.ts';
import { type Architecture, compileSockets, SOCKETS } from './sockets.ts';

/** The native sockets of a layer, or why it has none: its functions start by Node's then, some milliseconds later. */
export type LayerSockets =
  | { readonly kind: 'there'; readonly bytes: Buffer }
  | { readonly kind: 'missing'; readonly message: string };

/**
 * Finds the native sockets for an architecture, or compiles them.
 *
 * @param folders that may have them, the first one before the others
 */
export function layerSockets(architecture: Architecture, folders: readonly string[], caller: Caller): LayerSockets {
  const file = folders.map((folder) => join(folder, SOCKETS)).find(existsSync);
  const made = file ? ({ kind: 'there', bytes: readFileSync(file) } as const) : compiled(architecture, caller);
  const unfit = made.kind === 'there' && whyUnfit(made.bytes, architecture);
  return unfit ? { kind: 'missing', message: `${file ?? SOCKETS} ${unfit}` } : made;
}

function compiled(architecture: Architecture, caller: Caller): LayerSockets {
  const folder = mkdtempSync(join(tmpdir(), 'layer-sockets-'));
  try {
    const file = join(folder, SOCKETS);
    const message = compileSockets(architecture, file, caller);
    return message ? { kind: 'missing', message } : { kind: 'there', bytes: readFileSync(file) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
