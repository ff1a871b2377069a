import type { Dates } from './cron.ts';
import type { DateSearch, LocalDate } from './date-search.ts';

const DAYS_OF_A_WEEK = [0, 1, 2, 3, 4, 5, 6];
/** 1970-01-01 was a Thursday: four days after a Sunday. */
const FIRST_WEEKDAY = 4;

/**
 * Finds the dates that a schedule names. Those that name weekdays alone, or every day, are told by arithmetic: most schedules
 * are such, and an environment whose windows are such does not pay the 4 ms that croner takes to load and to find its first date.
 */
export async function findDates(dates: Dates): Promise<DateSearch> {
  const { dayOfMonth, month, dayOfWeek, year } = dates;
  const isWeekly = dayOfMonth === '*' && month === '*' && year === '*' && /^(?:\*|[1-7](?:,[1-7])*)$/.test(dayOfWeek);
  if (isWeekly) return findWeekdays(dayOfWeek);
  const { findAnyDates } = await import('./any-dates.ts');
  return findAnyDates(dates);
}

/** @param dayOfWeek `*`, or numbers from 1 (Sunday) to 7 with commas between */
function findWeekdays(dayOfWeek: string): DateSearch {
  const matches = (date: LocalDate) => dayOfWeek === '*' || dayOfWeek.includes(String(weekdayOf(date)));
  return {
    atOrBefore: (date) => DAYS_OF_A_WEEK.map((days) => date - days).find(matches),
    atOrAfter: (date) => DAYS_OF_A_WEEK.map((days) => date + days).find(matches),
  };
}

/** 1 (Sunday) to 7. */
function weekdayOf(date: LocalDate): number {
  const day = (date + FIRST_WEEKDAY) % 7;
  return (day < 0 ? day + 7 : day) + 1;
}
