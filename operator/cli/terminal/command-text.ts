import { shown } from '../../../core/text/shown.ts';

/** A command with these words, to be copied into a shell. */
export function commandText(words: readonly string[]): string {
  return shown(['maintenance-window', ...words.map(quoted)].join(' '));
}

/** Says that no context counts. It takes no value. */
export const NO_CONTEXT = '--no-context';

/** Options that say where: another command means the same place by the same ones. */
const PLACE_OPTIONS = ['--context', NO_CONTEXT, '--parameter', '--table', '--profile', '--region', '--endpoint-url'];

/** Of several window parameters, the one that is edited: an option of some commands alone. */
const EDIT = '--edit';
const EDITING = [['begin'], ['extend'], ['end'], ['schedule', 'add'], ['schedule', 'edit'], ['schedule', 'remove']];

/** Another command to be copied into a shell, from its words. It works in the place of the one that names it. */
export type CommandBeside = (words: readonly string[]) => string;

/** The words of a command line that say where it works. */
export function placeWords(typed: readonly string[]): readonly string[] {
  return placesIn(typed).flatMap(({ option, words }) => (option === EDIT ? [] : words));
}

/**
 * Commands beside this one. Each repeats the options that say where: without them it would change another account, or
 * another parameter, than the operator has before their eyes.
 *
 * @param typed words of this one
 */
export function commandsBeside(typed: readonly string[]): CommandBeside {
  const place = placesIn(typed);
  return (words) => {
    const isMeant = ({ option }: { readonly option: string }) =>
      !words.includes(option) && (option !== EDIT || takesEdit(words));
    return commandText([...words, ...place.filter(isMeant).flatMap((one) => one.words)]);
  };
}

function placesIn(typed: readonly string[]): readonly { readonly option: string; readonly words: readonly string[] }[] {
  return typed.flatMap((word, index) => {
    const [option = ''] = word.split('=', 1);
    if (option !== EDIT && !PLACE_OPTIONS.includes(option)) return [];
    return [{ option, words: word === option && option !== NO_CONTEXT ? [word, typed[index + 1] ?? ''] : [word] }];
  });
}

function takesEdit(words: readonly string[]): boolean {
  const edits = EDITING.some((command) => command.every((word, index) => words[index] === word));
  return edits && !words.includes('--parameter');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
