import { fault, type Parsed, parsed } from '../text/parsed.ts';
import { MINUTE_MS } from '../units.ts';

const DATE = /^\d{4}-\d\d-\d\d$/;
const LOCAL = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/;
const OFFSET = /(?:Z|([+-])(\d\d)(?::?(\d\d))?)$/;
/** The offsets in use on Earth: https://en.wikipedia.org/wiki/List_of_UTC_offsets */
const MIN_OFFSET_MINUTES = -12 * 60;
const MAX_OFFSET_MINUTES = 14 * 60;
const LAST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/**
 * An ISO 8601 instant, as epoch milliseconds: `2026-11-21T00:00:00Z`, `2026-11-21T02:00+02:00`. The offset is required
 * (`Z`, `±hh:mm`, `±hhmm` or `±hh`); seconds may be left out; a fraction may follow them, of which more than milliseconds
 * is dropped; `T` and `Z` are capitals. Years go from 1970 to 9999. Leap seconds and `24:00` are refused.
 */
export function parseInstant(text: string): Parsed<number> {
  if (DATE.test(text)) return fault(`is a date without a time; write ${text}T00:00:00Z`);
  const withoutOffset = isLocal(text);
  const offset = withoutOffset ? undefined : OFFSET.exec(text);
  if (!withoutOffset && !(offset && isLocal(text.slice(0, offset.index)))) return fault(remedyFor(text));

  const local = parseLocalTime(text.slice(0, offset?.index));
  if (local.kind === 'fault') return local;
  if (!offset) return fault(`has no offset; write ${text}Z for UTC, or end it with another offset, such as +02:00`);
  const offsetMinutes = minutesOf(offset);
  if (Number.isNaN(offsetMinutes)) return fault(`has the offset ${offset[0]}; offsets go from -12:00 to +14:00`);
  const instant = local.value - offsetMinutes * MINUTE_MS;
  return instant >= 0 && instant <= LAST_INSTANT ? parsed(instant) : fault('is outside the years 1970 to 9999');
}

/** Prints an instant so that {@link parseInstant} reads it again: in UTC, milliseconds only where there are some. */
export function instantToText(instant: number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z');
}

/**
 * A date and time on some wall clock, `2026-11-21T02:00:00`, as the epoch milliseconds that it would be in UTC. Seconds may
 * be left out.
 */
export function parseLocalTime(text: string): Parsed<number> {
  const match = LOCAL.exec(text);
  if (!match) return fault('is not a date and time; write 2026-11-21T00:00:00');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const milliseconds = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  if (month < 1 || month > 12) return fault(`has month ${match[2]}; months go from 01 to 12`);
  const days = daysInMonth(year, month);
  if (day < 1 || day > days) {
    return fault(`has day ${match[3]}; the days of ${MONTHS[month - 1]} ${match[1]} go from 01 to ${days}`);
  }
  if (hour === 24) return fault('has hour 24; for the end of a day write 00:00:00 of the next');
  if (hour > 23) return fault(`has hour ${match[4]}; hours go from 00 to 23`);
  if (minute > 59) return fault(`has minute ${match[5]}; minutes go from 00 to 59`);
  if (second > 59) return fault(`has second ${match[6]}; seconds go from 00 to 59`);
  return parsed(utcOf(year, month, day) + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds);
}

/** How many days a month has. Months count from 1. */
export function daysInMonth(year: number, month: number): number {
  return new Date(utcOf(year, month + 1, 0)).getUTCDate();
}

/** `Date.UTC` takes the years 0 to 99 for 1900 to 1999. */
function utcOf(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

function isLocal(text: string): boolean {
  return LOCAL.test(text);
}

/** NaN for an offset that is not in use anywhere. */
function minutesOf([, sign, hours = '0', minutes = '0']: RegExpExecArray): number {
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return Number(minutes) < 60 && offset >= MIN_OFFSET_MINUTES && offset <= MAX_OFFSET_MINUTES ? offset : Number.NaN;
}

/** Most of what is refused lacks the capital T alone. */
function remedyFor(text: string): string {
  const capital = text.replace(/^(\d{4}-\d\d-\d\d)[ t]/, '$1T').replace(/ ?z$/, 'Z');
  const remedy = capital !== text && parseInstant(capital).kind === 'value' ? capital : '2026-11-21T00:00:00Z';
  return `is not an instant; write ${remedy}`;
}
