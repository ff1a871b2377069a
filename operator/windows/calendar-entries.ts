import { createHash } from 'node:crypto';
import { type CalendarEvent, calendarToText, compactInstant } from '../../core/calendar/icalendar.ts';
import type { Upcoming } from '../../core/calendar/upcoming.ts';
import { shown } from '../../core/text/shown.ts';
import { durationText } from '../../core/time/time-text.ts';
import { functionsText, lengthOf, whenText } from '../../core/windows/window-text.ts';
import type { PlacedWindow } from './known-windows.ts';

/** Of a hash: enough for every parameter of everybody. */
const PLACE_DIGITS = 16;

/**
 * Windows as a calendar (RFC 5545): an event for each time that one is active.
 *
 * @param times of windows, those that are active among them
 * @param now stands for when a parameter was written, where SSM does not say
 */
export function calendarOf(times: readonly Upcoming<PlacedWindow>[], now: number, version: string): string {
  return calendarToText(
    times.map((time) => eventOf(time, now)),
    `maintenance-window ${version}`,
  );
}

function eventOf({ id, parameter, window, occurrence, note }: Upcoming<PlacedWindow>, now: number): CalendarEvent {
  const { startAt, endAt } = occurrence;
  const functions = functionsText(window);
  const { modifiedAt, version } = parameter;
  return {
    uid: `${uidOf(id, window.kind === 'recurring' ? startAt : undefined)}-${placeOf(parameter)}@maintenance-window`,
    sequence: version,
    stampAt: Number.isFinite(modifiedAt) ? modifiedAt : now,
    startAt,
    // A calendar knows no event without an end.
    endAt: endAt ?? startAt + lengthOf(window),
    summary: `Maintenance: ${window.reason === undefined ? functions : `${shown(window.reason)} (${functions})`}`,
    description: [
      `Functions: ${functions}`,
      `Window: ${id} in ${parameter.name}`,
      ...(window.kind === 'recurring' ? [`Schedule: ${whenText(window)}, for ${durationText(window.durationMs)}`] : []),
      ...(note === undefined ? [] : [`Note: ${note}`]),
      ...(endAt === undefined ? ['It has no end: the next time begins before this one has ended.'] : []),
    ].join('\n'),
  };
}

/** One that comes once keeps its event when its start is edited; one that comes again has an event for each time. */
function uidOf(id: string, startAt: number | undefined): string {
  return startAt === undefined ? id : `${id}-${compactInstant(startAt)}`;
}

/** Two accounts may have a window of the same id: which parameter it is in, without its account for all to read. */
function placeOf({ arn, name }: PlacedWindow['parameter']): string {
  return createHash('sha256')
    .update(arn ?? name)
    .digest('hex')
    .slice(0, PLACE_DIGITS);
}
