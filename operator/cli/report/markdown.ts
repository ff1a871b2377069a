import { shown } from '../../../core/text/shown.ts';
import { widthOf } from '../terminal/text.ts';

/** A table of GitHub's Markdown, whose columns stand straight in plain text as well. Cells are {@link written}. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((cells) => widthOf(cells[column] ?? ''))));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell))).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

/** Text of somebody else's, on one line and without markup. */
export function written(text: string): string {
  return shown(text).replaceAll(/[\\`*<[|]/g, (character) => `\\${character}`);
}
