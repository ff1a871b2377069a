import { createZone, type Zone } from '../../core/calendar/zone.ts';
import { distanceText, instantText } from '../../core/time/time-text.ts';
import { DAY_MS, MINUTE_MS } from '../../core/units.ts';
import { isUtc } from './local-zone.ts';
import { clockText, dateTimeText, localTimeAt } from './wall-clock.ts';

/** Instants to look at. Where there is somebody in a zone of his own, with its local time beside UTC; elsewhere UTC alone. */
export interface Times {
  /** In a sentence: `2026-11-29T02:00:00Z (03:00 Europe/Rome)`. */
  text(at: number): string;
  /** In a sentence, with the distance from now: `2026-11-29T02:00:00Z (03:00 Europe/Rome, in 2 h)`. */
  fromNow(at: number, now: number): string;
  /** The head of a column of instants, which names the zone: `STARTS (Europe/Rome)`. */
  head(name: string): string;
  /** In a column: `2026-11-29T02:00:00Z (03:00)`. */
  cell(at: number): string;
  /** In a column, with the distance from now: `2026-11-29T02:00:00Z (03:00, in 2 h)`. */
  cellFromNow(at: number, now: number): string;
}

/** Whose local time stands beside UTC. */
interface Place {
  readonly timezone: string;
  readonly zone: Zone;
}

/** @param timezone whose local time stands beside UTC, asked when the first instant is shown; absent: nobody's */
export function createTimes(timezone?: () => string): Times {
  let found: Place | undefined;
  let isLookedFor = false;
  return {
    text: (at) => withAsides(at, [localInPlace(at)]),
    fromNow: (at, now) => withAsides(at, [localInPlace(at), distanceText(at, now)]),
    head: (name) => (place() ? `${name} (${place()?.timezone})` : name),
    cell: (at) => withAsides(at, [local(at)]),
    cellFromNow: (at, now) => withAsides(at, [local(at), distanceText(at, now)]),
  };

  function place(): Place | undefined {
    if (isLookedFor || !timezone) return found;
    isLookedFor = true;
    const name = timezone();
    if (!isUtc(name)) found = { timezone: name, zone: createZone(name) };
    return found;
  }

  function localInPlace(at: number): string | undefined {
    const shown = local(at);
    return shown && `${shown} ${place()?.timezone}`;
  }

  /** With its date where that is not UTC's. */
  function local(at: number): string | undefined {
    const { zone } = place() ?? {};
    if (!zone) return undefined;
    const time = localTimeAt(zone, at);
    const minute = Math.floor(time / MINUTE_MS) * MINUTE_MS;
    return Math.floor(time / DAY_MS) === Math.floor(at / DAY_MS) ? clockText(minute) : dateTimeText(minute);
  }
}

function withAsides(at: number, asides: readonly (string | undefined)[]): string {
  const known = asides.filter((aside) => aside !== undefined);
  return known.length === 0 ? instantText(at) : `${instantText(at)} (${known.join(', ')})`;
}
