import { isActive, LOOKED_BACK_MS, type WindowTime } from '../calendar/ended.ts';
import { windowWord } from './window-word.ts';
import type { WindowWord } from './words.ts';

/** What was told of windows so far: JSON, to be kept between two looks. */
export interface WindowStory {
  /** Up to when it is told: epoch milliseconds. */
  readonly at: number;
  /** Those that were told to have begun, and not to have ended. */
  readonly open: readonly OpenWindow[];
  /**
   * Those that were seen to end, for a day, as they were then: the last few of each window. What they are one maintenance
   * with stays as long as they do. What an edit takes out, moves or lengthens afterwards has ended all the same; and what it
   * puts into the past never was.
   */
  readonly ended: readonly EndedTime[];
}

/** A time of a window that is over. */
export type EndedTime = WindowTime & { readonly endAt: number };

/** Times of one window that are kept: more of them matter only where others fill every pause between them. */
const MOST_ENDED = 10;
/** Of all windows together: the story is one item of the table. */
const MOST_ENDED_OF_ALL = 500;

/** A window that has begun, as it was seen last. */
export interface OpenWindow extends WindowTime {
  /** When its parameter had been written as it was seen first: epoch milliseconds. */
  readonly editedAt: number;
  /** Whether it was told to be quiet. */
  readonly isQuiet: boolean;
}

