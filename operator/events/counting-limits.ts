/** How long somebody waits for a count: what was counted by then is told, and that it is a part. */

/** From the first answer of the table on, so that what is near is told within a second. */
export const COUNTING_LIMIT_MS = 400;
/** For that first answer: a table that is far away takes as long as it takes to connect. One that does not answer holds nothing up. */
export const FIRST_ANSWER_LIMIT_MS = 2_000;
