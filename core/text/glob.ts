/**
 * Whether the text is what the glob says: `*` stands for any run of characters, slashes included, `?` for one
 * character, and everything else for itself. Only the latest `*` is ever tried again, so that the cost is linear in the
 * text for a given glob, and the product of both lengths at worst.
 *
 * ```ts
 * matchesGlob('/webhooks/*', '/webhooks/git/push'); // true
 * ```
 */
export function matchesGlob(glob: string, text: string): boolean {
  let inGlob = 0;
  let inText = 0;
  let star = -1;
  let starEnd = 0;
  while (inText < text.length) {
    if (glob[inGlob] === '*') {
      star = inGlob;
      starEnd = inText;
      inGlob += 1;
    } else if (glob[inGlob] === '?' || glob[inGlob] === text[inText]) {
      inGlob += 1;
      inText += 1;
    } else if (star !== -1) {
      // The latest star stands for one character more.
      starEnd += 1;
      inGlob = star + 1;
      inText = starEnd;
    } else {
      return false;
    }
  }
  while (glob[inGlob] === '*') inGlob += 1;
  return inGlob === glob.length;
}

/**
 * Whether some text is what both globs say.
 *
 * ```ts
 * globsMeet('orders-*', '*-api'); // true: orders-api
 * ```
 */
export function globsMeet(one: string, other: string): boolean {
  const tried = new Set<number>();
  return meetFrom(0, 0);

  /** Whether what is left of both does. Each pair of places is tried once. */
  function meetFrom(inOne: number, inOther: number): boolean {
    const [a, b] = [one[inOne], other[inOther]];
    if (a === undefined && b === undefined) return true;
    const place = inOne * (other.length + 1) + inOther;
    if (tried.has(place)) return false;
    tried.add(place);
    if (a === '*') return meetFrom(inOne + 1, inOther) || (b !== undefined && meetFrom(inOne, inOther + 1));
    if (b === '*') return meetFrom(inOne, inOther + 1) || (a !== undefined && meetFrom(inOne + 1, inOther));
    if (a === undefined || b === undefined) return false;
    return (a === b || a === '?' || b === '?') && meetFrom(inOne + 1, inOther + 1);
  }
}