/** What there is to see at an instant. */
export interface WindowView {
  /** Times of windows that have ended of late, or have not ended. */
  readonly times: readonly WindowTime[];
  /** When each parameter that could be read was written: epoch milliseconds. Of others nothing is known, and nothing told. */
  readonly editedAt: ReadonlyMap<string, number>;
  /** When all functions of a window are quiet: epoch milliseconds. */
  readonly quietAt: (window: OpenWindow) => number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What is to be told now, oldest first, and the story with it. */
export interface Told {
  readonly words: readonly WindowWord[];
  readonly story: WindowStory;
}

/**
 * Goes on with a story. Each thing is told once, also what came and went since the last look, and what an edit took away.
 *
 * @param story absent: nothing was told yet, and of what is over nothing will be
 */
export function tellOn(story: WindowStory | undefined, { times, editedAt, quietAt, now }: WindowView): Told {
  const words: WindowWord[] = [];
  const open: OpenWindow[] = [];
  const { at: since = now, open: known = [] } = story ?? {};
  const before = matched(known, times, since);
  const ended: EndedTime[] = story ? keptOf(story.ended, times) : times.filter(hasEnd).filter(isOverNow);
  for (const time of times) {
    const one = before.get(time);
    if (!one && isOverBy(time, since)) continue;
    if (!one) words.push(windowWord('Window Began', time, Math.max(time.startAt, story?.at ?? time.startAt)));
    if (isActive(time, now)) open.push(goOn(time, one));
    else {
      const { endAt = now } = time;
      words.push(windowWord('Window Ended', time, endAt));
      ended.push({ ...time, endAt });
    }
  }
  const seen = new Set(before.values());
  for (const lost of known.filter((one) => !seen.has(one))) {
    const writtenAt = editedAt.get(lost.parameter);
    if (writtenAt === undefined) open.push(lost);
    else {
      const endAt = Math.min(now, lost.endAt ?? now, Math.max(writtenAt, lost.startAt + 1));
      words.push(windowWord('Window Ended', { ...lost, endAt }, endAt));
      const { editedAt: _, isQuiet: __, ...time } = lost;
      ended.push({ ...time, endAt });
    }
  }
  words.sort((a, b) => a.at - b.at);
  return { words, story: { at: now, open, ended: lastOf(united(keptWith(open, ended, now))) } };

  function isOverNow(time: EndedTime): boolean {
    return isOverBy(time, now);
  }

  function goOn(time: WindowTime, one: OpenWindow | undefined): OpenWindow {
    if (one?.endAt !== undefined && !isOverBy(time, one.endAt)) {
      words.push(windowWord('Window Extended', time, now, one.endAt));
    }
    const { editedAt: writtenAt, isQuiet } = one ?? {
      editedAt: editedAt.get(time.parameter) ?? now,
      isQuiet: false,
    };
    const window = { ...time, editedAt: writtenAt, isQuiet };
    const quiet = quietAt(window);
    if (isQuiet || quiet > now) return window;
    words.push(windowWord('Window Quiet', time, quiet));
    return { ...window, isQuiet: true };
  }
}

/** What its window says of the backlog may be said afterwards. */
function keptOf(ended: readonly EndedTime[], times: readonly WindowTime[]): EndedTime[] {
  return ended.map((one) => {
    const same = times.find(
      (time) =>
        isSameEntry(one, time) || (one.endAt === time.endAt && isSameEntry({ ...one, startAt: time.startAt }, time)),
    );
    if (!same) return one;
    const { replay: _, ...time } = one;
    return { ...time, ...(same.replay !== undefined && { replay: same.replay }) };
  });
}

/** What ended within a day, and what is one maintenance with that, or with what is open: its start and its word count. */
function keptWith(open: readonly WindowTime[], ended: readonly EndedTime[], now: number): readonly EndedTime[] {
  let fromAt = Math.min(...open.map(({ startAt }) => startAt));
  return ended
    .toSorted((a, b) => b.endAt - a.endAt)
    .filter(({ startAt, endAt }) => {
      const isKept = endAt > now - LOOKED_BACK_MS || endAt >= fromAt;
      if (isKept) fromAt = Math.min(fromAt, startAt);
      return isKept;
    });
}

/** Times of one window without a pause between them, as one: many short ones are no less of a maintenance than a long one. */
function united(latestFirst: readonly EndedTime[]): readonly EndedTime[] {
  const all: EndedTime[] = [];
  for (const time of latestFirst) {
    const index = all.findIndex((later) => isSameWindow(time, later) && time.endAt >= later.startAt);
    const later = all[index];
    if (later) all[index] = { ...later, startAt: Math.min(time.startAt, later.startAt) };
    else all.push(time);
  }
  return all;
}

function lastOf(ended: readonly EndedTime[]): readonly EndedTime[] {
  const counts = new Map<string, number>();
  return ended
    .toSorted((a, b) => b.endAt - a.endAt)
    .filter(({ parameter, window }) => {
      const key = `${parameter} ${window}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return (counts.get(key) ?? 0) <= MOST_ENDED;
    })
    .slice(0, MOST_ENDED_OF_ALL);
}

function hasEnd(time: WindowTime): time is EndedTime {
  return time.endAt !== undefined;
}

/**
 * Which open window each time is of. An extended occurrence of a window that comes again is an entry with an id of its own:
 * it is known by its start and its functions, where the id it had is nowhere any more.
 */
function matched(
  open: readonly OpenWindow[],
  times: readonly WindowTime[],
  since: number,
): ReadonlyMap<WindowTime, OpenWindow> {
  const found = new Map<WindowTime, OpenWindow>();
  const left = new Set(open);
  const news = times.filter((time) => !isOverBy(time, since));
  for (const [isSame, some] of [[isSameEntry, times] as const, [isSameOccurrence, news] as const]) {
    for (const time of some) {
      const before = found.has(time) ? undefined : [...left].find((one) => isSame(one, time));
      if (!before) continue;
      found.set(time, before);
      left.delete(before);
    }
  }
  return found;
}

function isOverBy({ endAt = Number.POSITIVE_INFINITY }: WindowTime, instant: number): boolean {
  return endAt <= instant;
}

function isSameEntry(one: WindowTime, other: WindowTime): boolean {
  return one.window === other.window && one.parameter === other.parameter && one.startAt === other.startAt;
}

function isSameOccurrence(one: WindowTime, other: WindowTime): boolean {
  return isSameEntry({ ...one, window: other.window }, other) && isForSame(one, other);
}

function isSameWindow(one: WindowTime, other: WindowTime): boolean {
  return (
    isSameEntry({ ...one, startAt: other.startAt }, other) &&
    isForSame(one, other) &&
    JSON.stringify(one.replay) === JSON.stringify(other.replay)
  );
}

function isForSame(one: WindowTime, other: WindowTime): boolean {
  return JSON.stringify(one.functions) === JSON.stringify(other.functions);
}
