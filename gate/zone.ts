import { nearest } from './nearest.ts';
import { fault, type Parsed, parsed } from './parsed.ts';

const DAY_MS = 86_400_000;
const SECOND_MS = 1000;

/** https://data.iana.org/time-zones/tzdb/backward and etcetera */
const IANA_ABBREVIATIONS = ['CET', 'EET', 'EST', 'GMT', 'HST', 'MET', 'MST', 'PRC', 'ROC', 'ROK', 'UCT', 'WET'];

/** The zone of a schedule that names none. */
export const UTC = 'UTC';

/**
 * What a wall clock is ahead of UTC in the course of some days, in milliseconds. It changes once at most. A local time is
 * written as the epoch milliseconds of UTC when it shows the same; the instant is that, less the offset.
 */
export interface Offsets {
  readonly before: number;
  readonly after: number;
  /** The instant from which on `after` holds; Infinity where both are the same. */
  readonly changeAt: number;
}

/** The wall clock of a place. */
export interface Zone {
  /** The offsets between two instants, or a little around them: up to a day. The two are not more than six days apart. */
  offsetsDuring(fromAt: number, toAt: number): Offsets;
}

/**
 * Checks an IANA time zone name. The first name other than UTC costs an environment 12 to 20 ms, the price of `Intl`'s
 * first use.
 */
export function parseTimezone(text: string): Parsed<string> {
  if (text === UTC || isTimezone(text)) return parsed(text);
  if (/^(?:UTC|GMT)?[+-]\d/.test(text)) {
    return fault('is an offset, which knows no daylight saving; write an IANA name, such as Europe/Rome');
  }
  return fault(`is not a time zone; write an IANA name, such as ${likelyTimezone(text) ?? 'Europe/Rome'}`);
}

/**
 * The wall clock of a zone that {@link parseTimezone} takes. Asks `Intl` once for each day and remembers the answer.
 *
 * It takes for granted that the offset does not change twice within a week. (In no zone of ICU 77 has it, from 1970 to 2040:
 * the nearest two changes are seven days apart, Recife in October 2000.)
 */
export function createZone(timezone: string): Zone {
  if (timezone === UTC) return { offsetsDuring: () => constant(0) };
  const format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' });
  const offsetAtMidnight = remembering((day) => offsetIn(format.format(day * DAY_MS)));
  const changeWithin = remembering((day) => findChange(day));
  return { offsetsDuring };

  function offsetsDuring(fromAt: number, toAt: number): Offsets {
    const [first, last] = [Math.floor(fromAt / DAY_MS), Math.ceil(toAt / DAY_MS)];
    const [before, after] = [offsetAtMidnight(first), offsetAtMidnight(last)];
    if (before === after) return constant(before);
    let day = first;
    while (offsetAtMidnight(day + 1) === before) day++;
    return { before, after, changeAt: changeWithin(day) };
  }

  /** The second within a day of UTC at which the offset changes. */
  function findChange(day: number): number {
    const after = offsetAtMidnight(day + 1);
    let [earlier, later] = [day * DAY_MS, (day + 1) * DAY_MS];
    while (later - earlier > SECOND_MS) {
      const middle = earlier + Math.floor((later - earlier) / 2 / SECOND_MS) * SECOND_MS;
      if (offsetIn(format.format(middle)) === after) later = middle;
      else earlier = middle;
    }
    return later;
  }
}

function constant(offset: number): Offsets {
  return { before: offset, after: offset, changeAt: Number.POSITIVE_INFINITY };
}

/** `GMT`, `GMT+02:00`, `GMT-00:44:30`: the longOffset of ECMA-402, in milliseconds. */
function offsetIn(text: string): number {
  const [, sign, hours, minutes, seconds = '0'] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  if (sign === undefined) return 0;
  return (sign === '-' ? -SECOND_MS : SECOND_MS) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

function remembering(find: (day: number) => number): (day: number) => number {
  const found = new Map<number, number>();
  return (day) => {
    const value = found.get(day) ?? find(day);
    found.set(day, value);
    return value;
  };
}

/** `Intl` takes more than IANA's names: offsets, and abbreviations of its own, of which BST is Dhaka and IST Kolkata. */
function isTimezone(text: string): boolean {
  if (!/^[A-Za-z][\w+/-]*$/.test(text)) return false;
  if (text.length === 3 && !IANA_ABBREVIATIONS.includes(text)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

function likelyTimezone(text: string): string | undefined {
  const known = Intl.supportedValuesOf('timeZone');
  const city = `/${text.replaceAll(' ', '_').toLowerCase()}`;
  return known.find((name) => name.toLowerCase().endsWith(city)) ?? nearest(text, known);
}
