import { createInterface } from 'node:readline/promises';
import { shown } from '../../core/text/shown.ts';

/** Asks on a terminal; anything but `y` or `yes` is no, and so are Ctrl-C and Ctrl-D. */
export async function confirm(
  question: string,
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
): Promise<boolean> {
  const terminal = createInterface({ input, output });
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  const answer = await Promise.race([terminal.question(`${shown(question)} [y/N] `), closed]);
  terminal.close();
  return /^y(?:es)?$/i.test(answer.trim());
}
