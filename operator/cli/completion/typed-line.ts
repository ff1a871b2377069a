import type { Argument, Command, Option } from 'commander';

/** What is completed: the word that is not whole yet, and what may stand there. */
export interface Completed {
  /** What is typed of it. */
  readonly begun: string;
  /** What stands before it in the same word, and stays: `--status=`. */
  readonly before: string;
  readonly at:
    | { readonly kind: 'option-value'; readonly option: Option }
    | { readonly kind: 'word'; readonly argument?: Argument | undefined };
  /** The command that the words before name. */
  readonly command: Command;
  /** Operands that it has already. */
  readonly operands: readonly string[];
  /** Options so far, as they are typed. */
  readonly said: ReadonlySet<string>;
  /** Values of the options so far, by their names in commander: the last one of each. */
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Reads the words of a command line as commander does, up to the one that is not whole yet. Never fails: what commander would
 * refuse is passed by.
 *
 * @param words behind the tool's name; the last one is not whole yet, and may be empty
 */
export function readTypedLine(program: Command, words: readonly string[]): Completed {
  let command = program;
  let open: Option | undefined;
  let isOnlyOperands = false;
  const operands: string[] = [];
  const said = new Set<string>();
  const values: Record<string, string> = {};
  for (const word of words.slice(0, -1)) {
    const isOption = !isOnlyOperands && word.startsWith('-') && word !== '-';
    if (open && !(mayEnd(open) && isOption)) {
      values[open.attributeName()] = word;
      if (!open.variadic) open = undefined;
      continue;
    }
    open = undefined;
    if (isOption) {
      isOnlyOperands = word === '--';
      const [flag = '', value] = splitAtEquals(word);
      const option = optionNamed(command, flag);
      if (option?.long) said.add(option.long);
      if (option && takesValue(option)) {
        if (value === undefined) open = option;
        else values[option.attributeName()] = value;
      }
      continue;
    }
    const below = operands.length === 0 ? command.commands.find((each) => each.name() === word) : undefined;
    if (below) command = below;
    else operands.push(word);
  }
  const last = words.at(-1) ?? '';
  const isOption = !isOnlyOperands && last.startsWith('-');
  const so = { command, operands, said, values };
  if (open && !(mayEnd(open) && isOption))
    return { ...so, begun: last, before: '', at: { kind: 'option-value', option: open } };
  const [flag = '', value] = isOption ? splitAtEquals(last) : [];
  const option = value === undefined ? undefined : optionNamed(command, flag);
  if (option && takesValue(option) && value !== undefined)
    return { ...so, begun: value, before: `${flag}=`, at: { kind: 'option-value', option } };
  return { ...so, begun: last, before: '', at: { kind: 'word', argument: argumentAt(command, operands.length) } };
}

/** The option of a command, or one of those above it. */
function optionNamed(command: Command, flag: string): Option | undefined {
  for (let each: Command | null = command; each; each = each.parent) {
    const option = each.options.find(({ long, short }) => long === flag || short === flag);
    if (option) return option;
  }
  return undefined;
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

/** Whether another option may stand where a value of this one could. */
function mayEnd({ variadic, optional }: Option): boolean {
  return variadic || optional;
}

function argumentAt({ registeredArguments }: Command, index: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic ? last : undefined);
}

function splitAtEquals(word: string): readonly [string, string?] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}
