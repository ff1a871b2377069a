import { fault, type Parsed, parsed, quoted } from '../text/parsed.ts';

/** One of the six fields of a cron expression. */
export interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names for `min`, `min` + 1, … */
  readonly names: readonly string[];
}

/**
 * Reads a field in capitals: `*`, or numbers, names, ranges and steps with commas between them. Its value is the numbers that
 * it stands for, ascending. A range may not run backwards: what Quartz makes of it, AWS does not say.
 */
export function parseField(text: string, field: Field): Parsed<readonly number[]> {
  const { min, max, name } = field;
  const named = new Uint8Array(max + 1);
  if (text === '*') return parsed(placesOf(named.fill(1, min)));
  for (const entry of text.split(',')) {
    if (entry === '')
      return fault(`has an empty entry in ${name} ${quoted(text)}; write one comma between two entries`);
    const parsedEntry = parseEntry(entry, text, field);
    if (parsedEntry.kind === 'fault') return parsedEntry;
    const { first, last, step } = parsedEntry.value;
    for (let value = first; value <= last; value += step) named[value] = 1;
  }
  return parsed(placesOf(named));
}

function placesOf(marks: Uint8Array): readonly number[] {
  const places: number[] = [];
  for (let place = 0; place < marks.length; place++) if (marks[place] === 1) places.push(place);
  return places;
}

/** The numbers that an entry stands for: from the first to the last at most. */
interface Entry {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** One of `5`, `SUN`, `1-5`, `MON-FRI`, each with or without a step, or `*` with one. */
function parseEntry(entry: string, text: string, field: Field): Parsed<Entry> {
  const [, from = '', to, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(.*))?$/.exec(entry) ?? [];
  const { name, min, max } = field;
  if (from === '' || (from === '*' && to !== undefined))
    return fault(`has ${name} ${quoted(entry)}; ${formsOf(field)}`);
  if (entry === '*') return fault(`has * in a list for ${name} (${quoted(text)}); write * alone`);

  const first = from === '*' ? min : numberOf(from, field);
  const last = to === undefined ? first : numberOf(to, field);
  if (Number.isNaN(first)) return fault(faultOfNumber(from, field));
  if (Number.isNaN(last)) return fault(faultOfNumber(to ?? '', field));
  if (last < first)
    return fault(`has ${name} ${entry}, which runs backwards; write ${forwards(entry, first, last, field)}`);

  if (step === undefined) return parsed({ first, last, step: 1 });
  const steps = max - min + 1;
  if (!/^\d{1,3}$/.test(step) || Number(step) < 1 || Number(step) > steps) {
    return fault(`has ${name} ${quoted(entry)}; the step after / goes from 1 to ${steps}`);
  }
  return parsed({ first, last: to === undefined ? max : last, step: Number(step) });
}

/** A range that runs backwards, `FRI-MON`, as the two that it stands for: `FRI-SAT,SUN-MON`. */
function forwards(entry: string, first: number, last: number, { min, max, names }: Field): string {
  const spelled = (number: number) => (/[A-Z]/.test(entry) && names[number - min]) || String(number);
  const range = (from: number, to: number) => (from === to ? spelled(from) : `${spelled(from)}-${spelled(to)}`);
  return `${range(first, max)},${range(min, last)}`;
}

function faultOfNumber(text: string, field: Field): string {
  const { name, min, max, names } = field;
  const meant = names.find((known) => text.startsWith(known));
  if (meant) return `has ${name} ${quoted(text)}; write ${meant}`;
  if (!/^\d+$/.test(text)) return `has ${name} ${quoted(text)}; ${formsOf(field)}`;
  const named = (number: number) => (names.length > 0 ? `${number} (${names[number - min]})` : number);
  return `has ${name} ${quoted(text)}; it goes from ${named(min)} to ${named(max)}`;
}

function formsOf({ min, max, names }: Field): string {
  const named = names.length > 0 ? ` or ${names[0]} to ${names.at(-1)}` : '';
  return `write *, or numbers from ${min} to ${max}${named}, with , - / between them`;
}

/** Number of a value or name; NaN outside of the field's bounds. */
function numberOf(text: string, { min, max, names }: Field): number {
  const index = names.indexOf(text);
  if (index !== -1) return min + index;
  const number = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return number >= min && number <= max ? number : Number.NaN;
}
