import { parseJson } from '../text/json.ts';
import { textAt, at as valueAt } from '../text/shape.ts';
import { LAST_INSTANT } from './table.ts';

/** What became of an event at one moment: of an attempt, or by somebody's word. */
export type HistoryOutcome = 'replayed' | 'accepted' | 'failed' | 'unknown' | 'discarded' | 'restored';

/**
 * One line of an event's history. A note among operators and no proof: the function may write its own items, so it may
 * write this as well.
 */
export interface HistoryEntry {
  /** When it began. Epoch milliseconds. */
  readonly at: number;
  /** `<who>/<run>/<number>`. */
  readonly by: string;
  readonly outcome: HistoryOutcome;
  /** Of an attempt: from the claim to the outcome. Absent where no outcome was written. */
  readonly tookMs?: number;
  /** At most {@link TEXT_BYTES}. */
  readonly error?: string;
  /** Why it was discarded or restored. At most {@link TEXT_BYTES}. */
  readonly reason?: string;
  /** Of a copy that was sent to another function: its name, with the version or alias. */
  readonly to?: string;
}

/** The last entries are kept. */
export const MOST_ENTRIES = 20;
/** An error or a reason is cut to this, in UTF-8. */
export const TEXT_BYTES = 300;
const NAME_BYTES = 200;
/** No history of ours is longer; one that is was written by somebody else, and is not parsed. */
const READ_CHARACTERS = 64 * 1024;
const LONGEST_MS = 10 * 86_400_000;
const OUTCOMES: readonly HistoryOutcome[] = ['replayed', 'accepted', 'failed', 'unknown', 'discarded', 'restored'];

/**
 * Writes a history as JSON in so many bytes: without its oldest entries, and at last without the words of the latest one.
 * Undefined where not even that has room.
 */
export function historyText(entries: readonly HistoryEntry[], roomBytes: number): string | undefined {
  const kept = entries.slice(-MOST_ENTRIES).map(cut);
  for (; kept.length > 0; kept.shift()) {
    const text = JSON.stringify(kept);
    if (Buffer.byteLength(text) <= roomBytes) return text;
    const [only] = kept;
    if (kept.length > 1 || !only) continue;
    const { error: _, reason: __, ...bare } = only;
    const bareText = JSON.stringify([bare]);
    if (Buffer.byteLength(bareText) <= roomBytes) return bareText;
  }
  return undefined;
}

/** Reads a history. Never throws: leaves out what is no entry, and cuts what is too long. */
export function parseHistory(text: string | undefined): readonly HistoryEntry[] {
  if (text === undefined || text.length > READ_CHARACTERS) return [];
  const parsed = parseJson(text);
  return Array.isArray(parsed) ? parsed.slice(-MOST_ENTRIES).flatMap((value) => entryIn(value) ?? []) : [];
}

/** Cuts a text to so many bytes of UTF-8, between two characters. */
export function cutToBytes(text: string, bytes: number): string {
  const whole = text.toWellFormed();
  if (Buffer.byteLength(whole) <= bytes) return whole;
  let cutAt = bytes;
  const all = Buffer.from(whole);
  while (cutAt > 0 && ((all[cutAt] ?? 0) & 0xc0) === 0x80) cutAt -= 1; // a byte in the middle of a character
  return all.subarray(0, cutAt).toString();
}

function cut(entry: HistoryEntry): HistoryEntry {
  const { at, by, outcome, tookMs, error, reason, to } = entry;
  return {
    at,
    by: cutToBytes(by, NAME_BYTES),
    outcome,
    ...(tookMs !== undefined && { tookMs }),
    ...(error !== undefined && { error: cutToBytes(error, TEXT_BYTES) }),
    ...(reason !== undefined && { reason: cutToBytes(reason, TEXT_BYTES) }),
    ...(to !== undefined && { to: cutToBytes(to, NAME_BYTES) }),
  };
}

function entryIn(value: unknown): HistoryEntry | undefined {
  const outcome = OUTCOMES.find((each) => each === textAt(value, 'outcome'));
  const at = wholeNumberAt(value, 'at', LAST_INSTANT);
  const by = textOf(value, 'by');
  if (outcome === undefined || at === undefined || by === undefined) return undefined;
  const [tookMs, error] = [wholeNumberAt(value, 'tookMs', LONGEST_MS), textOf(value, 'error')];
  const [reason, to] = [textOf(value, 'reason'), textOf(value, 'to')];
  return cut({
    at,
    by,
    outcome,
    ...(tookMs !== undefined && { tookMs }),
    ...(error !== undefined && { error }),
    ...(reason !== undefined && { reason }),
    ...(to !== undefined && { to }),
  });
}

function textOf(value: unknown, name: string): string | undefined {
  const found = valueAt(value, name);
  return typeof found === 'string' ? found : undefined;
}

function wholeNumberAt(value: unknown, name: string, most: number): number | undefined {
  const found = valueAt(value, name);
  return Number.isInteger(found) && Number(found) >= 0 && Number(found) <= most ? Number(found) : undefined;
}
