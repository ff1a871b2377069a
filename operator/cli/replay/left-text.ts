import type { Left } from '../../replay/left.ts';
import { commandText } from '../command-text.ts';

/** For people. Undefined where nothing is left. */
export function leftText({ events, isPart }: Left, goOn: string): string | undefined {
  if (events === 0) return undefined;
  const count = events?.toLocaleString('en-US');
  const left = count === undefined ? 'some may be left' : `${isPart ? 'at least ' : ''}${count} left to replay`;
  return `${left}: to go on,  ${goOn}`;
}

/**
 * Command that goes on: the words of the one that was stopped, without named events that are done, and with the rest of
 * a limit.
 */
export function commandToGoOn(words: readonly string[], { limitLeft, done }: Left): string {
  const left = words.flatMap((word, index) => {
    if (done.has(word)) return [];
    if (!Number.isFinite(limitLeft)) return word;
    if (words[index - 1] === '--limit') return String(limitLeft);
    return word.startsWith('--limit=') ? `--limit=${limitLeft}` : word;
  });
  return commandText(left);
}
