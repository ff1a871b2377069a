import { createInterface } from 'node:readline/promises';
import { shown } from '../../../core/text/shown.ts';

/**
 * Asks on a terminal; anything but `y` or `yes` is no, and so are Ctrl-C and Ctrl-D.
 *
 * @param name what has to be typed for yes, where a letter is too soon typed
 */
export async function confirm(
  question: string,
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  name?: string,
): Promise<boolean> {
  const terminal = createInterface({ input, output });
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  const answer = await Promise.race([
    terminal.question(`${shown(question)} ${name === undefined ? '[y/N]' : `Type ${shown(name)} to go on:`} `),
    closed,
  ]);
  terminal.close();
  return name === undefined ? /^y(?:es)?$/i.test(answer.trim()) : answer.trim() === name;
}
