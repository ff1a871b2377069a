import { type Argument, type Command, Help, type Option } from 'commander';
import { TYPED_DURATIONS, TYPED_TIMES } from '../../times/times-help.ts';
import { pathOf } from '../command.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { fieldsTitle, shapesWithFields } from '../json/fields-help.ts';
import { TOOL_VERSION } from '../tool-version.ts';
import { ENVIRONMENT } from './environment.ts';
import { examplesOf } from './examples.ts';
import { WORDS } from './words.ts';

/** With the choices and defaults of an option, as `--help` says them. */
const HELPER = new Help();

/** Our pages, as `SEE ALSO` has them. */
const PAGES = 'docs/cli.md, docs/runbook.md and docs/troubleshooting.md of the package';

/**
 * The manual page, in the macros of man(7), made of the commands as they are. The same tool has the same page.
 *
 * @param program all commands
 */
export function manPage(program: Command): string {
  const commands = commandsBelow(program);
  return [
    `.TH MAINTENANCE\\-WINDOW 1 "" ${macroWord(`maintenance-window ${TOOL_VERSION}`)} "Maintenance windows"`,
    '.SH NAME',
    'maintenance\\-window \\- begin and end maintenance windows of Lambda functions, and replay what came meanwhile',
    '.SH SYNOPSIS',
    '.B maintenance\\-window',
    '.RI [ options ] " command " [ arguments ]',
    '.SH DESCRIPTION',
    roff(program.description()),
    '.PP',
    roff('Results go to stdout, in a table or as JSON; all else goes to stderr.'),
    '.SH COMMANDS',
    ...commands.flatMap(commandLines),
    '.SH OPTIONS OF ALL COMMANDS',
    ...optionsOf(program).flatMap(optionLines),
    '.SH TIMES',
    ...[...TYPED_TIMES, ...TYPED_DURATIONS].flatMap(([typed, meaning]) => tagged(typed.join(', '), meaning)),
    '.SH WORDS',
    ...WORDS.flatMap(([, rows]) => rows).flatMap(([word, meaning]) => tagged(word, meaning)),
    '.SH EXIT STATUS',
    ...[...EXIT_CODES].flatMap(([code, when]) => tagged(String(code), when.replaceAll('`', ''))),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([name, meaning]) => tagged(name, meaning)),
    '.SH FILES',
    ...tagged('~/.config/maintenance-window/contexts.json', 'contexts, below XDG_CONFIG_HOME where that is set'),
    '.SH SEE ALSO',
    roff(PAGES),
  ].join('\n');
}

/** Commands that do something, in the order of the help; a noun gives way to its verbs. */
function commandsBelow(command: Command): readonly Command[] {
  const below = HELPER.visibleCommands(command);
  const ours = below.filter((each) => command.commands.includes(each));
  return ours.flatMap((each) => (each.commands.length > 0 ? commandsBelow(each) : [each]));
}

function commandLines(command: Command): readonly string[] {
  const examples = examplesOf(command);
  return [
    `.SS ${macroWord(pathOf(command))}`,
    `.B ${roff(['maintenance-window', pathOf(command)].join(' '))}`,
    ...command.registeredArguments.map((argument) => roff(bracketed(argument))),
    '.PP',
    roff(sentence(command.description())),
    ...HELPER.visibleArguments(command).flatMap((one) => tagged(bracketed(one), HELPER.argumentDescription(one))),
    ...optionsOf(command).flatMap(optionLines),
    ...shapesWithFields(command).flatMap((shape) => tagged(fieldsTitle(shape), shape.fields.join(', '))),
    ...(examples.length === 0 ? [] : ['.PP', 'Examples:', '.PP', '.nf', '.RS 4', ...examples.map(roff), '.RE', '.fi']),
  ];
}

function bracketed(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** But for `--help`, which all have. */
function optionsOf(command: Command): readonly Option[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help');
}

function optionLines(option: Option): readonly string[] {
  return tagged(option.flags, HELPER.optionDescription(option));
}

function tagged(term: string, meaning: string): readonly string[] {
  return ['.TP', `.B ${roff(term)}`, roff(meaning)];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}

/** One argument of a macro, whatever is in it. */
function macroWord(text: string): string {
  return `"${roff(text).replaceAll('"', '\\(dq')}"`;
}

const GLYPHS: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  '’': '\\(cq',
  '‘': '\\(oq',
  '“': '\\(lq',
  '”': '\\(rq',
  '…': '...',
  '–': '\\(en',
  '^': '\\(ha',
  '~': '\\(ti',
  '`': '\\(ga',
  "'": '\\(aq',
  '"': '\\(dq',
};

/** Text that no formatter takes for a request. */
function roff(text: string): string {
  const escaped = text.replace(/[\\\-’‘“”…–^~`'"]/g, (sign) => GLYPHS[sign] ?? sign).replaceAll(/\s*\n\s*/g, ' ');
  return escaped.startsWith('.') ? `\\&${escaped}` : escaped;
}
