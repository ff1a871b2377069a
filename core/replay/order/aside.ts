import type { EventRow } from '../../events/archive.ts';
import { placeOfRow } from '../../events/rows-in-order.ts';

import { SKEW_MS } from './in-sequence.ts';

/**
 * Puts what is not meant between what is, each at its place: in order, what is not done holds back what comes after it, be
 * it meant or not. Ends where nothing that is meant can come after it.
 *
 * @param meant in order of deferral
 * @param all everything unfinished of the same function, in that order
 */
export async function* withAsides(
  meant: AsyncGenerator<EventRow>,
  all: AsyncGenerator<EventRow>,
): AsyncGenerator<EventRow> {
  let next = await meant.next();
  let lastAt = Number.NEGATIVE_INFINITY;
  for await (const row of all) {
    for (const place = placeOfRow(row); !next.done && placeOfRow(next.value) < place; next = await meant.next()) {
      lastAt = next.value.deferredAt;
      yield next.value;
    }
    if (!next.done && next.value.id === row.id) {
      lastAt = row.deferredAt;
      yield next.value;
      next = await meant.next();
    } else if (next.done && row.deferredAt > lastAt + SKEW_MS) {
      return;
    } else {
      yield { ...row, isAside: true };
    }
  }
  for (; !next.done; next = await meant.next()) yield next.value;
}
