import type { Command } from 'commander';
import { shown } from '../../../core/text/shown.ts';
import type { Host } from '../host.ts';
import { askFor } from './asked.ts';
import { type Candidate, candidatesAt } from './candidates.ts';
import { shellWords } from './shell-words.ts';
import { FILES, type Shell } from './shells.ts';
import { readTypedLine } from './typed-line.ts';

export { SCRIPTS } from './scripts.ts';

/**
 * What a script shows for a line: a word on each line, for zsh and fish with a tab and its meaning; or {@link FILES}.
 *
 * @param typed for bash the word that it is going to replace, and the line up to the cursor; for the others the words behind the
 *   tool's name
 */
export async function complete(program: Command, shell: Shell, typed: readonly string[], host: Host): Promise<string> {
  const [replaced = '', ...rest] = typed;
  const line = readTypedLine(program, shell === 'bash' ? shellWords(rest.join(' ')).slice(1) : typed);
  const candidates = candidatesAt(line);
  if (candidates.kind === 'files') return `${FILES}\n`;
  const all = candidates.kind === 'words' ? candidates.words : await askFor(candidates.of, line.values, host);
  const fitting = all.filter(({ word }) => word.startsWith(line.begun) && !line.operands.includes(word));
  const kept = shell === 'bash' ? keptByBash(line.before + line.begun, replaced) : 0;
  return fitting.map((one) => `${lineFor(shell, one, line.before, kept)}\n`).join('');
}

/** @param kept how much of the word's beginning the shell leaves as it is */
function lineFor(shell: Shell, { word, about }: Candidate, before: string, kept: number): string {
  const whole = shown((before + word).slice(kept));
  const told = about.replaceAll('`', '');
  return shell === 'bash' || told === '' ? whole : `${whole}\t${shown(told)}`;
}

/**
 * bash replaces what stands behind the last `:` or `=` of a word and leaves what is before it, unless `COMP_WORDBREAKS` has
 * neither: npm's own completion takes `=` out of it. So it says what it replaces.
 */
function keptByBash(word: string, replaced: string): number {
  if (word.endsWith(replaced)) return word.length - replaced.length;
  return Math.max(word.lastIndexOf(':'), word.lastIndexOf('=')) + 1;
}
