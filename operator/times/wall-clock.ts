import type { Zone } from '../../core/calendar/zone.ts';
import { DAY_MS } from '../../core/units.ts';

/**
 * When the clocks of a zone show a local time. Local times are written as the epoch milliseconds of UTC when it shows the
 * same.
 */
export interface WallTime {
  /** The first instant that shows it; of one that the clocks skip, the end of the gap. */
  readonly at: number;
  /** The second instant, where the clocks go back and show it again. */
  readonly againAt?: number;
  readonly isSkipped: boolean;
}

/** Finds when the clocks show a local time, by the rules that schedules with fixed times have. */
export function whenShown(zone: Zone, local: number): WallTime {
  let stretch = zone.stretchAt(local - DAY_MS);
  while (local - stretch.offset >= stretch.endAt) stretch = zone.stretchAt(stretch.endAt);
  const at = local - stretch.offset;
  if (at < stretch.startAt) return { at: stretch.startAt, isSkipped: true };
  while (stretch.endAt <= local + DAY_MS) {
    stretch = zone.stretchAt(stretch.endAt);
    const againAt = local - stretch.offset;
    if (againAt > at && againAt >= stretch.startAt && againAt < stretch.endAt) return { at, againAt, isSkipped: false };
  }
  return { at, isSkipped: false };
}

/** What the clocks of a zone show at an instant. */
export function localTimeAt(zone: Zone, at: number): number {
  return at + zone.stretchAt(at).offset;
}

/** A local time to look at: `2026-11-29 02:00`. */
export function dateTimeText(local: number): string {
  return `${dateText(local)} ${clockText(local)}`;
}

/** `2026-11-29` */
export function dateText(local: number): string {
  return new Date(local).toISOString().slice(0, 10);
}

/** `02:00`; with seconds where there are some. */
export function clockText(local: number): string {
  const text = new Date(local).toISOString().slice(11, 19);
  return text.endsWith(':00') ? text.slice(0, 5) : text;
}
