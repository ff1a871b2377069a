import { describe, expect, it } from 'vitest';
import { noCounts } from '../../../core/replay/progress/news.ts';
import { type ReplayFacts, replayWord } from '../../../core/words/replay-word.ts';
import { backlogWord, windowWord } from '../../../core/words/window-word.ts';
import type { Word } from '../../../core/words/words.ts';
import { eventOf, faultsOfEvent } from '../../data/event-schema.ts';

const AT = Date.UTC(2026, 10, 21);
const HOUR = 3_600_000;

const WINDOW = { parameter: '/mw/team', window: '3f9a1c', reason: 'upgrade', startAt: AT, endAt: AT + HOUR };
const RUN: ReplayFacts = {
  id: '7d3f0a12',
  name: 'after the upgrade',
  functions: ['orders-api'],
  by: 'arn:aws:iam::111122223333:role/drain',
  from: 'drain',
  counts: { ...noCounts(), replayed: 1_234, failed: 3 },
  startedAt: AT,
};

const WORDS: readonly [sentence: string, word: Word][] = [
  [
    'Maintenance window 3f9a1c (upgrade) of every function has begun, until 2026-11-21T01:00:00Z',
    windowWord('Window Began', WINDOW, AT),
  ],
  [
    'Maintenance window 3f9a1c of orders-*, web has begun, without an end',
    windowWord('Window Began', { parameter: 'p', window: '3f9a1c', startAt: AT, functions: ['orders-*', 'web'] }, AT),
  ],
  [
    'Maintenance window 3f9a1c (upgrade) of every function is quiet: no handler runs any more, until 2026-11-21T01:00:00Z',
    windowWord('Window Quiet', WINDOW, AT),
  ],
  [
    'Maintenance window 3f9a1c (upgrade) of every function goes on until 2026-11-21T01:00:00Z, and not until 2026-11-21T00:00:00Z',
    windowWord('Window Extended', WINDOW, AT, AT),
  ],
  ['Maintenance window 3f9a1c (upgrade) of every function has ended', windowWord('Window Ended', WINDOW, AT + HOUR)],
  [
    'Replay after the upgrade (7d3f0a12) of orders-api has started; replayed 1,234, failed 3',
    replayWord('Replay Started', RUN, AT),
  ],
  [
    'Replay after the upgrade (7d3f0a12) of 2 functions is paused: by alice',
    replayWord('Replay Paused', { ...RUN, functions: ['a', 'b'], why: 'by alice', counts: noCounts() }, AT),
  ],
  [
    'Replay after the upgrade (7d3f0a12) of orders-api has stopped: 3 of 1237 failed; replayed 1,234, failed 3',
    replayWord('Replay Stopped', { ...RUN, why: '3 of 1237 failed', endedAt: AT }, AT),
  ],
  [
    'Replay after the upgrade (7d3f0a12) of orders-api has finished; replayed 1,234',
    replayWord('Replay Finished', { ...RUN, counts: { ...noCounts(), replayed: 1_234 }, endedAt: AT }, AT),
  ],
  [
    'Replay after the upgrade (7d3f0a12) of orders-api has finished, and not all of its events are done; replayed 1,234, failed 3',
    replayWord('Replay Finished', { ...RUN, reason: 'CHG-1042', endedAt: AT }, AT),
  ],
  [
    '1,749 events wait to be replayed to orders-api, the oldest for 1 d',
    backlogWord({ functionName: 'orders-api', pending: 1_749, oldestAt: AT - 24 * HOUR }, AT),
  ],
];

describe('what is said on the event bus', () => {
  it.each(WORDS)('is a sentence for people: %s', (sentence, word) => {
    expect(word.detail.summary).toBe(sentence);
  });

  it.each(WORDS.map(([, word]) => [word.type, word] as const))('is as the schema says: %s', (_, word) => {
    expect(faultsOfEvent(eventOf(word))).toEqual([]);
  });

  it('knows every word of the schema, and nothing that is none', () => {
    const types = new Set(WORDS.map(([, { type }]) => type));
    expect(types.size).toBe(9);
    const [, began] = WORDS[0] ?? [];
    if (!began) return;
    expect(faultsOfEvent({ ...eventOf(began), 'detail-type': 'Window Opened' })).not.toEqual([]);
    expect(faultsOfEvent({ ...eventOf(began), detail: { ...began.detail, table: 't', body: '{}' } })).not.toEqual([]);
  });

  it('never has what would end a line, or a text in a template of EventBridge', () => {
    const reason = 'the "big" one\nc:\\temp\u001b[1m';
    const { summary, reason: kept } = windowWord('Window Began', { ...WINDOW, reason }, AT).detail;
    expect(summary).toContain('(the ”big” one/u000ac:/temp/u001b[1m)');
    expect(kept).toBe(reason);
  });

  it('has one id for one fact, whenever it is told', () => {
    const ids = (words: readonly Word[]) => words.map(({ detail }) => detail.id);
    const [began, again] = ids([
      windowWord('Window Began', WINDOW, AT),
      windowWord('Window Began', WINDOW, AT + 60_000),
    ]);
    expect(again).toBe(began);
    const backlog = { functionName: 'orders', pending: 3, oldestAt: AT };
    const [old, older, paused, pausedAgain] = ids([
      backlogWord(backlog, AT + HOUR),
      backlogWord({ ...backlog, pending: 4 }, AT + 2 * HOUR),
      replayWord('Replay Paused', RUN, AT),
      replayWord('Replay Paused', { ...RUN, counts: { ...noCounts(), replayed: 9 } }, AT),
    ]);
    expect([older, pausedAgain]).toEqual([old, paused]);
    const others = ids([
      windowWord('Window Began', { ...WINDOW, startAt: AT + 1 }, AT),
      windowWord('Window Ended', WINDOW, AT),
      windowWord('Window Extended', WINDOW, AT, AT),
      windowWord('Window Extended', { ...WINDOW, endAt: AT + 2 * HOUR }, AT, AT),
      replayWord('Replay Paused', RUN, AT),
      replayWord('Replay Paused', RUN, AT + 1),
    ]);
    expect(new Set([began, ...others]).size).toBe(7);
  });
});
