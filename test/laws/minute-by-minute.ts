import { HOUR_MS, MINUTE_MS } from '../../core/units.ts';

/**
 * Schedules from the definition of AWS cron, minute by minute: slow, obvious, and without a line in common with `gate/` or
 * with croner. What a schedule should be is read here; what it is, is held against it.
 */
const MINUTES_PER_DAY = 1440;

/** What the wall clock of a zone shows at every minute of a stretch of time. */
export interface WallClock {
  readonly timezone: string;
  readonly fromAt: number;
  readonly toAt: number;
  /** For each minute from `fromAt` on: the local time, in minutes since 1970-01-01T00:00. */
  readonly localMinutes: Int32Array;
}

/** Reads a zone's wall clock from Intl, every hour, and every minute of an hour in which it jumps. */
export function readWallClock(timezone: string, fromAt: number, toAt: number): WallClock {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
  });
  const localMinuteAt = (instant: number) => {
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute) / MINUTE_MS;
  };
  const localMinutes = new Int32Array((toAt - fromAt) / MINUTE_MS);
  for (let hour = fromAt; hour < toAt; hour += HOUR_MS) {
    const first = localMinuteAt(hour);
    const jumps = localMinuteAt(hour + HOUR_MS) !== first + 60;
    for (let minute = 0; minute < 60; minute++) {
      const local = jumps ? localMinuteAt(hour + minute * MINUTE_MS) : first + minute;
      localMinutes[(hour - fromAt) / MINUTE_MS + minute] = local;
    }
  }
  return { timezone, fromAt, toAt, localMinutes };
}

/**
 * The instants at which `cron(…)` starts a window, ascending.
 *
 * With single numbers for minute and hour, a local time counts when the clock first reaches it or jumps past it. With
 * anything else in either, it counts whenever the clock shows it.
 */
export function startsByTheMinute(schedule: string, { fromAt, localMinutes }: WallClock): readonly number[] {
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = schedule
    .slice(5, -1)
    .split(' ');
  const minutes = valuesOf(minute, 0, 59);
  const hours = valuesOf(hour, 0, 23);
  const isDate = rememberDates((date) => {
    const day = dayOf(date);
    return (
      valuesOf(month, 1, 12).has(day.month) &&
      valuesOf(year, 1970, 2199).has(day.year) &&
      (dayOfWeek === '?' ? isDayOfMonth(dayOfMonth, day) : isDayOfWeek(dayOfWeek, day))
    );
  });
  const matches = (local: number) =>
    minutes.has(local % 60) && hours.has(Math.floor(local / 60) % 24) && isDate(Math.floor(local / MINUTES_PER_DAY));

  const fixed = [...minute, ...hour].every((character) => '0123456789,'.includes(character));
  const starts: number[] = [];
  let reached = (localMinutes[0] ?? 0) - 1;
  localMinutes.forEach((local, index) => {
    let counts = !fixed && matches(local);
    for (; reached < local; reached++) counts ||= fixed && matches(reached + 1);
    if (counts) starts.push(fromAt + index * MINUTE_MS);
  });
  return starts;
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly date: number;
  /** 1 is Sunday. */
  readonly weekday: number;
  /** The weekdays of this day's month, by date. */
  readonly monthWeekdays: readonly number[];
}

function dayOf(date: number): Day {
  const at = new Date(date * MINUTES_PER_DAY * MINUTE_MS);
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  const monthWeekdays: number[] = [];
  for (
    let next = new Date(Date.UTC(year, month, 1));
    next.getUTCMonth() === month;
    next.setUTCDate(next.getUTCDate() + 1)
  ) {
    monthWeekdays.push(next.getUTCDay() + 1);
  }
  return { year, month: month + 1, date: at.getUTCDate(), weekday: at.getUTCDay() + 1, monthWeekdays };
}

function isDayOfMonth(text: string, { date, monthWeekdays }: Day): boolean {
  const workingDays = monthWeekdays.map((_, index) => index + 1).filter((day) => isWorkingDay(monthWeekdays[day - 1]));
  if (text === 'L') return date === monthWeekdays.length;
  if (text === 'LW') return date === workingDays.at(-1);
  if (text.endsWith('W')) {
    const wanted = Number(text.slice(0, -1));
    const [nearest] = workingDays.toSorted((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted));
    return wanted <= monthWeekdays.length && date === nearest;
  }
  return valuesOf(text, 1, 31).has(date);
}

function isDayOfWeek(text: string, { date, weekday, monthWeekdays }: Day): boolean {
  if (text === 'L') return weekday === 7;
  if (text.endsWith('L')) return weekday === numberOf(text.slice(0, -1)) && date + 7 > monthWeekdays.length;
  const [wanted = '', nth] = text.split('#');
  if (nth) return weekday === numberOf(wanted) && Math.ceil(date / 7) === Number(nth);
  return valuesOf(text, 1, 7).has(weekday);
}

function isWorkingDay(weekday = 0): boolean {
  return weekday >= 2 && weekday <= 6;
}

const fields = new Map<string, ReadonlySet<number>>();

/** The numbers from `min` to `max` that one of the entries between the commas names. */
function valuesOf(text: string, min: number, max: number): ReadonlySet<number> {
  const key = `${text} ${min}-${max}`;
  const known = fields.get(key);
  if (known) return known;
  const all = Array.from({ length: max - min + 1 }, (_, index) => min + index);
  const values = new Set(all.filter((value) => text.split(',').some((entry) => names(entry, value, min, max))));
  fields.set(key, values);
  return values;
}

function names(entry: string, value: number, min: number, max: number): boolean {
  const [range = '', step = '1'] = entry.split('/');
  const [from = '', to = entry.includes('/') ? String(max) : from] = range.split('-');
  const first = from === '*' ? min : numberOf(from);
  const last = from === '*' ? max : numberOf(to);
  return value >= first && value <= last && (value - first) % Number(step) === 0;
}

function numberOf(text: string): number {
  const month = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ').indexOf(text) + 1;
  const weekday = 'SUN MON TUE WED THU FRI SAT'.split(' ').indexOf(text) + 1;
  return month || weekday || Number(text);
}

function rememberDates(isDate: (date: number) => boolean): (date: number) => boolean {
  const known = new Map<number, boolean>();
  return (date) => {
    const answer = known.get(date) ?? isDate(date);
    known.set(date, answer);
    return answer;
  };
}
