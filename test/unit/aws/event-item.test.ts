import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Item } from '../../../aws/dynamodb/dynamodb.ts';
import {
  eventItems,
  functionItem,
  ITEM_LIMIT_BYTES,
  itemBytes,
  partKeysOf,
  REPLAY_ROOM_BYTES,
  readBody,
} from '../../../aws/events/item.ts';
import { orderAttributes, orderKeysIn } from '../../../aws/events/order-attributes.ts';
import { readEvent } from '../../../aws/events/stored-event.ts';
import { type EncodedBody, encodeBody } from '../../../core/events/body.ts';
import type { DeferredEvent } from '../../../core/events/deferred-event.ts';
import { eventGroup, partGroup, placeOf, SHARDS, tableDefinition } from '../../../core/events/table.ts';

const EVENT: DeferredEvent = {
  id: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
  functionName: 'orders',
  functionVersion: '7',
  invokedFunctionArn: 'arn:aws:lambda:eu-south-1:123456789012:function:orders',
  source: 'sqs',
  deferredAt: 1_795_000_000_000,
  text: '',
  bytes: 0,
  timeoutMs: 3_000,
};
const FREE_BYTES = ITEM_LIMIT_BYTES - REPLAY_ROOM_BYTES;

/** A body of so many stored bytes, whatever they say. */
function bodyOf(length: number): EncodedBody {
  const stored = new Uint8Array(length).fill(7);
  return { encoding: 'identity', stored, bytes: length, sha256: createHash('sha256').update(stored).digest('hex') };
}

describe('itemBytes', () => {
  it('counts names and values, characters by their bytes in UTF-8', () => {
    expect(itemBytes({ pk: { S: 'é' }, größe: { N: '12' }, body: { B: new Uint8Array(3) } })).toBe(4 + 9 + 7);
  });
});

describe('the order keys of an item', () => {
  it('are a line for the scope and one for each lane, their sequences a line each', () => {
    const orderKeys = [
      { key: 'arn:aws:sqs:eu-south-1:123456789012:orders.fifo#alice', sequence: '7' },
      { key: 'arn:aws:sqs:eu-south-1:123456789012:orders.fifo#bob#2' },
    ];
    const item = orderAttributes(orderKeys);
    expect(item).toEqual({
      orderKeys: { S: 'arn:aws:sqs:eu-south-1:123456789012:orders.fifo\n#alice\n#bob#2' },
      orderSequences: { S: '7\n' },
    });
    expect(orderKeysIn(item)).toEqual(orderKeys);
    const { orderSequences: _, ...inIndex } = item;
    expect(orderKeysIn(inIndex)).toEqual(orderKeys.map(({ key }) => ({ key })));
  });

  it.each([
    ['a scope alone', [{ key: 'stream', sequence: '7' }]],
    ['several scopes', [{ key: 'a' }, { key: 'b#1' }, { key: 'b#2', sequence: '3' }, { key: 'c' }]],
    ['everything of a source', [{ key: '*' }]],
  ])('are %s', (_what, keys) => {
    expect(orderKeysIn(orderAttributes(keys))).toEqual(keys);
  });

  it('are everything of the source where they cannot be read, and none where there are none', () => {
    for (const orderKeys of [{ S: '' }, { N: '7' }, { S: 'x'.repeat(3_000) }] as AttributeValue[]) {
      expect(orderKeysIn({ orderKeys })).toEqual([{ key: '*' }]);
    }
    expect(orderKeysIn({})).toBeUndefined();
  });
});

