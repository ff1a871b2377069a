import { expect, it } from 'vitest';
import { createEventIndex } from '../../../aws/events/event-rows.ts';
import { eventKey, pendingGroups, placeOf } from '../../../core/events/table.ts';

const functionName = 'orders';

/** An index whose first group has rows of which the first ones are not wanted, and no other groups; with the limits of its queries. */
function indexOf(unwanted: number, wanted: number) {
  const limits: (number | undefined)[] = [];
  const [group] = pendingGroups(functionName);
  const index = createEventIndex(
    'events',
    async ({ ExpressionAttributeValues: values = {}, ExclusiveStartKey, Limit = 1 }) => {
      if (values[':group']?.S !== group) return { Items: [] };
      limits.push(Limit);
      const from = Number(ExclusiveStartKey?.['from']?.N ?? 0);
      const until = Math.min(unwanted + wanted, from + Limit);
      const Items = Array.from({ length: until - from }, (_, place) => from + place)
        .filter((place) => place >= unwanted)
        .map((place) => ({
          pk: { S: eventKey({ functionName, id: `e${place}` }) },
          gsk: { S: placeOf(place, `e${place}`) },
          status: { S: 'failed' },
        }));
      return { Items, ...(until < unwanted + wanted && { LastEvaluatedKey: { from: { N: String(until) } } }) };
    },
    { now: Date.now },
  );
  return { index, limits };
}

it('reads larger pages where few of many events are wanted, and as many as were asked for once they come', async () => {
  const { index, limits } = indexOf(630, 30);
  const ids: string[] = [];
  for await (const { id } of index.rows({ functionName, statuses: ['failed'], pageRows: 10 })) ids.push(id);
  expect(ids).toEqual(Array.from({ length: 30 }, (_, place) => `e${630 + place}`));
  expect(limits).toEqual([10, 20, 40, 80, 80, 80, 80, 80, 80, 80, 80]);
});

it('reads no larger pages where all events are wanted', async () => {
  const { index, limits } = indexOf(0, 45);
  let count = 0;
  for await (const _ of index.rows({ functionName, statuses: ['failed'], pageRows: 10 })) count += 1;
  expect({ count, limits }).toEqual({ count: 45, limits: [10, 10, 10, 10, 10] });
});
