import { withinLimit } from '../../aws/time/time-limit.ts';
import type { EventRow } from '../../core/events/archive.ts';
import type { ReplayCounts } from '../../core/replay/progress/news.ts';

/** What a replay that was stopped leaves to be replayed. */
export interface Left {
  /** Absent where they could not be counted. */
  readonly events?: number;
  /** There may be more: counting them all would have taken too long. */
  readonly isPart: boolean;
  /** How many more the limit of the stopped run lets go; Infinity where it had none. */
  readonly limitLeft: number;
  /** Of events that were named one by one: by which words those were that are done. */
  readonly done: ReadonlySet<string>;
}

export interface LeftParts {
  /** What would be replayed now. */
  readonly rows: AsyncGenerator<EventRow>;
  /** What each row was named by, where events were named one by one. */
  readonly wordsOfRows?: ReadonlyMap<EventRow, string>;
  /** Of the run that was stopped. */
  readonly limit: number;
  readonly counts: ReplayCounts;
}

/** Who stops a replay waits for its end. */
const COUNTING_MS = 3_000;

/** Counts what is left, for as long as somebody may be expected to wait. Never rejects. */
export async function findLeft({ rows, wordsOfRows = new Map(), limit, counts }: LeftParts): Promise<Left> {
  const { replayed, accepted, failed, unknown, refused } = counts;
  const limitLeft = Math.max(0, limit - replayed - accepted - failed - unknown - refused);
  const gone = new Set(wordsOfRows.values());
  let events = 0;
  let isOver = false;
  const counting = async () => {
    for await (const row of rows) {
      if (isOver || (events >= limitLeft && wordsOfRows.size === 0)) break;
      events = Math.min(limitLeft, events + 1);
      gone.delete(wordsOfRows.get(row) ?? '');
    }
    return { events, isPart: false };
  };
  const counted: Pick<Left, 'events' | 'isPart'> = await withinLimit(counting(), COUNTING_MS, () => ({
    ...(events > 0 && { events }),
    isPart: true,
  })).catch(() => ({ isPart: true }));
  isOver = true;
  if (counted.isPart) gone.clear();
  return { ...counted, limitLeft, done: gone };
}
