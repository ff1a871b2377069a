import { nearest } from '../text/nearest.ts';
import { fault, type Parsed, parsed } from '../text/parsed.ts';

/** More than fit into one parameter, and fewer than would be missed. */
const KEPT_FORMATS = 200;

/** https://data.iana.org/time-zones/tzdb/backward and etcetera */
const IANA_ABBREVIATIONS = ['CET', 'EET', 'EST', 'GMT', 'HST', 'MET', 'MST', 'PRC', 'ROC', 'ROK', 'UCT', 'WET'];

/** The zone of a schedule that names none. */
export const UTC = 'UTC';

/**
 * Checks an IANA time zone name. The first name other than UTC costs an environment 12 to 20 ms, the price of `Intl`'s
 * first use.
 */
export function parseTimezone(text: string): Parsed<string> {
  if (text === UTC || isTimezone(text)) return parsed(text);
  if (/^(?:UTC|GMT)?[+-]\d/.test(text)) {
    return fault('is an offset, which knows no daylight saving; write an IANA name, such as Europe/Rome');
  }
  return fault(`is not a time zone; write an IANA name, such as ${likelyTimezone(text) ?? 'Europe/Rome'}`);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Formatter of a zone, from a cache: making one costs as much as forty answers, and a name is checked before its zone
 * is used.
 */
export function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone);
  if (known) return known;
  const format = createFormat(timezone);
  if (formats.size === KEPT_FORMATS) formats.clear();
  formats.set(timezone, format);
  return format;
}

function createFormat(timezone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' });
}

/** `Intl` takes more than IANA's names: offsets, and abbreviations of its own, of which BST is Dhaka and IST Kolkata. */
function isTimezone(text: string): boolean {
  if (!/^[A-Za-z][\w+/-]*$/.test(text)) return false;
  if (text.length === 3 && !IANA_ABBREVIATIONS.includes(text)) return false;
  try {
    formatOf(text);
    return true;
  } catch {
    return false;
  }
}

function likelyTimezone(text: string): string | undefined {
  const known = Intl.supportedValuesOf('timeZone');
  const city = `/${text.replaceAll(' ', '_').toLowerCase()}`;
  return known.find((name) => name.toLowerCase().endsWith(city)) ?? nearest(text, known);
}
