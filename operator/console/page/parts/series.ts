/** What is drawn over time, as numbers. */

/** Values of one thing at instants that all things of a plot share; null where it has none. */
export interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** What no value means; default: that it is not known. */
  readonly nullMeans?: string;
}

/** The largest by their last known values, and the sum of all others as one. */
export function largestOf(series: readonly Series[], most: number, others: string): readonly Series[] {
  const ordered = series.toSorted((a, b) => lastKnown(b) - lastKnown(a) || (a.name < b.name ? -1 : 1));
  if (ordered.length <= most) return ordered;
  const [shown, rest] = [ordered.slice(0, most - 1), ordered.slice(most - 1)];
  return [...shown, { name: `${rest.length} ${others}`, values: sumOf(rest) }];
}

/** Those with the same name as one. */
export function byName(series: readonly Series[]): readonly Series[] {
  const named = Map.groupBy(series, ({ name }) => name);
  return [...named].map(([name, same]) => ({ name, values: sumOf(same) }));
}

/** Each on top of those before it. */
export function stacked(series: readonly Series[]): readonly Series[] {
  return series.map(({ name }, index) => ({ name, values: sumOf(series.slice(0, index + 1)) }));
}

/** Not known where one of them is not. */
function sumOf(series: readonly Series[]): readonly (number | null)[] {
  const [{ values } = { values: [] }] = series;
  return values.map((_, index) =>
    series.reduce<number | null>((sum, each) => {
      const value = each.values[index] ?? null;
      return sum === null || value === null ? null : sum + value;
    }, 0),
  );
}

function lastKnown({ values }: Series): number {
  return values.findLast((value) => value !== null) ?? 0;
}

/** So many places of a long list, evenly, with the last. */
export function someOf(length: number, most: number): readonly number[] {
  const step = Math.max(1, Math.ceil(length / most));
  const count = Math.ceil(length / step);
  return Array.from({ length: count }, (_, index) => length - 1 - (count - 1 - index) * step);
}
