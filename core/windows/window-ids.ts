import { createHash } from 'node:crypto';
import type { Window } from './window.ts';

/** Of an id that an entry does not carry. */
const DIGITS = 6;

/** A window as an edit leaves it. */
export interface Entry {
  readonly window: Window;
  /** The id that it had before the edit, and keeps; absent: it is new. */
  readonly id?: string;
}

/**
 * The ids of a text's windows, in its order: each the one that its entry carries, else six hexadecimal digits of a hash over
 * what stays the same in a window's life. That is the start of one that comes once, and the schedule and its zone of one that
 * comes again, and the functions of both; so a window keeps its id when its end, its length or its reason changes. Of several
 * that are equal in that, the first has the hash, and each later one a hash of its own.
 */
export function windowIds(windows: readonly Window[]): readonly string[] {
  const taken = new Set(windows.flatMap(({ id }) => id ?? []));
  return windows.map((window) => {
    const id = window.id ?? freeId(window, taken);
    taken.add(id);
    return id;
  });
}

/** The windows of an edit, in the order of the text: with the id in the entry of each that would have another one from now on. */
export function withKeptIds(entries: readonly Entry[]): readonly Window[] {
  let windows: readonly Window[] = entries.map(({ window }) => window);
  for (;;) {
    const ids = windowIds(windows);
    const changed = entries.findIndex(({ id }, index) => id !== undefined && id !== ids[index]);
    const { window, id } = entries[changed] ?? {};
    if (!window || id === undefined) return windows;
    windows = windows.with(changed, { ...window, id });
  }
}

function freeId(window: Window, taken: ReadonlySet<string>): string {
  for (let count = 0; ; count++) {
    const id = createHash('sha256')
      .update(JSON.stringify([lastingOf(window), count]))
      .digest('hex')
      .slice(0, DIGITS);
    if (!taken.has(id)) return id;
  }
}

/** What stays the same in a window's life. */
function lastingOf(window: Window): readonly unknown[] {
  const functions = window.functions?.toSorted() ?? null;
  return window.kind === 'one-off' ? [window.startAt, functions] : [window.schedule, window.timezone, functions];
}
