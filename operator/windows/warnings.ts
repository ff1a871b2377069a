import type { FunctionFacts } from '../../aws/lambda/functions.ts';
import { NEVER_WRITTEN } from '../../aws/windows/parameter-edit.ts';
import { type Calendar, createCalendar, FOLLOWED_DAYS, FOLLOWED_INTERVALS } from '../../core/calendar/calendar.ts';
import { occurrenceAfter, occurrenceAt, occurrencesFrom } from '../../core/calendar/occurrence.ts';
import { matchesGlob } from '../../core/text/glob.ts';
import { durationText, fromNow } from '../../core/windows/time-text.ts';
import type { Window } from '../../core/windows/window.ts';
import { coversAll, functionsText, groupsOf, lengthOf, lengthText } from '../../core/windows/window-text.ts';
import type { FunctionLookup } from '../access/function-lookup.ts';
import type { Draft } from './draft.ts';
import { noFunction } from './known-windows.ts';
import { isReadBySome } from './quiet-time.ts';

const DAY_MS = 86_400_000;
/** A start so little ago is now. */
const JUST_NOW_MS = 1_000;
const SHOWN_NAMES = 3;

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

/** What its times, as they are now, leave in doubt. */
export async function doubtsOfTimes(window: Window, now: number): Promise<readonly Doubt[]> {
  const warnings: Doubt[] = [];
  if (lengthOf(window) > DAY_MS) {
    warnings.push({ text: `the window is ${lengthText(window)} long, which is more than a day` });
  }
  if (window.kind === 'one-off') {
    if (window.endAt <= now) {
      warnings.push({
        text: `the window is over: it ended ${fromNow(window.endAt, now)}`,
        vainUnless: 'meant',
      });
    } else if (window.startAt < now - JUST_NOW_MS) {
      warnings.push({ text: `the window begins in the past: ${fromNow(window.startAt, now)}` });
    }
    return warnings;
  }
  const [current] = await occurrencesFrom(window, now);
  if (current === undefined) return [...warnings, { text: 'the window never occurs any more', vainUnless: 'meant' }];
  if (current.startAt <= now) {
    warnings.push({
      text: `the window begins in the past: its schedule makes it active since ${fromNow(current.startAt, now)}`,
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
export async function warningsOfUnions(windows: readonly Window[], now: number): Promise<readonly string[]> {
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
      `the windows for ${whose} have no end together: from ${fromNow(beginsAt, now)} on, each begins before those before it have ended, for more than ${FOLLOWED_DAYS} days or ${FOLLOWED_INTERVALS} times; HTTP callers are asked to come back in a minute`,
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

/** That the names could not be looked up. */
export function notesOfFunctions(lookup: FunctionLookup, globs: readonly string[] | undefined): readonly string[] {
  return globs && lookup.kind === 'unknown' ? [`whether the functions exist could not be checked: ${lookup.why}`] : [];
}

/**
 * Names that no function has, and functions that do not read what is edited.
 *
 * @param globs what the window names; undefined: every function
 */
export function doubtsOfFunctions(
  lookup: FunctionLookup,
  globs: readonly string[] | undefined,
  { parameter, base }: Draft,
): readonly Doubt[] {
  if (lookup.kind === 'unknown') return [];
  const { unmatched, functions } = lookup;
  const absent = unmatched.map(noFunction);
  // One that is made now is in doubt by itself.
  const unread = base.version === NEVER_WRITTEN ? [] : unreadOf(lookup, globs, parameter);
  if (!globs) return unread.length > 0 ? [inVain(`no function in this account and region reads ${parameter}`)] : [];
  const found = globs.filter((glob) => !unmatched.includes(glob));
  if (unread.length < found.length) {
    return [...absent.map(inVain), ...unread.map((glob) => ({ text: unprotected(glob, functions, parameter) }))];
  }
  const nobody = found.length > 0 ? [`no function that it names reads ${parameter}: ${namesOf(functions)}`] : [];
  return [...absent, ...nobody].map(inVain);
}

/** Globs that match functions of which none reads the parameter. */
function unreadOf(
  lookup: FunctionLookup & { readonly kind: 'known' },
  globs: readonly string[] = ['*'],
  parameter: string,
): readonly string[] {
  return globs.filter((glob) => {
    const functions = lookup.functions.filter(({ name }) => matchesGlob(glob, name));
    return !lookup.unmatched.includes(glob) && !isReadBySome({ ...lookup, functions }, parameter);
  });
}

function unprotected(glob: string, functions: readonly FunctionFacts[], parameter: string): string {
  const named = functions.filter(({ name }) => matchesGlob(glob, name));
  const whose = named.length === 1 && named[0]?.name === glob ? glob : `${glob} (${namesOf(named)})`;
  return `${whose} is not protected, as it does not read ${parameter}`;
}

function inVain(text: string): Doubt {
  return { text, vainUnless: 'functions-right' };
}

function namesOf(functions: readonly FunctionFacts[]): string {
  const names = functions.slice(0, SHOWN_NAMES).map(({ name }) => name);
  return [...names, ...(functions.length > SHOWN_NAMES ? ['…'] : [])].join(', ');
}
