import { shown } from '../../../core/text/shown.ts';
import type { Host } from '../host.ts';
import type { Paint } from './paint.ts';
import { createScreen } from './screen.ts';
import { jsonText, tableText } from './text.ts';

/**
 * Where a command writes. Results go to stdout, in the format that was asked for; all else goes to stderr. Whatever is in it
 * from outside is harmless on a terminal; who puts a name or a reason into a line of several `shown`s it, so that it stays one.
 */
export interface Output {
  readonly format: 'table' | 'json';
  /** For stdout. */
  readonly paint: Paint;
  /** The result: one JSON value, or a text for people. Called once. */
  show(json: object, text: () => string): void;
  /** One of many results: one line of JSON, or a line of text. */
  showLine(json: object, text: () => string): void;
  /** A result byte for byte, where it does not go to a terminal. Resolves once there is room for more. */
  showExactly(text: string): Promise<void>;
  /** A table with its head in bold, for `show`. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): string;
  /** Something to know that changes nothing; with lines that it is about. */
  note(text: string, ...lines: readonly string[]): void;
  /** Something that may not be meant. */
  warn(text: string): void;
  /** How things go on: a line that is written over. Absent where stderr is no terminal. */
  readonly progress?: (line: string | undefined) => void;
}

/** Makes the output of a command. */
export function createOutput(format: Output['format'], { stdout, stderr }: Host): Output {
  const [results, remarks] = [createScreen(stdout), createScreen(stderr)];
  const { dim, yellow } = remarks.paint;
  return {
    format,
    paint: results.paint,
    show: (json, text) => write(`${format === 'json' ? jsonText(json, 2) : text()}\n`),
    showLine: (json, text) => write(`${format === 'json' ? jsonText(json) : text()}\n`),
    showExactly(text) {
      remarks.writeOver(undefined);
      return results.writeExactly(text);
    },
    table: (head, rows) => tableText(head.map(results.paint.bold), rows),
    note: (...lines) => say(dim([`note: ${lines[0]}`, ...lines.slice(1)].map(shown).join('\n'))),
    warn: (text) => say(yellow(shown(`warning: ${text}`))),
    ...(stderr.isTTY && { progress: remarks.writeOver }),
  };

  function write(text: string): void {
    remarks.writeOver(undefined);
    results.write(text);
  }

  function say(text: string): void {
    remarks.writeOver(undefined);
    remarks.write(`${text}\n`);
  }
}
