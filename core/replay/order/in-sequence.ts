import type { EventFacts, EventRow } from '../../events/archive.ts';

import { compareSequences } from '../../sources/record-order.ts';

/**
 * Tolerated difference between the clocks of two environments: events of one order key that were deferred closer
 * together than this go by their sequence.
 */
export const SKEW_MS = 5_000;
/** At most so many rows are looked at ahead. */
const AHEAD_ROWS = 2_000;

/** Tells what the index does not, by id. */
type FactsOf = (ids: readonly string[]) => Promise<ReadonlyMap<string, EventFacts>>;

/**
 * Sorts events that share order keys by their sequences, and leaves all others in the order of deferral. Looks a few
 * seconds ahead; asks for sequences only if two events that share a key are that close together. Events of several keys
 * can each have to come before the other; then the time of deferral decides.
 *
 * @param onCycle told of events that go in the order of deferral for that, each once, the first of them first
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
  /** Members of circles. */
  const told = new WeakSet<EventRow>();
  /** What is left of the circle that comes next, in the order of deferral: following all of it each time would cost its cube. */
  let together: EventRow[] = [];
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

  /** Reads all that may have to come before a row. */
  async function lookAhead(row?: EventRow): Promise<void> {
    while (!isAtEnd && ahead.size < AHEAD_ROWS) {
      if (row && last && last.deferredAt > row.deferredAt + SKEW_MS) return;
      if (!row && ahead.size > 0) return;
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
    if (together[0] === row) together.shift();
    sequences.delete(row);
    for (const { key } of row.orderKeys ?? []) {
      const sharing = byKey.get(key);
      sharing?.delete(row);
      if (sharing?.size === 0) byKey.delete(key);
    }
  }

  /** Oldest events with nothing before them but each other: usually one, else a circle, which is reported. */
  async function nextOf(first: EventRow): Promise<EventRow> {
    const [next] = together;
    if (next && !(await comesBehindOthers(next))) return next;
    together = inDeferral(await firstTogether(first));
    if (together.length > 1 && together.some((row) => !told.has(row))) onCycle([...together]);
    if (together.length > 1) for (const row of together) told.add(row);
    return together[0] ?? first;
  }

  /** Whether something that has been read since has to come before one of a circle. */
  async function comesBehindOthers(row: EventRow): Promise<boolean> {
    const known = new Set(together);
    for (const { key } of row.orderKeys ?? []) {
      const others = await sharingWith(row, key);
      if (others.some((each) => !known.has(each) && isBefore(each, row, key))) return true;
    }
    return false;
  }

  /**
   * Goes from event to event that has to come before, and gives back the first that lead to each other and to nothing else.
   * Source: Tarjan, "Depth-first search and linear graph algorithms" (1972), which ends here at its first component.
   */
  async function firstTogether(first: EventRow): Promise<readonly EventRow[]> {
    const visited: EventRow[] = [];
    /** The earliest visited that each leads back to. */
    const backTo = new Map<EventRow, number>();
    return (await visit(first)) ?? [first];

    async function visit(row: EventRow): Promise<readonly EventRow[] | undefined> {
      const number = visited.push(row) - 1;
      backTo.set(row, number);
      for (const before of await nextBefore(row)) {
        const found = backTo.has(before) ? undefined : await visit(before);
        if (found) return found;
        backTo.set(row, Math.min(backTo.get(row) ?? number, backTo.get(before) ?? number));
      }
      return backTo.get(row) === number ? visited.slice(number) : undefined;
    }
  }

  /**
   * What comes before this row in each of its keys: the first of all, as there the search ends, and those right before it,
   * so that it misses none. A record that was sent again has the same sequence.
   */
  async function nextBefore(row: EventRow): Promise<readonly EventRow[]> {
    const before = new Set<EventRow>();
    for (const { key } of row.orderKeys ?? []) {
      const lower = (await sharingWith(row, key)).filter((each) => isBefore(each, row, key));
      const [one, ...more] = lower;
      if (!one) continue;
      before.add(more.reduce((low, each) => (isBefore(each, low, key) ? each : low), one));
      const high = more.reduce((highest, each) => (isBefore(highest, each, key) ? each : highest), one);
      for (const each of lower) if (!isBefore(each, high, key)) before.add(each);
    }
    return [...before];
  }

  /**
   * Rows that share a key with this one and may have to come before it; their sequences are known if there are several.
   */
  async function sharingWith(row: EventRow, key: string): Promise<readonly EventRow[]> {
    await lookAhead(row);
    const sharing = [...(byKey.get(key) ?? [])].filter(({ deferredAt }) => deferredAt <= row.deferredAt + SKEW_MS);
    if (sharing.length > 1) await learn(sharing);
    return sharing;
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
