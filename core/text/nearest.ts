/** Most corrections that still make a slip of the finger. */
const MAX_SLIPS = 2;
/** Fewer letters are the beginning of too many words. */
const MIN_PREFIX_LENGTH = 3;

/**
 * The known word that somebody who wrote `word` most likely meant: one that it begins with or that begins with it, or else
 * one that is a slip away for every three letters, two at most. Undefined where there is none. Upper and lower case do not
 * matter. The cost is bounded, however long the word.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const continued = known.find((name) => sharesBeginning(lower, name.toLowerCase()));
  if (continued !== undefined) return continued;
  return known
    .map((name) => ({ name, slips: slipsBetween(lower, name.toLowerCase()) }))
    .filter(({ name, slips }) => slips <= name.length / 3)
    .sort((a, b) => a.slips - b.slips)[0]?.name;
}

function sharesBeginning(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= MIN_PREFIX_LENGTH && (a.startsWith(b) || b.startsWith(a));
}

/** How many letters were added, left out, changed or swapped with their neighbour; Infinity for more than {@link MAX_SLIPS}. */
function slipsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_SLIPS) return Number.POSITIVE_INFINITY;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const slipsAt = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const changed = slipsAt(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? slipsAt(i - 2, j - 2) + 1 : changed;
      row.push(Math.min(changed, swapped, slipsAt(i - 1, j) + 1, slipsAt(i, j - 1) + 1));
    }
  }
  const slips = slipsAt(a.length, b.length);
  return slips <= MAX_SLIPS ? slips : Number.POSITIVE_INFINITY;
}
