import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createEventStore } from '../../../aws/events/event-store.ts';
import { denseText, sampleEvent } from '../../data/deferred-event.ts';
import { startSteadyService } from '../../fakes/scripted-service.ts';
import { dynamoDbAt, WAYS } from './event-store-table.ts';

const PUTS = 10_000;
/** What compiling and the runtime's own caches may still add after the first thousand. The texts alone are 20 MB. */
const ALLOWED_BYTES = 4_000_000;

describe('a store that lives long', () => {
  it.each(WAYS)('keeps nothing of 10,000 events (%s)', async (way) => {
    await using table = await startSteadyService('{}');
    const store = createEventStore({
      dynamoDb: dynamoDbAt(table.url, way),
      table: 'events',
      functionName: 'orders',
      clock: { now: Date.now, random: Math.random },
    });
    const putAll = async (count: number) => {
      for (let n = 0; n < count; n++) await store.put(sampleEvent(denseText(2_000)), Date.now() + 30_000);
    };

    await putAll(1_000);
    const before = await heldBytes();
    await putAll(PUTS);
    expect((await heldBytes()) - before).toBeLessThan(ALLOWED_BYTES);
    expect(table.count).toBe(PUTS + 1_000 + 1);
  });
});

/** What is left after a collection: V8's heap and the buffers outside it. A buffer's memory goes a turn after the buffer. */
async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  for (let n = 0; n < 3; n += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
