import type { OrderKey } from '../sources/record-order.ts';
import type { DecodedBody } from './body.ts';
import type { DeferredEvent, EventStatus } from './deferred-event.ts';
import type { HistoryEntry } from './history.ts';
import type { EventIdentity } from './table.ts';

/** A claim outlasts what the function may take by this much. */
export const LEASE_MARGIN_MS = 60_000;
/** What an event was given is what was left of its time-out then: by less than this, no lease is too short. */
export const LEASE_TOLERANCE_MS = 10_000;

/** A deferred event as the table has it, without its text. Instants are epoch milliseconds. */
export interface StoredEvent extends Omit<DeferredEvent, 'text'> {
  readonly status: EventStatus;
  /** Invocations that were sent, or may have been. */
  readonly attempts: number;
  /** Of the raw text, hexadecimal. */
  readonly sha256: string;
  /** Who claimed it last: `<who>/<run>/<number>`. */
  readonly leaseBy?: string;
  /** End of the lease: nobody else may claim it before. */
  readonly leaseUntilAt?: number;
  /** Last error. */
  readonly lastError?: string;
  /** Last answer of the function, cut off if it is long. */
  readonly result?: string;
  /** Who set the current status. */
  readonly doneBy?: string;
  readonly doneAt?: number;
  /** When DynamoDB may delete it: finished events only. */
  readonly expiresAt?: number;
  /** Of what was discarded, or is replayed again: the status before. */
  readonly statusBefore?: EventStatus;
  /** How often it was claimed after it had been replayed or accepted. */
  readonly timesAgain?: number;
  /** The last attempts and what else was done with it, oldest first. Never empty. */
  readonly history?: readonly HistoryEntry[];
  /** See {@link DamagedEvent}. */
  readonly damaged?: undefined;
}

/**
 * An event that is not as a client of its own function stores it: somebody else wrote there, or something broke. Only its
 * key is certain; something stands in for what cannot be read. It is never invoked, and nothing that it names is followed.
 */
export interface DamagedEvent extends EventIdentity {
  /** `pending` stands in: somebody has to look at it. */
  readonly status: EventStatus;
  readonly source: string;
  readonly bytes: number;
  readonly attempts: number;
  readonly deferredAt: number;
  readonly leaseUntilAt?: number;
  /** Why, as a sentence. */
  readonly damaged: string;
}

/** Event read from its item. */
export type FoundEvent = StoredEvent | DamagedEvent;

/** Row of the index: a little behind the event itself. */
export interface EventRow {
  readonly id: string;
  readonly functionName: string;
  readonly status: EventStatus;
  readonly source: string;
  /** Of the raw text. */
  readonly bytes: number;
  readonly attempts: number;
  /** Epoch milliseconds. */
  readonly deferredAt: number;
  /** Epoch milliseconds. */
  readonly leaseUntilAt?: number;
  /** Without their sequences. */
  readonly orderKeys?: readonly OrderKey[];
  /** The version or alias that was invoked; absent where none was named. */
  readonly qualifier?: string;
  /** Why the event cannot be read, where the index tells; something stands in for what that is then. */
  readonly damaged?: string | undefined;
  /** It is not meant, and read for what it holds back alone. */
  readonly isAside?: boolean;
}

/** Which events of one function. */
export interface RowQuery {
  readonly functionName: string;
  readonly statuses: readonly EventStatus[];
  /** Policy keys; absent for all. */
  readonly sources?: readonly string[];
  /** Deferred at this instant or later. Epoch milliseconds. */
  readonly fromAt?: number;
  /** Deferred before this instant. Epoch milliseconds. */
  readonly untilAt?: number;
  /** Behind this place, as {@link placeOfRow} has it. */
  readonly after?: string;
  /** Rows that are read at once from each of the function's eight groups. Default 250: 1 KB each in memory. */
  readonly pageRows?: number;
}

/**
 * Items that stand in the index where no client of ours puts them: among the events of another function, among the
 * functions, or at another place than their time and id. A function can write any group and place into its own items;
 * their key alone says whose they are.
 */
export interface Strays {
  /** At most {@link MOST_STRAYS}; so many stand for as many or more. */
  readonly items: number;
  /** The functions whose keys they have, as far as a key names one. */
  readonly writers: readonly string[];
  /** The keys of a few of them. */
  readonly keys: readonly string[];
}

/** Upper bound for distinct strays, so that foreign items cannot fill the reader's memory. */
export const MOST_STRAYS = 1_000;

/** An event that this claim alone may replay, until the lease is over. */
export interface Claim {
  readonly kind: 'claim';
  /** As it was before the claim. */
  readonly event: StoredEvent;
  /** Unique to this claim. */
  readonly leaseBy: string;
  /** Epoch milliseconds. */
  readonly claimedAt: number;
  /** Epoch milliseconds. */
  readonly leaseUntilAt: number;
  /** Bytes that the event's item has left for what the end of the claim writes. */
  readonly roomBytes: number;
  /** The event's raw text, proved by its checksum. Read when it is asked for. */
  body(): Promise<DecodedBody>;
}

/** Claim of an event that cannot be read: it is marked as failed, and says why. */
export interface DamagedClaim {
  readonly kind: 'damaged';
  readonly event: DamagedEvent;
}

/**
 * How a claim ends. `released`: it did not run, so it is what it was before the claim, and this does not count as an
 * attempt. What is replayed, or accepted, has an error where something is to be remembered of an attempt before.
 */
export type Ending =
  | { readonly status: 'replayed'; readonly error?: string; readonly result: string }
  | { readonly status: 'accepted'; readonly error?: string }
  | { readonly status: 'failed'; readonly error: string; readonly result: string }
  | { readonly status: 'unknown'; readonly error: string }
  | { readonly status: 'released'; readonly error?: string };

