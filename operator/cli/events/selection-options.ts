import { type Command, InvalidArgumentError } from 'commander';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import { type EventStatus, STATUSES } from '../../../core/events/deferred-event.ts';
import { EVENT_SOURCES } from '../../../core/sources/sources.ts';
import { quoted } from '../../../core/text/parsed.ts';
import { instantText } from '../../../core/windows/time-text.ts';
import { type Contradiction, contradictionIn, type SelectionOptions } from '../../events/selection.ts';
import { functionGlobs, instantValue } from '../values.ts';

const SOURCES = Object.keys(EVENT_SOURCES);

/** Adds the options that say which events. */
export function takesSelection(command: Command): Command {
  return command
    .option('--function <globs...>', 'of these functions: names, with * and ? (default: every function)', functionGlobs)
    .option('--source <keys...>', 'from these event sources: sqs, eventbridge, …', sourceKeys)
    .option('--status <statuses...>', `in these statuses: ${STATUSES.join(', ')}`, eventStatuses)
    .option('--window <which>', 'stored inside this window: its start, or words of its reason')
    .option('--from <instant>', 'deferred at this instant or later', instantValue)
    .option('--until <instant>', 'deferred before this instant', instantValue);
}

/**
 * Refuses options that contradict each other, before anything is asked of AWS.
 *
 * @param after the place behind which a page begins
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage`
 */
export function refuseContradictions(options: SelectionOptions, after?: string): void {
  const contradiction = contradictionIn(options, after);
  if (contradiction) throw new MaintenanceWindowError('MaintenanceWindow.Usage', contradictionText(contradiction));
}

function contradictionText(contradiction: Contradiction): string {
  switch (contradiction.kind) {
    case 'nothing-between': {
      const { from, until } = contradiction;
      return `--from ${instantText(from)} is not before --until ${instantText(until)}: nothing is between them`;
    }
    case 'empty-window':
      return '--window says nothing: write the start of a window, or words of its reason';
    case 'no-instant':
      return `--window: ${quoted(contradiction.window)} ${contradiction.message}`;
    case 'no-place':
      return `--after: ${quoted(contradiction.after)} is no place; write the one that the page before ends with`;
    case 'place-behind-until':
      return `--after is behind --until ${instantText(contradiction.until)}: nothing is between them`;
  }
}

/** For commander: one or several statuses. */
function eventStatuses(text: string, before: readonly EventStatus[] = []): readonly EventStatus[] {
  const status = STATUSES.find((each) => each === text);
  if (status) return [...before, status];
  throw new InvalidArgumentError(`Write one of ${STATUSES.join(', ')}.`);
}

/** For commander: one or several event sources. */
function sourceKeys(text: string, before: readonly string[] = []): readonly string[] {
  if (SOURCES.includes(text)) return [...before, text];
  throw new InvalidArgumentError(`Write one of ${SOURCES.join(', ')}.`);
}
