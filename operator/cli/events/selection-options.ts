import { type Command, InvalidArgumentError } from 'commander';
import { type EventStatus, STATUSES } from '../../../core/events/deferred-event.ts';
import { EVENT_SOURCES } from '../../../core/sources/sources.ts';
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
