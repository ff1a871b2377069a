import { createRequire } from 'node:module';
import { shown, shownLines } from '../../../core/text/shown.ts';
import { repainted, unpainted } from './paint.ts';
import { wrapped } from './wrap.ts';

/** Letters and signs of one column each: Latin, dashes, quotation marks and dots. */
const NARROW = /^[ -~\u00c0-\u024f\u2010-\u2027]*$/;

/** Blanks between two columns. */
const GAP = 2;

type Rows = readonly (readonly string[])[];

/** JSON that is harmless on a terminal, too, and means the same. */
export function jsonText(value: object, indent = 0): string {
  return shownLines(JSON.stringify(value, null, indent));
}

/**
 * A table: columns as wide as they need to be, two blanks between. Cells may be painted, and may be of somebody else's.
 *
 * @param columns of the terminal: where the table is wider, its widest columns go on below themselves, at their blanks. A word stays
 *   whole, as an id or a name may be there to be copied: where its words do not fit beside each other, each row is a list
 */
export function tableText(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns = Number.POSITIVE_INFINITY,
): string {
  const whole = [head, ...rows].map((cells) => cells.map(shown));
  const natural = widest(whole, widthOf);
  const room = columns - GAP * (head.length - 1);
  const fits = sum(natural) <= room;
  const least = fits ? natural : widest(whole, widestWord);
  if (rows.length > 0 && sum(least) > room) return rowsAsLists(whole, columns);
  const lines = fits ? whole : wrappedRows(whole, narrowed(natural, least, room));
  const widths = lines === whole ? natural : widest(lines, widthOf);
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
        .join(' '.repeat(GAP))
        .trimEnd(),
    )
    .join('\n');
}

/** Rows of the terminal that a text takes there. */
export function rowsOf(text: string, columns: number): number {
  return text.split('\n').reduce((rows, line) => rows + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
}

/** As much of a line without colours as so many columns have room for. */
export function cutTo(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line;
  let [cut, left] = ['', columns];
  for (const character of line) {
    left -= widthOf(character);
    if (left < 0) break;
    cut += character;
  }
  return cut;
}

/** Each cell on a line of its own, behind the name of its column, and a blank line between two rows. */
function rowsAsLists([head = [], ...rows]: Rows, columns: number): string {
  const width = Math.max(...head.map(widthOf)) + GAP;
  const below = `\n${' '.repeat(width)}`;
  const line = (cell: string, name: string) =>
    (name + ' '.repeat(width - widthOf(name)) + linesOf(cell, columns - width).join(below)).trimEnd();
  return rows.map((cells) => cells.map((cell, column) => line(cell, head[column] ?? '')).join('\n')).join('\n\n');
}

function wrappedRows(rows: Rows, widths: readonly number[]): Rows {
  return rows.flatMap((cells) => goingOn(cells, widths));
}

/** Of each column. */
function widest(rows: Rows, measure: (cell: string) => number): readonly number[] {
  return (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => measure(cells[column] ?? ''))));
}

/** The widest columns give first, down to their widest words, until all fit. */
function narrowed(natural: readonly number[], least: readonly number[], room: number): readonly number[] {
  const widths = [...natural];
  for (let over = sum(widths) - room; over > 0; over -= 1) {
    const spare = widths.map((width, column) => (width > (least[column] ?? 0) ? width : 0));
    const widest = Math.max(...spare);
    if (widest === 0) break;
    widths[spare.indexOf(widest)] = widest - 1;
  }
  return widths;
}

/** The lines that a row takes where its cells go on below themselves. */
function goingOn(cells: readonly string[], widths: readonly number[]): Rows {
  const parts = cells.map((cell, column) => linesOf(cell, widths[column] ?? 0));
  const rows = Math.max(...parts.map(({ length }) => length));
  return Array.from({ length: rows }, (_, row) => parts.map((part) => part[row] ?? ''));
}

function linesOf(cell: string, width: number): readonly string[] {
  return wrapped(unpainted(cell), width, widthOf).map((part) => repainted(part, cell));
}

function widestWord(cell: string): number {
  return Math.max(...unpainted(cell).split(' ').map(widthOf));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/**
 * In columns of a terminal, which gives colours none. string-width is loaded for what is not {@link NARROW}: it takes
 * some 40 ms of CPU time, as much as all else of the tool.
 */
export function widthOf(cell: string): number {
  const text = unpainted(cell);
  if (NARROW.test(text)) return text.length;
  stringWidth ??= (createRequire(import.meta.url)('string-width') as typeof import('string-width')).default;
  return stringWidth(text);
}

let stringWidth: ((text: string) => number) | undefined;
