import { parseSchedule, type Times } from './cron.ts';
import type { DateSearch, LocalDate } from './date-search.ts';
import { findDates } from './dates.ts';
import { MaintenanceWindowError } from './errors.ts';
import { type Interval, type Timeline, timelineOf, unite } from './timeline.ts';
import type { RecurringWindow } from './window.ts';
import type { Offsets, Zone } from './zone.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * The intervals of a recurring window: one for each occurrence, and one for a whole run of occurrences of a day where they
 * overlap or touch. An occurrence counts if it *starts* within `[fromAt, untilAt)`; it then runs for its whole duration.
 *
 * Daylight saving. With fixed hours and minutes, a start in the spring gap moves to the end of the gap, and one in the
 * autumn overlap comes once, at its first occurrence. With a wildcard, a range or a step in either, a start is every
 * instant whose local time matches: twice in the overlap, never in the gap. The end is start + elapsed duration.
 *
 * croner is asked which dates match, and for nothing else: for hours and zones its rule is another (a range counts as fixed; a
 * start on a date that a zone skipped is lost), and a step through the year in minutes would be far too long.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Fault` for a schedule that the window language does not have
 */
export async function createSchedule(window: RecurringWindow, zone: Zone): Promise<Timeline> {
  const schedule = parseSchedule(window.schedule);
  if (schedule.kind === 'fault') {
    throw new MaintenanceWindowError('MaintenanceWindow.Fault', `schedule ${window.schedule} ${schedule.message}`);
  }
  switch (schedule.value.kind) {
    case 'at': {
      const { local } = schedule.value;
      return timelineOf(intervalsFrom([startOf(local, zone.offsetsDuring(local - DAY_MS, local + DAY_MS))], window));
    }
    case 'cron':
      return createRecurrence(schedule.value.times, await findDates(schedule.value.dates), window, zone);
  }
}

function createRecurrence(times: Times, dates: DateSearch, window: RecurringWindow, zone: Zone): Timeline {
  const { durationMs, fromAt = Number.NEGATIVE_INFINITY, untilAt = Number.POSITIVE_INFINITY } = window;
  const timesMs = times.hours.flatMap((hour) => times.minutes.map((minute) => (hour * 60 + minute) * MINUTE_MS));
  const usualDay = unite(timesMs.map((time) => ({ startAt: time, endAt: time + durationMs })));
  return { latestFrom, earliestEndingAfter };

  function latestFrom(instant: number): Interval | undefined {
    const lastStartAt = Math.min(instant, untilAt - 1);
    let date = dates.atOrBefore(dateOf(lastStartAt) + 1);
    while (date !== undefined && date >= dateOf(fromAt) - 1) {
      const { first, intervals } = stretchAround(date);
      const found = intervals.findLast(({ startAt }) => startAt <= lastStartAt);
      if (found) return found;
      date = dates.atOrBefore(first - 1);
    }
    return undefined;
  }

  function earliestEndingAfter(instant: number): Interval | undefined {
    const firstStartAt = Math.max(instant - durationMs, fromAt);
    let date = dates.atOrAfter(dateOf(firstStartAt) - 1);
    while (date !== undefined && date <= dateOf(untilAt) + 1) {
      const { last, intervals } = stretchAround(date);
      const found = intervals.find(({ endAt }) => endAt > instant);
      if (found) return found;
      date = dates.atOrAfter(last + 1);
    }
    return undefined;
  }

  /** The intervals of a date. Where the clocks change, dates can interleave: those around it come together. */
  function stretchAround(date: LocalDate): { first: LocalDate; last: LocalDate; intervals: readonly Interval[] } {
    let [first, last] = [date, date];
    while (changesOn(first)) first--;
    while (changesOn(last)) last++;
    if (first < last) [first, last] = [first + 1, last - 1];
    return { first, last, intervals: intervalsDuring(first, last) };
  }

  function intervalsDuring(first: LocalDate, last: LocalDate): readonly Interval[] {
    const offsets = offsetsAround(first, last);
    const midnightAt = first * DAY_MS - offsets.before;
    if (first === last && midnightAt >= fromAt && midnightAt + DAY_MS <= untilAt) {
      return usualDay.map(({ startAt, endAt }) => ({ startAt: midnightAt + startAt, endAt: midnightAt + endAt }));
    }
    const locals: number[] = [];
    for (let date = dates.atOrAfter(first); date !== undefined && date <= last; date = dates.atOrAfter(date + 1)) {
      for (const time of timesMs) locals.push(date * DAY_MS + time);
    }
    return intervalsFrom(
      times.fixed ? locals.map((local) => startOf(local, offsets)) : instantsOf(locals, offsets),
      window,
    );
  }

  function changesOn(date: LocalDate): boolean {
    return offsetsAround(date, date).changeAt !== Number.POSITIVE_INFINITY;
  }

  /** Of these dates and a day to either side: at any instant of a date, UTC can have the date before or after. */
  function offsetsAround(first: LocalDate, last: LocalDate): Offsets {
    return zone.offsetsDuring((first - 1) * DAY_MS, (last + 2) * DAY_MS);
  }
}

/** The first instant of a local time, or the end of the gap that it falls into. In order where the local times are. */
function startOf(local: number, { before, after, changeAt }: Offsets): number {
  return local - before < changeAt ? local - before : Math.max(local - after, changeAt);
}

/** Every instant of these local times, in order where they are. */
function instantsOf(locals: readonly number[], { before, after, changeAt }: Offsets): readonly number[] {
  const early = locals.map((local) => local - before).filter((instant) => instant < changeAt);
  const late = locals.map((local) => local - after).filter((instant) => instant >= changeAt);
  return [...early, ...late];
}

function dateOf(instant: number): LocalDate {
  return Math.floor(instant / DAY_MS);
}

function intervalsFrom(
  starts: readonly number[],
  { durationMs, fromAt, untilAt }: RecurringWindow,
): readonly Interval[] {
  const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;
  const counted = starts.filter(
    (start) => start >= (fromAt ?? NEGATIVE_INFINITY) && start < (untilAt ?? POSITIVE_INFINITY),
  );
  return unite(counted.map((startAt) => ({ startAt, endAt: startAt + durationMs })));
}
