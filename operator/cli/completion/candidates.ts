import { type Command, Help } from 'commander';
import { STATUSES } from '../../../core/events/deferred-event.ts';
import { EVENT_SOURCES } from '../../../core/sources/sources.ts';
import { pathOf } from '../command.ts';
import { TOPICS } from '../help/topics.ts';
import { type JsonShape, shapeOf } from '../json/fields.ts';
import type { Completed } from './typed-line.ts';

/** What may stand at a place of the command line: words with their meanings, or what has to be asked for them. */
export type Candidates =
  | { readonly kind: 'words'; readonly words: readonly Candidate[] }
  | { readonly kind: 'asked'; readonly of: Asked }
  | { readonly kind: 'files' };

export interface Candidate {
  readonly word: string;
  /** A line about it; may be empty. */
  readonly about: string;
}

/** What only AWS, or a file of the operator's, knows. */
export type Asked =
  | 'windows'
  | 'active-windows'
  | 'functions'
  | 'events'
  | 'discarded-events'
  | 'replays'
  | 'replays-under-way'
  | 'contexts'
  | 'profiles';

/** What the value of an option is, by its name. An option with choices has those. */
export const OPTION_VALUES: Readonly<Record<string, (line: Completed) => Candidates>> = {
  '--source': () => words(Object.entries(EVENT_SOURCES).map(([word, { senders }]) => ({ word, about: senders }))),
  '--status': () => words(STATUSES.map(plain)),
  '--timezone': () => words(Intl.supportedValuesOf('timeZone').map(plain)),
  '--function': () => ({ kind: 'asked', of: 'functions' }),
  '--run': () => ({ kind: 'asked', of: 'replays' }),
  '--to': () => ({ kind: 'asked', of: 'functions' }),
  '--context': () => ({ kind: 'asked', of: 'contexts' }),
  '--profile': () => ({ kind: 'asked', of: 'profiles' }),
  '--payload-file': () => ({ kind: 'files' }),
  '--event': () => ({ kind: 'files' }),
  '--json': ({ command, said, begun }) =>
    words(
      fieldsBehind(
        begun,
        shapeOf(pathOf(command), (flag) => said.has(flag)),
      ),
    ),
};

/** What the first argument of a command is, and all of one that takes several, by the command's words. */
export const ARGUMENT_VALUES: Readonly<Record<string, Asked | 'files'>> = {
  extend: 'active-windows',
  end: 'active-windows',
  'schedule edit': 'windows',
  'schedule remove': 'windows',
  report: 'windows',
  invoke: 'functions',
  replay: 'events',
  'replays show': 'replays',
  'replays pause': 'replays-under-way',
  'replays resume': 'replays-under-way',
  'replays cancel': 'replays-under-way',
  'replays set': 'replays-under-way',
  'events show': 'events',
  'events discard': 'events',
  'events restore': 'discarded-events',
  'context use': 'contexts',
  'context show': 'contexts',
  'context remove': 'contexts',
  check: 'files',
};

/** What may stand where a line ends. */
export function candidatesAt(line: Completed): Candidates {
  const { command, operands, begun, at } = line;
  if (at.kind === 'option-value') {
    const { argChoices, long } = at.option;
    if (argChoices) return words(argChoices.map(plain));
    return OPTION_VALUES[long ?? '']?.(line) ?? NOTHING;
  }
  if (begun.startsWith('-')) return words(optionsOf(command));
  if (command.name() === 'help') return words(helpWords(command.parent, operands));
  if (command.commands.length > 0) return words(operands.length === 0 ? commandsBelow(command) : []);
  if (at.argument?.argChoices) return words(at.argument.argChoices.map(plain));
  const isFirst = at.argument !== undefined && at.argument === command.registeredArguments[0];
  const value = isFirst ? ARGUMENT_VALUES[pathOf(command)] : undefined;
  if (value === undefined) return NOTHING;
  return value === 'files' ? { kind: 'files' } : { kind: 'asked', of: value };
}

const HELPER = new Help();
const NOTHING: Candidates = { kind: 'words', words: [] };

function commandsBelow(command: Command): readonly Candidate[] {
  return HELPER.visibleCommands(command).map((each) => ({ word: each.name(), about: each.description() }));
}

/** Its own, and those of the commands above it. */
function optionsOf(command: Command): readonly Candidate[] {
  const all = [...HELPER.visibleOptions(command), ...(command.parent ? HELPER.visibleOptions(command.parent) : [])];
  const above = command.parent?.parent ? HELPER.visibleOptions(command.parent.parent) : [];
  const named = new Map([...all, ...above].map(({ long, short, description }) => [long ?? short ?? '', description]));
  if (command.parent) named.delete('--version');
  return [...named].map(([word, about]) => ({ word, about }));
}

function helpWords(program: Command | null, operands: readonly string[]): readonly Candidate[] {
  const named = operands.reduce<Command | undefined>(
    (command, word) => command?.commands.find((each) => each.name() === word),
    program ?? undefined,
  );
  const topics = operands.length > 0 ? [] : Object.entries(TOPICS).map(([word, about]) => ({ word, about }));
  return [...(named ? commandsBelow(named) : []), ...topics];
}

/** Fields that are not named yet, behind those that are. */
function fieldsBehind(begun: string, { fields }: JsonShape): readonly Candidate[] {
  const before = begun.slice(0, begun.lastIndexOf(',') + 1);
  const named = before.split(',');
  return fields.filter((field) => !named.includes(field)).map((field) => plain(before + field));
}

function words(list: readonly Candidate[]): Candidates {
  return { kind: 'words', words: list };
}

function plain(word: string): Candidate {
  return { word, about: '' };
}
