import { shown } from '../../../core/text/shown.ts';
import { shortIds } from '../../events/select/short-id.ts';
import type { Output } from '../terminal/output.ts';

/** How ids stand in a table: short on a terminal, where somebody types them again, and whole in a pipe. */
export function idsText(ids: readonly string[], { isTerminal }: Pick<Output, 'isTerminal'>): (id: string) => string {
  if (!isTerminal) return shown;
  const short = shortIds(ids);
  return (id) => shown(short.get(id) ?? id);
}

/** An error in a table: its beginning on a terminal, whole in a pipe. */
export function errorCell(error: string | undefined, { isTerminal }: Pick<Output, 'isTerminal'>): string {
  const text = shown(error ?? '');
  return isTerminal && text.length > CELL ? `${text.slice(0, CELL - 1)}…` : text;
}

const CELL = 60;
