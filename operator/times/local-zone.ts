import { type Parsed, parsed } from '../../core/text/parsed.ts';
import { parseTimezone, UTC } from '../../core/time/timezone.ts';

/** Other names of UTC, and what an environment without a zone has. https://data.iana.org/time-zones/tzdb/etcetera */
const NAMES_OF_UTC = /^(?:Etc\/)?(?:UTC|UCT|GMT|GMT[+-]?0|Greenwich|Universal|Zulu|Unknown)$/;

/** Whether a zone shows UTC at all times. */
export function isUtc(timezone: string): boolean {
  return NAMES_OF_UTC.test(timezone);
}

/**
 * The time zone of the person at this machine: `TZ`, else the machine's own. A fault for a `TZ` that is no IANA name (as
 * POSIX's `CET-1CEST`), of which nobody could say what it means.
 *
 * @param tz `TZ` of the environment; `:Europe/Rome` and the path of a zone's file are the name that they end with
 */
export function localZone(tz: string | undefined): Parsed<string> {
  if (tz === '') return parsed(UTC); // https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html
  if (tz === undefined) {
    const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    return parseTimezone(own === undefined || isUtc(own) ? UTC : own);
  }
  const name = tz.replace(/^:/, '').replace(/^.*\/zoneinfo\//, '');
  return isUtc(name) ? parsed(UTC) : parseTimezone(name);
}
