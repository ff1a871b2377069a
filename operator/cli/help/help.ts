import { type Command, Help } from 'commander';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import { nearest } from '../../../core/text/nearest.ts';
import { quoted } from '../../../core/text/parsed.ts';
import type { Host } from '../host.ts';
import { presented } from '../terminal/present.ts';
import { withExamples } from './examples.ts';
import { isTopic, TOPICS } from './topics.ts';

/** `help`: of a command, or of a topic. Needs no settings: it helps where they are wrong, too. */
export function addHelp(program: Command, host: Host): void {
  const command = program
    .helpCommand(false)
    .command('help')
    .description(`show the help of a command, or of a topic: ${Object.keys(TOPICS).join(', ')}`)
    .argument('[words...]', 'the command, or the topic')
    .action((words: readonly string[]) => help(program, words, (text) => presented(text, host)));
  withExamples(command, 'help schedule add', 'help times', 'help exit-codes');
}

async function help(program: Command, words: readonly string[], write: (text: string) => void): Promise<void> {
  const [topic = '', ...more] = words;
  if (isTopic(topic) && more.length === 0) {
    const { topicText } = await import('./topic-text.ts');
    return write(`${topicText(topic, program)}\n`);
  }
  let text = '';
  const writeOut = (more: string) => {
    text += more;
  };
  commandNamed(program, words).configureOutput({ writeOut }).outputHelp();
  write(text);
}

function commandNamed(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) {
    const below = new Help().visibleCommands(command);
    const named = below.find((each) => each.name() === word);
    if (named === undefined) throw unknown(word, [...below.map((each) => each.name()), ...topicsOf(command)]);
    command = named;
  }
  return command;
}

function topicsOf(command: Command): readonly string[] {
  return command.parent === null ? Object.keys(TOPICS) : [];
}

function unknown(word: string, known: readonly string[]): MaintenanceWindowError {
  const near = nearest(word, known);
  return new MaintenanceWindowError(
    'MaintenanceWindow.Usage',
    `there is no command or topic ${quoted(word)}: ${near === undefined ? 'see  maintenance-window help' : `did you mean ${near}?`}`,
  );
}
