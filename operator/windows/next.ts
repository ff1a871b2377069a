import { occurrenceAt } from '../../core/calendar/occurrence.ts';
import { nextWindows, type Upcoming, upcomingOf } from '../../core/calendar/upcoming.ts';
import type { Operator } from '../access/operator.ts';
import { type KnownWindows, type PlacedWindow, readWindows } from './known-windows.ts';

/** What is going to begin. */
export interface Next extends Pick<KnownWindows, 'faults' | 'warnings'> {
  /** When it was looked: epoch milliseconds, by AWS's clock. */
  readonly now: number;
  /** Soonest first. */
  readonly upcoming: readonly Upcoming<PlacedWindow>[];
}

/**
 * Reads the windows that begin next, of all named parameters.
 *
 * @param count how many at most
 * @param functionName only windows that name it; undefined: all
 * @throws MaintenanceWindowError where no parameter could be read
 */
export async function readNext(operator: Operator, count: number, functionName?: string): Promise<Next> {
  const { windows, faults, warnings } = await readWindows(operator, functionName);
  const now = (await operator.clock()).now();
  return { now, upcoming: await nextWindows(windows, now, count), faults, warnings };
}

/** The windows that are active, and those that begin next. */
export interface CalendarTimes extends Next {
  readonly active: readonly Upcoming<PlacedWindow>[];
}

/**
 * Reads the windows that are active, and those that begin next, of all named parameters.
 *
 * @param count how many at most, without the active ones
 * @param functionName only windows that name it; undefined: all
 * @throws MaintenanceWindowError where no parameter could be read
 */
export async function readCalendarTimes(
  operator: Operator,
  count: number,
  functionName?: string,
): Promise<CalendarTimes> {
  const { windows, faults, warnings } = await readWindows(operator, functionName);
  const now = (await operator.clock()).now();
  const active = await Promise.all(
    windows.map(async (placed) => {
      const occurrence = await occurrenceAt(placed.window, now);
      return occurrence ? [upcomingOf(placed, occurrence)] : [];
    }),
  );
  return { now, active: active.flat(), upcoming: await nextWindows(windows, now, count), faults, warnings };
}
