/** A half-open interval of time, `[startAt, endAt)`, in epoch milliseconds. */
export interface Interval {
  readonly startAt: number;
  readonly endAt: number;
}

/**
 * Intervals in order, without end as it may be: a later one starts later and ends later. They may overlap. Instants are
 * whole milliseconds. Either question costs the same however far the answer lies.
 */
export interface Timeline {
  /** The latest interval that starts at this instant or before. */
  latestFrom(instant: number): Interval | undefined;
  /** The earliest interval that ends after this instant. */
  earliestEndingAfter(instant: number): Interval | undefined;
}

/** The timeline of these intervals, in whichever order they come; what overlaps or touches becomes one. */
export function timelineOf(intervals: readonly Interval[]): Timeline {
  const united = unite(intervals.toSorted((a, b) => a.startAt - b.startAt));
  return {
    latestFrom: (instant) => united.findLast(({ startAt }) => startAt <= instant),
    earliestEndingAfter: (instant) => united.find(({ endAt }) => endAt > instant),
  };
}

/** Makes one of each run of intervals that overlap or touch. They come in order of their starts. */
export function unite(intervals: readonly Interval[]): readonly Interval[] {
  const united: Interval[] = [];
  for (const interval of intervals) {
    const last = united.at(-1);
    if (last && interval.startAt <= last.endAt) {
      united[united.length - 1] = { startAt: last.startAt, endAt: Math.max(last.endAt, interval.endAt) };
    } else {
      united.push(interval);
    }
  }
  return united;
}

/**
 * Where the union of these timelines ends that is active at an instant; undefined where none is active. A union that goes on
 * for longer than `limitMs` is followed for just that long, and any later end of a part of it given.
 */
export function endOfUnion(timelines: readonly Timeline[], instant: number, limitMs: number): number | undefined {
  let endAt = latestEnd(timelines, instant);
  if (endAt <= instant) return undefined;
  while (endAt <= instant + limitMs) {
    const next = latestEnd(timelines, endAt);
    if (next === endAt) break;
    endAt = next;
  }
  return endAt;
}

/** Where the union of these timelines starts that is active at an instant, followed as {@link endOfUnion} is. */
export function startOfUnion(timelines: readonly Timeline[], instant: number, limitMs: number): number {
  let startAt = earliestStart(timelines, instant);
  while (startAt >= instant - limitMs) {
    // One millisecond less, because what ends exactly where this starts belongs to the union.
    const next = earliestStart(timelines, startAt - 1);
    if (next === startAt) break;
    startAt = next;
  }
  return startAt;
}

/** Of what starts at this instant or before, the latest end; -Infinity where nothing does. */
export function latestEnd(timelines: readonly Timeline[], instant: number): number {
  return Math.max(...timelines.map((timeline) => timeline.latestFrom(instant)?.endAt ?? Number.NEGATIVE_INFINITY));
}

/** Of what ends after this instant, the earliest start; Infinity where nothing does. */
export function earliestStart(timelines: readonly Timeline[], instant: number): number {
  return Math.min(
    ...timelines.map((timeline) => timeline.earliestEndingAfter(instant)?.startAt ?? Number.POSITIVE_INFINITY),
  );
}
