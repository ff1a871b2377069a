import { shown } from '../../core/text/shown.ts';

/** A command with these words, to be copied into a shell. */
export function commandText(words: readonly string[]): string {
  return shown(['maintenance-window', ...words.map(quoted)].join(' '));
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
