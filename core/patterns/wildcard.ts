import { fault, type Parsed, parsed } from '../text/parsed.ts';

/** The texts between the stars of a wildcard, in order: one more than there are stars, and some of them may be empty. */
export type Wildcard = readonly string[];

/** A star, a backslash and what it stands before, or anything else. */
const PIECE = /\*|\\.?|[^*\\]+/gsu;

/**
 * Reads EventBridge's wildcard: `*` stands for any run of characters, `\*` and `\\` for themselves. Two stars one after the
 * other, and a backslash before anything else, are refused there and here.
 */
export function parseWildcard(text: string): Parsed<Wildcard> {
  const between = [''];
  let previous = '';
  for (const [piece] of text.matchAll(PIECE)) {
    if (piece === '*') {
      if (previous === '*') return fault('has two stars one after the other; write one');
      between.push('');
    } else if (piece.startsWith('\\') && piece !== '\\*' && piece !== '\\\\') {
      return fault('has a backslash that stands before neither * nor \\; write \\\\');
    } else {
      between.push(`${between.pop()}${piece.startsWith('\\') ? piece.slice(1) : piece}`);
    }
    previous = piece;
  }
  return parsed(between);
}

/** Makes the test of a text. Linear in the text's length, whatever the wildcard. */
export function wildcardTest([first = '', ...others]: Wildcard): (text: string) => boolean {
  const last = others.pop();
  if (last === undefined) return (text) => text === first;
  const searches = others.map(searchFor);
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const search of searches) {
      at = search(text, at, end);
      if (at < 0) return false;
    }
    return true;
  };
}

/**
 * Search for a text within `[from, end)`: where the first occurrence ends, or -1. By Knuth, Morris and Pratt: `indexOf` would
 * take the product of both lengths for a text that its sender has chosen for that.
 */
function searchFor(wanted: string): (text: string, from: number, end: number) => number {
  const fallbacks = fallbacksOf(wanted);
  return (text, from, end) => {
    let matched = 0;
    let at = from;
    while (matched < wanted.length) {
      if (at >= end) return -1;
      if (text.charCodeAt(at) === wanted.charCodeAt(matched)) {
        matched += 1;
        at += 1;
      } else if (matched > 0) {
        matched = fallbacks[matched - 1] ?? 0;
      } else {
        at += 1;
      }
    }
    return at;
  };
}

/** For each beginning of a text: how long the longest shorter beginning is that it ends with. */
function fallbacksOf(text: string): readonly number[] {
  const fallbacks = [0];
  let length = 0;
  for (let at = 1; at < text.length; at += 1) {
    while (length > 0 && text[at] !== text[length]) length = fallbacks[length - 1] ?? 0;
    if (text[at] === text[length]) length += 1;
    fallbacks.push(length);
  }
  return fallbacks;
}
