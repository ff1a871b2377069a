import { unpainted } from './paint.ts';

/**
 * What could end a line, ring a bell, paint the terminal, turn the direction of text or hide in it. Joiners are left: many
 * scripts, and emoji, need them.
 */
const UNPRINTABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** The same, but for the end of a line. */
const UNPRINTABLE_WITHIN_LINES = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A terminal gives these two columns: https://www.unicode.org/reports/tr11/, as near as a table needs it. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
const WITHOUT_WIDTH = /[\p{Mn}\p{Me}\u200c\u200d]/u;

/** Text of somebody else's on one line: what is not printable is spelled out as in JSON, `\u001b`. */
export function shown(text: string): string {
  return text.replace(UNPRINTABLE, spelledOut);
}

/** Text of our own, of several lines perhaps, with whatever is in it of somebody else's. */
export function shownLines(text: string): string {
  return text.replace(UNPRINTABLE_WITHIN_LINES, spelledOut);
}

/** JSON that is harmless on a terminal, too, and means the same. */
export function jsonText(value: object, indent = 0): string {
  return shownLines(JSON.stringify(value, null, indent));
}

function spelledOut(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** A table: columns as wide as they need to be, two blanks between. Cells may be painted, and may be of somebody else's. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((cells) => cells.map(shown));
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => widthOf(cells[column] ?? ''))));
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** How many of something: `1 window`, `2 windows`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/** In columns of a terminal. */
function widthOf(cell: string): number {
  let width = 0;
  for (const character of unpainted(cell)) width += WIDE.test(character) ? 2 : WITHOUT_WIDTH.test(character) ? 0 : 1;
  return width;
}
