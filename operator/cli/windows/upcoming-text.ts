import { daylightNote, type Occurrence, occurrencesFrom } from '../../../core/calendar/occurrence.ts';
import { instantToText } from '../../../core/windows/instant.ts';
import { durationText, fromNow, instantText } from '../../../core/windows/time-text.ts';
import type { Window } from '../../../core/windows/window.ts';
import { functionsText, instantOrUndefined, reasonText } from '../../../core/windows/window-text.ts';
import type { Output } from '../terminal/output.ts';

/** A window that may come. The parameter is absent where there is only one. */
interface Candidate {
  readonly id: string;
  readonly window: Window;
  readonly parameter?: { readonly name: string };
}

/** One time that a window is going to begin. */
export interface Upcoming extends Candidate {
  readonly occurrence: Occurrence;
  /** Where daylight saving moves it. */
  readonly note?: string;
}

/** The next times that any of these windows begins after an instant, in order. */
export async function nextWindows(
  candidates: readonly Candidate[],
  after: number,
  count: number,
): Promise<readonly Upcoming[]> {
  const streams = await Promise.all(
    candidates.map(async (candidate) => {
      const occurrences = (await occurrencesFrom(candidate.window, after))[Symbol.iterator]();
      return { candidate, occurrences, head: nextAfter(occurrences, after) };
    }),
  );
  const found: Upcoming[] = [];
  while (found.length < count) {
    const waiting = streams.flatMap((stream) => (stream.head ? { stream, startAt: stream.head.startAt } : []));
    const first = waiting.sort((a, b) => a.startAt - b.startAt)[0]?.stream;
    if (!first?.head) break;
    const { candidate, head } = first;
    const note = daylightNote(candidate.window, head);
    found.push({ ...candidate, occurrence: head, ...(note !== undefined && { note }) });
    first.head = nextAfter(first.occurrences, after);
  }
  return found;
}

function nextAfter(occurrences: Iterator<Occurrence>, after: number): Occurrence | undefined {
  for (;;) {
    const { done, value } = occurrences.next();
    if (done) return undefined;
    if (value.startAt > after) return value;
  }
}

/** For people. */
export function upcomingTable(upcoming: readonly Upcoming[], output: Pick<Output, 'table'>, now: number): string {
  const severalParameters = upcoming.some(({ parameter }) => parameter);
  const notes = upcoming.some(({ note }) => note);
  return output.table(
    [
      'STARTS',
      'ENDS',
      'LASTS',
      'ID',
      ...(severalParameters ? ['PARAMETER'] : []),
      'FUNCTIONS',
      'REASON',
      ...(notes ? ['NOTE'] : []),
    ],
    upcoming.map(({ id, parameter, window, occurrence: { startAt, endAt }, note }) => [
      fromNow(startAt, now),
      endAt === undefined ? 'no end' : instantText(endAt),
      endAt === undefined ? '-' : durationText(endAt - startAt),
      id,
      ...(severalParameters ? [parameter?.name ?? '-'] : []),
      functionsText(window),
      reasonText(window),
      ...(notes ? [note ?? ''] : []),
    ]),
  );
}

/** For programs. */
export function upcomingJson({ id, parameter, window, occurrence: { startAt, endAt }, note }: Upcoming): object {
  return {
    id,
    parameter: parameter?.name,
    start: instantToText(startAt),
    end: instantOrUndefined(endAt),
    functions: window.functions,
    reason: window.reason,
    note,
  };
}
