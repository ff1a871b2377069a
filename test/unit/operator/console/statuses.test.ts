/** What the page knows of an event's life: it imports nothing of events. */
import { expect, it } from 'vitest';
import { STATUSES } from '../../../../core/events/deferred-event.ts';
import { STATUSES as OF_PAGE } from '../../../../operator/console/page/parts/statuses.ts';

it('is every status that an event can have: columns of a report add up, and each can be filtered by', () => {
  expect(OF_PAGE.toSorted()).toEqual(STATUSES.toSorted());
});
