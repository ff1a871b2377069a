import type { ReplayPolicy } from '../sources/auto-replay.ts';
import { shown } from '../text/shown.ts';
import { durationToText } from '../time/duration.ts';
import { instantToText } from '../time/instant.ts';
import { durationText, instantText } from '../time/time-text.ts';
import { UTC } from '../time/timezone.ts';
import type { Window } from './window.ts';

/** For which functions: `every function`, or the globs. */
export function functionsText({ functions }: Pick<Window, 'functions'>): string {
  return functions ? shown(functions.join(', ')) : 'every function';
}

/** Why, or a dash. */
export function reasonText({ reason }: Pick<Window, 'reason'>): string {
  return reason === undefined ? '-' : shown(reason);
}

/**
 * When, on one line: `2026-11-21T00:00:00Z to 2026-11-21T04:00:00Z`, `cron(0 2 ? * SUN *) Europe/Rome`.
 *
 * @param text how an instant is shown
 */
export function whenText(window: Window, text = instantText): string {
  if (window.kind === 'one-off') return `${text(window.startAt)} to ${text(window.endAt)}`;
  const { schedule, timezone, fromAt, untilAt } = window;
  const limits = [
    ...(fromAt === undefined ? [] : [`from ${text(fromAt)}`]),
    ...(untilAt === undefined ? [] : [`until ${text(untilAt)}`]),
  ];
  return shown([schedule, ...(timezone === UTC ? [] : [timezone]), ...limits].join(' '));
}

/** How a backlog is replayed: `manual`, `by itself, rate 50/s, canary 20`; a dash where nobody says it. */
export function replayText(replay: ReplayPolicy | undefined): string {
  if (replay === undefined) return '-';
  if (typeof replay === 'string') return shown(replay);
  const words = Object.entries(replay).map(([name, value]) => (value === true ? name : `${name} ${value}`));
  return shown(['by itself', ...words].join(', '));
}

/** For how long. */
export function lengthText(window: Window): string {
  return durationText(lengthOf(window));
}

/** For how long, in milliseconds. */
export function lengthOf(window: Window): number {
  return window.kind === 'one-off' ? window.endAt - window.startAt : window.durationMs;
}

/** A window for programs: in the words of the document form. */
export function windowJson(window: Window): object {
  const { reason, functions, replay } = window;
  if (window.kind === 'one-off') {
    return { start: instantToText(window.startAt), end: instantToText(window.endAt), reason, functions, replay };
  }
  const { schedule, timezone, durationMs, fromAt, untilAt } = window;
  return {
    schedule,
    timezone,
    duration: durationToText(durationMs),
    from: instantOrUndefined(fromAt),
    until: instantOrUndefined(untilAt),
    reason,
    functions,
    replay,
  };
}

/** An instant for programs; JSON leaves out what is undefined. */
export function instantOrUndefined(at: number | undefined): string | undefined {
  return at === undefined ? undefined : instantToText(at);
}

/** The sets of functions that the windows name, each once; undefined stands for every function. */
export function groupsOf(windows: readonly Window[]): readonly (readonly string[] | undefined)[] {
  const groups = new Map<string | undefined, readonly string[] | undefined>();
  for (const { functions } of windows) {
    const key = functions && JSON.stringify([...new Set(functions)].sort());
    if (!groups.has(key)) groups.set(key, functions);
  }
  return [...groups.values()];
}

/** Whether these globs are every function's, as no globs are. */
export function namesEvery(globs: readonly string[] | undefined): boolean {
  // a name has one character at least
  return globs === undefined || globs.some((glob) => glob.includes('*') && /^\**\??\**$/.test(glob));
}

/** Whether a window names, for certain, every function that these globs name. */
export function coversAll({ functions }: Window, globs: readonly string[] | undefined): boolean {
  if (namesEvery(functions)) return true;
  return globs?.every((glob) => functions?.includes(glob)) ?? false;
}
