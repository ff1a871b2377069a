import fc from 'fast-check';

const SURROGATES = { from: 0xd800, count: 0x800 };

/**
 * Any Unicode character, as the unit of `fc.string`. fast-check's own `binary` is the same choice, but lists all
 * 1.1 million characters at its first use: a second of CPU time for each process that asks.
 */
export function anyCharacter(): fc.Arbitrary<string> {
  return fc.nat(0x10ffff - SURROGATES.count).map(
    (place) => String.fromCodePoint(place < SURROGATES.from ? place : place + SURROGATES.count),
    (character) => {
      const codePoint = typeof character === 'string' ? (character.codePointAt(0) ?? -1) : -1;
      if (codePoint < 0 || String.fromCodePoint(codePoint) !== character || !character.isWellFormed())
        throw new Error('not one whole character');
      return codePoint < SURROGATES.from ? codePoint : codePoint - SURROGATES.count;
    },
  );
}
