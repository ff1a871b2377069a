/** A half-open interval of time, `[startAt, endAt)`, in epoch milliseconds. */
export interface Interval {
  readonly startAt: number;
  readonly endAt: number;
}

/**
 * Intervals in order, without end as it may be: a later one starts later and ends later. They may overlap. Instants are
 * whole milliseconds.
 *
 * Intervals come one by one, and each costs about the same, however far it is from the one before. An empty one,
 * `[at, at)`, stands for nothing: up to it there is none, and whoever looks on has to pay for it.
 */
export interface Timeline {
  /** From the earliest that ends after this instant. */
  endingAfter(instant: number): Iterable<Interval>;
  /** Backwards from the latest that starts at this instant or before. */
  startingBy(instant: number): Iterable<Interval>;
  /** The earliest that ends after this instant. */
  earliestEndingAfter(instant: number): Interval | undefined;
  /** The latest that starts at this instant or before. */
  latestFrom(instant: number): Interval | undefined;
}

/** The timeline of these intervals, in whichever order they come; what overlaps or touches becomes one. */
export function timelineOf(intervals: readonly Interval[]): Timeline {
  const united = unite(intervals.toSorted((a, b) => a.startAt - b.startAt));
  const backwards = united.toReversed();
  return withNearest({
    endingAfter: (instant) => from(united, ({ endAt }) => endAt > instant),
    startingBy: (instant) => from(backwards, ({ startAt }) => startAt <= instant),
  });
}

