import type { Command } from 'commander';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import type { ReplayPolicy } from '../../../core/sources/auto-replay.ts';
import type { Session } from '../session.ts';
import { functionGlobs, replayValue, versionValue } from '../values.ts';

/** The options of every command that edits, as commander reads them. */
export interface EditOptions {
  /** Which of the named parameters; absent: the first. */
  readonly edit?: string;
  readonly dryRun?: boolean;
  /** Version of the parameter that the edit was made up for. */
  readonly ifVersion?: number;
  readonly yes?: boolean;
}

/** What describes a new window, as commander reads it. */
export interface DescriptionOptions {
  readonly reason?: string;
  /** Globs. */
  readonly function?: readonly string[];
  readonly replay?: ReplayPolicy;
}

/** What `--replay` says. */
export const REPLAY_MEANING =
  'what becomes of its events: manual, auto, or JSON, {"rate":"50/s","canary":20} (default: as the policy says)';

/** Adds the options that describe a new window. */
export function takesDescription(command: Command): Command {
  return command
    .option('--reason <text>', 'why: shown to operators, in logs, and to direct callers')
    .option(
      '--function <globs...>',
      'only these functions: names, with * and ? (default: every function)',
      functionGlobs,
    )
    .option('--replay <how>', REPLAY_MEANING, replayValue);
}

/** Adds the options of a command that edits a window parameter. */
export function takesEdits(command: Command): Command {
  return command
    .option('--edit <parameter>', 'edit this one of the named parameters, instead of the first')
    .option('--dry-run', 'show the difference, and write nothing')
    .option(
      '--if-version <number>',
      'only if this is still the parameter’s version (0: there is none yet)',
      versionValue,
    )
    .option('-y, --yes', 'ask nothing');
}

/**
 * Says where an edit goes, before it is prepared.
 *
 * @throws MaintenanceWindowError as `Session.place` has it
 */
export function tellEditPlace({ place, settings }: Session, { edit, yes }: EditOptions): Promise<void> {
  return place({ parameter: edit ?? settings.parameters[0], yes });
}

/** @throws MaintenanceWindowError `MaintenanceWindow.Usage` */
export function refuseEmptyReason(reason: string | undefined): void {
  if (reason === undefined || reason.trim() !== '') return;
  throw new MaintenanceWindowError('MaintenanceWindow.Usage', '--reason says nothing: say why, or leave it out');
}
