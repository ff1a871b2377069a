import type { EventRow } from '../../events/archive.ts';

import { scopeAndLane, WHOLE_SOURCE } from '../../sources/record-order.ts';

/**
 * Which events of one function have to wait for which: of two that share an order key, the one that was added first has to
 * be done before the other begins. What is not done holds back whatever comes behind it in any of its keys, and that in
 * turn what comes behind it.
 */
export interface KeyOrder {
  /** Puts a row behind all that were added before. Gives back the id of the event that holds it back, if one does. */
  add(row: EventRow): string | undefined;
  /** Whether no earlier row that is not done shares a key with it. Always true for a row without keys. */
  isFirst(row: EventRow): boolean;
  /** It waits and holds no more. */
  done(row: EventRow): void;
  /**
   * Holds back what comes behind a row, be it added already or not.
   *
   * @param keys other keys than the row's own: what stays of a batch
   * @returns those that were added already, in order, each with the id of what it waits for; they are done
   */
  hold(row: EventRow, keys?: readonly string[]): readonly Held[];
}

/** Row that is not replayed, and the event that it would have to wait for. */
export interface Held {
  readonly row: EventRow;
  readonly behindId: string;
}

/** A key, the scope of keys, or a source: whoever takes it as a whole excludes all that take something within it. */
interface Place {
  readonly name: string;
  /** Added and not done, in order. */
  readonly whole: Set<Entry>;
  readonly within: Set<Entry>;
  heldWhole?: Hold;
  heldWithin?: Hold;
}

interface Entry {
  readonly row: EventRow;
  readonly number: number;
  readonly paths: readonly Path[];
}

/** From the widest place that a key lies in to its own. */
type Path = readonly Place[];

/** Holds what comes behind this number. */
interface Hold {
  readonly number: number;
  readonly id: string;
}

export function createKeyOrder(): KeyOrder {
  const places = new Map<string, Place>();
  /** In the order of their numbers. */
  const entries = new Map<EventRow, Entry>();
  let numbers = 0;

  return {
    add(row) {
      const entry = entryOf(row);
      const behindId = holderOf(entry);
      if (behindId === undefined) enter(entry);
      else mark(entry);
      return behindId;
    },
    isFirst(row) {
      const entry = entries.get(row);
      return !entry || entry.paths.every((path) => isFirstAt(path, entry.number));
    },
    done(row) {
      leave(entries.get(row));
    },
    hold(row, keys) {
      const entry = entries.get(row);
      const holder = keys || !entry ? entryOf(row, keys, entry?.number) : entry;
      mark(holder);
      leave(entry);
      return sweep();
    },
  };

  function entryOf(row: EventRow, keys = keysOf(row), number = ++numbers): Entry {
    return { row, number, paths: keys.map((key) => pathOf(row.source, key)) };
  }

  function pathOf(source: string, key: string): Path {
    const [scope, lane] = scopeAndLane(key);
    const names = [source];
    if (scope !== WHOLE_SOURCE.key) names.push(`${source}\n${scope}`);
    if (lane !== undefined) names.push(`${source}\n${scope}#${lane}`);
    return names.map(placeOf);
  }

  function placeOf(name: string): Place {
    const known = places.get(name);
    if (known) return known;
    const place: Place = { name, whole: new Set(), within: new Set() };
    places.set(name, place);
    return place;
  }

  function enter(entry: Entry): void {
    if (entry.paths.length === 0) return;
    entries.set(entry.row, entry);
    for (const path of entry.paths) {
      for (const place of path) (place === path.at(-1) ? place.whole : place.within).add(entry);
    }
  }

  function leave(entry: Entry | undefined): void {
    if (!entry) return;
    entries.delete(entry.row);
    for (const place of entry.paths.flat()) {
      place.whole.delete(entry);
      place.within.delete(entry);
      if (isUnused(place)) places.delete(place.name);
    }
  }

  function mark({ row: { id }, number, paths }: Entry): void {
    for (const path of paths) {
      for (const place of path) {
        const name = place === path.at(-1) ? 'heldWhole' : 'heldWithin';
        // The first of several holds most.
        if (number < (place[name]?.number ?? Number.POSITIVE_INFINITY)) place[name] = { number, id };
      }
    }
  }

  /** One pass is enough: whatever a row holds comes behind it. */
  function sweep(): readonly Held[] {
    const held: Held[] = [];
    for (const entry of entries.values()) {
      const behindId = holderOf(entry);
      if (behindId === undefined) continue;
      held.push({ row: entry.row, behindId });
      mark(entry);
      leave(entry);
    }
    return held;
  }
}

function keysOf({ orderKeys = [] }: EventRow): readonly string[] {
  return orderKeys.map(({ key }) => key);
}

/** Forgets keys without events that wait or hold others, so that memory does not grow. */
function isUnused({ whole, within, heldWhole, heldWithin }: Place): boolean {
  return whole.size === 0 && within.size === 0 && !heldWhole && !heldWithin;
}

function isFirstAt(path: Path, number: number): boolean {
  const isFirstOf = (set: Set<Entry>) => (set.values().next().value?.number ?? number) >= number;
  return path.every((place) => isFirstOf(place.whole) && (place !== path.at(-1) || isFirstOf(place.within)));
}

function holderOf({ paths, number }: Entry): string | undefined {
  for (const path of paths) {
    for (const place of path) {
      const holds = place === path.at(-1) ? [place.heldWhole, place.heldWithin] : [place.heldWhole];
      const hold = holds.find((each) => each && each.number < number);
      if (hold) return hold.id;
    }
  }
  return undefined;
}
