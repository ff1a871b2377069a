import { Cron } from 'croner';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LocalDate } from '../../core/calendar/date-search.ts';
import { findDates } from '../../core/calendar/schedule-dates.ts';
import { type Dates, parseSchedule } from '../../core/time/cron.ts';
import { DAY_MS } from '../../core/units.ts';
import { cronExpressions } from '../data/schedules.ts';

/** 1971 to 2198: inside the years that croner is asked for. */
const DATES = fc.integer({ min: 366, max: 83_000 });
const SOME_YEARS = fc
  .tuple(fc.integer({ min: 1970, max: 2199 }), fc.nat(40))
  .map(([first, more]) => [first, Math.min(2199, first + more)] as const);

it('the dates of a schedule are those that croner finds', () => {
  fc.assert(
    fc.property(SOME_YEARS.chain(cronExpressions), DATES, (expression, date) => {
      expectCronersDates(datesOf(expression), date);
    }),
    { numRuns: 1_500 },
  );
});

it.each(['*', '1', '2-6', '1,7', '4'])('weekday %s is found where croner finds it', (dayOfWeek) => {
  for (let date = 20_000; date < 20_030; date++) expectCronersDates(datesOf(`cron(0 0 ? * ${dayOfWeek} *)`), date);
});

it.each(['L', 'LW', '1W', '15W', '29W', '30W', '31W', '31', '28,30'])(
  'day %s is found where croner finds it',
  (day) => {
    for (let date = 18_993; date < 18_993 + 1_461; date += 3)
      expectCronersDates(datesOf(`cron(0 0 ${day} * ? *)`), date);
  },
);

it('they are found before 1970, too', () => {
  const sundays = findDates({ dayOfMonth: '*', month: '*', dayOfWeek: '1', year: '*' });
  expect([sundays.atOrBefore(0), sundays.atOrBefore(-4), sundays.atOrAfter(-3)]).toEqual([-4, -4, 3]);
});

it('they begin with the year 1970 and end with 2199', () => {
  const { atOrBefore, atOrAfter } = findDates(datesOf('cron(0 0 1 * ? *)'));
  expect([atOrBefore(-1), atOrAfter(-100_000), atOrBefore(0)]).toEqual([undefined, 0, 0]);
  const last = Date.UTC(2199, 11, 1) / DAY_MS;
  expect([atOrAfter(last + 1), atOrBefore(last + 100_000), atOrAfter(last)]).toEqual([undefined, last, last]);
});

function datesOf(expression: string): Dates {
  const schedule = parseSchedule(expression);
  if (schedule.kind === 'fault' || schedule.value.kind !== 'cron') throw new Error(`${expression} is no cron`);
  return schedule.value.dates;
}

function expectCronersDates(dates: Dates, date: LocalDate): void {
  const { dayOfMonth, month, dayOfWeek, year } = dates;
  const years = year === '*' ? '1970-2199' : year;
  const cron = new Cron(`0 0 0 ${dayOfMonth} ${month} ${dayOfWeek} ${years}`, {
    mode: '7-part',
    alternativeWeekdays: true,
    utcOffset: 0,
    paused: true,
  });
  const dateOfRun = (run: Date | null | undefined) => (run ? Math.floor(run.getTime() / DAY_MS) : undefined);
  const found = findDates(dates);
  expect({ dates, date, before: found.atOrBefore(date), after: found.atOrAfter(date) }).toEqual({
    dates,
    date,
    before: dateOfRun(cron.previousRuns(1, new Date(date * DAY_MS + 1))[0]),
    after: dateOfRun(cron.nextRun(new Date(date * DAY_MS - 1))),
  });
}
