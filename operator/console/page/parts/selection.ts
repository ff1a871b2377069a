import type { Given } from '../api.ts';

const FILTERS = ['function', 'source', 'status', 'window', 'error', 'error-is', 'grep', 'from', 'until'] as const;

/** The filters of the address, as options of the tool: both have the same names. */
export function selectionIn(query: URLSearchParams): NonNullable<Given['options']> {
  return Object.fromEntries(
    FILTERS.flatMap((name) => {
      const values = query.getAll(name).filter((value) => value !== '');
      return values.length > 0 ? [[name, values]] : [];
    }),
  );
}
