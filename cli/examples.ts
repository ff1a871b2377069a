import type { Command } from 'commander';

/** Ends the help of a command with examples, as somebody would type them behind `maintenance-window`. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  return command.addHelpText(
    'after',
    `\nExamples:\n${examples.map((words) => `  maintenance-window ${words}`).join('\n')}`,
  );
}
