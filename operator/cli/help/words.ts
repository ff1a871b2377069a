import type { EventStatus } from '../../../core/events/deferred-event.ts';
import type { EventOutcome } from '../../../core/replay/progress/news.ts';
import { STATUS_MEANINGS } from '../events/status-meaning.ts';
import { RUN_STATUS_MEANINGS } from '../replays/run-text.ts';

type Definitions = readonly (readonly [word: string, meaning: string])[];

const OF_WINDOWS: Definitions = [
  ['window', 'a time in which functions do not run: it is in the window parameter, by its id'],
  ['parameter', 'the entry of SSM’s Parameter Store that holds the windows, with every version of them'],
  ['active', 'begun, and not over'],
  ['quiet', 'no handler can run any more: all functions have seen the window, and what ran by then is over'],
  ['protected', 'said of a function that has the client and reads the parameter'],
  ['client', 'the program in a function’s image that asks for windows, and stores events'],
  ['policy', 'what is done inside a window with the events of each source'],
];

const OF_EVENTS: Definitions = [
  ['event', 'what a function is invoked with'],
  ['deferred', 'stored in the table instead of handled, as a window was active'],
  ['source', 'the service that an event comes from: sqs, eventbridge, direct, …'],
  ['attempt', 'one time that an event was given to its function'],
  ['canary', 'the first few events of a replay, looked at before the rest goes'],
  ['copy', 'an event sent to another function (--to), which finishes nothing'],
  ['lease', 'the time for which one replay alone has an event: the function’s time-out and a minute'],
  ['order key', 'shard, partition or message group: what has the same one goes in order (--ordered)'],
  ['rest', 'what failed of a batch: an event of its own, ID.1'],
  ['tick', 'one run of a schedule'],
];

/** Of the outcomes of a replay, those that are no status. */
const OUTCOMES: Readonly<Record<Exclude<EventOutcome, EventStatus>, string>> = {
  refused: 'it cannot go in the way that was asked for, and did not run',
  held: 'an event before it, with the same order key, is not done',
  leased: 'its lease is not over: it may still be running',
  taken: 'somebody else has dealt with it meanwhile',
  released: 'given back unsent, as the replay ended first',
};

/** Every word of the tool that is not plain English, by what it is said of. */
export const WORDS: readonly (readonly [about: string, definitions: Definitions])[] = [
  ['Windows', OF_WINDOWS],
  ['Events', OF_EVENTS],
  ['Statuses of an event', Object.entries(STATUS_MEANINGS)],
  ['Outcomes of a replay, besides', Object.entries(OUTCOMES)],
  ['Statuses of a replay', Object.entries(RUN_STATUS_MEANINGS)],
];
