import { shownLines } from '../../../core/text/shown.ts';
import { type Paint, painted, paintFor } from './paint.ts';
import { cutTo, rowsOf } from './text.ts';

/**
 * A stream as all text of ours goes to it. Much of that text came from outside: the table, a parameter, AWS's and functions'
 * answers, files, the command line. None of it can act on a terminal, nor in a log that somebody looks at on one.
 */
export interface Screen {
  readonly paint: Paint;
  /** Writes text: newlines and our own colours as they are, whatever else is not printable spelled out. */
  write(text: string): void;
  /** Writes text byte for byte; on a terminal, as {@link Screen.write} does. Resolves once it is written, or cannot be. */
  writeExactly(text: string): Promise<void>;
  /** Writes a line that the next one of these, or the next text, takes the place of; undefined: takes it away. On a terminal only. */
  writeOver(line: string | undefined): void;
  /** Writes a text in place of all that the screen shows, as much of it as the screen has rows for. On a terminal only. */
  redraw(text: string): void;
}

const ERASE_LINE = '\r\u001b[K';
const HOME = '\u001b[H';
const ERASE_REST_OF_LINE = '\u001b[K';
const ERASE_BELOW = '\u001b[J';
/** Where the terminal does not say how many it has. */
const ROWS = 24;
const COLUMNS = 80;

export function createScreen(stream: NodeJS.WriteStream): Screen {
  let isOver = false;
  return {
    paint: paintFor(stream),
    write,
    async writeExactly(text) {
      if (stream.isTTY) write(withLineEnds(text));
      else await new Promise<void>((resolve) => stream.write(text, () => resolve())); // a stream that is gone never drains
    },
    writeOver(line) {
      if (!stream.isTTY) return;
      if (line !== undefined) stream.write(ERASE_LINE + cutTo(shownLines(line), (stream.columns || COLUMNS) - 1));
      else if (isOver) stream.write(ERASE_LINE);
      isOver = line !== undefined;
    },
    redraw(text) {
      if (!stream.isTTY) return;
      let left = Math.max(1, (stream.rows || ROWS) - 1);
      const lines: string[] = [];
      for (const line of painted(shownLines(text)).split('\n')) {
        left -= rowsOf(line, stream.columns || COLUMNS);
        if (left < 0) break;
        lines.push(line);
      }
      stream.write(HOME + lines.map((line) => `${line}${ERASE_REST_OF_LINE}\n`).join('') + ERASE_BELOW);
    },
  };

  function write(text: string): void {
    stream.write(painted(shownLines(text)));
  }
}

/** What is meant for a file, as a terminal takes it. */
function withLineEnds(text: string): string {
  const lines = text.replaceAll('\r\n', '\n');
  return lines.endsWith('\n') ? lines : `${lines}\n`;
}