/** Adds what can be told from the sequences: of either, the first that is not empty. */
export function withNearest(timeline: Omit<Timeline, 'latestFrom' | 'earliestEndingAfter'>): Timeline {
  return {
    ...timeline,
    latestFrom: (instant) => firstIn(timeline.startingBy(instant)),
    earliestEndingAfter: (instant) => firstIn(timeline.endingAfter(instant)),
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

/** How far a union is followed from an instant, in either direction. */
export interface Reach {
  /** Milliseconds. */
  readonly forMs: number;
  /** Margin for following a union without an end, so that it is not looked at again at once. */
  readonly spareMs: number;
  /** How many intervals are looked at. What is covered by others is one for each timeline, however many they are. */
  readonly intervals: number;
  readonly spareIntervals: number;
}

/** What became of a union that is active at an instant. */
export interface Followed {
  /** Its end; where it goes on beyond the reach, how far it was followed. */
  readonly endAt: number;
  /** There only where it goes on beyond the reach: so it does from every instant before this one. */
  readonly beyondUntil?: number;
}

/** What lies nearest to an instant. Each timeline is asked once. */
export interface Nearest {
  readonly instant: number;
  /** Of what starts at the instant or before, the latest end; -Infinity where nothing does, or nothing that was soon found. */
  latestEnd(timelines: readonly Timeline[]): number;
  /**
   * Of what ends after the instant, the earliest start; Infinity where nothing does. Where nothing was soon found: an instant
   * up to which nothing starts.
   */
  earliestStart(timelines: readonly Timeline[]): number;
}

export function nearestTo(instant: number): Nearest {
  const ends = new Map<Timeline, number>();
  const starts = new Map<Timeline, number>();
  return {
    instant,
    latestEnd: (timelines) => Math.max(...timelines.map((timeline) => asked(ends, timeline, endBefore))),
    earliestStart: (timelines) => Math.min(...timelines.map((timeline) => asked(starts, timeline, startAfter))),
  };

  function endBefore(timeline: Timeline): number {
    const latest = headOf(timeline.startingBy(instant));
    return latest && latest.startAt < latest.endAt ? latest.endAt : Number.NEGATIVE_INFINITY;
  }

  function startAfter(timeline: Timeline): number {
    return headOf(timeline.endingAfter(instant))?.startAt ?? Number.POSITIVE_INFINITY;
  }
}

/** Follows the union of these timelines that is active at an instant, to its end; undefined where none is active. */
export function followUnion(timelines: readonly Timeline[], nearest: Nearest, reach: Reach): Followed | undefined {
  const { instant } = nearest;
  let endAt = nearest.latestEnd(timelines);
  if (endAt <= instant) return undefined;
  const untilAt = instant + reach.forMs + reach.spareMs;
  if (endAt > untilAt) return { endAt, beyondUntil: endAt - reach.forMs };
  // Begun earlier or later, what is covered is looked at once more or less, in each timeline.
  const spare = reach.spareIntervals + timelines.length;
  const firstStarts: number[] = [];
  const ahead = waitingFor(timelines, (timeline) => timeline.endingAfter(endAt), startsBefore);
  let seen = 0;
  for (let first = ahead.pop(); first && endAt <= untilAt && seen < reach.intervals + spare; first = ahead.pop()) {
    const { startAt, endAt: alsoUntil } = first.next;
    if (startAt > endAt) break;
    seen += 1;
    if (seen <= spare) firstStarts.push(startAt);
    endAt = Math.max(endAt, alsoUntil);
    goOn(first, ahead, startsBefore, ({ endAt: nextUntil }) => nextUntil <= endAt && first.timeline.endingAfter(endAt));
  }
  const beyond = [
    ...(endAt > instant + reach.forMs ? [endAt - reach.forMs] : []),
    ...(seen > reach.intervals
      ? [firstStarts[Math.max(0, seen - reach.intervals - timelines.length - 1)] ?? endAt]
      : []),
  ];
  return beyond.length > 0 ? { endAt, beyondUntil: Math.max(...beyond) } : { endAt };
}

/** Start of the union that is active at an instant, as far back as it is followed. */
export function startOfUnion(timelines: readonly Timeline[], nearest: Nearest, reach: Reach): number {
  const { instant } = nearest;
  let startAt = nearest.earliestStart(timelines.filter((timeline) => nearest.latestEnd([timeline]) > instant));
  const sinceAt = instant - reach.forMs;
  if (startAt < sinceAt) return startAt;
  const behind = waitingFor(timelines, (timeline) => timeline.startingBy(startAt - 1), endsAfter);
  let seen = 0;
  for (let first = behind.pop(); first && startAt >= sinceAt && seen < reach.intervals; first = behind.pop()) {
    const { startAt: alsoFrom, endAt } = first.next;
    if (endAt < startAt) break;
    seen += 1;
    startAt = Math.min(startAt, alsoFrom);
    goOn(
      first,
      behind,
      endsAfter,
      ({ startAt: nextFrom }) => nextFrom >= startAt && first.timeline.startingBy(startAt - 1),
    );
  }
  return startAt;
}

/** A timeline, and what comes next of it. */
interface Waiting {
  readonly timeline: Timeline;
  next: Interval;
  rest: Iterator<Interval>;
}

/** Whether one interval comes before another in the order in which a union is followed. */
type Comes = (interval: Interval, other: Interval) => boolean;
const startsBefore: Comes = (one, other) => one.startAt < other.startAt;
const endsAfter: Comes = (one, other) => one.endAt > other.endAt;

/** These timelines in order of what comes of each: the last one's comes first. */
function waitingFor(
  timelines: readonly Timeline[],
  sequenceOf: (timeline: Timeline) => Iterable<Interval>,
  comes: Comes,
): Waiting[] {
  const waiting: Waiting[] = [];
  for (const timeline of timelines) {
    const rest = sequenceOf(timeline)[Symbol.iterator]();
    goOn({ timeline, rest, next: NOTHING }, waiting, comes, () => false);
  }
  return waiting;
}

/**
 * Puts a timeline in its place by what comes next of it; away where nothing does.
 *
 * @param otherwise instead of an interval that is covered already: from where to go on, so that those behind it are passed by
 */
function goOn(
  one: Waiting,
  waiting: Waiting[],
  comes: Comes,
  otherwise: (next: Interval) => Iterable<Interval> | false,
): void {
  let following = one.rest.next();
  const other = !following.done && otherwise(following.value);
  if (other) {
    one.rest = other[Symbol.iterator]();
    following = one.rest.next();
  }
  if (following.done) return;
  one.next = following.value;
  let low = 0;
  let high = waiting.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const between = waiting[middle];
    if (between && comes(one.next, between.next)) low = middle + 1;
    else high = middle;
  }
  waiting.splice(low, 0, one);
}

const NOTHING: Interval = { startAt: 0, endAt: 0 };

/** Tail of a list from the first match on. */
function* from(intervals: readonly Interval[], holds: (interval: Interval) => boolean): Generator<Interval> {
  const first = intervals.findIndex(holds);
  if (first === -1) return;
  for (let index = first; index < intervals.length; index++) yield intervals[index] as Interval;
}

function firstIn(intervals: Iterable<Interval>): Interval | undefined {
  for (const interval of intervals) if (interval.startAt < interval.endAt) return interval;
  return undefined;
}

function headOf(intervals: Iterable<Interval>): Interval | undefined {
  for (const interval of intervals) return interval;
  return undefined;
}

function asked(known: Map<Timeline, number>, timeline: Timeline, ask: (timeline: Timeline) => number): number {
  const answer = known.get(timeline) ?? ask(timeline);
  known.set(timeline, answer);
  return answer;
}
