import { withinLimit } from '../../aws/request/time-limit.ts';
import type { EventRow } from '../../core/events/archive.ts';
import type { ReplayCounts } from '../../core/replay/news.ts';
import { commandText } from '../cli/command-text.ts';

/** What a replay that was stopped leaves to be replayed. */
export interface Left {
  /** Absent where they could not be counted. */
  readonly events?: number;
  /** There may be more: counting them all would have taken too long. */
  readonly isPart: boolean;
  /** The command that goes on. */
  readonly goOn: string;
}

export interface LeftParts {
  /** What would be replayed now. */
  readonly rows: AsyncGenerator<EventRow>;
  /** The words of the command that was stopped. */
  readonly words: readonly string[];
  /** What each row was named by, where events were named one by one. */
  readonly wordsOfRows?: ReadonlyMap<EventRow, string>;
  /** Of the run that was stopped. */
  readonly limit: number;
  readonly counts: ReplayCounts;
}

/** Who stops a replay waits for its end. */
const COUNTING_MS = 3_000;

/** Counts what is left, for as long as somebody may be expected to wait. Never rejects. */
export async function findLeft({ rows, words, wordsOfRows = new Map(), limit, counts }: LeftParts): Promise<Left> {
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
  const counted: Omit<Left, 'goOn'> = await withinLimit(counting(), COUNTING_MS, () => ({
    ...(events > 0 && { events }),
    isPart: true,
  })).catch(() => ({ isPart: true }));
  isOver = true;
  if (counted.isPart) gone.clear();
  return { ...counted, goOn: commandText(wordsToGoOn(words, limitLeft, gone)) };
}

/** For people. Undefined where nothing is left. */
export function leftText({ events, isPart, goOn }: Left): string | undefined {
  if (events === 0) return undefined;
  const count = events?.toLocaleString('en-US');
  const left = count === undefined ? 'some may be left' : `${isPart ? 'at least ' : ''}${count} left to replay`;
  return `${left}: to go on,  ${goOn}`;
}

/** The same words, but for events by name that are done, and for a limit of which a part has been used. */
function wordsToGoOn(words: readonly string[], limitLeft: number, gone: ReadonlySet<string>): readonly string[] {
  return words.flatMap((word, index) => {
    if (gone.has(word)) return [];
    if (!Number.isFinite(limitLeft)) return word;
    if (words[index - 1] === '--limit') return String(limitLeft);
    return word.startsWith('--limit=') ? `--limit=${limitLeft}` : word;
  });
}
