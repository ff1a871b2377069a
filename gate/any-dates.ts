import { Cron } from 'croner';
import type { Dates } from './cron.ts';
import type { DateSearch, LocalDate } from './date-search.ts';

const DAY_MS = 86_400_000;

/** Dates by all that AWS's cron can say of them, as croner finds them: it is asked at midnight UTC, for dates alone. */
export function findAnyDates({ dayOfMonth, month, dayOfWeek, year }: Dates): DateSearch {
  const years = year === '*' ? '1970-2199' : year;
  const cron = new Cron(`0 0 0 ${dayOfMonth} ${month} ${dayOfWeek} ${years}`, {
    mode: '7-part',
    alternativeWeekdays: true,
    utcOffset: 0,
    paused: true,
  });
  return {
    atOrBefore: (date) => dateOfRun(cron.previousRuns(1, new Date(date * DAY_MS + 1))[0]),
    atOrAfter: (date) => dateOfRun(cron.nextRun(new Date(date * DAY_MS - 1))),
  };
}

function dateOfRun(run: Date | null | undefined): LocalDate | undefined {
  return run ? Math.floor(run.getTime() / DAY_MS) : undefined;
}
