/** Days and times of day, as the timeline shows them. */

/** `Mon 30 Nov`. */
export function dayText(date: string): string {
  return dayFormat.format(new Date(`${date}T00:00:00Z`)).replaceAll(',', '');
}

/** `30 Nov to 6 Dec 2026`; dates, both within. */
export function spanText(from: string, to: string): string {
  const [first, last] = [from, to].map((date) => new Date(`${date}T00:00:00Z`));
  if (!first || !last) return '';
  const isOneYear = first.getUTCFullYear() === last.getUTCFullYear();
  return `${(isOneYear ? shortFormat : longFormat).format(first)} to ${longFormat.format(last)}`;
}

/** `22:05` in a zone. */
export function clockText(at: number, timezone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at);
}

const UTC_DATE = { timeZone: 'UTC', day: 'numeric', month: 'short' } as const;
const dayFormat = new Intl.DateTimeFormat('en-GB', { ...UTC_DATE, weekday: 'short' });
const shortFormat = new Intl.DateTimeFormat('en-GB', UTC_DATE);
const longFormat = new Intl.DateTimeFormat('en-GB', { ...UTC_DATE, year: 'numeric' });
