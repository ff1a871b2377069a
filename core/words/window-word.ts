import { numberText } from '../text/shown.ts';
import { instantToText } from '../time/instant.ts';
import { durationText } from '../time/time-text.ts';
import { type BacklogWord, sentence, type WindowWord, type WindowWordType, wordId } from './words.ts';

/** One time that a window is active, and whose it is. Instants are epoch milliseconds. */
export interface WindowFacts {
  readonly parameter: string;
  /** The window's id. */
  readonly window: string;
  /** Globs over functions' names; absent: every function. */
  readonly functions?: readonly string[];
  readonly reason?: string;
  readonly startAt: number;
  /** Absent where it has no end. */
  readonly endAt?: number;
}

/**
 * What is to be said of a window.
 *
 * @param at when it came to that: epoch milliseconds
 * @param endedBefore the end that it had before, where it was extended: epoch milliseconds
 */
export function windowWord(type: WindowWordType, facts: WindowFacts, at: number, endedBefore?: number): WindowWord {
  const { parameter, window, functions = ['*'], reason, startAt, endAt } = facts;
  const named = `Maintenance window ${window}${reason === undefined ? '' : ` (${reason})`}`;
  const whom = functions.includes('*') ? 'every function' : functions.join(', ');
  return {
    type,
    at,
    detail: {
      // Each end that it gets is a fact of its own.
      id: wordId(type, parameter, window, startAt, type === 'Window Extended' ? endAt : undefined),
      summary: sentence(`${named} of ${whom} ${happened(type, facts, endedBefore)}`),
      parameter,
      window,
      functions,
      startAt: instantToText(startAt),
      ...(endAt !== undefined && { endAt: instantToText(endAt) }),
      ...(endedBefore !== undefined && { endedBefore: instantToText(endedBefore) }),
      ...(reason !== undefined && { reason }),
    },
  };
}

function happened(type: WindowWordType, { endAt }: WindowFacts, endedBefore = 0): string {
  const end = endAt === undefined ? 'without an end' : `until ${instantToText(endAt)}`;
  switch (type) {
    case 'Window Began':
      return `has begun, ${end}`;
    case 'Window Quiet':
      return `is quiet: no handler runs any more, ${end}`;
    case 'Window Extended':
      return `goes on ${end}, and not until ${instantToText(endedBefore)}`;
    case 'Window Ended':
      return 'has ended';
  }
}

/** That a function's oldest event has waited for long. Told once for each oldest event. */
export function backlogWord(
  { functionName, pending, oldestAt }: { functionName: string; pending: number; oldestAt: number },
  at: number,
): BacklogWord {
  const events = pending === 1 ? '1 event waits' : `${numberText(pending)} events wait`;
  return {
    type: 'Backlog Old',
    at,
    detail: {
      id: wordId('Backlog Old', functionName, oldestAt),
      summary: sentence(`${events} to be replayed to ${functionName}, the oldest for ${durationText(at - oldestAt)}`),
      functions: [functionName],
      pending,
      oldestAt: instantToText(oldestAt),
    },
  };
}
