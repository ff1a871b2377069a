/** What operators do with events by hand, noted for who asks later. A replay is not noted here: it has a record of its own. */

/** A note of what somebody did. */
export interface AuditNote {
  /** `looked`: the body of an event was shown; `exported`: bodies were written out. */
  readonly kind: 'looked' | 'exported' | 'discarded' | 'restored';
  /** Epoch milliseconds. */
  readonly at: number;
  /** `alice@laptop`, as far as that machine knew: a note among operators, and no proof. */
  readonly by: string;
  /** How many events. */
  readonly events: number;
  /** Names of their functions, as many as a note has room for. */
  readonly functions: readonly string[];
  /** Their ids, as many as a note has room for; empty where they were meant by a filter. */
  readonly ids: readonly string[];
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
