/**
 * What could end a line, ring a bell, paint the terminal, turn the direction of text or hide in it. Joiners are left: many
 * scripts, and emoji, need them.
 */
const UNPRINTABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** The same, but for the end of a line. */
const UNPRINTABLE_WITHIN_LINES = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text of somebody else's on one line: what is not printable is spelled out as in JSON, `\u001b`. */
export function shown(text: string): string {
  return text.replace(UNPRINTABLE, spelledOut);
}

/** Text of our own, of several lines perhaps, with whatever is in it of somebody else's. */
export function shownLines(text: string): string {
  return text.replace(UNPRINTABLE_WITHIN_LINES, spelledOut);
}

/** A number to look at: `1,749`. */
export function numberText(count: number): string {
  return count.toLocaleString('en-US');
}

/** How many of something: `1 window`, `2 windows`. */
export function counted(count: number, noun: string): string {
  return `${numberText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function spelledOut(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