/** The operator's view of the deferred events table. */
export interface EventArchive {
  /** The names of all functions that ever deferred an event. */
  functionNames(): Promise<string[]>;
  /** Events of one function, oldest first, page by page. From the index, which may be a little behind. */
  rows(query: RowQuery): AsyncGenerator<EventRow>;
  /**
   * The same events group by group, each oldest first: to be read side by side by who needs no order. Of few events among
   * many, {@link rows} would read one group after the other.
   */
  groups(query: RowQuery): readonly AsyncGenerator<EventRow>[];
  count(query: RowQuery): Promise<number>;
  /** The last event that a function deferred, finished or not. From the index: one query for each of its sixteen groups. */
  newest(functionName: string): Promise<NewestEvent | undefined>;
  /**
   * Counts the events of one function that wait, piece by piece, so that somebody who cannot wait for the end has a lower
   * bound. From the index: for each of eight groups a query for its first event, and COUNT queries of 1 MB a page.
   */
  countWaiting(functionName: string, tell: TellWaiting): Promise<void>;
  /** Foreign items of the index that were skipped so far. */
  strays(): Strays;
  /**
   * Events with this id, over all functions: one at most, unless someone chose the id. A consistent read for each
   * hundred functions that ever deferred an event.
   */
  find(id: string): Promise<readonly EventIdentity[]>;
  /**
   * Events whose id begins so, over all functions, or of one. From the index: reads all that it has of each function, half
   * a read unit for 4 KB.
   */
  findBeginning(prefix: string, functionName?: string): Promise<readonly EventIdentity[]>;
  /** One event without its text, consistently read. */
  look(event: EventIdentity): Promise<FoundEvent | undefined>;
  /** Facts that the index does not have, by event id. Events that are gone are left out. */
  facts(functionName: string, ids: readonly string[]): Promise<ReadonlyMap<string, EventFacts>>;
  /** One event with its text, consistently read. The body of an event that is damaged is, too. */
  read(event: EventIdentity): Promise<{ readonly event: FoundEvent; readonly body: DecodedBody } | undefined>;
  /** The texts of up to a hundred events of one function. Events that are gone are left out. */
  texts(functionName: string, ids: readonly string[]): Promise<EventTexts>;
  /**
   * Claims an event that is in one of these statuses; one that is `replaying` or `unknown`, only once its lease is over.
   * Undefined where it is not: somebody else has it, or it is dealt with. One that is damaged is marked as `failed`
   * instead, so that the next replay does not begin with it again.
   *
   * @param from either none that is finished, or none but finished ones: these are to run again, and no longer expire
   * @param takesMs what the function may take now, where that is known: a lease outlasts this as well
   */
  claim(
    event: EventIdentity,
    from: readonly EventStatus[],
    takesMs?: number,
  ): Promise<Claim | DamagedClaim | undefined>;
  /** Ends a claim. False where it was not ours any more: the lease ran out, and somebody else claimed the event. */
  end(claim: Claim, ending: Ending): Promise<boolean>;
  /** Stores what stays of a batch, as an event of its own that failed. Idempotent. */
  putRest(claim: Claim, rest: RestOfBatch): Promise<void>;
  /**
   * Whether this run has discarded it. False where it is being replayed, was dealt with, takes no more writing, or was
   * discarded before.
   */
  discard(event: EventIdentity, why: string): Promise<boolean>;
  /**
   * Writes into an event's history that a copy of it was sent, and changes nothing else of it. False where it is gone, or
   * its item takes no more writing.
   */
  noteCopy(event: EventIdentity, copy: Omit<HistoryEntry, 'by'>): Promise<boolean>;
  /** Takes a discarded event back to what it was before, where it can still be replayed. It no longer expires. */
  restore(event: EventIdentity, why?: string): Promise<Restored>;
}

/** What became of a discarded event that was to be restored. */
export type Restored =
  | { readonly kind: 'restored'; readonly status: EventStatus }
  /** It is not discarded: it never was, or somebody else has restored it. */
  | { readonly kind: 'other-status'; readonly status: EventStatus }
  /** It has expired, or was deleted. */
  | { readonly kind: 'gone' }
  /** It could not be replayed: it cannot be read, or its body is not whole. */
  | { readonly kind: 'damaged'; readonly why: string };

/** Statuses of events that wait for a replay, or for somebody. */
export const WAITING = ['pending', 'failed', 'unknown', 'replaying'] as const;

export type WaitingStatus = (typeof WAITING)[number];

/** Takes a piece of a count: so many more of one status, or when the first event of a group was deferred. */
export type TellWaiting = (
  piece: { readonly status: WaitingStatus; readonly events: number } | { readonly oldestAt: number },
) => void;

/** Facts of an event that the index does not have. */
export type EventFacts = Pick<
  StoredEvent,
  | 'windowStartAt'
  | 'windowReason'
  | 'orderKeys'
  | 'clientVersion'
  | 'lastError'
  | 'leaseBy'
  | 'doneBy'
  | 'doneAt'
  | 'history'
>;

/** Texts of events, by id, and what reading them took. */
export interface EventTexts {
  readonly texts: ReadonlyMap<string, DecodedBody>;
  /** As DynamoDB counted them: half a unit for each 4 KB of an item. */
  readonly readUnits: number;
}

/** An event and when it was deferred, epoch milliseconds. */
export type NewestEvent = EventIdentity & Pick<EventRow, 'deferredAt'>;

/** Rest of a batch of which some records succeeded. */
export interface RestOfBatch {
  readonly id: string;
  readonly text: string;
  readonly orderKeys?: readonly OrderKey[];
  readonly error: string;
}
