import { MaintenanceWindowError } from '../../core/errors.ts';
import { createOperator, type Operator } from '../access/operator.ts';
import type { Host } from './host.ts';
import { type GlobalOptions, readSettings, type Settings } from './settings.ts';
import { createOutput, type Output } from './terminal/output.ts';

/** One run of one command: an operator, and the terminal that it sits at. */
export interface Session extends Operator {
  readonly settings: Settings;
  readonly output: Output;
  /** As it was typed. */
  readonly words: readonly string[];
  /** Whether there is somebody to ask. */
  readonly isInteractive: boolean;
  /** Asks; anything but yes is no. For an interactive session. */
  confirm(question: string): Promise<boolean>;
  /** From this call on the first Ctrl-C aborts the signal instead of ending the process. */
  interrupted(): AbortSignal;
  /** For what changes something, and cannot be interrupted: an output that goes away is no good end of it. */
  changing(): void;
  readonly stdin: Host['stdin'];
}

/**
 * Makes the session of a command.
 *
 * @param words as it was typed
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` or `MaintenanceWindow.Config`
 */
export function createSession(options: GlobalOptions, words: readonly string[], host: Host): Session {
  const settings = readSettings(options, host.environment);
  const { stdin, stderr, interrupted, changing } = host;
  if (settings.access.profile) host.useProfile(settings.access.profile);
  const output = createOutput(settings.format, host);
  return {
    ...createOperator(settings, output, host.clock),
    settings,
    output,
    words,
    isInteractive: stdin.isTTY && stderr.isTTY,
    confirm: async (question) => (await import('./confirm.ts')).confirm(question, stdin, stderr),
    interrupted,
    changing,
    stdin,
  };
}

/**
 * Asks before something that cannot be undone, and says so where the answer is no.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` where nobody can be asked and `--yes` was not said
 */
export async function confirmed(session: Session, yes: boolean | undefined, question: string): Promise<boolean> {
  if (yes) return true;
  if (!session.isInteractive) {
    throw new MaintenanceWindowError('MaintenanceWindow.Usage', `${question} Nobody is here to answer: say --yes.`);
  }
  if (await session.confirm(question)) return true;
  session.output.note('nothing was changed');
  return false;
}
