import type { EventIdentity } from '../../../core/events/table.ts';

/** An id in two parts: what may be cut short, and what tells the rest of a batch from its event (`.1`, `.a1.1`). */
export interface ShortId {
  readonly base: string;
  /** From the first dot on; empty where there is none. */
  readonly rest: string;
}

/** Characters of a short id: those of a UUID before its first hyphen. */
const SHORT = 8;

/** Takes an id apart. */
export function shortIdIn(id: string): ShortId {
  const dot = id.indexOf('.');
  return dot < 0 ? { base: id, rest: '' } : { base: id.slice(0, dot), rest: id.slice(dot) };
}

/**
 * Of events whose base begins alike, those that a short id means: `9f1c0a52` is the event, and `9f1c0a52.1` the rest of
 * its batch. Where none is named so, those whose id begins with it.
 */
export function fittingShortId(events: readonly EventIdentity[], short: string): readonly EventIdentity[] {
  const { rest } = shortIdIn(short);
  const exact = events.filter(({ id }) => shortIdIn(id).rest === rest);
  return exact.length > 0 ? exact : events.filter(({ id }) => id.startsWith(short));
}

/** Ids as short as they still differ from each other, for people to look at and to type. */
export function shortIds(ids: readonly string[]): ReadonlyMap<string, string> {
  const bases = [...new Set(ids.map((id) => shortIdIn(id).base))].sort();
  const cut = new Map(
    bases.map((base, index) => {
      const neighbours = [bases[index - 1], bases[index + 1]];
      const needed = Math.max(SHORT, ...neighbours.map((other = '') => sharedLength(base, other) + 1));
      // To end with a hyphen is to look cut off.
      return [base, base.slice(0, base[needed - 1] === '-' ? needed + 1 : needed)];
    }),
  );
  return new Map(
    ids.map((id) => {
      const { base, rest } = shortIdIn(id);
      return [id, `${cut.get(base) ?? base}${rest}`];
    }),
  );
}

function sharedLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}
