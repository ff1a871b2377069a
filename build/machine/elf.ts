/** What a shared object needs of the machine that loads it: https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html */

/** Needs of an ELF file. */
export interface ElfNeeds {
  /** `x64` or `arm64`, as Node names them. */
  readonly architecture: string;
  /** Names of libraries, such as `libc.so.6`. */
  readonly libraries: readonly string[];
  /** Versions of symbols, such as `GLIBC_2.34`. */
  readonly versions: readonly string[];
}

const ARCHITECTURES: Readonly<Record<number, string>> = { 62: 'x64', 183: 'arm64' };
const [SHT_DYNAMIC, SHT_GNU_VERNEED] = [6, 0x6ffffffe];
const DT_NEEDED = 1n;

/**
 * Reads the needs of a 64-bit little-endian ELF file.
 *
 * @throws Error for another file
 */
export function elfNeeds(bytes: Buffer): ElfNeeds {
  if (bytes.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') throw new Error('this is no 64-bit ELF file');
  const sections = sectionsOf(bytes);
  const textAt = ({ link }: Section, at: number) => {
    const start = (sections[link]?.offset ?? 0) + at;
    return bytes.toString('latin1', start, bytes.indexOf(0, start));
  };
  const ofType = (type: number) => sections.filter((section) => section.type === type);
  return {
    architecture: ARCHITECTURES[bytes.readUInt16LE(18)] ?? 'another',
    libraries: ofType(SHT_DYNAMIC).flatMap((section) =>
      Array.from({ length: section.size / 16 }, (_, index) => section.offset + 16 * index)
        .filter((at) => bytes.readBigUInt64LE(at) === DT_NEEDED)
        .map((at) => textAt(section, Number(bytes.readBigUInt64LE(at + 8)))),
    ),
    versions: ofType(SHT_GNU_VERNEED).flatMap((section) =>
      versionsIn(bytes, section.offset).map((at) => textAt(section, at)),
    ),
  };
}

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  /** Index of the section that holds the texts. */
  readonly link: number;
}

function sectionsOf(bytes: Buffer): readonly Section[] {
  const [start, size, count] = [Number(bytes.readBigUInt64LE(40)), bytes.readUInt16LE(58), bytes.readUInt16LE(60)];
  return Array.from({ length: count }, (_, index) => start + index * size).map((at) => ({
    type: bytes.readUInt32LE(at + 4),
    offset: Number(bytes.readBigUInt64LE(at + 24)),
    size: Number(bytes.readBigUInt64LE(at + 32)),
    link: bytes.readUInt32LE(at + 40),
  }));
}

/** Where the names of the versions are, over a list of files, each with a list of versions. */
function versionsIn(bytes: Buffer, start: number): readonly number[] {
  const names: number[] = [];
  for (let file = start; ; file += bytes.readUInt32LE(file + 12)) {
    let version = file + bytes.readUInt32LE(file + 8);
    for (let left = bytes.readUInt16LE(file + 2); left > 0; left--) {
      names.push(bytes.readUInt32LE(version + 8));
      version += bytes.readUInt32LE(version + 12);
    }
    if (bytes.readUInt32LE(file + 12) === 0) return names;
  }
}
