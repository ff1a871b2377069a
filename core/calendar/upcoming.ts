import type { Window } from '../windows/window.ts';
import { daylightNote, type Occurrence, occurrencesFrom } from './occurrence.ts';

/** One time that a window is going to begin, beside all that is known of the window. */
export type Upcoming<Candidate extends { readonly window: Window }> = Candidate & {
  readonly occurrence: Occurrence;
  /** Where daylight saving moves it. */
  readonly note?: string;
};

/** The next times that any of these windows begins after an instant, in order. */
export async function nextWindows<Candidate extends { readonly window: Window }>(
  candidates: readonly Candidate[],
  after: number,
  count: number,
): Promise<readonly Upcoming<Candidate>[]> {
  const streams = await Promise.all(
    candidates.map(async (candidate) => {
      const occurrences = (await occurrencesFrom(candidate.window, after))[Symbol.iterator]();
      return { candidate, occurrences, head: nextAfter(occurrences, after) };
    }),
  );
  const found: Upcoming<Candidate>[] = [];
  while (found.length < count) {
    const waiting = streams.flatMap((stream) => (stream.head ? { stream, startAt: stream.head.startAt } : []));
    const first = waiting.sort((a, b) => a.startAt - b.startAt)[0]?.stream;
    if (!first?.head) break;
    const { candidate, head } = first;
    found.push(upcomingOf(candidate, head));
    first.head = nextAfter(first.occurrences, after);
  }
  return found;
}

/** One time of a window. */
export function upcomingOf<Candidate extends { readonly window: Window }>(
  candidate: Candidate,
  occurrence: Occurrence,
): Upcoming<Candidate> {
  const note = daylightNote(candidate.window, occurrence);
  return { ...candidate, occurrence, ...(note !== undefined && { note }) };
}

function nextAfter(occurrences: Iterator<Occurrence>, after: number): Occurrence | undefined {
  for (;;) {
    const { done, value } = occurrences.next();
    if (done) return undefined;
    if (value.startAt > after) return value;
  }
}
