/** The account's event bus, over an EventBridge on loopback. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEventBus } from '../../../aws/words/event-bus.ts';
import { windowWord } from '../../../core/words/window-word.ts';
import {
  answers,
  fails,
  operationOf,
  type ScriptedService,
  startScriptedService,
} from '../../fakes/scripted-service.ts';
import { STAND_IN } from '../events/event-store-table.ts';

const AT = Date.UTC(2026, 10, 21);
const words = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    windowWord('Window Began', { parameter: 'p', window: '3f9a1c', startAt: AT + index, endAt: AT + 60_000 }, AT),
  );

let eventBridge: ScriptedService;
let bus: ReturnType<typeof createEventBus>;
beforeAll(async () => {
  eventBridge = await startScriptedService(() => fails(400, 'NotYet'));
  bus = createEventBus(
    { ...STAND_IN, endpoint: eventBridge.url },
    'arn:aws:dynamodb:eu-south-1:111122223333:table/events',
  );
});
afterAll(async () => {
  bus.close();
  await eventBridge.close();
});
beforeEach(() => {
  eventBridge.behave(({ body }) =>
    answers(200, { FailedEntryCount: 0, Entries: JSON.parse(body).Entries.map(() => ({})) }),
  );
});

describe('the event bus', () => {
  it('gets each word as an event of ours, ten in a request', async () => {
    const before = eventBridge.requests.length;
    await bus.announce(words(12));
    const requests = eventBridge.requests.slice(before);
    expect(requests.map(operationOf)).toEqual(['PutEvents', 'PutEvents']);
    const entries = requests.flatMap(({ body }) => JSON.parse(body).Entries);
    expect(entries).toHaveLength(12);
    const [first] = entries;
    expect(first).toEqual({
      Source: 'maintenance-window',
      DetailType: 'Window Began',
      Time: AT / 1_000,
      Detail: JSON.stringify({ ...words(1)[0]?.detail, table: 'events' }),
    });
  });

  it('says nothing to nobody', async () => {
    const before = eventBridge.requests.length;
    await bus.announce([]);
    expect(eventBridge.requests).toHaveLength(before);
  });

  it('says which word was refused, though the request was answered', async () => {
    const refused = { ErrorCode: 'InternalFailure', ErrorMessage: 'try again' };
    eventBridge.behave(() => answers(200, { FailedEntryCount: 1, Entries: [{ EventId: 'a' }, refused] }));
    await expect(bus.announce(words(2))).rejects.toThrow(
      'the event bus refused 1 of 2 events, first Window Began (InternalFailure: try again)',
    );
  });

  it('rejects where it may not be used', async () => {
    eventBridge.behave(() => fails(400, 'AccessDeniedException', { message: 'no' }));
    await expect(bus.announce(words(1))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
