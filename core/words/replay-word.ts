import { type EventOutcome, isAnyUndone, type ReplayCounts } from '../replay/progress/news.ts';
import { numberText } from '../text/shown.ts';
import { instantToText } from '../time/instant.ts';
import { type ReplayWord, type ReplayWordType, sentence, wordId } from './words.ts';

/** What is known of a run. Instants are epoch milliseconds. */
export interface ReplayFacts {
  readonly id: string;
  readonly name: string;
  readonly functions: readonly string[];
  readonly by: string;
  readonly from: string;
  readonly reason?: string;
  /** Why it is paused, or has stopped. Never a text of a handler's. */
  readonly why?: string;
  readonly counts: ReplayCounts;
  /** Events beside it that wait for somebody: so many, or more. */
  readonly left?: { readonly events: number; readonly isMore?: true };
  readonly startedAt: number;
  readonly endedAt?: number;
}

const HAPPENED: Readonly<Record<ReplayWordType, string>> = {
  'Replay Started': 'has started',
  'Replay Paused': 'is paused',
  'Replay Stopped': 'has stopped',
  'Replay Finished': 'has finished',
};

/**
 * What a run has to say.
 *
 * @param at when it came to that: epoch milliseconds. The same `at` makes the same word, so give the one that is recorded.
 */
export function replayWord(type: ReplayWordType, facts: ReplayFacts, at: number): ReplayWord {
  const { id, name, functions, by, from, reason, why, counts, left, startedAt, endedAt } = facts;
  const ofWhat = functions.length === 1 ? functions[0] : `${numberText(functions.length)} functions`;
  const isIncomplete = type === 'Replay Finished' && isAnyUndone(counts);
  const happened = isIncomplete ? 'has finished, and not all of its events are done' : HAPPENED[type];
  const because = why === undefined ? '' : `: ${why}`;
  return {
    type,
    at,
    detail: {
      id: wordId(type, id, at),
      summary: sentence(`Replay ${name} (${id}) of ${ofWhat} ${happened}${because}${comesTo(counts)}${leftText(left)}`),
      run: id,
      name,
      functions,
      by,
      from,
      ...(reason !== undefined && { reason }),
      ...(why !== undefined && { why }),
      ...(type === 'Replay Finished' && { status: isIncomplete ? 'incomplete' : 'done' }),
      counts,
      ...(left && { left: left.events }),
      startedAt: instantToText(startedAt),
      ...(endedAt !== undefined && { endedAt: instantToText(endedAt) }),
    },
  };
}

function leftText(left: ReplayFacts['left']): string {
  if (!left) return '';
  const { events, isMore } = left;
  return `; ${numberText(events)}${isMore ? ' or more' : ''} deferred under other windows are left to somebody`;
}

function comesTo(counts: ReplayCounts): string {
  const some = (Object.entries(counts) as [EventOutcome, number][]).filter(([, count]) => count > 0);
  return some.length === 0 ? '' : `; ${some.map(([outcome, count]) => `${outcome} ${numberText(count)}`).join(', ')}`;
}
