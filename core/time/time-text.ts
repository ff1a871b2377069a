import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../units.ts';
import { instantToText } from './instant.ts';

const UNITS = [
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['min', MINUTE_MS],
  ['s', SECOND_MS],
] as const;

/** An instant to look at: UTC, whole seconds, as the window language writes it. */
export function instantText(at: number): string {
  return instantToText(Math.floor(at / 1_000) * 1_000);
}

/** An instant, and how far it is from now: `2026-11-21T04:00:00Z (in 1 h 12 min)`. */
export function fromNow(at: number, now: number): string {
  return `${instantText(at)} (${distanceText(at, now)})`;
}

/** How far an instant is from now: `in 1 h 12 min`, `2 d ago`. */
export function distanceText(at: number, now: number): string {
  const distance = durationText(Math.abs(at - now));
  return at > now ? `in ${distance}` : `${distance} ago`;
}

/** That the clock here is wrong. `aheadMs` negative: it is behind. */
export function skewText(aheadMs: number): string {
  const direction = aheadMs > 0 ? 'ahead of' : 'behind';
  return `this machine’s clock is ${durationText(Math.abs(aheadMs))} ${direction} AWS’s: all times here are by AWS’s clock, as the functions have it; set this one right`;
}

/** A duration to look at, rounded to its two largest units: `1 h 12 min`. */
export function durationText(durationMs: number): string {
  const largest = UNITS.findIndex(([, unitMs]) => durationMs >= unitMs);
  const shown = UNITS.slice(largest === -1 ? UNITS.length - 1 : largest).slice(0, 2);
  const smallestMs = shown.at(-1)?.[1] ?? 1;
  let left = Math.round(durationMs / smallestMs) * smallestMs;
  // rounding may have reached the next larger unit: 59 min 59.6 s are 1 h
  const parts = UNITS.map(([unit, unitMs]) => {
    const count = Math.floor(left / unitMs);
    left -= count * unitMs;
    return count > 0 ? `${count} ${unit}` : '';
  }).filter((part) => part !== '');
  return parts.length > 0 ? parts.join(' ') : '0 s';
}
