import { fault, type Parsed, parsed } from '../../core/text/parsed.ts';
import { durationToText, parseDuration } from '../../core/time/duration.ts';
import { SECOND_MS } from '../../core/units.ts';

/** Longer than any duration that somebody types. */
const MAX_LENGTH = 60;

/** How people write units, and the letter that the window language has for them. A letter has no plural: `ms` is no minutes. */
const UNITS: readonly (readonly [words: RegExp, letter: string])[] = [
  [/^(?:w|(?:wk|week)s?)$/, 'w'],
  [/^(?:d|days?)$/, 'd'],
  [/^(?:h|(?:hr|hour)s?)$/, 'h'],
  [/^(?:m|(?:min|minute)s?)$/, 'm'],
  [/^(?:s|(?:sec|second)s?)$/, 's'],
];

/**
 * A duration as people type it, in milliseconds: what the window language takes (`2h30m`, `PT2H30M`), and also `90 min`,
 * `2 hours`, `1h30`, `1.5h` and `1 h 12 min`, as this tool prints it.
 */
export function parseTypedDuration(text: string): Parsed<number> {
  const asWritten = parseDuration(text);
  if (asWritten.kind === 'value' || text.length > MAX_LENGTH) return asWritten;
  const typed = text.trim().toLowerCase();
  if (/\d ?(?:mo|mon|month|y|yr|year)s?\b/.test(typed)) {
    return fault('counts months or years, which differ in length; write days, such as 30d');
  }
  const read = parseDuration(inTheLanguage(typed));
  return read.kind === 'value' ? parsed(read.value) : asWritten;
}

/** The same in short form; anything that is no duration stays none. */
function inTheLanguage(text: string): string {
  const [, hours, minutes] = /^(\d+) ?h ?(\d\d)$/.exec(text) ?? [];
  if (hours !== undefined && Number(minutes) < 60) return `${hours}h${minutes}m`;
  const [, number = '', unit = ''] = /^(\d{1,6}[.,]\d{1,3}) ?([a-z]+)$/.exec(text) ?? [];
  if (number !== '') return inWholeSeconds(Number(number.replace(',', '.')), letterOf(unit));
  if (!/^(?:\d+ ?[a-z]+ ?)+$/.test(text)) return '';
  return text.replace(/(\d+) ?([a-z]+) ?/g, (_, count, word) => `${count}${letterOf(word)}`);
}

function inWholeSeconds(count: number, letter: string): string {
  const unit = parseDuration(`1${letter}`);
  const durationMs = unit.kind === 'value' ? Math.round(count * unit.value) : 0;
  return durationMs > 0 && durationMs % SECOND_MS === 0 ? durationToText(durationMs) : '';
}

function letterOf(word: string): string {
  return UNITS.find(([words]) => words.test(word))?.[1] ?? '?';
}
