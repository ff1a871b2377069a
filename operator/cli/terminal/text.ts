import stringWidth from 'string-width';
import { shown, shownLines } from '../../../core/text/shown.ts';
import { painted } from './paint.ts';

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

/** In columns of a terminal, which gives colours none. */
function widthOf(cell: string): number {
  return stringWidth(painted(cell));
}
