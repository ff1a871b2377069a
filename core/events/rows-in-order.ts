import type { EventRow } from './archive.ts';
import { placeOf as placeAt } from './table.ts';

/** Where a row stands among all rows: by time, then by id. */
export function placeOfRow({ deferredAt, id }: Pick<EventRow, 'deferredAt' | 'id'>): string {
  return placeAt(deferredAt, id);
}

/** Merges what is in order into one in the same order. */
export async function* mergedInOrder<Row>(
  sources: readonly AsyncGenerator<Row>[],
  placeOf: (row: Row) => string,
): AsyncGenerator<Row> {
  const heads = await Promise.all(sources.map((source) => headOf(source, placeOf)));
  for (;;) {
    let first: Head<Row> | undefined;
    for (const head of heads) if (head.row && (!first?.row || head.place < first.place)) first = head;
    if (!first?.row) return;
    yield first.row;
    Object.assign(first, await headOf(first.source, placeOf));
  }
}

interface Head<Row> {
  readonly source: AsyncGenerator<Row>;
  row: Row | undefined;
  place: string;
}

async function headOf<Row>(source: AsyncGenerator<Row>, placeOf: (row: Row) => string): Promise<Head<Row>> {
  const { value, done } = await source.next();
  return done ? { source, row: undefined, place: '' } : { source, row: value, place: placeOf(value) };
}
