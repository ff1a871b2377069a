import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface TableProps {
  readonly heads: readonly string[];
  /** Heads of columns that hold numbers. */
  readonly numbers?: readonly string[];
  /** Head of a column before the others. */
  readonly first?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A table that scrolls by itself where it is wider than the page; on a narrow page each row is a list. */
export function Table({ heads, numbers = [], first, children }: TableProps) {
  const table = useRef<HTMLTableElement>(null);
  useLayoutEffect(() => tellCells(table.current, numbers));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without a mouse it is scrolled by the keys
    <div class="scrolls" tabIndex={0}>
      <table ref={table}>
        <thead>
          <tr>
            {first !== undefined && <th scope="col">{first}</th>}
            {heads.map((head) => (
              <th key={head} scope="col" data-number={numbers.includes(head) ? '' : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** Tells each cell its column, for the style of the page: rows are made by whoever has a table. */
function tellCells(table: HTMLTableElement | null, numbers: readonly string[]): void {
  const heads = [...(table?.tHead?.rows[0]?.cells ?? [])].map(({ textContent }) => textContent ?? '');
  for (const { cells } of table?.tBodies[0]?.rows ?? []) {
    // one that goes across has no column
    if (cells.length !== heads.length) continue;
    for (const [index, cell] of [...cells].entries()) {
      const head = heads[index] ?? '';
      if (head !== '') cell.dataset['column'] = head;
      cell.toggleAttribute('data-number', numbers.includes(head));
    }
  }
}
