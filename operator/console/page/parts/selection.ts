import type { Given } from '../api.ts';

const FILTERS = ['function', 'source', 'status', 'window', 'error', 'error-is', 'grep', 'from', 'until'] as const;

/**
 * The filters of the address, as options of the tool: both have the same names.
 *
 * @param zone in which times are shown: those that are typed are meant in it, too
 */
export function selectionIn(query: URLSearchParams, zone: string): NonNullable<Given['options']> {
  const said: NonNullable<Given['options']> = Object.fromEntries(
    FILTERS.flatMap((name) => {
      const values = query.getAll(name).filter((value) => value !== '');
      return values.length > 0 ? [[name, values]] : [];
    }),
  );
  return said['from'] || said['until'] ? { ...said, timezone: [zone] } : said;
}
