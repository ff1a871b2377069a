/**
 * The limit on waiting for something that comes. Only a hang reaches it, on a machine with ten times its work as well.
 * Below vitest's own limit, so that the message of whoever waits is the one that is read.
 */
export const HANG_LIMIT_MS = 240_000;