describe('eventItems', () => {
  it('keeps the body inside the item up to the last byte that fits, and not one more', () => {
    const empty = itemBytes(eventItems(EVENT, bodyOf(100_000), 'w').event) - 100_000;
    // `bytes` has six digits in all three.
    const most = FREE_BYTES - empty;
    expect(eventItems(EVENT, bodyOf(most), 'w')).toMatchObject({ parts: [], event: { body: {} } });
    expect(itemBytes(eventItems(EVENT, bodyOf(most), 'w').event)).toBe(FREE_BYTES);
    const over = eventItems(EVENT, bodyOf(most + 1), 'w');
    expect(over.parts).toHaveLength(1);
    expect(over.event).not.toHaveProperty('body');
  });

  it('counts the contexts too', () => {
    const body = bodyOf(390_000);
    expect(eventItems(EVENT, body, 'w').parts).toHaveLength(0);
    expect(eventItems({ ...EVENT, clientContext: 'é'.repeat(1_750) }, body, 'w').parts).toHaveLength(1);
  });

  it('counts the client’s version too, to the last byte that fits', () => {
    const event = { ...EVENT, clientVersion: '1.2.3' };
    const ofVersion = 'clientVersion1.2.3'.length;
    const most = FREE_BYTES - (itemBytes(eventItems(EVENT, bodyOf(100_000), 'w').event) - 100_000);
    expect(eventItems(EVENT, bodyOf(most), 'w').parts).toHaveLength(0);
    expect(eventItems(event, bodyOf(most), 'w').parts).toHaveLength(1);
    expect(eventItems(event, bodyOf(most - ofVersion + 1), 'w').parts).toHaveLength(1);
    const fits = eventItems(event, bodyOf(most - ofVersion), 'w');
    expect(fits).toMatchObject({ parts: [], event: { clientVersion: { S: '1.2.3' } } });
    expect(itemBytes(fits.event)).toBe(FREE_BYTES);
    expect(readEvent(fits.event, EVENT.deferredAt)).toMatchObject({ status: 'pending', clientVersion: '1.2.3' });
  });

  it('never makes an item that DynamoDB would refuse, and leaves a replay its room in the event’s', () => {
    const big = fc.string({ unit: 'grapheme', maxLength: 900 }).map((text) => text.repeat(4));
    fc.assert(
      fc.property(fc.nat(3_000_000), big, big, (length, clientContext, windowReason) => {
        const { event, parts } = eventItems({ ...EVENT, clientContext, windowReason }, bodyOf(length), 'w');
        expect(itemBytes(event)).toBeLessThanOrEqual(FREE_BYTES);
        for (const part of parts) expect(itemBytes(part)).toBeLessThanOrEqual(ITEM_LIMIT_BYTES);
      }),
    );
  });

  it('names parts by the event, the stored bytes and their place', () => {
    const body = bodyOf(1_000_000);
    const hash = createHash('sha256').update(body.stored).digest('hex').slice(0, 16);
    const { event, parts } = eventItems(EVENT, body, 'w');
    expect(parts.map((part) => part['pk']?.S)).toEqual([1, 2, 3].map((n) => `orders#${EVENT.id}#${hash}#000${n}`));
    expect(partKeysOf(event)).toEqual(parts.map((part) => part['pk']?.S));
  });

  it('lets a sweep find parts by their age', () => {
    const { parts } = eventItems(EVENT, bodyOf(1_000_000), 'w');
    for (const part of parts) {
      expect(part['gpk']?.S).toMatch(/^#parts#[0-7]$/);
      expect(part['gsk']?.S).toBe(`1795000000000#${part['pk']?.S}`);
    }
  });

  it('begins as pending, never tried, and never expiring', () => {
    const { event } = eventItems(EVENT, bodyOf(1), 'w');
    expect(event).toMatchObject({ status: { S: 'pending' }, attempts: { N: '0' }, writeId: { S: 'w' } });
    expect(event).not.toHaveProperty('expiresAt');
  });

  it('loses no event to an instant that no calendar has', () => {
    for (const at of [Number.NEGATIVE_INFINITY, Number.NaN, 9e15]) {
      expect(eventItems({ ...EVENT, windowEndAt: at }, bodyOf(1), 'w').event).not.toHaveProperty('windowEnd');
    }
  });
});

describe('readBody', () => {
  it('gives back what eventItems laid out, in one item or in parts', async () => {
    for (const length of [0, 10, 2_000_000]) {
      const text = Array.from({ length: length / 10 }, (_, n) => String(n * 7_919).padEnd(10)).join('');
      const { event, parts } = eventItems({ ...EVENT, text }, await identity(text), 'w');
      expect(parts.length > 0).toBe(length > 1_000);
      expect(await readBody(event, parts)).toEqual({ kind: 'text', text });
    }
  });

  it('tells which part is missing', async () => {
    const { event, parts } = eventItems(EVENT, bodyOf(1_000_000), 'w');
    const found: (Item | undefined)[] = [...parts];
    found[1] = undefined;
    expect(await readBody(event, found)).toEqual({
      kind: 'damaged',
      message: 'the stored event is damaged: part 2 is missing',
    });
  });

  it('tells of parts in the wrong order, and of too few', async () => {
    const text = 'é'.repeat(300_000) + 'a'.repeat(400_000);
    const { event, parts } = eventItems(EVENT, await identity(text), 'w');
    expect(await readBody(event, [...parts].reverse())).toMatchObject({ kind: 'damaged' });
    expect(await readBody(event, parts.slice(1))).toMatchObject({ kind: 'damaged' });
  });
});

describe('the index', () => {
  it('spreads the events of a function evenly over its partitions, unfinished apart from finished', () => {
    const counts = new Map<string, number>();
    for (let n = 0; n < 8_000; n++) {
      const group = eventGroup({ functionName: 'orders', id: `id-${n}` }, 'pending');
      counts.set(group, (counts.get(group) ?? 0) + 1);
      expect(eventGroup({ functionName: 'orders', id: `id-${n}` }, 'replayed')).toBe(`done#${group}`);
    }
    expect([...counts.keys()].sort()).toEqual(Array.from({ length: SHARDS }, (_, n) => `orders#${n}`));
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });

  it('keeps events where they are found as long as somebody has to do something about them', () => {
    const groups = (['pending', 'replaying', 'failed', 'unknown'] as const).map((it) =>
      eventGroup({ functionName: 'f', id: 'id' }, it),
    );
    expect(new Set(groups).size).toBe(1);
  });

  it('orders by time, whatever the number of digits', () => {
    const at = fc.nat(4_000_000_000_000);
    fc.assert(fc.property(at, at, (a, b) => a === b || a < b === placeOf(a, 'z') < placeOf(b, 'a')));
  });

  it('groups parts by their own key', () => {
    expect(partGroup('orders#a#0123456789abcdef#0001')).toMatch(/^#parts#[0-7]$/);
  });

  it('finds functions that have deferred, by a key that begins with their name', () => {
    expect(functionItem('orders')).toMatchObject({
      pk: { S: 'orders#function' },
      gpk: { S: 'functions' },
      gsk: { S: 'orders#function' },
    });
  });
});

describe('tableDefinition', () => {
  it('is on demand, has one key, and projects what a list of events shows', () => {
    expect(tableDefinition('events')).toMatchObject({
      TableName: 'events',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'pending',
          Projection: {
            NonKeyAttributes: ['status', 'source', 'bytes', 'attempts', 'leaseUntil', 'orderKeys', 'qualifier'],
          },
        },
      ],
    });
  });
});

/** As {@link encodeBody}, but never packed. */
async function identity(text: string): Promise<EncodedBody> {
  return { ...(await encodeBody(text)), encoding: 'identity', stored: Buffer.from(text) };
}
