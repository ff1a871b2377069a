import type { Command } from 'commander';
import { MaintenanceWindowError } from '../../core/errors.ts';
import type { Session } from './session.ts';

/** Adds a noun, with what can be done to it, to the program. */
export type AddNoun = (program: Command, acting: Acting) => void;

/**
 * Makes commander's action out of what a command does: it gets its session, and then what commander read: the command's
 * arguments in order, and its options. It resolves with the exit code.
 */
export type Acting = (
  act: (session: Session, ...given: never[]) => Promise<number>,
) => (...given: unknown[]) => Promise<void>;

/** The words of a command behind the tool's name. */
export function pathOf(command: Command): string {
  return command.parent?.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** The fault of a command line that makes no sense. */
export function usage(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Usage', message);
}
