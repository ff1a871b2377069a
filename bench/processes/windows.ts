/** Window parameters of the measurements, as JSON text. */

import { HOUR_MS } from '../../core/units.ts';

/** One window, a year from now. */
export function windowNextYear(): string {
  return documentOf([oneOff(365 * 24 * HOUR_MS)]);
}

/** Window that is active for hours, in the form that the original system reads, too: `START,END`. */
export function windowNow(): string {
  const { start, end } = oneOff(-HOUR_MS);
  return `${start},${end}`;
}

/** Windows on every day of the week, ten minutes each, none of them active now or soon. */
export function windowsThatRecur(count: number): string {
  const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
  const hour = (new Date().getUTCHours() + 12) % 24;
  return documentOf(
    Array.from({ length: count }, (_, index) => ({
      schedule: `cron(${index % 60} ${hour} ? * ${weekdays[index % 7]} *)`,
      timezone: 'Europe/Rome',
      duration: 'PT10M',
    })),
  );
}

function oneOff(startsInMs: number): { readonly start: string; readonly end: string } {
  const startAt = Date.now() + startsInMs;
  return { start: new Date(startAt).toISOString(), end: new Date(startAt + 8 * HOUR_MS).toISOString() };
}

function documentOf(windows: readonly object[]): string {
  return JSON.stringify({ version: 1, windows });
}
