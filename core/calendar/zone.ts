import { formatOf, UTC } from '../time/timezone.ts';
import { DAY_MS, SECOND_MS } from '../units.ts';

const QUARTER_MS = 900_000;
/** How far apart `Intl` is asked: less than a week, in which the offset changes once at most. */
const BLOCK_MS = 6 * DAY_MS;
/** In spring and in autumn. */
const KEPT_TIMES = 2;

const EVER: Stretch = {
  startAt: Number.NEGATIVE_INFINITY,
  endAt: Number.POSITIVE_INFINITY,
  offset: 0,
  offsetBefore: 0,
};

/**
 * Period with one offset: `[startAt, endAt)`, epoch milliseconds. A local time is written as the epoch milliseconds of
 * UTC when it shows the same; the instant is that, less the offset.
 */
export interface Stretch {
  readonly startAt: number;
  readonly endAt: number;
  /** Milliseconds. */
  readonly offset: number;
  /** What held until `startAt`: another offset where the clock changes there, else the same. */
  readonly offsetBefore: number;
}

/** The wall clock of a place. */
export interface Zone {
  /**
   * The stretch that holds an instant. Where the clock does not change, one ends and the next begins every few days; with a
   * change it begins, and then lasts for six days or more. Costs some microseconds the first time, and nothing again.
   */
  stretchAt(instant: number): Stretch;
}

/**
 * The wall clock of a zone that `parseTimezone` takes. Asks `Intl` once for each six days, five to ten times more where the
 * clock changes, and remembers the answer.
 *
 * It takes for granted that the offset does not change twice within a week. (In no zone of ICU 77 has it, from 1970 to 2040:
 * the nearest two changes are seven days apart, Recife in October 2000.)
 */
export function createZone(timezone: string): Zone {
  if (timezone === UTC) return { stretchAt: () => EVER };
  const format = formatOf(timezone);
  const offsetAt = (instant: number) => offsetIn(format.format(instant));
  const offsetAtStart = remembering((block) => offsetAt(block * BLOCK_MS));
  const changeIn = remembering(findChange);
  /** Most zones change at the same time of day in UTC each year. */
  let timesOfChanges: readonly number[] = [];
  return { stretchAt };

  function stretchAt(instant: number): Stretch {
    const block = Math.floor(instant / BLOCK_MS);
    const changeAt = changeIn(block);
    const offset = offsetAtStart(block);
    if (instant >= changeAt) {
      const endAt = Math.min(changeIn(block + 1), (block + 2) * BLOCK_MS);
      return { startAt: changeAt, endAt, offset: offsetAtStart(block + 1), offsetBefore: offset };
    }
    const endAt = Math.min(changeAt, (block + 1) * BLOCK_MS);
    const changedAt = changeIn(block - 1);
    return changedAt < Number.POSITIVE_INFINITY
      ? { startAt: changedAt, endAt, offset, offsetBefore: offsetAtStart(block - 1) }
      : { startAt: block * BLOCK_MS, endAt, offset, offsetBefore: offset };
  }

  /** The second within a block at which the offset changes; Infinity where it does not. */
  function findChange(block: number): number {
    const [before, after] = [offsetAtStart(block), offsetAtStart(block + 1)];
    if (before === after) return Number.POSITIVE_INFINITY;
    const nextDayAt = firstWith(after, block * BLOCK_MS, (block + 1) * BLOCK_MS, DAY_MS);
    const dayAt = nextDayAt - DAY_MS;
    const isChange = (at: number) => offsetAt(at) === after && offsetAt(at - SECOND_MS) === before;
    const timeOfDay = timesOfChanges.find((time) => isChange(dayAt + time));
    if (timeOfDay !== undefined) return dayAt + timeOfDay;
    const near = firstWith(after, dayAt, nextDayAt, QUARTER_MS);
    const changeAt = isChange(near) ? near : firstWith(after, near - QUARTER_MS, near, SECOND_MS);
    if (changeAt === near) timesOfChanges = [near - dayAt, ...timesOfChanges].slice(0, KEPT_TIMES);
    return changeAt;
  }

  /** First instant with this offset, found by steps from `earlier`, which has another one, to `later`, which has it. */
  function firstWith(offset: number, earlier: number, later: number, stepMs: number): number {
    let [without, found] = [earlier, later];
    while (found - without > stepMs) {
      const middle = without + Math.floor((found - without) / 2 / stepMs) * stepMs;
      if (offsetAt(middle) === offset) found = middle;
      else without = middle;
    }
    return found;
  }
}

/** `GMT`, `GMT+02:00`, `GMT-00:44:30`: the longOffset of ECMA-402, in milliseconds. */
function offsetIn(text: string): number {
  const [, sign, hours, minutes, seconds = '0'] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  if (sign === undefined) return 0;
  return (sign === '-' ? -SECOND_MS : SECOND_MS) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

function remembering(find: (block: number) => number): (block: number) => number {
  const found = new Map<number, number>();
  return (block) => {
    const known = found.get(block);
    if (known !== undefined) return known;
    const value = find(block);
    found.set(block, value);
    return value;
  };
}
