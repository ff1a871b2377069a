import { shownLines } from '../../../core/text/shown.ts';
import type { Host } from '../host.ts';
import { page } from './pager.ts';
import { painted } from './paint.ts';
import { createScreen } from './screen.ts';
import { rowsOf } from './text.ts';

/** Shows a text on stdout: on a terminal, what is longer than that goes through the pager. */
export function presented(text: string, host: Pick<Host, 'stdout' | 'environment'>): void {
  const { stdout } = host;
  const [columns, { rows }] = [columnsOf(stdout), stdout];
  const isLong = columns !== undefined && rows > 0 && rowsOf(text, columns) > rows;
  if (!isLong || !page(painted(shownLines(text)), host)) createScreen(stdout).write(text);
}

/** Columns of a terminal; undefined where it is none, or does not say how many it has. */
export function columnsOf({ isTTY, columns }: NodeJS.WriteStream): number | undefined {
  return isTTY && columns > 0 ? columns : undefined;
}
