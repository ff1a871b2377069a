import { randomUUID } from 'node:crypto';
import { isObject } from '../../core/text/shape.ts';
import { MINUTE_MS } from '../../core/units.ts';
import { namesEvery } from '../../core/windows/window-text.ts';
import type { Answer, Where } from './answer.ts';
import { areTexts, withOption } from './operations.ts';

/** Something that was shown before it is done: what is done are its words, and no others. */
export interface Plan {
  readonly id: string;
  readonly words: readonly string[];
  /** What has to be typed first; absent where a click is enough. */
  readonly typed?: string;
}

/** The plans that were shown and not done yet. */
export interface Plans {
  /**
   * Keeps what was shown.
   *
   * @param shown what the dry run came to
   */
  keep(words: readonly string[], shown: Answer): Plan;
  /**
   * Takes a plan away: it is done once. One that was mistyped stays.
   *
   * @param typed what somebody typed to confirm it, whatever that is
   */
  take(id: unknown, typed: unknown): Taken;
}

/** `none`: there is no such plan, or it is too old to be what is in force. */
type Taken =
  | { readonly kind: 'plan'; readonly words: readonly string[] }
  | { readonly kind: 'mistyped'; readonly expected: string }
  | { readonly kind: 'none' };

/** From here on it is asked twice. */
const MANY_EVENTS = 1_000;
const KEPT_MS = 10 * MINUTE_MS;
const MOST_KEPT = 100;

/**
 * @param where asked anew when it is done: what was shown for no production may be of one by then
 * @param now epoch milliseconds
 */
export function createPlans(where: () => Where, now: () => number): Plans {
  const kept = new Map<string, Plan & { readonly until: number }>();
  return {
    keep(words, shown) {
      const typed = typedFor(words, shown, where());
      const plan = { id: randomUUID(), words: asShown(words, shown), ...(typed !== undefined && { typed }) };
      kept.set(plan.id, { ...plan, until: now() + KEPT_MS });
      const [oldest] = kept.keys();
      if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
      return plan;
    },
    take(id, typed) {
      const plan = typeof id === 'string' ? kept.get(id) : undefined;
      if (!plan || now() >= plan.until) return { kind: 'none' };
      const expected = where().production ?? plan.typed;
      if (expected !== undefined && expected !== typed) return { kind: 'mistyped', expected };
      kept.delete(plan.id);
      return { kind: 'plan', words: plan.words };
    },
  };
}

/** What would be a great deal by a slip: every function, a thousand events, production. */
function typedFor(words: readonly string[], { results: [result] }: Answer, where: Where): string | undefined {
  if (where.production !== undefined) return where.production;
  const { events, discarded, parameter, ...edit } = isObject(result) ? result : {};
  const taken = [events, discarded].reduce((sum: number, count) => sum + (typeof count === 'number' ? count : 0), 0);
  if (taken > MANY_EVENTS) return String(taken);
  return isNewForAll(words, edit) && typeof parameter === 'string' ? parameter : undefined;
}

const OF_WINDOWS = ['begin', 'schedule add', 'schedule edit'];

/** Whether an edit puts every function under a window that was not there before, or not for all, or at other times. */
function isNewForAll(words: readonly string[], { window, before, added }: Readonly<Record<string, unknown>>): boolean {
  const isOfWindow = OF_WINDOWS.some((name) => name.split(' ').every((word, index) => words[index] === word));
  if (!isOfWindow || !isObject(window) || !Array.isArray(added) || added.length === 0) return false;
  return isForAll(window) && !(isObject(before) && isForAll(before) && timesOf(before) === timesOf(window));
}

function isForAll({ functions }: Readonly<Record<string, unknown>>): boolean {
  return functions === undefined || (areTexts(functions) && namesEvery(functions));
}

/** When a window is, as its JSON has it. */
function timesOf(window: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(TIMES.map((name) => window[name]));
}

const TIMES = ['start', 'end', 'schedule', 'timezone', 'duration', 'from', 'until'];

/**
 * The words that do what was shown. An edit is made of the version that was shown: what somebody else wrote meanwhile is shown
 * first. A discard or a replay by a filter takes nothing that was deferred later; and where other events are meant meanwhile, as some
 * have failed or are pending again, a discard ends none.
 */
function asShown(words: readonly string[], { results: [result] }: Answer): readonly string[] {
  const { written, version, until, fingerprint } = isObject(result) ? result : {};
  if (written !== undefined && typeof version === 'number') return withOption(words, `--if-version=${version}`);
  const isOfEvents = words[0] === 'replay' || words[1] === 'discard';
  if (!isOfEvents || typeof until !== 'string') return words;
  // a limit of time is a filter, and `events discard` takes that or `--all`
  const filters = words.filter((word) => word !== '--all' && !word.startsWith('--until='));
  const limited = withOption(filters, `--until=${until}`);
  return typeof fingerprint === 'string' ? withOption(limited, `--if-events=${fingerprint}`) : limited;
}
