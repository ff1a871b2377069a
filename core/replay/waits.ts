/** Something that a command waits for, as it is told. */
export interface Waiting {
  /** The function whose events wait; absent where all of the command does. */
  readonly functionName?: string;
  readonly why: string;
  /** Epoch milliseconds; absent where nobody knows. */
  readonly untilAt?: number;
}

/**
 * What a command waits for at this moment. No wait is silent: one that lasts is told of within 5 s, and again each minute,
 * or as soon as its reason changes.
 *
 * ```ts
 * await waits.during('DynamoDB', () => ({ why: 'DynamoDB has not answered yet' }), client.send(command));
 * const over = waits.begin('orders throttled', () => ({ functionName: 'orders', why: latestError }));
 * ```
 */
export interface Waits {
  /**
   * Begins a wait, and gives back what ends it. Of several waits of one kind the oldest is told, as `waiting` tells it then.
   *
   * @param isSure this will last: it is told at once
   */
  begin(kind: string, waiting: () => Waiting, isSure?: boolean): () => void;
  during<Value>(kind: string, waiting: () => Waiting, work: Promise<Value>): Promise<Value>;
}
