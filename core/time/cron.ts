import { fault, type Parsed, parsed, quoted } from '../text/parsed.ts';
import { type Field, parseField } from './cron-field.ts';
import { daysInMonth, parseLocalTime } from './instant.ts';

/** When a recurring window starts, on the wall clock of its zone. `text` is the expression in AWS's own spelling. */
export type Schedule =
  | { readonly kind: 'cron'; readonly text: string; readonly times: Times; readonly dates: Dates }
  /** Once. `local` is that date and time as the epoch milliseconds that it would be in UTC. */
  | { readonly kind: 'at'; readonly text: string; readonly local: number };

/** The times of a day. */
export interface Times {
  /** Ascending. */
  readonly hours: readonly number[];
  /** Ascending. */
  readonly minutes: readonly number[];
  /** Nothing but single numbers in both fields. It matters when the clocks change: see design, daylight saving. */
  readonly fixed: boolean;
}

/** The dates, spelled out: `*`, numbers with commas between them, or one of the forms that a comment names. */
export interface Dates {
  /** Also `L` (the last day of the month), `LW` (its last weekday) and `15W` (the weekday nearest to the 15th). */
  readonly dayOfMonth: string;
  /** 1 to 12. */
  readonly month: string;
  /** 1 (Sunday) to 7. Also `6L` (the month's last Friday) and `3#2` (its second Tuesday). */
  readonly dayOfWeek: string;
  readonly year: string;
}

const MINUTE: Field = { name: 'minute', min: 0, max: 59, names: [] };
const HOUR: Field = { name: 'hour', min: 0, max: 23, names: [] };
const DAY_OF_MONTH: Field = { name: 'day-of-month', min: 1, max: 31, names: [] };
const MONTH: Field = {
  name: 'month',
  min: 1,
  max: 12,
  names: words('JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'),
};
const DAY_OF_WEEK: Field = { name: 'day-of-week', min: 1, max: 7, names: words('SUN MON TUE WED THU FRI SAT') };
const YEAR: Field = { name: 'year', min: 1970, max: 2199, names: [] };
const FIELDS = 'minute hour day-of-month month day-of-week year';

const AT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/;

const SHORTEST_MONTH = 28;
const LEAP_YEAR = 2024;
const COMMON_YEAR = 2023;

/**
 * Reads a schedule expression of AWS: `cron(…)` with its six fields, or `at(yyyy-mm-ddThh:mm:ss)`. Names may be in small
 * letters. Beyond AWS's own documentation it takes `LW` and a step after a weekday, as Quartz does; `L`, `W` and `#` stand
 * alone in their field, as AWS has it for `#`.
 *
 * Whether a schedule can occur at all is looked at for plain days of the month only (30 February): others, such as a
 * fifth Sunday of February in years that have none, are read, and never occur.
 *
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export function parseSchedule(text: string): Parsed<Schedule> {
  const known = schedules.get(text);
  if (known) return known;
  const schedule = readSchedule(text);
  if (schedules.size >= KEPT_SCHEDULES) schedules.clear();
  schedules.set(text, schedule);
  // Whoever makes a calendar of what was read asks for it again, as it is spelled now.
  if (schedule.kind === 'value') schedules.set(schedule.value.text, schedule);
  return schedule;
}

const schedules = new Map<string, Parsed<Schedule>>();
/** More than fit into one parameter, and not too many to keep. */
const KEPT_SCHEDULES = 300;

function readSchedule(text: string): Parsed<Schedule> {
  const [, keyword, inner = ''] = /^(cron|at|rate) ?\(([^()]*)\)$/.exec(text.trim()) ?? [];
  switch (keyword) {
    case 'cron':
      return parseCron(words(inner.toUpperCase()));
    case 'at':
      return parseAt(inner.trim());
    case 'rate':
      return fault('is a rate, which has no beginning to count from; write cron(…), such as cron(0 2 ? * SUN *)');
    default:
      return fault(
        `is not a schedule; write ${wrapped(text) ?? 'cron(…), such as cron(0 2 ? * SUN *), or at(…), such as at(2026-11-21T02:00:00)'}`,
      );
  }
}

/** The schedule that a text is once it stands in parentheses. */
function wrapped(text: string): string | undefined {
  return [`cron(${text})`, `at(${text})`].find(
    (schedule) => /^[^()]+$/.test(text) && parseSchedule(schedule).kind === 'value',
  );
}

function parseAt(text: string): Parsed<Schedule> {
  if (!AT.test(text)) return fault(faultOfAt(text));
  const local = parseLocalTime(text);
  if (local.kind === 'fault') return local;
  const date = new Date(local.value);
  const year = date.getUTCFullYear();
  if (year < YEAR.min || year > YEAR.max) return fault(`has year ${year}; years go from ${YEAR.min} to ${YEAR.max}`);
  return parsed({ kind: 'at', text: `at(${date.toISOString().slice(0, 19)})`, local: local.value });
}

function faultOfAt(text: string): string {
  const [, bare, offset] = /^(.*?)(Z|[+-]\d\d:?\d\d)$/.exec(text) ?? [];
  if (bare && offset && AT.test(bare)) return `has an offset, and timezone says where; write at(${bare})`;
  const joined = text.replace(' ', 'T').replace(/\.\d+$/, '');
  return `is not a date and time; write at(${AT.test(joined) ? joined : '2026-11-21T02:00:00'})`;
}

