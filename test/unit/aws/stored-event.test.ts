import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Item } from '../../../aws/dynamodb/dynamodb.ts';
import { eventItems, functionItem } from '../../../aws/events/item.ts';
import { readEvent } from '../../../aws/events/stored-event.ts';
import { encodeBody } from '../../../core/events/body.ts';
import type { DeferredEvent } from '../../../core/events/deferred-event.ts';
import { STATUSES } from '../../../core/events/deferred-event.ts';
import { sampleEvent } from '../../data/deferred-event.ts';
import { POISONS } from '../../data/poisons.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

async function itemOf(event: DeferredEvent): Promise<Item> {
  return eventItems(event, await encodeBody(event.text), 'w').event;
}

/** With `live` taken out, so that a qualifier is one that the ARN does not have. */
const plain = sampleEvent('{"order":1}', {
  invokedFunctionArn: 'arn:aws:lambda:eu-south-1:123456789012:function:orders',
});

function spoilt(item: Item, attributes: Readonly<Record<string, AttributeValue | undefined>>): Item {
  const entries = Object.entries({ ...item, ...attributes }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Item;
}

describe('an event that a client stored', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  const event = fc.record({
    functionVersion: fc.constantFrom('$LATEST', '1', '77'),
    qualifier: fc.constantFrom('', ':live', ':$LATEST', ':12', ':blue_green-2'),
    partition: fc.constantFrom('aws:lambda:eu-south-1', 'aws-cn:lambda:cn-north-1', 'aws-us-gov:lambda:us-gov-west-1'),
    source: fc.constantFrom('sqs', 's3-batch', 'direct', 'eventbridge'),
    deferredAt: fc.nat(9_999_999_999_999),
    timeoutMs: fc.nat(900_000),
    windowStartAt: fc.date({ noInvalidDate: true }).map(Number),
    windowEndAt: fc.option(fc.date({ noInvalidDate: true }).map(Number), { nil: undefined }),
    windowReason: text,
    clientContext: text,
    tenantId: fc.stringMatching(/^[\w.:/=+\-@ ]{1,256}$/),
  });

  it('is read as what it is, whatever Lambda says of it', async () => {
    await fc.assert(
      fc.asyncProperty(event, async ({ qualifier, partition, windowEndAt, ...facts }) => {
        const stored: DeferredEvent = {
          ...plain,
          ...facts,
          invokedFunctionArn: `arn:${partition}:123456789012:function:orders${qualifier}`,
          windowEndAt: windowEndAt ?? NOW,
        };
        const { text: _, ...expected } = stored;
        expect(readEvent(await itemOf(stored), NOW)).toMatchObject({ ...expected, status: 'pending', attempts: 0 });
      }),
    );
  });

  it('stays readable with all that a replay writes to it', async () => {
    const full = await itemOf(sampleEvent('x'.repeat(100)));
    const history: Item = {
      leaseBy: { S: 'alice@laptop/3f2a91c0/1' },
      leaseUntil: { N: String(NOW + 960_000) },
      lastError: { S: 'é'.repeat(2_000) },
      result: { S: '漢'.repeat(2_000) },
      doneBy: { S: 'alice@laptop/3f2a91c0/1' },
      doneAt: { N: String(NOW) },
      expiresAt: { N: String(NOW / 1_000) },
      attempts: { N: '31' },
    };
    for (const status of STATUSES) {
      expect(readEvent({ ...full, ...history, status: { S: status } }, NOW)).toMatchObject({ status, attempts: 31 });
    }
  });

  it('is no event where it is a part, a function’s row, or under a key that no client of ours writes', async () => {
    const item = await itemOf(plain);
    expect(readEvent(functionItem('orders'), NOW)).toBeUndefined();
    for (const key of ['', 'orders', '8476a536', 'orders#a#0123456789abcdef#0001', '#orders#a', 'orders#a b']) {
      expect(readEvent({ ...item, pk: { S: key } }, NOW)).toBeUndefined();
    }
    expect(readEvent({ ...item, pk: { N: '1' } }, NOW)).toBeUndefined();
    expect(readEvent({}, NOW)).toBeUndefined();
  });
});

describe('an event that nobody can have stored', () => {
  // What only reading its parts tells is told when they are read.
  const poisons = POISONS.filter(({ what }) => what !== 'parts that are not there');

  it.each(poisons)('is damaged, and says why: $what', async ({ attributes, told }) => {
    const found = readEvent(spoilt(await itemOf(plain), attributes), NOW);
    expect(found).toMatchObject({ id: plain.id, functionName: 'orders', damaged: expect.stringMatching(told) });
    expect(found?.damaged).toMatch(/^the stored event is damaged: it/);
    // None of what was written there, which may be meant for a terminal.
    expect(found?.damaged).not.toMatch(/evil|refund|\r|\n/);
  });

  it('is damaged where its key is another function’s than it says', async () => {
    const item = await itemOf(plain);
    const stolen = { ...item, pk: { S: `thumbnails#${plain.id}` } };
    expect(readEvent(stolen, NOW)).toMatchObject({ functionName: 'thumbnails', damaged: expect.any(String) });
    const renamed = { ...stolen, functionName: { S: 'thumbnails' } };
    expect(readEvent(renamed, NOW)).toMatchObject({
      damaged: /its invokedFunctionArn is none of the function thumbnails/,
    });
  });

  it('never makes reading throw, nor gives a number that is none, whatever it holds', async () => {
    const item = await itemOf(plain);
    const names = [...Object.keys(item), 'parts', 'partsHash', 'leaseUntil', 'expiresAt', 'doneAt', 'qualifier'];
    const value: fc.Arbitrary<AttributeValue | undefined> = fc.oneof(
      fc.string({ unit: 'binary' }).map((S) => ({ S })),
      fc
        .oneof(fc.double(), fc.maxSafeInteger(), fc.constantFrom('', '1e9', '-0', '0x10', ' 1'))
        .map((N) => ({ N: String(N) })),
      fc.uint8Array({ maxLength: 9 }).map((B) => ({ B })),
      fc.constantFrom<AttributeValue | undefined>({ NULL: true }, { L: [] }, { M: {} }, { SS: ['a'] }, undefined),
    );
    const changes = fc.dictionary(fc.constantFrom(...names.filter((name) => name !== 'pk')), value, { maxKeys: 4 });
    fc.assert(
      fc.property(changes, (attributes) => {
        const found = readEvent(spoilt(item, attributes), NOW);
        expect(found?.id).toBe(plain.id);
        expect(STATUSES.some((status) => status === found?.status)).toBe(true);
        for (const number of Object.values(found ?? {}).filter((each) => typeof each === 'number')) {
          expect(Number.isFinite(number)).toBe(true);
        }
        if (found?.damaged !== undefined) return;
        expect(found?.invokedFunctionArn).toMatch(/:function:orders(:|$)/);
        expect(found?.timeoutMs).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2_000 },
    );
  });
});
