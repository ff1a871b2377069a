import type { ReplayCounts } from '../replay/progress/news.ts';
import type { LeftToSomebody, ReplayRun, RunEnd, RunFacts, RunShare, RunWishes } from './run.ts';

/**
 * The records of replays, in the deferred events table under keys that no function's role reaches.
 *
 * A run is an item, and so is each of its shares: who does one writes that alone, so that heartbeats get in each other's
 * way neither at the start nor at a million events. Each write says all of what it is about, so that it may be done twice.
 */
export interface RunStore {
  /**
   * Makes the record of a run. False where there is one of this id: of somebody else's, or by an earlier try of the same.
   *
   * @param shareCount how many shares it will have, as far as that is known
   * @param aliveUntil by then the first share has told of itself
   */
  create(run: RunFacts, shareCount: number, aliveUntil: number): Promise<boolean>;
  /** Says how many shares a run has, which execution does it, and what waits beside it. `gone` where there is none, or it has ended. */
  begun(
    id: string,
    facts: {
      readonly shareCount: number;
      readonly aliveUntil: number;
      readonly execution?: string;
      readonly left?: LeftToSomebody;
    },
  ): Promise<'begun' | 'gone'>;
  /** One run with all of its shares, consistently read. Undefined where there is none. */
  read(id: string): Promise<ReplayRun | undefined>;
  /** A run without its shares, and one of them, consistently read. Undefined where there is no such run. */
  share(id: string, number: number): Promise<RunAndShare | undefined>;
  /** Ids of runs that begin so. From the index, newest first. */
  findBeginning(prefix: string): Promise<readonly string[]>;
  /** Runs, newest first. From the index, which may be a little behind; the runs themselves are not. */
  list(options: { readonly limit: number }): Promise<RunPage>;
  /** Ids of runs that have not ended, newest first. From the index, which may be a little behind; it reads no others. */
  openIds(options: { readonly limit: number }): Promise<readonly string[]>;
  /** Ids of runs that began at this instant or later, newest first. From the index. Epoch milliseconds. */
  idsSince(at: number, options: { readonly limit: number }): Promise<readonly string[]>;
  /** These runs, in this order; those that are gone are left out. Consistently read. */
  readAll(ids: readonly string[]): Promise<RunPage>;
  /**
   * A heartbeat: tells how a share is, and hears what is wanted. One write unit and one read unit, if nobody gave a run a
   * very long list of functions. A share that is final stays so, and what is older than what is known is passed over.
   * `taken`: the share has a hand, and somebody else has taken it in theirs; nothing is told.
   */
  beat(id: string, share: RunShare): Promise<RunOrders | 'gone' | 'taken'>;
  /**
   * Takes a share in hand, as it is told here, where nobody has since it was seen: of any number who try at once one gets it.
   *
   * @param share with a hand that nobody else has
   * @param seen the hand that it had; absent: none
   */
  take(id: string, share: RunShare & { readonly hand: string }, seen: string | undefined): Promise<boolean>;
  /** Says what somebody wants of a run; what is absent stays. A run that is wanted stopped stays so, whoever wishes what meanwhile. */
  wish(id: string, wishes: Partial<RunWishes>): Promise<Wished>;
  /** Ends a run. False where there is none, or it has ended before. */
  end(
    id: string,
    end: { readonly status: RunEnd; readonly counts: ReplayCounts; readonly why?: string },
  ): Promise<boolean>;
  /**
   * Writes what a run came to into the record of one that somebody else has ended, as they counted what they had heard of.
   * For whoever did all of it. False where there is none, or it has not ended.
   */
  recount(id: string, counts: ReplayCounts): Promise<boolean>;
}

/** What became of a wish: written; or not, as the run was to stop before, has ended, or there is none. */
export type Wished = 'wished' | 'stopping' | 'ended' | 'gone';

/** What whoever does a share hears with each heartbeat. */
export interface RunOrders extends RunWishes {
  /** Shares that are not final, this one included, begun or not: rate and concurrency are theirs together. */
  readonly sharesLeft: number;
  /** Somebody has ended the run: nothing more is to be sent. */
  readonly isEnded: boolean;
}

/** What a share begins with: its run, what is wanted of it, and the share as it was told last. */
export interface RunAndShare {
  readonly facts: RunFacts;
  readonly orders: RunOrders;
  readonly share?: RunShare;
}

/** Runs of a list. */
export interface RunPage {
  readonly runs: readonly ReplayRun[];
  /** Ids of those that cannot be read: another version may have written them. */
  readonly unreadable: readonly string[];
}
