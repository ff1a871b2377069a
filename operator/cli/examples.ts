import type { Command } from 'commander';

const TOOL = 'maintenance-window ';

/** Adds examples to a command's help, as typed behind `maintenance-window`, or whole with a pipe. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  return command.addHelpText(
    'after',
    `\nExamples:\n${examples.map((words) => `  ${words.includes(TOOL) ? '' : TOOL}${words}`).join('\n')}`,
  );
}
