import { nearest } from '../text/nearest.ts';
import { fault, type Parsed, parsed } from '../text/parsed.ts';

/** More than fit into one parameter, and fewer than would be missed. */
const KEPT_FORMATS = 200;

/** https://data.iana.org/time-zones/tzdb/backward and etcetera */
const IANA_ABBREVIATIONS = ['CET', 'EET', 'EST', 'GMT', 'HST', 'MET', 'MST', 'PRC', 'ROC', 'ROK', 'UCT', 'WET'];

/** Names that ICU has kept, and tzdb has not: the engine in the proxy does not know them. */
const ICU_ALONE = /^(?:systemv\/|us\/pacific-new$|canada\/east-saskatchewan$)/i;

/**
 * Zones that are called like the winter half of a place's clock, and stay there in summer.
 * https://data.iana.org/time-zones/tzdb/northamerica
 */
const WINTER_ALL_YEAR: Readonly<Record<string, { readonly offset: string; readonly meant: string }>> = {
  EST: { offset: '-05:00', meant: 'America/New_York' },
  MST: { offset: '-07:00', meant: 'America/Denver' },
  HST: { offset: '-10:00', meant: 'Pacific/Honolulu' },
};

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

/**
 * Why a zone that is allowed is hardly the one that was meant, and which one was: the rest of a sentence that begins with its
 * name. Undefined for all others.
 */
export function trapOf(timezone: string): string | undefined {
  const winter = Object.hasOwn(WINTER_ALL_YEAR, timezone) ? WINTER_ALL_YEAR[timezone] : undefined;
  if (winter) return `is UTC${winter.offset} all year, without daylight saving; most likely ${winter.meant} is meant`;
  const [, sign, hours] = /^etc\/gmt([+-])(\d+)$/i.exec(timezone) ?? [];
  if (!sign || !hours || Number(hours) === 0 || Number(hours) > 12) return undefined; // the other way round there are twelve
  const turned = sign === '+' ? '-' : '+';
  return `is UTC${turned}${hours.padStart(2, '0')}:00, as its sign counts west of Greenwich; for UTC${sign}${hours} write Etc/GMT${turned}${hours}`;
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

/** `Intl` takes more than IANA's names: offsets, what was a name once, and abbreviations of its own, of which BST is Dhaka and IST Kolkata. */
function isTimezone(text: string): boolean {
  if (!/^[A-Za-z][\w+/-]*$/.test(text)) return false;
  if (text.length === 3 && !IANA_ABBREVIATIONS.includes(text)) return false;
  if (ICU_ALONE.test(text)) return false;
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
