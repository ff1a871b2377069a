import { dynamoDbOf } from '../../aws/dynamodb/dynamodb-sdk.ts';
import { createEventStore } from '../../aws/events/event-store.ts';
import type { DeferredEvent } from '../../core/events/deferred-event.ts';
import type { Surroundings } from '../worlds/surroundings.ts';

/** The table of the surroundings. */
export const TABLE = 'maintenance-window-events';

/** Stores an event as the runtime does. */
export async function deferInto(
  { dynamoDb }: Surroundings,
  {
    functionName,
    id,
    deferredAt,
    text = '{}',
  }: Pick<DeferredEvent, 'functionName' | 'id' | 'deferredAt'> & { text?: string },
): Promise<DeferredEvent> {
  const event: DeferredEvent = {
    id,
    functionName,
    functionVersion: '1',
    invokedFunctionArn: `arn:aws:lambda:eu-south-1:111122223333:function:${functionName}`,
    source: 'sqs',
    deferredAt,
    text,
    bytes: Buffer.byteLength(text),
    timeoutMs: 30_000,
  };
  const clock = { now: Date.now, random: Math.random };
  const store = createEventStore({ dynamoDb: dynamoDbOf(dynamoDb), table: TABLE, functionName, clock });
  await store.put(event, Date.now() + 20_000);
  return event;
}
