import type { EventStatus } from '../../../core/events/deferred-event.ts';
import { numberText } from '../../../core/text/shown.ts';
import type { Left } from '../../replay/left.ts';
import type { PassedOver } from '../../replay/meant.ts';
import { commandText } from '../terminal/command-text.ts';

/** For people. Undefined where nothing is left. */
export function leftText({ events, isPart }: Left, goOn: string): string | undefined {
  if (events === 0) return undefined;
  const left =
    events === undefined ? 'some may be left' : `${isPart ? 'at least ' : ''}${numberText(events)} left to replay`;
  return `${left}: to go on,  ${goOn}`;
}

/**
 * Command that goes on: the words of the one that was stopped, without named events that are done, and with the rest of
 * a limit.
 */
export function commandToGoOn(words: readonly string[], { limitLeft, done }: Left): string {
  const left = words.flatMap((word, index) => {
    if (done.has(word)) return [];
    if (!Number.isFinite(limitLeft)) return word;
    if (words[index - 1] === '--limit') return String(limitLeft);
    return word.startsWith('--limit=') ? `--limit=${limitLeft}` : word;
  });
  return commandText(left);
}

/** The words of a replay, with these statuses in place of its own, and no dry run. */
export function commandForStatuses(words: readonly string[], statuses: readonly EventStatus[]): string {
  let isStatus = false;
  const others = words.filter((word) => {
    isStatus = /^--status(?:=|$)/.test(word) || (isStatus && !word.startsWith('-'));
    return !isStatus && word !== '--skip-unknown' && word !== '--dry-run';
  });
  return commandText([...others, '--status', ...statuses]);
}

/** `12 failed and 3 unknown: to replay those,  maintenance-window replay --status failed unknown`. */
export function passedOverText(passedOver: readonly PassedOver[], words: readonly string[]): string {
  const events = passedOver.map(({ status, events }) => `${numberText(events)} ${status}`).join(' and ');
  const statuses = passedOver.map(({ status }) => status);
  return `${events}: to replay those,  ${commandForStatuses(words, statuses)}`;
}

/** That there is nothing to replay; with what there is that the statuses leave out, and how that is replayed. */
export function noEventText(words: readonly string[], passedOver: readonly PassedOver[]): string {
  return passedOver.length === 0
    ? 'No event to replay.'
    : `No event to replay, but ${passedOverText(passedOver, words)}`;
}
