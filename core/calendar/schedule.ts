import { MaintenanceWindowError } from '../errors.ts';
import { parseSchedule, type Times } from '../time/cron.ts';
import { DAY_MS, MINUTE_MS } from '../units.ts';
import type { RecurringWindow } from '../windows/window.ts';
import type { DateSearch, LocalDate } from './date-search.ts';
import { findDates } from './schedule-dates.ts';
import { type Interval, type Timeline, timelineOf, withNearest } from './timeline.ts';
import type { Stretch, Zone } from './zone.ts';

/** Upper bound for a change of the clock: a day, where a date was left out. */
const CHANGE_DAYS = 2;

/** The times of a day at which a window starts, and those that follow each other before the one before has run out, as runs. */
interface DayPattern {
  /** Milliseconds from midnight, ascending. */
  readonly times: Int32Array;
  /** Of each run, the place of its last time. The next one begins behind it. */
  readonly lasts: Int32Array;
}

/**
 * The intervals of a recurring window: one for each occurrence, and one for a whole run of occurrences of a day where they
 * overlap or touch. An occurrence counts if it *starts* within `[fromAt, untilAt)`; it then runs for its whole duration.
 *
 * Daylight saving. With fixed hours and minutes, a start in the spring gap moves to the end of the gap, and one in the
 * autumn overlap comes once, at its first occurrence. With a wildcard, a range or a step in either, a start is every
 * instant whose local time matches: twice in the overlap, never in the gap. The end is start + elapsed duration.
 *
 * Between two changes of the clock the local time is the instant and an offset. So the starts are found stretch by stretch of the
 * zone, in each date by date, and on each run by run: what does not occur costs nothing, however long it does not.
 *
 * @param patience how many dates in a row are looked at although the clock left them no start; then an empty interval says so
 * @throws MaintenanceWindowError `MaintenanceWindow.Fault` for a schedule that the window language does not have
 */
export async function createSchedule(
  window: RecurringWindow,
  zone: Zone,
  patience = Number.POSITIVE_INFINITY,
): Promise<Timeline> {
  const schedule = parseSchedule(window.schedule);
  if (schedule.kind === 'fault') {
    throw new MaintenanceWindowError('MaintenanceWindow.Fault', `schedule ${window.schedule} ${schedule.message}`);
  }
  switch (schedule.value.kind) {
    case 'at':
      return createOnce(schedule.value.local, window, zone);
    case 'cron':
      return createRecurrence(schedule.value.times, findDates(schedule.value.dates), window, zone, patience);
  }
}

/** First instant of a local time; the end of the gap if it falls into one. */
function createOnce(local: number, { durationMs, fromAt, untilAt }: RecurringWindow, zone: Zone): Timeline {
  let stretch = zone.stretchAt(local - DAY_MS);
  while (local - stretch.offset >= stretch.endAt) stretch = zone.stretchAt(stretch.endAt);
  const startAt = Math.max(local - stretch.offset, stretch.startAt);
  const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;
  const counts = startAt >= (fromAt ?? NEGATIVE_INFINITY) && startAt < (untilAt ?? POSITIVE_INFINITY);
  return timelineOf(counts ? [{ startAt, endAt: startAt + durationMs }] : []);
}

