import { fault, type Parsed, parsed, quoted } from '../../core/text/parsed.ts';
import { instantToText, parseInstant, parseLocalTime } from '../../core/time/instant.ts';
import { parseTimezone, UTC } from '../../core/time/timezone.ts';
import { DAY_MS, SECOND_MS } from '../../core/units.ts';
import { parseTypedDuration } from './typed-duration.ts';

/** Whether what is meant lies ahead (the end of a window) or back (events that are stored). */
export type Direction = 'ahead' | 'back';

/** The day of a time: counted from today, the next or last one of a weekday (0 is Sunday), or a date (days since 1970). */
export type TypedDay =
  | { readonly kind: 'any' }
  | { readonly kind: 'from-today'; readonly days: -1 | 0 | 1 }
  | { readonly kind: 'weekday'; readonly weekday: number }
  | { readonly kind: 'date'; readonly date: number };

/** A time as somebody typed it. Most are an instant only once now and the zone are known: `instantMeant` says which. */
export type TypedTime = TimeMeant & { readonly text: string };

type TimeMeant =
  | { readonly kind: 'instant'; readonly at: number }
  /** Milliseconds from now, negative for ago. */
  | { readonly kind: 'distance'; readonly distanceMs: number }
  | {
      readonly kind: 'clock';
      readonly day: TypedDay;
      /** Milliseconds from midnight; absent: the day begins. */
      readonly timeMs?: number;
      /** Where it was typed with one. */
      readonly timezone?: string;
      readonly direction: Direction;
    };

/** Longer than any time that somebody types. */
const MAX_LENGTH = 80;
/** A day of margin, so that it is inside the years of the window language in any zone. */
const FIRST_DATE = 1;
const LAST_DATE = Date.UTC(9999, 11, 30) / DAY_MS;

const WEEKDAYS = [
  /^sun(?:day)?$/,
  /^mon(?:day)?$/,
  /^tue(?:s|sday)?$/,
  /^wed(?:s|nesday)?$/,
  /^thu(?:r|rs|rsday)?$/,
  /^fri(?:day)?$/,
  /^sat(?:urday)?$/,
];
const DAYS_FROM_TODAY: ReadonlyMap<string, -1 | 0 | 1> = new Map([
  ['yesterday', -1],
  ['today', 0],
  ['tomorrow', 1],
]);
const CLOCK = /^\d{1,2}:\d\d(?::\d\d)?$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const ZONED = /^(.+?)(?: ?(Z|UTC)| ([A-Za-z]+\/[\w+/-]+))$/i;
const ANY_DAY: TypedDay = { kind: 'any' };

/**
 * Reads a time as people type it: `23:00`, `tomorrow 02:00`, `sunday 02:00`, `+2h`, `in 2h`, `2h ago`, `now`, a date with or
 * without a time of day, an ISO 8601 instant; with a zone behind it where that is not the operator's own. What has more
 * than one meaning is refused.
 *
 * @param direction what a duration alone means, and which one of the days
 */
export function parseTime(text: string, direction: Direction): Parsed<TypedTime> {
  const time = parseMeaning(text, direction);
  return time.kind === 'value' ? parsed({ ...time.value, text }) : time;
}

function parseMeaning(text: string, direction: Direction): Parsed<TimeMeant> {
  if (text.length > MAX_LENGTH) return fault(`is too long for a time; ${exampleOf(direction)}`);
  const typed = text.trim().replace(/ +/g, ' ');
  const instant = parseInstant(inIso(typed));
  if (instant.kind === 'value') return parsed({ kind: 'instant', at: instant.value });
  return (
    parseDistance(typed.toLowerCase(), direction) ?? parseClock(typed, direction) ?? fault(remedyFor(typed, direction))
  );
}

/** A date and time with an offset, as ISO 8601 has it: `2040-01-14 22:00 +01:00` has the one meaning of that. */
function inIso(typed: string): string {
  return typed.replace(/^(\d{4}-\d\d-\d\d)[t ](?=\d)/, '$1T').replace(/ (?=[+-]\d)/, '');
}

/** How far from now; undefined where the words are about something else. */
function parseDistance(words: string, direction: Direction): Parsed<TimeMeant> | undefined {
  if (words === 'now') return parsed({ kind: 'distance', distanceMs: 0 });
  if (FRENCH_CLOCK.test(words)) return undefined;
  const [, ahead] = /^(?:\+|in ) ?(.+)$/.exec(words) ?? [];
  const [, afterMinus, back = afterMinus] = /^(?:- ?(.+)|(.+) ago)$/.exec(words) ?? [];
  const length = ahead ?? back;
  const duration = parseTypedDuration(length ?? words);
  if (duration.kind === 'fault')
    return length === undefined ? undefined : fault(`has a duration that ${duration.message}`);
  const isBack = ahead === undefined && (back !== undefined || direction === 'back');
  return parsed({ kind: 'distance', distanceMs: isBack ? -duration.value : duration.value });
}

