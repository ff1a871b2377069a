/**
 * What somebody can do about a refusal, a stop or a wait. A kind and no sentence: each face of a replay has controls of its
 * own, and names them in its own words.
 *
 * - `as-request`: send it as a request, whose reply is read
 * - `newer-client`: put a client into the function that knows replays inside a window
 * - `compare-parameters`: compare the function's window parameters with those of this replay
 * - `rate`: the rate of this replay makes it wait
 */
export type Advice = 'as-request' | 'newer-client' | 'compare-parameters' | 'rate';

/** A reason, and what can be done about it where that is known. */
export interface Advised {
  readonly why: string;
  readonly advice?: Advice;
}
