import { shown } from '../../../core/text/shown.ts';

/**
 * An error without what differs between two of its kind: times, ids and numbers become `<time>`, `<id>` and `<n>`, so that
 * errors of one cause are one text. What is a name stays: `s3`, `Orders.Unknown`.
 */
export function foldedError(error: string): string {
  return FOLDS.reduce((text, [pattern, placeholder]) => text.replace(pattern, placeholder), error.slice(0, READ))
    .replace(/\s+/g, ' ')
    .trim();
}

/**
 * Whether an error is of the group that a text names: what {@link foldedError} makes of it is that text, as it is or as a face has
 * shown it. An error that only begins so, or has other letters, is of another group.
 */
export function isSameError(error: string, named: string): boolean {
  const folded = foldedError(error);
  return folded === named || shown(folded) === named;
}

/** A function may write a longer one into its own items. */
const READ = 2_000;

/** In this order: a time has numbers, and so has an id. */
const FOLDS: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|[+-]\d\d:?\d\d))?)?/g, '<time>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b0x[0-9a-f]+\b/gi, '<id>'],
  // Hexadecimal with letters and digits: `deadline` is a word, and 12345678 a number.
  [/\b(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{8,}\b/gi, '<id>'],
  // Letters and digits without a joint, as AWS's request ids: no name has three digits in so many.
  [/\b(?=[a-z0-9]*[a-z])(?:[a-z]*\d){3}[a-z0-9]*\b/gi, '<id>'],
  // With what joins numbers: 1.5, 10.0.3.7:5432, 12:00.
  [/(?<![A-Za-z<])\d+(?:[.,:]\d+)*/g, '<n>'],
];
