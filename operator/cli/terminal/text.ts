import { shown, shownLines } from '../../../core/text/shown.ts';
import { unpainted } from './paint.ts';

/** A terminal gives these two columns: https://www.unicode.org/reports/tr11/, as near as a table needs it. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
const WITHOUT_WIDTH = /[\p{Mn}\p{Me}\u200c\u200d]/u;

/** JSON that is harmless on a terminal, too, and means the same. */
export function jsonText(value: object, indent = 0): string {
  return shownLines(JSON.stringify(value, null, indent));
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

/** In columns of a terminal. */
function widthOf(cell: string): number {
  let width = 0;
  for (const character of unpainted(cell)) width += WIDE.test(character) ? 2 : WITHOUT_WIDTH.test(character) ? 0 : 1;
  return width;
}
