import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Item } from '../../../aws/dynamodb/dynamodb.ts';
import { eventItems, functionItem, readBody } from '../../../aws/events/item.ts';
import { readEvent } from '../../../aws/events/stored-event.ts';
import { encodeBody } from '../../../core/events/body.ts';
import type { DeferredEvent } from '../../../core/events/deferred-event.ts';
import { STATUSES } from '../../../core/events/deferred-event.ts';
import { anyCharacter } from '../../data/characters.ts';
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
  const text = fc.string({ unit: anyCharacter(), maxLength: 40 });
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
      history: { S: `[${'漢'.repeat(4_000)}]` },
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

describe('an event of another release', () => {
  /** As the client of the release before `clientVersion` wrote it, and DynamoDB gives it back. */
  const before: Item = {
    pk: { S: 'orders#8476a536-e9f4-11e8-9739-2dfe598c3fcd' },
    gpk: { S: 'orders#3' },
    gsk: { S: '1795000000000#8476a536-e9f4-11e8-9739-2dfe598c3fcd' },
    status: { S: 'pending' },
    functionName: { S: 'orders' },
    functionVersion: { S: '7' },
    invokedFunctionArn: { S: 'arn:aws:lambda:eu-south-1:123456789012:function:orders:live' },
    qualifier: { S: 'live' },
    source: { S: 'sqs' },
    deferredAt: { N: '1795000000000' },
    timeoutMs: { N: '3000' },
    attempts: { N: '0' },
    writeId: { S: '0f8fad5b-d9cb-469f-a165-70867728950e' },
    encoding: { S: 'identity' },
    sha256: { S: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a' },
    bytes: { N: '2' },
    body: { B: Buffer.from('{}') },
    windowStart: { S: '2026-11-21T00:00:00.000Z' },
  };

  it('that is older has no client’s version, and is whole', async () => {
    const event = readEvent(before, NOW);
    expect(event).toMatchObject({ status: 'pending', source: 'sqs', bytes: 2 });
    expect(event?.damaged).toBeUndefined();
    expect(event).not.toHaveProperty('clientVersion');
    expect(await readBody(before, [])).toEqual({ kind: 'text', text: '{}' });
  });

  it('that is newer may have attributes that nobody here knows', () => {
    const later = { ...before, clientVersion: { S: '99.0.0' }, laterWords: { S: 'x' }, laterCount: { N: '7' } };
    expect(readEvent(later, NOW)).toEqual({ ...readEvent(before, NOW), clientVersion: '99.0.0' });
  });

  it.each<[string, AttributeValue]>([
    ['a number', { N: '1' }],
    ['bytes', { B: Buffer.from('1.2.3') }],
    ['no words', { S: '' }],
    ['words of another kind', { S: 'latest' }],
    ['more than a version has', { S: `1.2.3-${'9'.repeat(33)}` }],
    ['what a terminal acts on', { S: '1.2.3-\u001b[31m' }],
    ['a second line', { S: '1.2.3\n' }],
    ['a list', { L: [{ S: '1.2.3' }] }],
  ])('whose version is %s is whole, and has none', (_what, clientVersion) => {
    expect(readEvent({ ...before, clientVersion }, NOW)).toEqual(readEvent(before, NOW));
  });

  it.each<[string, AttributeValue]>([
    ['a number', { N: '1' }],
    ['bytes', { B: Buffer.from('[]') }],
    ['a list', { L: [{ M: { at: { N: '1' } } }] }],
    ['a text that is no JSON', { S: '[' }],
    ['much more than a replay writes', { S: `[${'7,'.repeat(190_000)}7]` }],
  ])('whose history is %s is whole, and has none', (_what, history) => {
    expect(readEvent({ ...before, history }, NOW)).toEqual(readEvent(before, NOW));
  });

  it.each(['1.2.3', '0.0.0', '12345678.0.1', '1.2.3-rc.1', '1.2.3+build-7', '1.2.3-alpha.0+20261129'])(
    'whose version is %s has that one',
    (version) => {
      expect(readEvent({ ...before, clientVersion: { S: version } }, NOW)).toMatchObject({ clientVersion: version });
    },
  );
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
      fc.string({ unit: anyCharacter() }).map((S) => ({ S })),
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
