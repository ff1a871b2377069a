import './native.ts';
import { type Bytes, viewOf } from './bytes.ts';

type Done = (error: Error | null, bytes: Bytes) => void;

/** As at Node's level 1, whatever is asked: nothing here asks for another one. */
export function gzipSync(bytes: Uint8Array): Bytes {
  return viewOf(native.gzip(bytes));
}

export function gzip(bytes: Uint8Array, _options: object, done: Done): void {
  done(null, gzipSync(bytes));
}

/** A replay's alone: what is stored here is unpacked elsewhere. */
export function gunzip(_bytes: Uint8Array, _options: object, done: Done): void {
  done(new Error('nothing is unpacked here'), viewOf(new Uint8Array()));
}
