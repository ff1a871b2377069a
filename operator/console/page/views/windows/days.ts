/** Days as the clocks of a zone have them. A date is an ISO 8601 one, `2026-11-30`. */
import { createZone, type Zone } from '../../../../../core/calendar/zone.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../../core/units.ts';

/** A day of a zone: most have 24 hours. Epoch milliseconds. */
export interface Day {
  readonly date: string;
  readonly startAt: number;
  readonly endAt: number;
  /** What the clocks do that day, where they change. */
  readonly note?: string;
  /** The full hours of its clock, from its start to its end: how far each is from the start. */
  readonly hours: readonly { readonly text: string; readonly afterMs: number }[];
}

const QUARTER_DAY_HOURS = 6;
/** 1970-01-01 was a Thursday. */
const DAYS_BEHIND_MONDAY = 3;

export function dateOf(at: number, timezone: string): string {
  return textOf(Math.floor((at + createZone(timezone).stretchAt(at).offset) / DAY_MS));
}

/** So many days later. */
export function dateAfter(date: string, days: number): string {
  return textOf(numberOf(date) + days);
}

export function mondayOf(date: string): string {
  const day = numberOf(date);
  return textOf(day - ((((day + DAYS_BEHIND_MONDAY) % 7) + 7) % 7));
}

/** The first of a month: of that of the date, or so many months later. */
export function firstOfMonth(date: string, later = 0): string {
  const [year = 1970, month = 1] = date.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + later, 1)).toISOString().slice(0, 10);
}

export function daysBetween(from: string, until: string): number {
  return numberOf(until) - numberOf(from);
}

export function isDate(text: string | null): text is string {
  return text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(numberOf(text));
}

/** The days of a zone, from one to before another; without one that the zone left out. */
export function daysOf(from: string, until: string, timezone: string): readonly Day[] {
  const zone = createZone(timezone);
  const count = Math.max(0, daysBetween(from, until));
  return Array.from({ length: count }, (_, index) => dayOf(numberOf(from) + index, zone)).filter(
    ({ startAt, endAt }) => startAt < endAt,
  );
}

function dayOf(day: number, zone: Zone): Day {
  const [startAt, endAt] = [instantOf(day * DAY_MS, zone), instantOf((day + 1) * DAY_MS, zone)];
  const hours = Array.from({ length: 24 / QUARTER_DAY_HOURS + 1 }, (_, index) => index * QUARTER_DAY_HOURS).map(
    (hour) => ({
      text: `${String(hour).padStart(2, '0')}:00`,
      afterMs: instantOf(day * DAY_MS + hour * HOUR_MS, zone) - startAt,
    }),
  );
  const note = noteOf(startAt, endAt, zone);
  return { date: textOf(day), startAt, endAt, hours, ...(note !== undefined && { note }) };
}

/** The first instant at which the clocks show a local time, or where they skip it the end of the gap. */
function instantOf(local: number, zone: Zone): number {
  const offsets = [-DAY_MS, DAY_MS].map((around) => zone.stretchAt(local + around).offset);
  const shown = offsets.map((offset) => local - offset).filter((at) => at + zone.stretchAt(at).offset === local);
  const [before = 0] = offsets;
  return shown.length > 0 ? Math.min(...shown) : zone.stretchAt(local - before).startAt;
}

function noteOf(startAt: number, endAt: number, zone: Zone): string | undefined {
  const [before, after] = [zone.stretchAt(startAt), zone.stretchAt(endAt - 1)];
  const shift = after.offset - before.offset;
  if (shift === 0) return undefined;
  const change = new Date(after.startAt + before.offset).toISOString().slice(11, 16);
  const minutes = Math.abs(shift) / MINUTE_MS;
  const length = minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
  return `clocks go ${shift > 0 ? 'forward' : 'back'} ${length} at ${change}: a day of ${(endAt - startAt) / HOUR_MS} h`;
}

function numberOf(date: string): number {
  return Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY_MS);
}

function textOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
