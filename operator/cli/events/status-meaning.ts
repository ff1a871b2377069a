import type { EventStatus } from '../../../core/events/deferred-event.ts';

/** What each status means to whoever reads it. */
export const STATUS_MEANINGS: Readonly<Record<EventStatus, string>> = {
  pending: 'not replayed yet',
  replaying: 'being replayed',
  replayed: 'the function ran, later',
  failed: 'the function ran, and failed',
  unknown: 'sent, and no answer came: it may have run',
  accepted: 'handed to Lambda’s own queue',
  discarded: 'given up by an operator',
  'taken-back': 'Lambda’s own retry ran it',
};
