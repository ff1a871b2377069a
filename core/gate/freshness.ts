/**
 * How soon an edit of a window parameter is seen. Environments keep their readings by it, and whoever has to know that all
 * of them have seen an edit (a replay, an operator) waits by it: so both stand here.
 */

/** A refresh holds an invocation for this at most, in milliseconds. */
const REFRESH_PROMISE_MS = 1_000;
/** What a refresh is cut off after, in milliseconds: a timer fires late, and the invocation has to go on in time. */
export const REFRESH_LIMIT_MS = REFRESH_PROMISE_MS - 50;

/**
 * A reading is kept for up to this share less than its TTL, so that environments that start together do not stay together.
 * Never for longer: with the default TTL no reading is to outlive the minute after which Lambda tries again what another
 * environment has stored.
 */
const TTL_JITTER = 0.1;
/** What is added to a TTL, as a share of it: for clocks that differ, and for SSM when it is slow. */
const TTL_MARGIN = 0.1;

/**
 * How long an environment keeps one reading of the windows. Milliseconds.
 *
 * @param random from 0 up to 1, another one for each reading
 */
export function keptForMs(ttlSeconds: number, random: number): number {
  return ttlSeconds * 1_000 * (1 - TTL_JITTER * random);
}

/** How soon a function follows an edit. */
export interface Pace {
  /** How long its environments keep a reading of the windows. */
  readonly ttlSeconds: number;
  /** How long its handler may run. */
  readonly timeoutSeconds: number;
}

/** From when on every environment has seen an edit. Epoch milliseconds, a whole second. */
export function seenAt(editedAt: number, ttlSeconds: number): number {
  return Math.ceil((editedAt + ttlSeconds * 1_000 * (1 + TTL_MARGIN) + REFRESH_PROMISE_MS) / 1_000) * 1_000;
}

/**
 * From when on it is quiet: the start of the window, or when its edit was seen if that is later, and then the function's
 * time-out. Epoch milliseconds.
 *
 * @param editedAt when the window was written; -Infinity where it has been known for long
 */
export function quietAt(startAt: number, editedAt: number, { ttlSeconds, timeoutSeconds }: Pace): number {
  return Math.max(startAt, seenAt(editedAt, ttlSeconds)) + timeoutSeconds * 1_000;
}
