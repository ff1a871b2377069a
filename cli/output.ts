import type { Host } from './host.ts';
import { type Paint, paintFor } from './paint.ts';
import { tableText } from './text.ts';

/** Where a command writes. Results go to stdout, in the format that was asked for; all else goes to stderr. */
export interface Output {
  readonly format: 'table' | 'json';
  /** For stdout. */
  readonly paint: Paint;
  /** The result: one JSON value, or a text for people. Called once. */
  show(json: object, text: () => string): void;
  /** One of many results: one line of JSON, or a line of text. */
  showLine(json: object, text: () => string): void;
  /** A table with its head in bold, for `show`. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): string;
  /** Something to know that changes nothing. */
  note(text: string): void;
  /** Something that may not be meant. */
  warn(text: string): void;
}

/** Makes the output of a command. */
export function createOutput(format: Output['format'], { stdout, stderr, environment }: Host): Output {
  const paint = paintFor(stdout, environment);
  const { dim, yellow } = paintFor(stderr, environment);
  const say = (text: string) => void stderr.write(`${text}\n`);
  return {
    format,
    paint,
    show: (json, text) => void stdout.write(`${format === 'json' ? JSON.stringify(json, null, 2) : text()}\n`),
    showLine: (json, text) => void stdout.write(`${format === 'json' ? JSON.stringify(json) : text()}\n`),
    table: (head, rows) => tableText(head.map(paint.bold), rows),
    note: (text) => say(dim(`note: ${text}`)),
    warn: (text) => say(yellow(`warning: ${text}`)),
  };
}
