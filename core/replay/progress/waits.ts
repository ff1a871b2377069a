import type { Advised } from './advice.ts';

/** Something that a command waits for, as it is reported. */
export interface Waiting extends Advised {
  /** The function whose events wait; absent where all of the command does. */
  readonly functionName?: string;
  /** Epoch milliseconds; absent where nobody knows. */
  readonly untilAt?: number;
  /** Another instant is no news: the wait is told again each minute. */
  readonly isSteady?: true;
}

/**
 * Current waits of a command. None is silent: a wait that lasts is reported within 5 s, and again each minute, or as
 * soon as its reason changes.
 *
 * ```ts
 * await waits.during('DynamoDB', () => ({ why: 'DynamoDB has not answered yet' }), client.send(command));
 * const over = waits.begin('orders throttled', () => ({ functionName: 'orders', why: latestError }));
 * ```
 */
export interface Waits {
  /**
   * Begins a wait; returns the function that ends it. Of several waits of one kind the oldest is reported, in the words
   * that `waiting` gives then.
   *
   * @param isSure this will last: it is told at once
   */
  begin(kind: string, waiting: () => Waiting, isSure?: boolean): () => void;
  during<Value>(kind: string, waiting: () => Waiting, work: Promise<Value>): Promise<Value>;
}
