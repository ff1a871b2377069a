import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globsMeet, matchesGlob } from '../../../core/text/glob.ts';

const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 5 });
/** Every text of two letters that is not longer than what two such globs have to say: four letters each beside a `*`. */
const TEXTS = textsOf(8);

function textsOf(length: number): readonly string[] {
  if (length === 0) return [''];
  const shorter = textsOf(length - 1);
  return [...new Set(['', ...shorter, ...shorter.flatMap((text) => [`a${text}`, `b${text}`])])];
}

describe('globs', () => {
  it.each([
    ['orders-*', '*-api', true],
    ['orders-api', 'orders-?pi', true],
    ['orders-*', 'billing', false],
    ['*', '', true],
    ['orders', 'orders-*', false],
  ])('%s and %s', (one, other, doMeet) => expect(globsMeet(one, other)).toBe(doMeet));

  it('meet where some text is what both say, and only there', () => {
    fc.assert(
      fc.property(glob, glob, (one, other) => {
        const isThere = TEXTS.some((text) => matchesGlob(one, text) && matchesGlob(other, text));
        expect(globsMeet(one, other)).toBe(isThere);
        expect(globsMeet(other, one)).toBe(isThere);
      }),
    );
  });

  it('are looked at in no time where they are long', () => {
    expect(globsMeet(`${'*a'.repeat(60)}b`, `${'*a'.repeat(60)}c`)).toBe(false);
  });
});