/** A time of day, a day, or both, with a zone perhaps. Undefined where the text is something else. */
function parseClock(typed: string, direction: Direction): Parsed<TimeMeant> | undefined {
  const [, plain = typed, isUtc, zoneName] = ZONED.exec(typed) ?? [];
  const words = plain
    .toLowerCase()
    .replace(/^(\d{4}-\d\d-\d\d)t/, '$1 ')
    .replace(' at ', ' ')
    .split(' ');
  const clocks = words.filter((word) => CLOCK.test(word));
  const days = words.filter((word) => !CLOCK.test(word));
  if (clocks.length > 1 || days.length > 1) return undefined;
  const day = days[0] === undefined ? parsed(ANY_DAY) : parseDay(days[0]);
  const timeMs = clocks[0] === undefined ? undefined : parseTimeOfDay(clocks[0]);
  if (!day || day.kind === 'fault') return day;
  if (timeMs?.kind === 'fault') return timeMs;
  const zone = zoneName === undefined ? undefined : parseTimezone(zoneName);
  if (zone?.kind === 'fault') return fault(`ends with ${quoted(zoneName)}, which ${zone.message}`);
  return parsed({
    kind: 'clock',
    day: day.value,
    ...(timeMs && { timeMs: timeMs.value }),
    ...(zone && { timezone: zone.value }),
    ...(isUtc !== undefined && { timezone: UTC }),
    direction,
  });
}

function parseDay(word: string): Parsed<TypedDay> | undefined {
  const days = DAYS_FROM_TODAY.get(word);
  if (days !== undefined) return parsed({ kind: 'from-today', days });
  const weekday = WEEKDAYS.findIndex((name) => name.test(word));
  if (weekday !== -1) return parsed({ kind: 'weekday', weekday });
  if (!DATE.test(word)) return undefined;
  const midnight = parseLocalTime(`${word}T00:00`);
  if (midnight.kind === 'fault') return midnight;
  const date = midnight.value / DAY_MS;
  if (date < FIRST_DATE || date > LAST_DATE) return fault('is outside the years 1970 to 9999');
  return parsed({ kind: 'date', date });
}

function parseTimeOfDay(word: string): Parsed<number> {
  const padded = word.indexOf(':') === 1 ? `0${word}` : word;
  if (padded.startsWith('24:')) return fault('has hour 24; write 00:00, of the day after');
  return parseLocalTime(`1970-01-01T${padded}`);
}

/** `23h30` is half past eleven in France, and a duration elsewhere. */
const FRENCH_CLOCK = /^(\d{1,2}) ?h ?(\d\d)$/;
const HALF_DAY = /^(\d{1,2})(?::(\d\d))? ?([ap])\.?m\.?$/;
/** A time with letters behind it that several zones have: CST is in Chicago, Havana and Shanghai. */
const ABBREVIATED = /^(.*\d:\d\d) ?[a-z]{2,5}$/;
const MONTHS = /\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b/;

/** What is wrong with a time that has no meaning, or more than one, and how to write what may be meant. */
function remedyFor(typed: string, direction: Direction): string {
  const words = typed.toLowerCase();
  const [, frenchHour, frenchMinute] = FRENCH_CLOCK.exec(words) ?? [];
  if (frenchHour !== undefined) {
    return `is a time of day to some and a duration to others; write ${frenchHour.padStart(2, '0')}:${frenchMinute} or +${frenchHour}h${frenchMinute}m`;
  }
  const [, hour, minutes = '00', half] = HALF_DAY.exec(words) ?? [];
  if (hour === '12') return `is noon to some and midnight to others; write 12:${minutes} or 00:${minutes}`;
  if (hour !== undefined && Number(hour) < 12) {
    return `is not on the clock of 24 hours; write ${String(Number(hour) + (half === 'p' ? 12 : 0)).padStart(2, '0')}:${minutes}`;
  }
  if (/\b(?:noon|midday)\b/.test(words)) return 'names a time of day; write 12:00';
  if (/\bmidnight\b/.test(words)) return 'begins one day and ends another; write tomorrow 00:00, or a date';
  if (/^(?:next|last|this|coming) /.test(words))
    return 'is one week to some and another to others; write sunday 02:00, or a date';
  const [, unzoned] = ABBREVIATED.exec(words) ?? [];
  if (unzoned !== undefined)
    return `ends with letters that are no time zone; write ${unzoned} Europe/Rome, or another IANA name`;
  if (MONTHS.test(words)) return 'names a month; write the date as 2040-01-14';
  if (/^\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?\b/.test(words))
    return 'is one date to some and another to others; write it as 2040-01-14';
  if (/^(?:[01]\d|2[0-3])[0-5]\d$/.test(words)) return `has no colon; write ${words.slice(0, 2)}:${words.slice(2)}`;
  const seconds = /^1\d{9}(?:\d{3})?$/.test(words) ? Number(words.slice(0, 10)) : undefined;
  if (seconds !== undefined) return `is a count of seconds; write ${instantToText(seconds * SECOND_MS)}`;
  const iso = /^\d{4}-\d\d-\d\dt/.test(words) ? parseInstant(typed) : undefined;
  if (iso?.kind === 'fault') return iso.message;
  return `is not a time; ${exampleOf(direction)}`;
}

function exampleOf(direction: Direction): string {
  return direction === 'ahead'
    ? 'write 23:00, tomorrow 02:00, +2h or 2040-01-14T22:00:00Z'
    : 'write 23:00, yesterday 02:00, 2h ago or 2026-11-21T02:00:00Z';
}
