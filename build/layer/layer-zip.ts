/**
 * A layer's zip. No instant of the build and no mode of this machine gets in, so the same files give the same bytes. Everything
 * is readable for every user, as Lambda runs functions by one of its own.
 */
import { type Zippable, zipSync } from 'fflate';

/** A file of a layer, which Lambda unpacks into /opt. */
export interface LayerFile {
  /** Below /opt. */
  readonly name: string;
  readonly bytes: Buffer;
  readonly isProgram: boolean;
}

/** The bytes of a layer's zip. */
export function layerZip(files: readonly LayerFile[]): Uint8Array {
  const UNIX = 3;
  const entries: Zippable = {};
  for (const { name, bytes, isProgram } of files) {
    const mode = 0o100000 | (isProgram ? 0o755 : 0o644);
    entries[name] = [bytes, { level: 9, mtime: new Date(1980, 0, 1), os: UNIX, attrs: mode << 16 }];
  }
  return zipSync(entries);
}
