/**
 * What operators do by hand with events, and with replays under way, noted for who asks later. That a replay was begun is not noted
 * here: it has a record of its own.
 */

/** What is done with events: `looked`: the body of one was shown; `exported`: bodies were written out. */
const WITH_EVENTS = ['looked', 'exported', 'discarded', 'restored'] as const;
/** What is done with replays; `set`: how fast they go. */
const WITH_REPLAYS = ['paused', 'resumed', 'cancelled', 'set'] as const;

export const AUDIT_KINDS = [...WITH_EVENTS, ...WITH_REPLAYS] as const;

/** A note of what somebody did. */
export interface AuditNote {
  readonly kind: (typeof AUDIT_KINDS)[number];
  /** Epoch milliseconds. */
  readonly at: number;
  /** `alice@laptop`, as far as that machine knew: a note among operators, and no proof. */
  readonly by: string;
  /** How many events; of what is done with replays 0. */
  readonly events: number;
  /** Names of their functions, as many as a note has room for. */
  readonly functions: readonly string[];
  /** Their ids, as many as a note has room for; empty where they were meant by a filter. */
  readonly ids: readonly string[];
  /** Ids of replays, as many as a note has room for; absent of what is done with events. */
  readonly replays?: readonly string[];
  readonly reason?: string;
}

/** Of names and of ids each. */
export const MOST_NAMED = 20;

/** Keeps notes. Its faults are the table's. */
export interface AuditStore {
  write(note: AuditNote): Promise<void>;
  /** Newest first, so many at most. A note that another version wrote in another form is passed by. */
  list(limit: number): Promise<readonly AuditNote[]>;
}
