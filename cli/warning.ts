import type { Window } from '../gate/window.ts';
import type { FunctionLookup } from './function-pace.ts';
import { occurrenceAfter, occurrencesFrom } from './occurrence.ts';
import { durationText, fromNow } from './time.ts';
import { lengthOf, lengthText } from './window-text.ts';

const DAY_MS = 86_400_000;
/** A start so little ago is now. */
const JUST_NOW_MS = 1_000;

/** What may not be meant about a window that is about to be written, or is looked at before: one line each. */
export async function warningsOf(window: Window, now: number): Promise<readonly string[]> {
  const warnings: string[] = [];
  if (lengthOf(window) > DAY_MS) {
    warnings.push(`the window is ${lengthText(window)} long, which is more than a day`);
  }
  if (window.kind === 'one-off') {
    if (window.endAt <= now) warnings.push(`the window is over: it ended ${fromNow(window.endAt, now)}`);
    else if (window.startAt < now - JUST_NOW_MS) {
      warnings.push(`the window begins in the past: ${fromNow(window.startAt, now)}`);
    }
    return warnings;
  }
  const [current] = await occurrencesFrom(window, now);
  if (current === undefined) return [...warnings, 'the window never occurs any more'];
  if (current.startAt <= now) {
    warnings.push(`the window begins in the past: its schedule makes it active since ${fromNow(current.startAt, now)}`);
  }
  const next = current.startAt > now ? current : await occurrenceAfter(window, now);
  if (current.endAt === undefined || (next && next.endAt === undefined)) {
    warnings.push(
      `the window has no end: each occurrence lasts ${durationText(window.durationMs)}, and the next begins before that`,
    );
  }
  return warnings;
}

/** Names that no function has; a note where that could not be looked up. */
export function warningsOfFunctions(lookup: FunctionLookup, note: (text: string) => void): readonly string[] {
  if (lookup.kind === 'unknown') {
    note(`whether the functions exist could not be checked: ${lookup.why}`);
    return [];
  }
  return lookup.unmatched.map((glob) => `no function ${glob} exists in this account and region`);
}
