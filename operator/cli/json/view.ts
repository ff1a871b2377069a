import { nearest } from '../../../core/text/nearest.ts';
import { quoted } from '../../../core/text/parsed.ts';
import { shown, shownLines } from '../../../core/text/shown.ts';
import { usage } from '../command.ts';
import { widthOf } from '../terminal/text.ts';
import { type JsonShape, shapeOf } from './fields.ts';
import { createFilter, type Filtered } from './filter.ts';

/** What the command line asks of the JSON. */
export interface TypedView {
  /** True: no field was named. */
  readonly json?: string | true;
  readonly jq?: string;
  readonly output?: string;
}

/** The JSON of a command as `--json` and `--jq` show it. */
export interface JsonView {
  /** The whole of what a command writes, as the filter takes it. */
  whole(json: object): string;
  /** One of many; undefined where it has none of the fields that were asked for. */
  line(json: object): string | undefined;
  /** What is written for some of these: each result on a line of its own, texts raw. */
  results(inputs: readonly string[]): Filtered;
  /** The result for a whole, which a terminal has room for. */
  wholeResult(input: string): Filtered;
}

/**
 * Reads which fields are meant, and makes the filter.
 *
 * @param path words of the command
 * @param isSaid whether an option of it was, as it is typed
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for a field that there is not, an expression that jq cannot compile,
 *   or a command that writes no JSON
 */
export async function createView(
  path: string,
  { json, jq, output }: TypedView,
  isSaid: (option: string) => boolean,
  isTerminal: boolean,
): Promise<JsonView> {
  const option = json === undefined ? '--jq' : '--json';
  if (output === 'table') throw usage(`${option} and -o table are two forms: say one of them`);
  const shape = shapeOf(path, isSaid);
  if (shape.fields.length === 0) throw usage(`${option}: ${path} writes no JSON${withOption(shape)}: leave it out`);
  const fields = json === undefined ? undefined : fieldsFrom(json, shape);
  const filter = jq === undefined ? plain : await createFilter(jq);
  const written = (inputs: readonly string[], isPretty: boolean): Filtered => {
    const { results, ...more } = filter(inputs);
    return { results: results.map((one) => resultText(one, isTerminal, isPretty && isTerminal)), ...more };
  };
  return {
    whole: (value) => JSON.stringify(fields ? chosen(value, shape, fields) : value),
    line(value) {
      if (!fields) return JSON.stringify(value);
      return shape.isMixed && !hasAny(value, fields) ? undefined : JSON.stringify(only(value, fields));
    },
    results: (inputs) => written(inputs, false),
    wholeResult: (input) => written([input], true),
  };
}

/** Without an expression. */
function plain(inputs: readonly string[]): Filtered {
  return { results: inputs, remarks: '' };
}

function withOption({ when }: JsonShape): string {
  return when === undefined ? '' : ` with ${when}`;
}

function fieldsFrom(typed: string | true, { fields }: JsonShape): readonly string[] {
  const words = typed === true ? [] : typed.split(',').map((name) => name.trim());
  const named = words.filter((name) => name !== '');
  const there = fields.join(', ');
  if (named.length === 0) throw usage(`--json: name fields, commas between: ${there}`);
  const unknown = named.find((name) => !fields.includes(name));
  if (unknown === undefined) return named;
  const near = nearest(unknown, fields);
  throw usage(
    `--json: there is no field ${quoted(unknown)}${near === undefined ? ';' : `: did you mean ${near}?`} there are ${there}`,
  );
}

function chosen(value: object, { rows }: JsonShape, fields: readonly string[]): object {
  if (rows === undefined) return only(value, fields);
  const list: readonly object[] = Reflect.get(value, rows);
  return list.map((row) => only(row, fields));
}

/** Every field that was named is there, so that a script finds what it asks for. */
function only(value: object, fields: readonly string[]): object {
  return Object.fromEntries(fields.map((name) => [name, Reflect.get(value, name) ?? null]));
}

function hasAny(value: object, fields: readonly string[]): boolean {
  return fields.some((name) => Reflect.get(value, name) !== undefined);
}

/** One result as it is written: JSON that is harmless on a terminal, or a text raw. */
function resultText(json: string, isTerminal: boolean, isPretty: boolean): string {
  if (!json.startsWith('"')) return shownLines(isPretty ? JSON.stringify(JSON.parse(json), null, 2) : json);
  const text: string = JSON.parse(json);
  return isTerminal ? text.split('\n').map(withoutTabs).join('\n') : text;
}

const TAB_COLUMNS = 8;

/** A line of a text as a terminal shows its tabs, which would be spelled out there. */
function withoutTabs(line: string): string {
  return line
    .split('\t')
    .map(shown)
    .reduce((before, part) => before.padEnd(before.length + TAB_COLUMNS - (widthOf(before) % TAB_COLUMNS)) + part);
}