function parseCron(fields: readonly string[]): Parsed<Schedule> {
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  const shape = faultOfShape(fields);
  if (shape) return fault(shape);
  const minutes = parseField(minute, MINUTE);
  if (minutes.kind === 'fault') return minutes;
  const hours = parseField(hour, HOUR);
  if (hours.kind === 'fault') return hours;
  const daysOfMonth = parseDayOfMonth(dayOfMonth);
  if (daysOfMonth.kind === 'fault') return daysOfMonth;
  const months = parseField(month, MONTH);
  if (months.kind === 'fault') return months;
  const daysOfWeek = parseDayOfWeek(dayOfWeek);
  if (daysOfWeek.kind === 'fault') return daysOfWeek;
  const years = parseField(year, YEAR);
  if (years.kind === 'fault') return years;

  const never = faultOfDates(daysOfMonth.value, months.value, years.value);
  if (never) return fault(never);
  return parsed({
    kind: 'cron',
    text: `cron(${fields.join(' ')})`,
    times: { hours: hours.value, minutes: minutes.value, fixed: /^[\d,]*$/.test(minute + hour) },
    dates: {
      dayOfMonth: daysOfMonth.value,
      month: month === '*' ? '*' : months.value.join(),
      dayOfWeek: daysOfWeek.value,
      year: year === '*' ? '*' : years.value.join(),
    },
  });
}

/** What is wrong with the fields as a whole: their number, and where `?` stands. */
function faultOfShape(fields: readonly string[]): string | undefined {
  if (fields.length !== 6) return faultOfCount(fields);
  const [minute, hour, dayOfMonth = '', month, dayOfWeek = '', year] = fields;
  const misplaced = [minute, hour, month, year].indexOf('?');
  if (misplaced !== -1) {
    const name = [MINUTE, HOUR, MONTH, YEAR][misplaced]?.name;
    return `has ? for ${name}; write *, because only day-of-month or day-of-week can be ?`;
  }
  if (dayOfMonth === '?' && dayOfWeek === '?') return 'has ? for both day fields; write * for day-of-month';
  if (dayOfMonth === '?' || dayOfWeek === '?') return undefined;
  const idle =
    dayOfMonth === '*' ? DAY_OF_MONTH.name : dayOfWeek === '*' ? DAY_OF_WEEK.name : 'the one that does not matter';
  return `has both day-of-month (${quoted(dayOfMonth)}) and day-of-week (${quoted(dayOfWeek)}); write ? for ${idle}`;
}

function faultOfCount(fields: readonly string[]): string {
  const remedy = `write six: ${FIELDS}`;
  switch (fields.length) {
    case 5:
      return `has five fields, as in crontab; AWS cron has a year at the end, ? for one of the two days, and counts weekdays from 1 = SUN; ${remedy}`;
    case 7:
      return `has seven fields; AWS cron has no seconds; ${remedy}`;
    default:
      return `has ${fields.length === 1 ? 'one field' : `${fields.length || 'no'} fields`}; ${remedy}`;
  }
}

/** Plain days of the month that no month and year of the schedule have. */
function faultOfDates(dayOfMonth: string, months: readonly number[], years: readonly number[]): string | undefined {
  const day = Number.parseInt(dayOfMonth, 10);
  if (!(day > SHORTEST_MONTH)) return undefined;
  const leap = years.some((year) => daysInMonth(year, 2) === 29);
  const longest = Math.max(...months.map((month) => daysInMonth(leap ? LEAP_YEAR : COMMON_YEAR, month)));
  return day > longest
    ? `never occurs, because its months have no day ${day}; write a day up to ${longest}, or L for the last`
    : undefined;
}

function parseDayOfMonth(text: string): Parsed<string> {
  if (text === '?') return parsed('*');
  if (text === 'L' || text === 'LW') return parsed(text);
  const [, day] = /^(\d{1,2})W$/.exec(text) ?? [];
  if (day !== undefined) {
    const days = parseField(day, DAY_OF_MONTH);
    return days.kind === 'fault' ? days : parsed(`${days.value}W`);
  }
  if (/[LW]/.test(text)) {
    return fault(
      text.includes(',')
        ? `has day-of-month ${quoted(text)}; L and W stand alone: write a window for each`
        : `has day-of-month ${quoted(text)}; write L (last day), LW (last weekday) or 15W (weekday nearest to the 15th)`,
    );
  }
  return spelledOut(text, DAY_OF_MONTH);
}

function parseDayOfWeek(text: string): Parsed<string> {
  if (text === '?') return parsed('*');
  // As in Quartz, L is the week's last day: https://www.quartz-scheduler.org/documentation/quartz-2.3.0/tutorials/crontrigger.html
  if (text === 'L') return parsed('7');
  const [, day, mark, nth] = /^(\d|SUN|MON|TUE|WED|THU|FRI|SAT)(?:(L)|#(\d+))$/.exec(text) ?? [];
  if (day !== undefined) {
    const days = parseField(day, DAY_OF_WEEK);
    if (days.kind === 'fault') return days;
    if (mark) return parsed(`${days.value}L`);
    return nth === undefined || Number(nth) < 1 || Number(nth) > 5
      ? fault(`has day-of-week ${quoted(text)}; the number after # goes from 1 to 5`)
      : parsed(`${days.value}#${Number(nth)}`);
  }
  if (/#|(?:\d|SUN|MON|TUE|WED|THU|FRI|SAT|^|,)L(?:$|,)/.test(text)) {
    return fault(
      text.includes(',')
        ? `has day-of-week ${quoted(text)}; # and L stand alone: write a window for each`
        : `has day-of-week ${quoted(text)}; write L (Saturday), FRIL (last Friday) or FRI#2 (second Friday)`,
    );
  }
  return spelledOut(text, DAY_OF_WEEK);
}

function spelledOut(text: string, field: Field): Parsed<string> {
  const values = parseField(text, field);
  return values.kind === 'fault' ? values : parsed(text === '*' ? '*' : values.value.join());
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
