import type { ComponentChildren } from 'preact';

/** A table that scrolls by itself where it is wider than the page. */
export function Table({
  heads,
  first,
  children,
}: {
  readonly heads: readonly string[];
  /** Head of a column before the others. */
  readonly first?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without a mouse it is scrolled by the keys
    <div class="scrolls" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {first !== undefined && <th scope="col">{first}</th>}
            {heads.map((head) => (
              <th key={head} scope="col">
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
