import type { Dates } from '../time/cron.ts';
import { DAY_MS } from '../units.ts';
import type { DateSearch, LocalDate } from './date-search.ts';

/** 1970-01-01 was a Thursday: four days after a Sunday. */
const FIRST_WEEKDAY = 4;
const YEARS = { first: 1970, last: 2199 };
const MONTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const SATURDAY = 6;
const SUNDAY = 0;

/** A month as far as the days that a schedule names depend on it. */
interface MonthShape {
  /** 28 to 31. */
  readonly days: number;
  /** Of its first day. 0 is Sunday. */
  readonly weekday: number;
}

/** The days of a month as bits, the first day's being 1. */
type DaysOfMonth = number;

/**
 * Finds the dates that a schedule names, by arithmetic. The cost depends neither on how dates are written nor on how
 * far apart they are; a date that never comes is known after the fourteen kinds of year.
 */
export function findDates(dates: Dates): DateSearch {
  const { dayOfMonth, month, dayOfWeek, year } = dates;
  const isWeekly = dayOfMonth === '*' && month === '*' && year === '*' && /^(?:\*|[1-7](?:,[1-7])*)$/.test(dayOfWeek);
  return isWeekly ? findWeekdays(dayOfWeek) : findDaysOfMonths(dates);
}

/** @param dayOfWeek `*`, or numbers from 1 (Sunday) to 7 with commas between */
function findWeekdays(dayOfWeek: string): DateSearch {
  const matches = (weekday: number) => dayOfWeek === '*' || dayOfWeek.includes(String((weekday % 7) + 1));
  const week = [0, 1, 2, 3, 4, 5, 6];
  const daysBack = week.map((weekday) => week.findIndex((days) => matches(weekday + 7 - days)));
  const daysAhead = week.map((weekday) => week.findIndex((days) => matches(weekday + days)));
  return {
    atOrBefore: (date) => date - (daysBack[weekdayOf(date)] ?? 0),
    atOrAfter: (date) => date + (daysAhead[weekdayOf(date)] ?? 0),
  };
}

/** Walks years, months and days. Skips kinds of year that had no date before. */
function findDaysOfMonths({ dayOfMonth, month, dayOfWeek, year }: Dates): DateSearch {
  const years = year === '*' ? undefined : numbersOf(year);
  const months = month === '*' ? MONTHS : numbersOf(month);
  const daysOf = remembering(dayOfMonth === '*' ? weekdaysOfMonth(dayOfWeek) : daysOfMonth(dayOfMonth));
  const monthsBackwards = months.toReversed();
  const emptyYears = new Set<string>();
  const [firstYear, lastYear] = years ? [years[0] ?? 0, years.at(-1) ?? 0] : [YEARS.first, YEARS.last];
  return { atOrBefore: (date) => search(date, -1), atOrAfter: (date) => search(date, 1) };

  function search(date: LocalDate, direction: 1 | -1): LocalDate | undefined {
    const at = new Date(date * DAY_MS);
    const asked = at.getUTCFullYear();
    const first = direction === 1 ? Math.max(asked, firstYear) : Math.min(asked, lastYear);
    for (let year = first; year >= firstYear && year <= lastYear; year += direction) {
      if (years && !years.includes(year)) continue;
      const shape = `${weekdayOf(dateOf(year, 1))} ${dateOf(year + 1, 1) - dateOf(year, 1)}`;
      if (emptyYears.has(shape)) continue;
      const found = searchYear(year, year === asked ? at : undefined, direction);
      if (found !== undefined) return found;
      if (year !== asked) emptyYears.add(shape);
    }
    return undefined;
  }

  /** @param at where to begin; undefined: with the first or the last of the year's days */
  function searchYear(year: number, at: Date | undefined, direction: 1 | -1): LocalDate | undefined {
    const begin = at && at.getUTCMonth() + 1;
    for (const month of direction === 1 ? months : monthsBackwards) {
      if (begin !== undefined && (month - begin) * direction < 0) continue;
      const start = dateOf(year, month);
      let days = daysOf({ days: dateOf(year, month + 1) - start, weekday: weekdayOf(start) });
      if (at && month === begin)
        days &= direction === 1 ? -1 << (at.getUTCDate() - 1) : (2 << (at.getUTCDate() - 1)) - 1;
      if (days !== 0) return start + (direction === 1 ? lowestBit(days) : highestBit(days));
    }
    return undefined;
  }
}

/** `1,15`, `L` (the last day), `LW` (the last weekday) or `15W` (the weekday nearest to the 15th). */
function daysOfMonth(text: string): (month: MonthShape) => DaysOfMonth {
  if (text === 'L') return ({ days }) => bit(days);
  if (text === 'LW') return (month) => bit(nearestWeekday(month, month.days));
  if (text.endsWith('W')) {
    const wanted = Number(text.slice(0, -1));
    return (month) => (wanted > month.days ? 0 : bit(nearestWeekday(month, wanted)));
  }
  const named = numbersOf(text).reduce((days, day) => days | bit(day), 0);
  return ({ days }) => named & allDays(days);
}

/** Monday to Friday, and of the same month. */
function nearestWeekday({ days, weekday }: MonthShape, day: number): number {
  switch ((weekday + day - 1) % 7) {
    case SATURDAY:
      return day > 1 ? day - 1 : day + 2;
    case SUNDAY:
      return day < days ? day + 1 : day - 2;
    default:
      return day;
  }
}

/** `*`, `2,6`, `6L` (the last Friday) or `3#2` (the second Tuesday). */
function weekdaysOfMonth(text: string): (month: MonthShape) => DaysOfMonth {
  if (text === '*') return ({ days }) => allDays(days);
  if (text.endsWith('L')) {
    return (month) => bit(highestBit(daysOn(month, [Number(text.slice(0, -1))])) + 1);
  }
  const [weekday, nth] = text.split('#').map(Number);
  if (nth !== undefined && weekday !== undefined) {
    const week = 0b1111111 << ((nth - 1) * 7);
    return (month) => daysOn(month, [weekday]) & week;
  }
  const weekdays = numbersOf(text);
  return (month) => daysOn(month, weekdays);
}

/** @param weekdays 1 (Sunday) to 7 */
function daysOn({ days, weekday }: MonthShape, weekdays: readonly number[]): DaysOfMonth {
  let found = 0;
  for (const one of weekdays) {
    for (let day = ((one + 6 - weekday) % 7) + 1; day <= days; day += 7) found |= bit(day);
  }
  return found;
}

/** There are 28 months. */
function remembering(find: (month: MonthShape) => DaysOfMonth): (month: MonthShape) => DaysOfMonth {
  const found = new Map<number, DaysOfMonth>();
  return (month) => {
    const key = month.days * 7 + month.weekday;
    const days = found.get(key) ?? find(month);
    found.set(key, days);
    return days;
  };
}

/** The first of a month; the thirteenth is the next year's first. */
function dateOf(year: number, month: number): LocalDate {
  return Date.UTC(year, month - 1, 1) / DAY_MS;
}

/** 0 is Sunday. */
function weekdayOf(date: LocalDate): number {
  const day = (date + FIRST_WEEKDAY) % 7;
  return day < 0 ? day + 7 : day;
}

function numbersOf(text: string): readonly number[] {
  return text.split(',').map(Number);
}

function bit(day: number): DaysOfMonth {
  return 1 << (day - 1);
}

function allDays(days: number): DaysOfMonth {
  return bit(days) | (bit(days) - 1);
}

function lowestBit(days: DaysOfMonth): number {
  return highestBit(days & -days);
}

function highestBit(days: DaysOfMonth): number {
  return 31 - Math.clz32(days);
}
