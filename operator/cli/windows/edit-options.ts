import type { Command } from 'commander';

/** The options of every command that edits, as commander reads them. */
export interface EditOptions {
  /** Which of the named parameters; absent: the first. */
  readonly edit?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** Adds the options of a command that edits a window parameter. */
export function takesEdits(command: Command): Command {
  return command
    .option('--edit <parameter>', 'edit this one of the named parameters, instead of the first')
    .option('--dry-run', 'show the difference, and write nothing')
    .option('-y, --yes', 'ask nothing');
}
