import { fault, type Parsed, parsed } from '../text/parsed.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../units.ts';

const ISO = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const SHORT = /^(?=.)(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
const IN_WORDS = /^(\d{1,4}) ?(?:(d)ays?|(h)(?:ou)?rs?|(m)in(?:ute)?s?|(s)ec(?:ond)?s?)$/i;
const UNITS_MS = [7 * DAY_MS, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS];

/** Ten years: beyond it, somebody mistook milliseconds for seconds. */
const MAX_DURATION_MS = 3650 * DAY_MS;

/**
 * A duration, in milliseconds: ISO 8601 (`PT2H30M`, `P1DT12H`, `P2W`) or short (`2h30m`, `1d12h`, `2w`). Whole units, from
 * the largest to the smallest, one second to ten years in all. It is elapsed time: a day is 24 hours.
 */
export function parseDuration(text: string): Parsed<number> {
  const match = ISO.exec(text) ?? SHORT.exec(text);
  if (!match) return fault(remedyFor(text));
  const durationMs = match.slice(1).reduce((sum, count, unit) => sum + Number(count ?? 0) * (UNITS_MS[unit] ?? 0), 0);
  if (durationMs === 0) return fault('is no time at all; write a length such as PT2H or 2h');
  return durationMs <= MAX_DURATION_MS ? parsed(durationMs) : fault('is longer than ten years; write P3650D or less');
}

/** Prints whole seconds so that {@link parseDuration} reads them again: `PT2H30M`. Days are printed as hours, which they are. */
export function durationToText(durationMs: number): string {
  const hours = Math.floor(durationMs / HOUR_MS);
  const minutes = Math.floor((durationMs % HOUR_MS) / MINUTE_MS);
  const seconds = Math.floor((durationMs % MINUTE_MS) / SECOND_MS);
  return `PT${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${seconds ? `${seconds}S` : ''}`;
}

function remedyFor(text: string): string {
  if (/^P\d+[YM]/.test(text)) return 'counts years or months, which differ in length; write days, such as P30D';
  if (/^P?T?\d+[.,]\d+[A-Za-z]$/.test(text)) return 'has a fraction; write whole units, such as PT1H30M or 1h30m';
  const compact = text.replaceAll(' ', '');
  const meant = [compact.toLowerCase(), compact.toUpperCase()].find(
    (spelling) => SHORT.test(spelling) || ISO.test(spelling),
  );
  if (meant) return `is not a duration; write ${meant}`;
  const [, count = '2', ...units] = IN_WORDS.exec(text) ?? [];
  const letter = (units.find(Boolean) ?? 'h').toUpperCase();
  return `is not a duration; write ${letter === 'D' ? 'P' : 'PT'}${count}${letter} or ${count}${letter.toLowerCase()}`;
}
