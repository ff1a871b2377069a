import { shown } from '../../../core/text/shown.ts';
import type { Remark } from '../../access/remedy.ts';
import { createTimes, type Times } from '../../times/times.ts';
import type { Host } from '../host.ts';
import type { JsonView } from '../json/view.ts';
import { createJsonWriter } from '../json/writer.ts';
import { type CommandBeside, commandsBeside } from './command-text.ts';
import type { Paint } from './paint.ts';
import { columnsOf, presented } from './present.ts';
import { remarkText } from './remedy-text.ts';
import { createScreen } from './screen.ts';
import { jsonText, tableText } from './text.ts';

/**
 * Where a command writes. Results go to stdout, in the format that was asked for; all else goes to stderr. Whatever is in it
 * from outside is harmless on a terminal; who puts a name or a reason into a line of several `shown`s it, so that it stays one.
 */
export interface Output {
  readonly format: 'table' | 'json';
  /** Whether the result is for people at a terminal. */
  readonly isTerminal: boolean;
  /** For stdout. */
  readonly paint: Paint;
  /** Instants to look at: with local time on a terminal, UTC alone in a pipe and in JSON. */
  readonly times: Times;
  /** Another command to go on with, in the place of this one. */
  readonly command: CommandBeside;
  /** The result: one JSON value, or a text for people, through the pager where it is longer than the terminal; an empty one is no line. Called once. */
  show(json: object, text: () => string): void;
  /** One of many results: one line of JSON, or a line of text. */
  showLine(json: object, text: () => string): void;
  /** One of many results that are JSON in every format: a line. Resolves once there is room for more. */
  showJsonLine(json: object): Promise<void>;
  /** One of many results, each of which says what is otherwise than in the one before; left out where a filter shows it as the same. */
  showChange(json: object, text: () => string): void;
  /** A result byte for byte, where it does not go to a terminal. Resolves once there is room for more. */
  showExactly(text: string): Promise<void>;
  /** A table with its head in bold, for `show`, that fits the terminal. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): string;
  /** Where something is about to be changed. */
  place(text: string): void;
  /** What is about to be done, before somebody is asked. */
  plan(text: string): void;
  /** Something to know that changes nothing; with lines that it is about. */
  note(text: string, ...lines: readonly string[]): void;
  /** Something that may not be meant; with what to do about it, where that is known. */
  warn(remark: string | Remark): void;
  /** A result that takes the place of the whole screen. Absent where it is not for people at a terminal. */
  readonly redraw?: (text: string) => void;
  /** How things go on: a line that is written over. Absent where stderr is no terminal. */
  readonly progress?: (line: string | undefined) => void;
  /** Writes what is left. Called last. @returns whether the filter of `--jq` failed, which was said then */
  end(): boolean;
}

/**
 * Makes the output of a command.
 *
 * @param words as it was typed
 * @param zone the operator's time zone; asked on a terminal alone, as `Intl` takes its time
 * @param view what of the JSON is shown; undefined: all of it
 */
export function createOutput(
  format: Output['format'],
  words: readonly string[],
  host: Host,
  zone: () => string,
  view?: JsonView,
): Output {
  const { stdout, stderr } = host;
  const [results, remarks] = [createScreen(stdout), createScreen(stderr)];
  const { dim, red, yellow } = remarks.paint;
  const command = commandsBeside(words);
  const isTerminal = stdout.isTTY && format === 'table';
  /** What changes something is a record of what was done: it stays on the screen. */
  let isChange = false;
  const writer = view && createJsonWriter(view, { write: writeExactly, remark: say, fail: tellFailed });
  return {
    format,
    isTerminal,
    paint: results.paint,
    command,
    times: createTimes(isTerminal ? zone : undefined),
    show(json, text) {
      if (writer) writer.whole(json);
      else if (format === 'json') write(`${jsonText(json, 2)}\n`);
      else present(text());
    },
    showLine: (json, text) => (writer ? writer.line(json) : write(lineOf(json, text))),
    showChange: (json, text) => (writer ? writer.change(json) : write(lineOf(json, text))),
    showJsonLine: (json) => (writer ? writer.lineWithRoom(json) : writeExactly(`${jsonText(json)}\n`)),
    showExactly: writeExactly,
    table: (head, rows) => tableText(head.map(results.paint.bold), rows, columnsOf(stdout)),
    place(text) {
      isChange = true;
      say(dim(shown(`place: ${text}`)));
    },
    plan: say,
    note: (...lines) => say(dim([`note: ${lines[0]}`, ...lines.slice(1)].map(shown).join('\n'))),
    warn: (remark) =>
      say(yellow(shown(`warning: ${typeof remark === 'string' ? remark : remarkText(remark, command)}`))),
    ...(isTerminal && { redraw: results.redraw }),
    ...(stderr.isTTY && { progress: remarks.writeOver }),
    end: () => writer?.end() ?? false,
  };

  function lineOf(json: object, text: () => string): string {
    return `${format === 'json' ? jsonText(json) : text()}\n`;
  }

  function tellFailed(why: string): void {
    const remedy = isChange
      ? 'what the command did stands, and only its output is missing'
      : 'leave it out to see the JSON that it filters';
    say(`${red('maintenance-window:')} ${shown(`--jq: ${why}; ${remedy}`)}`);
  }

  function present(text: string): void {
    remarks.writeOver(undefined);
    if (text === '') return;
    if (isChange) results.write(`${text}\n`);
    else presented(`${text}\n`, host);
  }

  function write(text: string): void {
    remarks.writeOver(undefined);
    results.write(text);
  }

  function writeExactly(text: string): Promise<void> {
    remarks.writeOver(undefined);
    return results.writeExactly(text);
  }

  function say(text: string): void {
    remarks.writeOver(undefined);
    remarks.write(`${text}\n`);
  }
}
