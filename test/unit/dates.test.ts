import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findAnyDates } from '../../gate/any-dates.ts';
import { findDates } from '../../gate/dates.ts';

/** 1971 to 2198: inside the years that croner is asked for. */
const DATES = fc.integer({ min: 366, max: 83_000 });
const WEEKDAYS = fc.oneof(
  fc.constant('*'),
  fc.subarray(['1', '2', '3', '4', '5', '6', '7'], { minLength: 1 }).map((days) => days.join()),
);

it('weekdays are found by arithmetic where croner finds them', async () => {
  await fc.assert(
    fc.asyncProperty(WEEKDAYS, DATES, async (dayOfWeek, date) => {
      const dates = { dayOfMonth: '*', month: '*', dayOfWeek, year: '*' };
      const [byArithmetic, byCroner] = [await findDates(dates), findAnyDates(dates)];
      expect(byArithmetic.atOrAfter(date)).toBe(byCroner.atOrAfter(date));
      expect(byArithmetic.atOrBefore(date)).toBe(byCroner.atOrBefore(date));
    }),
    { numRuns: 2_000 },
  );
});

it('they are found before 1970, too', async () => {
  const sundays = await findDates({ dayOfMonth: '*', month: '*', dayOfWeek: '1', year: '*' });
  expect([sundays.atOrBefore(0), sundays.atOrBefore(-4), sundays.atOrAfter(-3)]).toEqual([-4, -4, 3]);
});
