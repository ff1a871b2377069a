import { type Occurrence, occurrenceAfter, occurrenceAt } from '../../core/calendar/occurrence.ts';
import { SECOND_MS } from '../../core/units.ts';
import type { OneOffWindow, RecurringWindow, Window } from '../../core/windows/window.ts';

/**
 * What stands for a window once the occurrence of it that is active ends at another instant: the last one is that window
 * still. Of one that comes again it is the occurrence by itself, so that environments that start later know that one was
 * active, and then the occurrences to come; or, where none is to come, the window with no other occurrence than this one.
 *
 * @param endAt epoch milliseconds, whole seconds, after the occurrence's start
 */
export async function withEnd(window: Window, occurrence: Occurrence, endAt: number): Promise<readonly Window[]> {
  if (window.kind === 'one-off') return [{ ...window, endAt }];
  const { startAt } = occurrence;
  const fromAt = Math.min(endAt, occurrence.endAt ?? endAt);
  const rest: RecurringWindow = { ...window, fromAt };
  const isOver = window.untilAt !== undefined && window.untilAt <= fromAt;
  if (!isOver && (await occurrenceAfter(rest, fromAt - 1))) return [setApart(window, startAt, endAt), rest];
  const last = lastOccurrence(window, startAt, endAt);
  const found = await occurrenceAt(last, startAt);
  return found?.startAt === startAt && found.endAt === last.durationMs + startAt
    ? [last]
    : [setApart(window, startAt, endAt)];
}

/** One occurrence of a window by itself. Epoch milliseconds, both. */
export function setApart({ reason, functions, replay }: Window, startAt: number, endAt: number): OneOffWindow {
  return {
    kind: 'one-off',
    startAt,
    endAt,
    ...(reason !== undefined && { reason }),
    ...(functions && { functions }),
    ...(replay !== undefined && { replay }),
  };
}

/** The window with this occurrence alone. A schedule has one of whole seconds. */
function lastOccurrence(window: RecurringWindow, startAt: number, endAt: number): RecurringWindow {
  const durationMs = Math.max(SECOND_MS, Math.ceil((endAt - startAt) / SECOND_MS) * SECOND_MS);
  if (window.schedule.startsWith('at(')) return { ...window, durationMs };
  return { ...window, fromAt: startAt, untilAt: startAt + SECOND_MS, durationMs };
}
