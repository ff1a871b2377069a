import { sha256Of } from '../events/body.ts';
import type { ReplayCounts } from '../replay/progress/news.ts';
import { shown } from '../text/shown.ts';

/** `source` of all that this product says on an account's event bus. */
export const WORDS_SOURCE = 'maintenance-window';

/**
 * One event for the account's bus: `type` is its `detail-type`, `at` its `time`. EventBridge adds account and region. It
 * has no byte of a deferred event. `docs/events-schema.json` is its JSON schema.
 */
export type Word = WindowWord | ReplayWord | BacklogWord;

/** What is said of a window. */
export interface WindowWord {
  readonly type: WindowWordType;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly detail: WindowDetail;
}

/** What is said of a replay. */
export interface ReplayWord {
  readonly type: ReplayWordType;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly detail: ReplayDetail;
}

/** What is said of a backlog. */
export interface BacklogWord {
  readonly type: 'Backlog Old';
  /** Epoch milliseconds. */
  readonly at: number;
  readonly detail: BacklogDetail;
}

/** `detail-type` of what is said of a window. */
export type WindowWordType = 'Window Began' | 'Window Quiet' | 'Window Extended' | 'Window Ended';
/** `detail-type` of what is said of a replay. */
export type ReplayWordType = 'Replay Started' | 'Replay Paused' | 'Replay Stopped' | 'Replay Finished';

/** What every detail has. */
interface Told {
  /** The same for what is told twice: 16 hexadecimal digits. */
  readonly id: string;
  /** One sentence for people, without quotation marks and line breaks: a template of EventBridge takes it as it is. */
  readonly summary: string;
}

/** Detail of a window's event. Instants are ISO 8601. */
export interface WindowDetail extends Told {
  /** The parameter that has the window, as the monitor names it. */
  readonly parameter: string;
  /** The window's id. */
  readonly window: string;
  /** Globs over functions' names; `*` alone for every function. */
  readonly functions: readonly string[];
  readonly startAt: string;
  /** Absent where the window has no end. */
  readonly endAt?: string;
  /** The end that it had before, where it was extended. */
  readonly endedBefore?: string;
  readonly reason?: string;
}

/** Detail of a replay's event. Instants are ISO 8601. */
export interface ReplayDetail extends Told {
  /** The run's id. */
  readonly run: string;
  readonly name: string;
  /** Names of the functions whose events are replayed. */
  readonly functions: readonly string[];
  readonly by: string;
  /** Host name of a terminal, or `drain`. */
  readonly from: string;
  readonly reason?: string;
  /** Why it is paused, or has stopped. */
  readonly why?: string;
  /** Of one that has finished: `incomplete` where not all of its events are done. */
  readonly status?: 'done' | 'incomplete';
  readonly counts: ReplayCounts;
  /** Events of its functions that were pending as it began and that it does not mean, or so many and more. */
  readonly left?: number;
  readonly startedAt: string;
  readonly endedAt?: string;
}

/** Detail of a backlog's event. */
export interface BacklogDetail extends Told {
  readonly functions: readonly string[];
  /** Events of it that are stored and not finished, failed ones included. */
  readonly pending: number;
  /** When the oldest of them was deferred: ISO 8601. */
  readonly oldestAt: string;
}

/** The id of a word: the same for the same fact, however often it is told. */
export function wordId(...facts: readonly (string | number | undefined)[]): string {
  return sha256Of(JSON.stringify(facts)).slice(0, 16);
}

/** One sentence, with whatever stands in it of somebody else's: see `summary`. */
export function sentence(text: string): string {
  return shown(text).replaceAll('"', '”').replaceAll('\\', '/');
}
