import { Argument, type Command } from 'commander';
import { withExamples } from '../help/examples.ts';
import type { Host } from '../host.ts';
import { COMPLETE_COMMAND, SHELLS, type Shell } from './shells.ts';

/** `completion`: what a shell takes to complete this tool's commands. Needs no settings. */
export function addCompletion(program: Command, host: Host): void {
  const { stdout } = host;
  const command = program
    .command('completion')
    .description('write the completion of a shell: commands, options, sources, statuses, functions and windows')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action(async (shell: Shell) => void stdout.write((await import('./complete.ts')).SCRIPTS[shell]));
  withExamples(
    command,
    'completion bash > ~/.local/share/bash-completion/completions/maintenance-window',
    'completion zsh > ~/.zfunc/_maintenance-window',
    'completion fish > ~/.config/fish/completions/maintenance-window.fish',
  );
  program
    .command(COMPLETE_COMMAND, { hidden: true })
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .argument('[words...]')
    .action(async (shell: Shell, words: readonly string[]) => {
      const { complete } = await import('./complete.ts');
      stdout.write(await complete(program, shell, words, host));
    });
}
