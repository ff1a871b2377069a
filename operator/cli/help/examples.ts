import type { Command } from 'commander';

const TOOL = 'maintenance-window ';

const EXAMPLES = new WeakMap<Command, readonly string[]>();

/** Adds examples to a command's help, as typed behind `maintenance-window`, or whole with a pipe. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  const lines = examples.map((words) => (words.includes(TOOL) ? words : TOOL + words));
  EXAMPLES.set(command, lines);
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`);
}

/** The examples of a command, each as a shell takes it. */
export function examplesOf(command: Command): readonly string[] {
  return EXAMPLES.get(command) ?? [];
}
