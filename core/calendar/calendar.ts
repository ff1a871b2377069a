import { matchesGlob } from '../text/glob.ts';
import { UTC } from '../time/timezone.ts';
import { DAY_MS } from '../units.ts';
import type { Window } from '../windows/window.ts';
import {
  followUnion,
  type Nearest,
  nearestTo,
  type Reach,
  startOfUnion,
  type Timeline,
  timelineOf,
} from './timeline.ts';
import { createZone, type Zone } from './zone.ts';
/** How far a union of windows is followed: for so many days, and through so many intervals. One that goes on beyond has no end. */
export const FOLLOWED_DAYS = 400;
/** A day's occurrences of a window that overlap or touch are one. */
export const FOLLOWED_INTERVALS = 3_000;
/** Margin for following a union without an end, so that it is looked at again a day later and not at once. */
const SPARE_MS = DAY_MS;
const SPARE_INTERVALS = 500;
/**
 * Above this number of time zones a union is followed for a shorter time: `Intl` is asked for each zone every six days.
 */
const FOLLOWED_ZONES = 40;
/**
 * Upper bound for dates, over all windows, on which the clock may skip a start; beyond it the state is reported for as
 * long as it is known.
 */
const PATIENCE = 400;
/** What each window has at least: no zone leaves out four dates of a schedule in a year. */
const LEAST_PATIENCE = 4;

/** Union of the windows active at an instant with all that overlap or touch them. */
export interface ActiveWindow {
  /** The start of the union; of one that began more than 400 days or 3,000 intervals ago, as far back as it was followed. */
  readonly startAt: number;
  /** The end of the union; absent where it goes on for more than 400 days, or through more than 3,000 intervals. */
  readonly endAt?: number;
  /** Reason of the first active window, in the order of the list. */
  readonly reason?: string;
}

/** The windows at an instant, and how long that holds. */
export interface WindowState {
  /** The instant that was asked for. */
  readonly validFrom: number;
  /**
   * The first instant at which anything here differs, Infinity where nothing ever will. Where the active union has no end, and
   * where no start was found among the dates that were looked at, the instant at which to look again.
   */
  readonly validUntil: number;
  /** Absent while the function is not under maintenance. */
  readonly active?: ActiveWindow;
  /** While none is active: the end of the latest window before, however long ago. -Infinity where there was none, and while one is active. */
  readonly lastEndAt: number;
}

/** State of a function that no window ever names. */
export const NO_WINDOW_EVER: WindowState = {
  validFrom: Number.NEGATIVE_INFINITY,
  validUntil: Number.POSITIVE_INFINITY,
  lastEndAt: Number.NEGATIVE_INFINITY,
};

/** All windows that name one function. */
export interface Calendar {
  /** Pure. Asked once for each change, so it may take its time: microseconds, or some milliseconds for a union that never ends. */
  stateAt(now: number): WindowState;
}

/**
 * Calendar of the windows that name the function. Loads recurrence and time zones only if one of them recurs.
 *
 * @param windows in order: it decides which reason is told where several are active
 * @throws MaintenanceWindowError `MaintenanceWindow.Fault` for a schedule that did not come from `parseWindows`
 */
export async function createCalendar(windows: readonly Window[], functionName: string): Promise<Calendar> {
  const naming = windows.filter(({ functions = ['*'] }) => functions.some((glob) => matchesGlob(glob, functionName)));
  const recurrences = await recurrencesOf(naming);
  const all = timelinesOf(naming, recurrences);
  const byReason = [...groupByReason(naming)].map(
    ([reason, group]) => [reason, timelinesOf(group, recurrences)] as const,
  );
  const reach = reachOf(naming);
  return { stateAt };

  function stateAt(now: number): WindowState {
    const nearest = nearestTo(now);
    const union = followUnion(all, nearest, reach);
    if (!union) {
      return { validFrom: now, validUntil: nearest.earliestStart(all), lastEndAt: nearest.latestEnd(all) };
    }
    const { endAt, beyondUntil } = union;
    const { reason, until } = reasonAt(nearest);
    return {
      validFrom: now,
      validUntil: Math.min(until, beyondUntil ?? endAt),
      active: {
        startAt: startOfUnion(all, nearest, reach),
        ...(beyondUntil === undefined && { endAt }),
        ...(reason !== undefined && { reason }),
      },
      lastEndAt: Number.NEGATIVE_INFINITY,
    };
  }

  /** Reason at an instant, and the instant at which it changes. */
  function reasonAt(nearest: Nearest): { readonly reason?: string; readonly until: number } {
    let until = Number.POSITIVE_INFINITY;
    for (const [reason, group] of byReason) {
      const union = followUnion(group, nearest, reach);
      if (union) return { reason, until: Math.min(until, union.endAt) };
      until = Math.min(until, nearest.earliestStart(group));
    }
    return { until };
  }
}

function reachOf(windows: readonly Window[]): Reach {
  const zones = new Set(windows.map((window) => (window.kind === 'recurring' ? window.timezone : UTC))).size;
  return {
    forMs: Math.floor(FOLLOWED_DAYS * DAY_MS * Math.min(1, FOLLOWED_ZONES / zones)),
    spareMs: SPARE_MS,
    intervals: FOLLOWED_INTERVALS,
    spareIntervals: SPARE_INTERVALS,
  };
}

/** The timeline of each window that recurs. */
async function recurrencesOf(windows: readonly Window[]): Promise<ReadonlyMap<Window, Timeline>> {
  const recurring = windows.filter((window) => window.kind === 'recurring');
  const zones = new Map<string, Zone>();
  const patience = Math.max(LEAST_PATIENCE, Math.floor(PATIENCE / recurring.length));
  const timelines = recurring.map(async (window) => {
    const { createSchedule } = await import('./schedule.ts');
    return [window, await createSchedule(window, zoneOf(window.timezone, zones), patience)] as const;
  });
  return new Map(await Promise.all(timelines));
}

/** Windows of one zone share what was found out about it. */
function zoneOf(timezone: string, zones: Map<string, Zone>): Zone {
  const zone = zones.get(timezone) ?? createZone(timezone);
  zones.set(timezone, zone);
  return zone;
}

/** One timeline for each of these windows that recurs, and one for all others together. */
function timelinesOf(windows: readonly Window[], recurrences: ReadonlyMap<Window, Timeline>): readonly Timeline[] {
  const oneOffs = windows.filter((window) => window.kind === 'one-off');
  return [...windows.flatMap((window) => recurrences.get(window) ?? []), timelineOf(oneOffs)];
}

/** The windows that give the same reason, in order of the first of them. */
function groupByReason(windows: readonly Window[]): ReadonlyMap<string, readonly Window[]> {
  const groups = new Map<string, Window[]>();
  for (const window of windows) {
    if (window.reason === undefined) continue;
    const group = groups.get(window.reason);
    if (group) group.push(window);
    else groups.set(window.reason, [window]);
  }
  return groups;
}
