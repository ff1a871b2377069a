import { createZone } from '../../core/calendar/zone.ts';
import { instantText } from '../../core/time/time-text.ts';
import { DAY_MS, SECOND_MS } from '../../core/units.ts';
import type { TypedTime } from './typed-time.ts';
import { clockText, dateText, localTimeAt, type WallTime, whenShown } from './wall-clock.ts';

/** An instant that somebody meant, as epoch milliseconds. */
export interface Meant {
  readonly at: number;
  /** Where daylight saving left no choice but to take another time, or one of two. */
  readonly warning?: string;
}

/** A week, and a day for a date that a zone left out. */
const DAYS_AROUND = 9;
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 4;

/**
 * Says which instant a typed time means.
 *
 * A time without a day, and a weekday, is the first such time after now where what is meant lies ahead; else the last one
 * until now. A local time that the clocks skip is the end of the gap, and of one that comes twice the first one is taken, as
 * schedules with fixed times do; the second one only where the first is over and what is meant lies ahead. A day alone is
 * its first instant.
 *
 * @param now epoch milliseconds, by AWS's clock
 * @param timezone the operator's own
 * @param after an instant that a time of day or a weekday comes after, instead of now: the start of what ends then
 */
export function instantMeant(typed: TypedTime, now: number, timezone: string, after = now): Meant {
  if (typed.kind === 'instant') return { at: typed.at };
  const second = Math.floor(now / SECOND_MS) * SECOND_MS;
  if (typed.kind === 'distance') return { at: second + typed.distanceMs };

  const { day, timeMs, direction, timezone: place = timezone } = typed;
  const zone = createZone(place);
  const dateAt = (at: number) => Math.floor(localTimeAt(zone, at) / DAY_MS);
  switch (day.kind) {
    case 'date':
      return meantOn(day.date, now);
    case 'from-today':
      return meantOn(dateAt(now) + day.days, now);
    case 'any':
    case 'weekday':
      return nearest((date) => day.kind === 'any' || (date + FIRST_WEEKDAY) % 7 === day.weekday);
  }

  /** On the nearest of some dates. */
  function nearest(isMeant: (date: number) => boolean): Meant {
    const first = dateAt(after) - DAYS_AROUND;
    const dates = Array.from({ length: 2 * DAYS_AROUND + 1 }, (_, index) => first + index).filter(isMeant);
    const candidates = dates.map((date) => meantOn(date, after));
    const found =
      direction === 'ahead' ? candidates.find(({ at }) => at > after) : candidates.findLast(({ at }) => at <= after);
    // there is one of each weekday on both sides
    return found ?? { at: after };
  }

  /** @param then what is over at this instant is not meant, where what is meant lies ahead */
  function meantOn(date: number, then: number): Meant {
    const local = date * DAY_MS + (timeMs ?? 0);
    const shown = whenShown(zone, local);
    const { at, againAt = at } = shown;
    const chosen = direction === 'ahead' && at <= then && againAt > then ? againAt : at;
    const isDayAlone = timeMs === undefined && dateAt(chosen) === date;
    const warning = isDayAlone ? undefined : warningOf(shown, chosen, local);
    return { at: chosen, ...(warning !== undefined && { warning }) };
  }

  function warningOf({ at, againAt, isSkipped }: WallTime, chosen: number, local: number): string | undefined {
    const what = `${clockText(local)} on ${dateText(local)}`;
    if (isSkipped) {
      return `the clocks of ${place} skip ${what}: ${instantText(at)} is taken, when they show ${clockText(localTimeAt(zone, at))}`;
    }
    if (againAt === undefined) return undefined;
    const [which, other] = chosen === at ? ['first', againAt] : ['second', at];
    return `the clocks of ${place} show ${what} twice: ${instantText(chosen)} is taken, the ${which}; for the other write ${instantText(other)}`;
  }
}
