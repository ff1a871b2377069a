import { parseSchedule } from '../time/cron.ts';
import { UTC } from '../time/timezone.ts';
import { DAY_MS, MINUTE_MS } from '../units.ts';
import type { RecurringWindow, Window } from '../windows/window.ts';
import { createCalendar } from './calendar.ts';
import { createZone, type Zone } from './zone.ts';

/** One time that a window is active. Instants are epoch milliseconds. */
export interface Occurrence {
  readonly startAt: number;
  /** Absent if occurrences overlap for longer than a union is followed. */
  readonly endAt?: number;
}

/** When a window is active: first the occurrence at `from`, if there is one, then the later ones in order, without end as it may be. */
export async function occurrencesFrom(window: Window, from: number): Promise<Iterable<Occurrence>> {
  const calendar = await createCalendar([{ ...window, functions: ['*'] }], '');
  return {
    *[Symbol.iterator]() {
      for (let state = calendar.stateAt(from); ; ) {
        const { active, validUntil } = state;
        if (active) yield active;
        const next = active ? active.endAt : validUntil;
        if (next === undefined || next === Number.POSITIVE_INFINITY) return;
        state = calendar.stateAt(next);
      }
    },
  };
}

/** The occurrence that is active at an instant. */
export async function occurrenceAt(window: Window, at: number): Promise<Occurrence | undefined> {
  const [first] = await occurrencesFrom(window, at);
  return first && first.startAt <= at ? first : undefined;
}

/** The first occurrence that starts after an instant. */
export async function occurrenceAfter(window: Window, at: number): Promise<Occurrence | undefined> {
  for (const occurrence of await occurrencesFrom(window, at)) if (occurrence.startAt > at) return occurrence;
  return undefined;
}

/**
 * Effect of a daylight-saving change on an occurrence: a start that does not exist that day, one that comes twice, or
 * an end that the clocks move. Undefined without an effect.
 */
export function daylightNote(window: Window, { startAt, endAt = startAt }: Occurrence): string | undefined {
  if (window.kind === 'one-off' || window.timezone === UTC) return undefined;
  const schedule = parseSchedule(window.schedule);
  if (schedule.kind === 'fault') return undefined;
  const { timezone } = window;
  const change = changeDuring(createZone(timezone), startAt - DAY_MS, endAt + DAY_MS);
  if (!change) return undefined;
  const { before, after, changeAt } = change;
  const shift = after - before;
  const clockBefore = (at: number) => clockText(at + before);
  const clockAfter = (at: number) => clockText(at + after);

  const isFixed = schedule.value.kind === 'at' || schedule.value.times.fixed;
  if (shift > 0 && startAt === changeAt && isFixed) {
    const missed = startsWithin(window, changeAt + before, changeAt + after);
    return missed === undefined
      ? undefined
      : `${clockText(missed)} does not exist that day in ${timezone}: begins at ${clockAfter(startAt)}, when the clocks have gone forward`;
  }
  if (shift < 0 && startAt >= changeAt + shift && startAt < changeAt && isFixed) {
    return `${clockBefore(startAt)} comes twice that day in ${timezone}: begins at the first`;
  }
  if (changeAt <= startAt || changeAt >= endAt) return undefined;
  return `the clocks of ${timezone} go ${shift > 0 ? 'forward' : 'back'} meanwhile: ends at ${clockAfter(endAt)}, not ${clockBefore(endAt)}`;
}

/** Offsets of a zone at two instants if they differ, and the first change between them. */
function changeDuring(zone: Zone, fromAt: number, toAt: number) {
  let stretch = zone.stretchAt(fromAt);
  const [before, after] = [stretch.offset, zone.stretchAt(toAt).offset];
  if (before === after) return undefined;
  while (stretch.offset === before) stretch = zone.stretchAt(stretch.endAt);
  return { before, after, changeAt: stretch.startAt };
}

/** Latest start of a schedule with fixed times within `[from, to)` of local time. */
function startsWithin(window: RecurringWindow, from: number, to: number): number | undefined {
  const schedule = parseSchedule(window.schedule);
  if (schedule.kind === 'fault') return undefined;
  if (schedule.value.kind === 'at') {
    const { local } = schedule.value;
    return local >= from && local < to ? local : undefined;
  }
  const { hours, minutes } = schedule.value.times;
  const midnight = Math.floor(from / DAY_MS) * DAY_MS;
  return hours
    .flatMap((hour) => minutes.map((minute) => midnight + (hour * 60 + minute) * MINUTE_MS))
    .find((local) => local >= from && local < to);
}

/** A local time, written as the epoch milliseconds of UTC when it shows the same, as a clock shows it. */
function clockText(local: number): string {
  return new Date(local).toISOString().slice(11, 16);
}
