import { shownLines } from '../../../core/text/shown.ts';
import { type Paint, painted, paintFor } from './paint.ts';

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
}

const ERASE_LINE = '\r\u001b[K';

export function createScreen(stream: NodeJS.WriteStream): Screen {
  let isOver = false;
  return {
    paint: paintFor(stream),
    write,
    async writeExactly(text) {
      if (stream.isTTY) write(text.endsWith('\n') ? text : `${text}\n`);
      else await new Promise<void>((resolve) => stream.write(text, () => resolve())); // a stream that is gone never drains
    },
    writeOver(line) {
      if (!stream.isTTY) return;
      if (line !== undefined) stream.write(ERASE_LINE + shownLines(line).slice(0, Math.max(1, stream.columns - 1)));
      else if (isOver) stream.write(ERASE_LINE);
      isOver = line !== undefined;
    },
  };

  function write(text: string): void {
    stream.write(painted(shownLines(text)));
  }
}
