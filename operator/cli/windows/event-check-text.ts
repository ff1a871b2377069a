import type { Reply } from '../../../core/gate/reply.ts';
import { EVENT_SOURCES } from '../../../core/sources/sources.ts';
import { shown } from '../../../core/text/shown.ts';
import { instantOrUndefined } from '../../../core/windows/window-text.ts';
import type { EventCheck, Happening } from '../../windows/event-check.ts';
import type { Output } from '../terminal/output.ts';

/** What becomes of the caller's event, in words. */
const WORDS = {
  dispatch: 'the handler runs',
  defer: 'stored, to be replayed',
  reject: 'rejected, not stored',
  answer: 'answered, not stored',
} as const satisfies Readonly<Record<Happening['action'], string>>;

/** A check of an event for people. */
export function eventCheckText({ source, outside, inside }: EventCheck, { paint }: Output): string {
  const { senders } = EVENT_SOURCES[source];
  return [
    `${paint.bold('source')}   ${source}: ${senders}`,
    `${paint.bold('outside')}  ${happeningText(outside)}`,
    `${paint.bold('inside')}   ${happeningText(inside)}`,
  ].join('\n');
}

/** A check of an event for programs. */
export function eventCheckJson({ source, outside, inside, window }: EventCheck): object {
  const { startAt, endAt, reason, isAssumed } = window;
  return {
    source,
    window: { start: instantOrUndefined(startAt), end: instantOrUndefined(endAt), reason, assumed: isAssumed },
    outside,
    inside,
  };
}

function happeningText({ action, rule, reply }: Happening): string {
  const because = rule ? `, as rule ${rule.index} of ${shown(rule.of)} says` : '';
  return `${action}: ${WORDS[action]}${because}${reply ? `; the caller gets ${shown(replyText(reply))}` : ''}`;
}

function replyText(reply: Reply): string {
  switch (reply.kind) {
    case 'value':
      return JSON.stringify(reply.value);
    case 'text':
      return 'the text of its own event';
    case 'http':
      return `HTTP ${JSON.stringify(reply.response)}`;
    case 'error':
      return `the error ${reply.errorType}, “${reply.errorMessage}”`;
  }
}
