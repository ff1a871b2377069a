/**
 * When it is quiet: from which instant on no handler of a function runs any more. An edit of a window parameter takes a
 * while to be seen, and a handler that runs already goes on.
 */

/** An environment keeps a reading for its TTL at most. So much more is for clocks, and for SSM when it is slow. */
const TTL_MARGIN = 0.1;
/** What a refresh of the windows may hold an invocation for. */
const REFRESH_MS = 1_000;

/** How soon a function follows an edit. */
export interface Pace {
  /** How long its environments keep a reading of the windows. */
  readonly ttlSeconds: number;
  /** How long its handler may run. */
  readonly timeoutSeconds: number;
}

/** From when on every environment has seen an edit. Epoch milliseconds, a whole second. */
export function seenAt(editedAt: number, ttlSeconds: number): number {
  return Math.ceil((editedAt + ttlSeconds * 1_000 * (1 + TTL_MARGIN) + REFRESH_MS) / 1_000) * 1_000;
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
