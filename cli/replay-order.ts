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
 * Puts events that share order keys in the order of their sequences, and leaves everything else in the order of deferral.
 * Looks a few seconds ahead; asks for sequences only where two events that share a key are that close together.
 *
 * Events of several keys can each have to come before the other. Then the one that was deferred first does.
 *
 * @param onCycle told of events that go in the order of deferral for that, the first of them first
 */
export async function* inSequence(
  rows: AsyncGenerator<EventRow>,
  factsOf: FactsOf,
  onCycle: (cycle: readonly EventRow[]) => void,
): AsyncGenerator<EventRow> {
  /** In the order of deferral. */
  const ahead = new Set<EventRow>();
  const byKey = new Map<string, Set<EventRow>>();
  const sequences = new Map<EventRow, ReadonlyMap<string, string>>();
  let last: EventRow | undefined;
  let isAtEnd = false;
  for (;;) {
    await lookAhead();
    const [first] = ahead;
    if (!first) return;
    const next = await nextOf(first);
    take(next);
    yield next;
  }

  async function lookAhead(): Promise<void> {
    while (!isAtEnd && ahead.size < AHEAD_ROWS) {
      const [first] = ahead;
      if (first && last && last.deferredAt > first.deferredAt + SKEW_MS) return;
      const { value, done } = await rows.next();
      if (done) isAtEnd = true;
      else add(value);
    }
  }

  function add(row: EventRow): void {
    last = row;
    ahead.add(row);
    for (const { key } of row.orderKeys ?? []) {
      const sharing = byKey.get(key);
      if (sharing) sharing.add(row);
      else byKey.set(key, new Set([row]));
    }
  }

  function take(row: EventRow): void {
    ahead.delete(row);
    sequences.delete(row);
    for (const { key } of row.orderKeys ?? []) {
      const sharing = byKey.get(key);
      sharing?.delete(row);
      if (sharing?.size === 0) byKey.delete(key);
    }
  }

  /** Goes from event to event that has to come before, until nothing has to; in a circle, it begins with the oldest. */
  async function nextOf(first: EventRow): Promise<EventRow> {
    const passed: EventRow[] = [];
    for (let row = first; ; ) {
      const before = await lowestBefore(row, first.deferredAt + SKEW_MS);
      if (!before) return row;
      passed.push(row);
      if (passed.includes(before)) {
        const cycle = inDeferral(passed.slice(passed.indexOf(before)));
        onCycle(cycle);
        return cycle[0] ?? row;
      }
      row = before;
    }
  }

  /** What has the lowest sequence in one of this row's keys, where that is not the row itself. */
  async function lowestBefore(row: EventRow, untilAt: number): Promise<EventRow | undefined> {
    for (const { key } of row.orderKeys ?? []) {
      const sharing = [...(byKey.get(key) ?? [])].filter(({ deferredAt }) => deferredAt <= untilAt);
      if (sharing.length < 2) continue;
      await learn(sharing);
      const lowest = sharing.reduce((low, each) => (isBefore(each, low, key) ? each : low), row);
      if (lowest !== row) return lowest;
    }
    return undefined;
  }

  async function learn(candidates: readonly EventRow[]): Promise<void> {
    const unknown = candidates.filter((row) => !sequences.has(row));
    if (unknown.length === 0) return;
    const facts = await factsOf(unknown.map(({ id }) => id));
    for (const row of unknown) {
      const keys = facts.get(row.id)?.orderKeys ?? [];
      sequences.set(
        row,
        new Map(keys.flatMap(({ key, sequence }) => (sequence === undefined ? [] : [[key, sequence]]))),
      );
    }
  }

  /** Only where both have a place. */
  function isBefore(a: EventRow, b: EventRow, key: string): boolean {
    const [ofA, ofB] = [sequences.get(a)?.get(key), sequences.get(b)?.get(key)];
    return ofA !== undefined && ofB !== undefined && compareSequences(ofA, ofB) < 0;
  }

  function inDeferral(cycle: readonly EventRow[]): EventRow[] {
    return [...ahead].filter((row) => cycle.includes(row));
  }
}
