import { matchesGlob } from './glob.ts';
import { earliestStart, endOfUnion, latestEnd, startOfUnion, type Timeline, timelineOf } from './timeline.ts';
import type { Window } from './window.ts';
import { createZone, type Zone } from './zone.ts';

const DAY_MS = 86_400_000;
/** How far a union of windows is followed. One that goes on beyond has no end. */
const FOLLOWED_MS = 400 * DAY_MS;
/** Followed a day further, so that a union without an end is looked at again a day later and not at once. */
const LIMIT_MS = FOLLOWED_MS + DAY_MS;

/** How long after a window Lambda's own retry of an invocation from inside it may still come: 15 minutes. */
export const TAKE_BACK_MS = 15 * 60_000;

/** The windows that are active at an instant, united with all that overlaps or touches them. */
export interface ActiveWindow {
  /** The start of the union; of one that began more than 400 days ago, as far back as it was followed. */
  readonly startAt: number;
  /** The end of the union; absent where it goes on for more than 400 days from now. */
  readonly endAt?: number;
  /** Of the reasons of the active windows, the one that the list of windows names first. */
  readonly reason?: string;
}

/** The windows at an instant, and how long that holds. */
export interface WindowState {
  /** The instant that was asked for. */
  readonly validFrom: number;
  /**
   * The first instant at which anything here differs, Infinity where nothing ever will. Where the active union has no end,
   * the instant at which to look again, a day later or more.
   */
  readonly validUntil: number;
  /** Absent while the function is not under maintenance. */
  readonly active?: ActiveWindow;
  /** While none is active: the end of the latest window before, however long ago. -Infinity where there was none, and while one is active. */
  readonly lastEndAt: number;
}

/** All windows that name one function. */
export interface Calendar {
  /** Pure. Asked once for each change, so it may take its time: microseconds, or some milliseconds for a union that never ends. */
  stateAt(now: number): WindowState;
}

/**
 * Unites the windows that name the function. Loads the recurrence, and the zones' data, only where one of them recurs.
 *
 * @param windows in order: it decides which reason is told where several are active
 * @throws MaintenanceWindowError `MaintenanceWindow.Fault` for a schedule that did not come from `parseWindows`
 */
export async function createCalendar(windows: readonly Window[], functionName: string): Promise<Calendar> {
  const naming = windows.filter(({ functions = ['*'] }) => functions.some((glob) => matchesGlob(glob, functionName)));
  const timelines = await timelinesOf(naming);
  const byReason = groupByReason(naming, timelines);
  return { stateAt };

  function stateAt(now: number): WindowState {
    const endAt = endOfUnion(timelines, now, LIMIT_MS);
    if (endAt === undefined) {
      return { validFrom: now, validUntil: earliestStart(timelines, now), lastEndAt: latestEnd(timelines, now) };
    }
    const startAt = startOfUnion(timelines, now, LIMIT_MS);
    const ends = endAt <= now + FOLLOWED_MS;
    const { reason, until } = reasonAt(now);
    return {
      validFrom: now,
      validUntil: Math.min(until, ends ? endAt : endAt - FOLLOWED_MS),
      active: { startAt, ...(ends && { endAt }), ...(reason !== undefined && { reason }) },
      lastEndAt: Number.NEGATIVE_INFINITY,
    };
  }

  /** The reason at an instant, and the instant at which it gives way to another one or to none. */
  function reasonAt(now: number): { readonly reason?: string; readonly until: number } {
    let until = Number.POSITIVE_INFINITY;
    for (const [reason, group] of byReason) {
      const endAt = endOfUnion(group, now, LIMIT_MS);
      if (endAt !== undefined) return { reason, until: Math.min(until, endAt) };
      until = Math.min(until, earliestStart(group, now));
    }
    return { until };
  }
}

/** One timeline for each window, in order. */
async function timelinesOf(windows: readonly Window[]): Promise<readonly Timeline[]> {
  const zones = new Map<string, Zone>();
  return Promise.all(
    windows.map(async (window) => {
      if (window.kind === 'one-off') return timelineOf([window]);
      const { createSchedule } = await import('./schedule.ts');
      return createSchedule(window, zoneOf(window.timezone, zones));
    }),
  );
}

/** Windows of one zone share what was found out about it. */
function zoneOf(timezone: string, zones: Map<string, Zone>): Zone {
  const zone = zones.get(timezone) ?? createZone(timezone);
  zones.set(timezone, zone);
  return zone;
}

/** The timelines of the windows that give the same reason, in order of the first of them. */
function groupByReason(
  windows: readonly Window[],
  timelines: readonly Timeline[],
): ReadonlyMap<string, readonly Timeline[]> {
  const groups = new Map<string, Timeline[]>();
  for (const [index, { reason }] of windows.entries()) {
    const timeline = timelines[index];
    if (reason === undefined || !timeline) continue;
    groups.set(reason, [...(groups.get(reason) ?? []), timeline]);
  }
  return groups;
}
