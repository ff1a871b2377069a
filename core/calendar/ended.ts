import type { ReplayPolicy } from '../sources/auto-replay.ts';
import { matchesGlob } from '../text/glob.ts';
import { DAY_MS } from '../units.ts';
import type { Window, WindowDocument } from '../windows/window.ts';
import { windowIds } from '../windows/window-ids.ts';
import { type Occurrence, occurrencesFrom } from './occurrence.ts';

/** For how long an ended window is looked back at: for as long as it stays in its parameter. */
export const LOOKED_BACK_MS = DAY_MS;

/** A document, and which parameter holds it. */
export interface PlacedDocument {
  readonly parameter: string;
  readonly document: WindowDocument;
}

/** One time that a window is active, and what is to be known of it then. Instants are epoch milliseconds. */
export interface WindowTime extends Occurrence {
  readonly parameter: string;
  /** The window's id. */
  readonly window: string;
  /** Globs over functions' names; absent: every function. */
  readonly functions?: readonly string[];
  readonly reason?: string;
  /** What becomes of its backlog by its own words, as it stands there. */
  readonly replay?: ReplayPolicy;
}

/** How a function stands, by its windows. */
export type Maintenance =
  | { readonly kind: 'active' }
  /** Each maintenance that is known of, a union of windows, has ended: in order, the latest behind. Never empty. */
  | { readonly kind: 'ended'; readonly ended: readonly EndedMaintenance[] }
  | { readonly kind: 'none' };

/** Maintenance of a function that is over. Its end is what tells it from any other: no two end at one instant. */
export interface EndedMaintenance {
  readonly startAt: number;
  readonly endAt: number;
  /** What becomes of its backlog by its windows' own words: of each that says it, the one that ends last behind. */
  readonly replays: readonly ReplayPolicy[];
}

/**
 * The times at which windows were active between two instants, recurring ones by the occurrence, in the order of the
 * documents. Those that are active at `now` are among them.
 *
 * @param since epoch milliseconds: what ended by then is left out
 * @param now epoch milliseconds
 */
export async function windowTimes(
  documents: readonly PlacedDocument[],
  since: number,
  now: number,
): Promise<readonly WindowTime[]> {
  const times: WindowTime[] = [];
  for (const { parameter, document } of documents) {
    const ids = windowIds(document.windows);
    for (const [index, window] of document.windows.entries()) {
      for (const occurrence of await occurrencesBetween(window, since, now)) {
        times.push({ ...occurrence, parameter, window: ids[index] ?? '', ...said(window) });
      }
    }
  }
  return times;
}

/**
 * How a function stands at an instant. Windows that overlap or touch are one maintenance, as the gate has it.
 *
 * @param times of all windows, in any order
 */
export function maintenanceOf(functionName: string, times: readonly WindowTime[], now: number): Maintenance {
  const own = times.filter(({ functions = ['*'] }) => functions.some((glob) => matchesGlob(glob, functionName)));
  if (own.some((time) => isActive(time, now))) return { kind: 'active' };
  const over = own.filter(hasEnd).filter(({ endAt }) => endAt <= now);
  const ended: EndedMaintenance[] = [];
  for (const time of over.toSorted((a, b) => a.endAt - b.endAt)) {
    let union = unionOf(time);
    for (let last = ended.at(-1); last && last.endAt >= union.startAt; last = ended.at(-1)) {
      ended.pop();
      union = joined(last, union);
    }
    ended.push(union);
  }
  return ended.length > 0 ? { kind: 'ended', ended } : { kind: 'none' };
}

function unionOf({ startAt, endAt, replay }: WindowTime & { readonly endAt: number }): EndedMaintenance {
  return { startAt, endAt, replays: replay === undefined ? [] : [replay] };
}

/** @param later ends last */
function joined(earlier: EndedMaintenance, later: EndedMaintenance): EndedMaintenance {
  return {
    startAt: Math.min(earlier.startAt, later.startAt),
    endAt: later.endAt,
    replays: [...earlier.replays, ...later.replays],
  };
}

/** Whether a window is active by this time of it. */
export function isActive({ startAt, endAt = Number.POSITIVE_INFINITY }: Occurrence, now: number): boolean {
  return startAt <= now && now < endAt;
}

async function occurrencesBetween(window: Window, since: number, now: number): Promise<readonly Occurrence[]> {
  const found: Occurrence[] = [];
  for (const occurrence of await occurrencesFrom(window, since)) {
    if (occurrence.startAt > now) break;
    found.push(occurrence);
  }
  return found;
}

function said({ functions, reason, replay }: Window): Pick<WindowTime, 'functions' | 'reason' | 'replay'> {
  return {
    ...(functions && { functions }),
    ...(reason !== undefined && { reason }),
    ...(replay !== undefined && { replay }),
  };
}

function hasEnd(time: WindowTime): time is WindowTime & { readonly endAt: number } {
  return time.endAt !== undefined;
}
