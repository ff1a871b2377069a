/**
 * The window language, as `@maintenance-window/lambda/windows` has it: read the text of a window parameter, print it, edit
 * it, and ask when the windows are active. No I/O, no clock: texts and epoch milliseconds in, values out.
 *
 * ```ts
 * import { createCalendar, nextWindows, parseWindows } from '@maintenance-window/lambda/windows';
 *
 * const parsed = parseWindows('{"version":1,"windows":[{"schedule":"cron(0 2 ? * SUN *)","duration":"PT2H"}]}');
 * if (parsed.kind === 'fault') throw new Error(parsed.message);
 * const { windows } = parsed.document;
 * const calendar = await createCalendar(windows, 'orders-api');
 * calendar.stateAt(Date.now()).active; // undefined, or { startAt, endAt, reason }
 * await nextWindows(windows.map((window) => ({ window })), Date.now(), 3); // the next three, in order
 * ```
 */
export { type ActiveWindow, type Calendar, createCalendar, type WindowState } from '../core/calendar/calendar.ts';
export type { Occurrence } from '../core/calendar/occurrence.ts';
export { nextWindows, type Upcoming } from '../core/calendar/upcoming.ts';
export { MaintenanceWindowError } from '../core/errors.ts';
export type { Pattern } from '../core/patterns/pattern.ts';
export type { ReplayPolicy } from '../core/sources/auto-replay.ts';
export type { Policy } from '../core/sources/policy.ts';
export type { Rule } from '../core/sources/rules.ts';
export { editWindows, type WindowEdits } from '../core/windows/edit.ts';
export {
  type OneOffWindow,
  type ParsedWindows,
  type RecurringWindow,
  type Window,
  type WindowDocument,
  windowsToText,
  windowToText,
} from '../core/windows/window.ts';
export { windowIds } from '../core/windows/window-ids.ts';
export { parseWithReplay as parseWindows } from '../core/windows/with-replay.ts';
