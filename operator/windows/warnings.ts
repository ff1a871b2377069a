import { type Calendar, createCalendar, FOLLOWED_DAYS, FOLLOWED_INTERVALS } from '../../core/calendar/calendar.ts';
import { occurrenceAfter, occurrenceAt, occurrencesFrom } from '../../core/calendar/occurrence.ts';
import { durationText } from '../../core/time/time-text.ts';
import { trapOf } from '../../core/time/timezone.ts';
import { DAY_MS } from '../../core/units.ts';
import type { Window } from '../../core/windows/window.ts';
import { coversAll, functionsText, groupsOf, lengthOf, lengthText } from '../../core/windows/window-text.ts';
import type { Times } from '../times/times.ts';

/** A start so little ago is now. */
const JUST_NOW_MS = 1_000;

/** Doubt about a window that is about to be written, or is checked before. */
export interface Doubt {
  /** One line. */
  readonly text: string;
  /**
   * Of a window that would protect nothing, or not all that it names: what somebody has to know before it is written all the same. That
   * it is meant so, or that the name of the parameter, or the names of functions, are right, as are the account and the region.
   */
  readonly vainUnless?: 'meant' | 'parameter-right' | 'functions-right';
}

/** Whether a window is about to be written. One that is stored may well have begun, or be over: it is kept for a day. */
export type WrittenOrNot = 'draft' | 'stored';

/** What its times, as they are now, leave in doubt. */
export async function doubtsOfTimes(
  window: Window,
  now: number,
  times: Times,
  written: WrittenOrNot = 'draft',
): Promise<readonly Doubt[]> {
  const isStored = written === 'stored';
  const warnings: Doubt[] = [];
  if (lengthOf(window) > DAY_MS) {
    warnings.push({ text: `the window is ${lengthText(window)} long, which is more than a day` });
  }
  if (window.kind === 'one-off') {
    if (isStored) return window.endAt <= now ? [] : warnings;
    if (window.endAt <= now) {
      warnings.push({
        text: `the window is over: it ended ${times.fromNow(window.endAt, now)}`,
        vainUnless: 'meant',
      });
    } else if (window.startAt < now - JUST_NOW_MS) {
      warnings.push({ text: `the window begins in the past: ${times.fromNow(window.startAt, now)}` });
    }
    return warnings;
  }
  const trap = trapOf(window.timezone);
  if (trap) warnings.push({ text: `the time zone ${window.timezone} ${trap}` });
  const [current] = await occurrencesFrom(window, now);
  if (current === undefined) return [...warnings, { text: 'the window never occurs any more', vainUnless: 'meant' }];
  if (current.startAt <= now && !isStored) {
    warnings.push({
      text: `the window begins in the past: its schedule makes it active since ${times.fromNow(current.startAt, now)}`,
    });
  }
  const next = current.startAt > now ? current : await occurrenceAfter(window, now);
  if (current.endAt === undefined || (next && next.endAt === undefined)) {
    warnings.push({
      text: `the window has no end: each occurrence lasts ${durationText(window.durationMs)}, and the next begins before that`,
    });
  }
  return warnings;
}

/** States of a calendar that are looked at for a union without an end: with a window a week, a year of them. */
const LOOKED_AT = 100;

/**
 * What may not be meant about windows that are each in order: that together they go on for longer than a union is followed, so that
 * functions know no end of it. One line for each set of functions that they name.
 */
export async function warningsOfUnions(
  windows: readonly Window[],
  now: number,
  times: Times,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const functions of groupsOf(windows)) {
    const together = windows.filter((window) => coversAll(window, functions));
    if (together.length < 2) continue;
    const calendar = await createCalendar(
      together.map(({ functions: _, ...window }) => window),
      '',
    );
    const beginsAt = firstWithoutEnd(calendar, now);
    if (beginsAt === undefined || (await someAloneHasNoEnd(together, beginsAt))) continue;
    const whose = functionsText({ ...(functions && { functions }) });
    warnings.push(
      `the windows for ${whose} have no end together: from ${times.fromNow(beginsAt, now)} on, each begins before those before it have ended, for more than ${FOLLOWED_DAYS} days or ${FOLLOWED_INTERVALS} times; HTTP callers are asked to come back in a minute`,
    );
  }
  return warnings;
}

/** Then that window is warned of, and nothing is to be said of all together. */
async function someAloneHasNoEnd(windows: readonly Window[], at: number): Promise<boolean> {
  const occurrences = await Promise.all(windows.map((window) => occurrenceAt(window, at)));
  return occurrences.some((occurrence) => occurrence && occurrence.endAt === undefined);
}

/** Start of the first union without an end, as far as it is followed. */
function firstWithoutEnd({ stateAt }: Calendar, now: number): number | undefined {
  let state = stateAt(now);
  for (let looked = 0; looked < LOOKED_AT; looked++) {
    const { active, validUntil } = state;
    if (active && active.endAt === undefined) return Math.max(active.startAt, now);
    const next = active?.endAt ?? validUntil;
    if (next === Number.POSITIVE_INFINITY) return undefined;
    state = stateAt(next);
  }
  return undefined;
}
