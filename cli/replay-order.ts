import type { EventRow } from '../aws/event-rows.ts';
import type { EventFacts } from '../aws/events.ts';
import { compareSequences } from '../gate/record-order.ts';

/**
 * So far apart may the clocks of two environments be that stored events of one order key: events that were deferred
 * closer together than this are put in the order of their sequence.
 */
const SKEW_MS = 5_000;
/** At most so many rows are looked at ahead. */
const AHEAD_ROWS = 2_000;

/** Tells what the index does not, by id. */
type FactsOf = (ids: readonly string[]) => Promise<ReadonlyMap<string, EventFacts>>;

/**
 * Puts the events of each order key in the order of their sequence, and leaves everything else in the order of deferral.
 * Looks a few seconds ahead; asks for sequences only where two events of one key are that close together.
 */
export async function* inSequence(rows: AsyncGenerator<EventRow>, factsOf: FactsOf): AsyncGenerator<EventRow> {
  const ahead: EventRow[] = [];
  const sequences = new Map<string, string>();
  let isAtEnd = false;
  for (;;) {
    await lookAhead();
    const first = ahead.shift();
    if (!first) return;
    const rivals = rivalsOf(first);
    if (rivals.length === 0) {
      sequences.delete(first.id);
      yield first;
      continue;
    }
    await learn([first, ...rivals]);
    const lowest = rivals.reduce((low, row) => (isBefore(row, low) ? row : low), first);
    if (lowest !== first) {
      ahead.splice(ahead.indexOf(lowest), 1);
      ahead.unshift(first);
    }
    sequences.delete(lowest.id);
    yield lowest;
  }

  async function lookAhead(): Promise<void> {
    while (!isAtEnd && ahead.length < AHEAD_ROWS) {
      const [first] = ahead;
      const last = ahead.at(-1);
      if (first && last && last.deferredAt > first.deferredAt + SKEW_MS) return;
      const { value, done } = await rows.next();
      if (done) isAtEnd = true;
      else ahead.push(value);
    }
  }

  function rivalsOf({ orderKey, deferredAt }: EventRow): EventRow[] {
    if (orderKey === undefined) return [];
    return ahead.filter((row) => row.orderKey === orderKey && row.deferredAt <= deferredAt + SKEW_MS);
  }

  async function learn(candidates: readonly EventRow[]): Promise<void> {
    const unknown = candidates.map(({ id }) => id).filter((id) => !sequences.has(id));
    if (unknown.length === 0) return;
    const facts = await factsOf(unknown);
    for (const id of unknown) sequences.set(id, facts.get(id)?.orderSequence ?? '');
  }

  function isBefore(a: EventRow, b: EventRow): boolean {
    return compareSequences(sequences.get(a.id) ?? '', sequences.get(b.id) ?? '') < 0;
  }
}