function createRecurrence(
  times: Times,
  dates: DateSearch,
  window: RecurringWindow,
  zone: Zone,
  patience: number,
): Timeline {
  const { durationMs, fromAt = Number.NEGATIVE_INFINITY, untilAt = Number.POSITIVE_INFINITY } = window;
  const { times: timesMs, lasts } = dayPatternOf(times, durationMs);
  /** What was found out last: no start from the one instant up to the other. Whoever asks for the neighbours need not look again. */
  let quietFrom = 0;
  let quietUntil = 0;
  return withNearest({ endingAfter, startingBy });

  function* endingAfter(instant: number): Generator<Interval> {
    const earliest = instant - durationMs + 1;
    const isQuiet = earliest >= quietFrom && earliest < quietUntil;
    if (isQuiet && quietUntil === Number.POSITIVE_INFINITY) return;
    let isFirst = true;
    for (const interval of forwards(isQuiet ? quietUntil : earliest, instant)) {
      if (isFirst) setQuiet(isQuiet ? quietFrom : earliest, interval.startAt);
      isFirst = false;
      yield interval;
    }
    if (isFirst) setQuiet(isQuiet ? quietFrom : earliest, Number.POSITIVE_INFINITY);
  }

  function* startingBy(instant: number): Generator<Interval> {
    const isQuiet = instant >= quietFrom && instant < quietUntil;
    if (isQuiet && quietFrom === Number.NEGATIVE_INFINITY) return;
    let isFirst = true;
    for (const interval of backwards(isQuiet ? quietFrom - 1 : instant, instant)) {
      const lastAt = interval.startAt < interval.endAt ? interval.endAt - durationMs : interval.endAt - 1;
      if (isFirst) setQuiet(lastAt + 1, isQuiet ? quietUntil : instant + 1);
      isFirst = false;
      yield interval;
    }
    if (isFirst) setQuiet(Number.NEGATIVE_INFINITY, isQuiet ? quietUntil : instant + 1);
  }

  function setQuiet(from: number, until: number): void {
    if (until <= from) return;
    quietFrom = from;
    quietUntil = until;
  }

  /**
   * From the first interval that has a start at this instant or later.
   *
   * @param now patience does not end before it
   */
  function* forwards(earliest: number, now: number): Generator<Interval> {
    let missed = 0;
    let lookedAt: LocalDate | undefined;
    let stretch = zone.stretchAt(Math.max(earliest, fromAt));
    while (stretch.startAt < untilAt) {
      const { offset, endAt } = stretch;
      const late = startBehindGap(stretch);
      if (late && late.startAt >= earliest) {
        missed = 0;
        yield late;
      }
      const [from, to] = localsOf(stretch);
      let date = dates.atOrAfter(dateOf(Math.max(from, earliest + offset)));
      for (; date !== undefined && date * DAY_MS < to; date = dates.atOrAfter(date + 1)) {
        const midnight = date * DAY_MS;
        const [first, last] = placesIn(midnight, from, to);
        if (date !== lookedAt) missed += 1;
        lookedAt = date;
        const place = Math.max(first, firstAtOrAfter(timesMs, earliest + offset - midnight));
        for (let run = runWith(place); place <= last && run < lasts.length; run++) {
          const interval = intervalOf(run, first, last, midnight - offset);
          if (!interval) break;
          missed = 0;
          yield interval;
        }
        if (missed <= patience || midnight - offset <= now) continue;
        missed = 0;
        yield emptyAt(midnight - offset);
      }
      if (endAt >= untilAt || endAt === Number.POSITIVE_INFINITY) return;
      // Where dates come again, or one lies on both sides, it is among those that follow.
      const ahead = dates.atOrAfter(dateOf(endAt + offset) - CHANGE_DAYS);
      if (ahead === undefined) return;
      stretch = zone.stretchAt(Math.max(endAt, (ahead - 1) * DAY_MS));
    }
  }

  /**
   * Backwards from the last interval that has its first start at this instant or before.
   *
   * @param now patience does not end with what lasts until then
   */
  function* backwards(latest: number, now: number): Generator<Interval> {
    let missed = 0;
    let lookedAt: LocalDate | undefined;
    let stretch = zone.stretchAt(Math.min(latest, untilAt - 1));
    while (stretch.endAt > fromAt) {
      const { offset, startAt } = stretch;
      const [from, to] = localsOf(stretch);
      let date = dates.atOrBefore(dateOf(Math.min(to - 1, latest + offset)));
      for (; date !== undefined && (date + 1) * DAY_MS > from; date = dates.atOrBefore(date - 1)) {
        const midnight = date * DAY_MS;
        const [first, last] = placesIn(midnight, from, to);
        if (date !== lookedAt) missed += 1;
        lookedAt = date;
        const place = Math.min(last, firstAtOrAfter(timesMs, latest + offset - midnight + 1) - 1);
        for (let run = runWith(place); place >= first && run >= 0; run--) {
          const interval = intervalOf(run, first, last, midnight - offset);
          if (!interval) break;
          missed = 0;
          yield interval;
        }
        const dayEndAt = midnight + DAY_MS - offset;
        if (missed <= patience || dayEndAt + durationMs > now) continue;
        missed = 0;
        yield emptyAt(dayEndAt);
      }
      const late = startBehindGap(stretch);
      if (late && late.startAt <= latest) {
        missed = 0;
        yield late;
      }
      if (startAt <= fromAt || startAt === Number.NEGATIVE_INFINITY) return;
      const behind = dates.atOrBefore(dateOf(startAt + offset) + CHANGE_DAYS);
      if (behind === undefined) return;
      stretch = zone.stretchAt(Math.min(startAt - 1, (behind + 2) * DAY_MS));
    }
  }

  /** The local times of a stretch at which an occurrence can start. With fixed times, those that come again do not count again. */
  function localsOf({ startAt, endAt, offset, offsetBefore }: Stretch): readonly [from: number, to: number] {
    const first = times.fixed ? startAt + Math.max(offset, offsetBefore) : startAt + offset;
    return [Math.max(first, fromAt + offset), Math.min(endAt, untilAt) + offset];
  }

  /** With fixed times: the start at the end of a gap, where some of them fall into it. */
  function startBehindGap({ startAt, offset, offsetBefore }: Stretch): Interval | undefined {
    if (!times.fixed || offset <= offsetBefore || startAt < fromAt || startAt >= untilAt) return undefined;
    const [from, to] = [startAt + offsetBefore, startAt + offset];
    for (let date = dates.atOrAfter(dateOf(from)); date !== undefined && date * DAY_MS < to; ) {
      const midnight = date * DAY_MS;
      if (timesMs.some((time) => midnight + time >= from && midnight + time < to)) {
        return { startAt, endAt: startAt + durationMs };
      }
      date = dates.atOrAfter(date + 1);
    }
    return undefined;
  }

  /** Which of a date's times lie between two local times: the places of the first and the last. */
  function placesIn(midnight: number, from: number, to: number): readonly [first: number, last: number] {
    return from <= midnight && to >= midnight + DAY_MS
      ? [0, timesMs.length - 1]
      : [firstAtOrAfter(timesMs, from - midnight), firstAtOrAfter(timesMs, to - midnight) - 1];
  }

  /** The interval of a run, as far as its times are among these; undefined where none of them is. */
  function intervalOf(run: number, first: number, last: number, midnightAt: number): Interval | undefined {
    const runFirst = run === 0 ? 0 : (lasts[run - 1] ?? last) + 1;
    const runLast = lasts[run] ?? -1;
    if (runFirst > last || runLast < first) return undefined;
    const startAt = midnightAt + (timesMs[runFirst > first ? runFirst : first] ?? 0);
    const lastAt = midnightAt + (timesMs[runLast < last ? runLast : last] ?? 0);
    return { startAt, endAt: lastAt + durationMs };
  }

  /** The run that has the time at this place. */
  function runWith(place: number): number {
    return firstAtOrAfter(lasts, place);
  }
}

/** Made of numbers alone: a document may hold 150 windows with a start each minute. */
function dayPatternOf({ hours, minutes }: Times, durationMs: number): DayPattern {
  const times = new Int32Array(hours.length * minutes.length);
  const lasts = new Int32Array(times.length);
  let place = 0;
  let runs = 0;
  let before = 0;
  for (let hour = 0; hour < hours.length; hour++) {
    for (let minute = 0; minute < minutes.length; minute++) {
      const time = ((hours[hour] ?? 0) * 60 + (minutes[minute] ?? 0)) * MINUTE_MS;
      if (place > 0 && time - before > durationMs) lasts[runs++] = place - 1;
      times[place++] = time;
      before = time;
    }
  }
  lasts[runs++] = place - 1;
  return { times, lasts: lasts.subarray(0, runs) };
}

/** The place of the first of these numbers, which ascend, that is not less; their count where all are. */
function firstAtOrAfter(numbers: Int32Array, least: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

function emptyAt(at: number): Interval {
  return { startAt: at, endAt: at };
}

function dateOf(instant: number): LocalDate {
  return Math.floor(instant / DAY_MS);
}
