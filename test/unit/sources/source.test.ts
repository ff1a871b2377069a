import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderAttributes, orderKeysIn } from '../../../aws/events/order-attributes.ts';
import { recogniseSource } from '../../../core/sources/recognise.ts';
import { compareSequences, KEYS_LIMIT_BYTES } from '../../../core/sources/record-order.ts';
import { EVENT_SOURCES, type EventSource } from '../../../core/sources/sources.ts';
import { EXAMPLE_EVENTS, readExampleEvent } from '../../data/events.ts';

/** Shapes that say what a user could say too, so they are recognised only when there is nothing else in them. */
const NOTHING_ELSE = [/^logs$/, /^codedeploy/, /^transfer-/, /^iot-button$/, /^warmer-lambda-warmer/];

function exampleOf(name: string): unknown {
  return JSON.parse(readExampleEvent(name));
}

function keyOf(event: unknown): string {
  return recogniseSource(JSON.stringify(event)).key;
}

describe('recogniseSource', () => {
  it.each(EXAMPLE_EVENTS)('takes $name for $key, to $action', ({ name, key, action }) => {
    const source = recogniseSource(readExampleEvent(name));
    expect(source).toMatchObject({ key, action });
  });

  it('has at least one example of every event source, and each example file in the index', () => {
    const files = readdirSync(new URL('../../data/events', import.meta.url)).map((file) => file.replace('.json', ''));
    expect(files.sort()).toEqual(EXAMPLE_EVENTS.map(({ name }) => name).sort());
    expect(new Set(EXAMPLE_EVENTS.map(({ key }) => key))).toEqual(new Set(Object.keys(EVENT_SOURCES)));
  });

  it('takes a text that is no JSON for a direct invocation', () => {
    for (const text of ['', 'order 1', '{"Records":', 'undefined', '\u0000']) {
      expect(recogniseSource(text)).toEqual({ key: 'direct', delivery: 'unknown', action: 'defer' });
    }
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => recogniseSource(text).key in EVENT_SOURCES));
  });

  it('never throws for an example with any part of it put out of shape', () => {
    const example = fc.constantFrom(...EXAMPLE_EVENTS).map(({ name }) => exampleOf(name));
    fc.assert(
      fc.property(example, fc.nat(), fc.jsonValue(), (event, place, value) => {
        expect(recogniseSource(JSON.stringify(withPartReplaced(event, place, value))).key in EVENT_SOURCES).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('recognises an event that AWS has given a new field', () => {
    for (const { name, key } of EXAMPLE_EVENTS) {
      const event = exampleOf(name);
      if (typeof event !== 'object' || event === null || Array.isArray(event)) continue;
      if (NOTHING_ELSE.some((pattern) => pattern.test(name))) continue;
      expect([name, keyOf({ ...event, aws_new_field: { a: 1 } })]).toEqual([name, key]);
    }
  });

  it('recognises an event whatever the order of its fields', () => {
    for (const { name, key } of EXAMPLE_EVENTS) expect([name, keyOf(backwards(exampleOf(name)))]).toEqual([name, key]);
  });

  it('takes a batch with any sign of a tumbling window for one, because its reply must carry the state', () => {
    const batch = exampleOf('kinesis') as object;
    expect(keyOf({ ...batch, window: {} })).toBe('tumbling-window');
    expect(keyOf({ ...batch, isFinalInvokeForWindow: false })).toBe('tumbling-window');
    expect(keyOf({ ...(exampleOf('dynamodb') as object), window: {} })).toBe('tumbling-window');
    expect(keyOf({ ...(exampleOf('sqs') as object), window: {} })).toBe('sqs');
  });

  it('takes an event inside another payload for a direct invocation', () => {
    for (const { name } of EXAMPLE_EVENTS) {
      expect([name, keyOf({ payload: exampleOf(name) })]).toEqual([name, 'direct']);
      expect([name, keyOf({ detail: exampleOf(name) })]).toEqual([name, 'direct']);
    }
  });

  it('never throws for a header that is no text', () => {
    const check = exampleOf('alb-health-check') as object;
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    for (const userAgent of ['null', '7', '[]', '{"toString":1}', deep]) {
      for (const headers of ['headers', 'multiValueHeaders']) {
        const text = JSON.stringify({ ...check, headers: null, [headers]: { 'user-agent': 'X' } });
        expect(recogniseSource(text.replace('"X"', userAgent)).key).toBe('http');
      }
    }
  });

  it('comes to an end with hostile texts of 6 MB', () => {
    const length = 6 * 1024 * 1024;
    const sqs = { eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:eu-south-1:1:q', messageId: '1', body: '' };
    const records = Array.from({ length: 50_000 }, () => sqs);
    const hostile = [
      '['.repeat(length),
      '{"a":'.repeat(length / 5),
      JSON.stringify({ Records: [...records, { ...sqs, eventSource: 'aws:s3' }] }),
      JSON.stringify([...records, 1]),
      JSON.stringify({
        triggerSource: `A${'_A'.repeat(length / 2)}!`,
        userPoolId: 'p',
        region: 'r',
        callerContext: {},
        request: {},
      }),
      JSON.stringify({ warmer: true, [`__WARMER_${'_'.repeat(length)}!`]: 1 }),
      JSON.stringify({ Step: 'createSecret', SecretId: `arn:aws${':'.repeat(length)}`, ClientRequestToken: 't' }),
    ];
    for (const text of hostile) expect(recogniseSource(text).key).toBe('direct');
  });
});

describe('who waits for the reply', () => {
  const deliveryOf = (event: unknown) => recogniseSource(JSON.stringify(event)).delivery;
  const edited = (name: string, from: string, to: string) => {
    const text = readExampleEvent(name);
    expect(text).toContain(from);
    return recogniseSource(text.replace(from, to));
  };

  it('is what the event source’s row says where the event says nothing else', () => {
    const others = EXAMPLE_EVENTS.filter(({ name, key }) => {
      return recogniseSource(readExampleEvent(name)).delivery !== EVENT_SOURCES[key].delivery;
    });
    expect(others.map(({ name }) => name)).toEqual([
      'ses-request-response',
      'custom-resource-create',
      'custom-resource-update',
      'custom-resource-delete',
      'custom-resource-through-sns',
      'appsync-event',
    ]);
  });

  it.each([
    ['"invocationType": "Event"', 'asynchronous', 'defer'],
    ['"invocationType": "EVENT"', 'asynchronous', 'defer'],
    ['"invocationTyp": "by default"', 'asynchronous', 'defer'],
    ['"invocationType": "RequestResponse"', 'synchronous', 'reject'],
    ['"invocationType": "REQUEST_RESPONSE"', 'synchronous', 'reject'],
    ['"invocationType": "Later"', 'synchronous', 'reject'],
  ])('SES, %s: %s', (type, delivery, action) => {
    expect(edited('ses', '"invocationType": "Event"', type)).toMatchObject({ key: 'ses', delivery, action });
  });

  it('SES: whoever waits for one of the mails waits', () => {
    const { Records: waiting } = exampleOf('ses-request-response') as { Records: unknown[] };
    const { Records: told } = exampleOf('ses') as { Records: unknown[] };
    expect(deliveryOf({ Records: [...told, ...waiting] })).toBe('synchronous');
  });

  it('CloudFormation waits at the ResponseURL, and a provider of CDK’s for the reply', () => {
    expect(edited('custom-resource-create', '"https://', '"http://').delivery).toBe('synchronous');
    expect(edited('cdk-provider', '"..."', 'null').delivery).toBe('synchronous');
    const { ResponseURL: _, ...without } = exampleOf('cdk-provider') as Record<string, unknown>;
    expect(deliveryOf(without)).toBe('synchronous');
  });

  it('a topic that CloudFormation asks through is told by its whole message', () => {
    const [{ Sns: request }] = (exampleOf('custom-resource-through-sns') as SnsEvent).Records;
    const notice = exampleOf('sns') as SnsEvent;
    for (const Message of ['{"RequestType":"Create"}', `[${request.Message}]`, `{${request.Message}`, '{']) {
      const [record] = notice.Records;
      expect(keyOf({ Records: [{ ...record, Sns: { ...record.Sns, Message } }] })).toBe('sns');
    }
    expect(
      keyOf({ Records: [...(exampleOf('custom-resource-through-sns') as SnsEvent).Records, ...notice.Records] }),
    ).toBe('sns');
  });

  it('AppSync says so in a whole request to Lambda, and not in a context alone', () => {
    const request = exampleOf('appsync-event') as object;
    const waits = { key: 'appsync', delivery: 'synchronous', action: 'reject', needsHandler: true };
    expect(edited('appsync-event', '"Event"', '"RequestResponse"')).toEqual(waits);
    const batch = { ...request, operation: 'BatchInvoke', payload: exampleOf('appsync-batch') };
    expect(deliveryOf(batch)).toBe('asynchronous');
    expect(deliveryOf({ ...request, payload: exampleOf('appsync-events-publish') })).toBe('asynchronous');
    expect(keyOf({ ...request, payload: { field: 'getPost' } })).toBe('direct');
    expect(deliveryOf(exampleOf('appsync-resolver'))).toBe('unknown');
  });

  it('a client context shows that somebody does', () => {
    for (const { name, key } of EXAMPLE_EVENTS) {
      const source = recogniseSource(readExampleEvent(name), '{"custom":{}}');
      expect(source).toMatchObject({ key, delivery: 'synchronous' });
      expect(recogniseSource(readExampleEvent(name), '')).toEqual(recogniseSource(readExampleEvent(name)));
    }
  });
});

interface SnsEvent {
  readonly Records: readonly [{ readonly Sns: { readonly Message: string } }];
}

describe('what is known of a request', () => {
  it.each([
    [
      'alb-single-value-headers',
      { method: 'POST', path: '/orders', sender: 'alb', multiValueHeaders: false, streams: false },
    ],
    ['alb-multi-value-headers', { method: 'POST', path: '/orders', sender: 'alb', multiValueHeaders: true }],
    ['alb-health-check', { method: 'GET', path: '/', sender: 'alb', multiValueHeaders: false }],
    [
      'api-gateway-rest',
      { method: 'POST', path: '/orders', sender: 'api-gateway', multiValueHeaders: false, streams: true },
    ],
    ['api-gateway-rest-custom-domain', { path: '/shop/orders', streams: true }],
    ['api-gateway-http-payload-1', { path: '/orders', streams: false }],
    ['api-gateway-http-payload-2', { path: '/orders', streams: false }],
    ['api-gateway-http-named-stage', { path: '/orders' }],
    ['function-url', { path: '/orders', sender: 'api-gateway', streams: true }],
    ['function-url-iam', { streams: true }],
    ['lattice-v1', { method: 'POST', path: '/orders', sender: 'lattice', streams: false }],
    ['lattice-v2', { method: 'POST', path: '/orders', sender: 'lattice' }],
  ])('%s', (name, request) => {
    expect(recogniseSource(readExampleEvent(name)).request).toMatchObject(request);
  });

  it('leaves out the query string, and the stage where it is the whole path', () => {
    const lattice = { ...(exampleOf('lattice-v1') as object), raw_path: '/orders?dry=no' };
    expect(recogniseSource(JSON.stringify(lattice)).request?.path).toBe('/orders');
    const stage = { ...(exampleOf('api-gateway-http-named-stage') as object), rawPath: '/prod' };
    expect(recogniseSource(JSON.stringify(stage)).request?.path).toBe('/');
    const other = { ...(exampleOf('api-gateway-http-named-stage') as object), rawPath: '/products' };
    expect(recogniseSource(JSON.stringify(other)).request?.path).toBe('/products');
  });
});

describe('the keys of a source’s order', () => {
  const arn = (rest: string) => `arn:aws:${rest}`;
  it.each([
    [
      'kinesis',
      [
        {
          key: arn('kinesis:eu-south-1:123456789012:stream/orders#shardId-000000000006'),
          sequence: '49590338271490256608559692538361571095921575989136588898',
        },
      ],
    ],
    [
      'dynamodb',
      [
        {
          key: arn('dynamodb:eu-south-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000'),
          sequence: '405400000000002063282833',
        },
      ],
    ],
    [
      'kafka-msk',
      [
        {
          key: arn('kafka:eu-south-1:123456789012:cluster/orders/e9f754c6-d29a-4430-a7db-958a19fd2c54-4#orders-0'),
          sequence: '15',
        },
        {
          key: arn('kafka:eu-south-1:123456789012:cluster/orders/e9f754c6-d29a-4430-a7db-958a19fd2c54-4#orders-1'),
          sequence: '3',
        },
      ],
    ],
    ['kafka-self-managed', [{ key: 'SelfManagedKafka#orders-0', sequence: '100' }]],
    [
      'sqs-fifo',
      [
        { key: arn('sqs:eu-south-1:123456789012:orders.fifo#customer-7'), sequence: '18849496460467696123' },
        { key: arn('sqs:eu-south-1:123456789012:orders.fifo#customer-9'), sequence: '18849496460467696122' },
      ],
    ],
    ['mq-activemq', [{ key: `${BROKER}#orders` }]],
    ['mq-rabbitmq', [{ key: `${BROKER}#orders::/` }]],
    ['documentdb', [{ key: arn('rds:eu-south-1:123456789012:cluster:orders') }]],
    ['pipes-self-managed-kafka', [{ key: 'SelfManagedKafka' }]],
    ['pipes-sqs', undefined],
    ['sqs', undefined],
    ['sns', undefined],
  ])('%s', (name, keys) => {
    expect(recogniseSource(readExampleEvent(name)).orderKeys).toEqual(keys);
  });

  it('are there for each source that is said to have an order, whole scopes for pipes, and for no other', () => {
    for (const { name, key } of EXAMPLE_EVENTS) {
      const { order, settings }: EventSource = EVENT_SOURCES[key];
      const { orderKeys } = recogniseSource(readExampleEvent(name));
      if (['sqs', 'pipes-sqs'].includes(name)) continue;
      expect([name, orderKeys !== undefined]).toEqual([name, order !== undefined]);
      if (order !== undefined) expect(settings).toContain('defer');
      if (key === 'pipes') expect(orderKeys).toEqual([{ key: expect.stringMatching(/^[^#]+$/) }]);
    }
  });

  it('are all of a batch, each with the lowest sequence that it has in it', () => {
    const offsets = { 'orders-0': [12, 11, 13], 'orders-1': [7], 'refunds-0': [0, 1] };
    expect(recogniseSource(JSON.stringify(kafkaEvent(offsets))).orderKeys).toEqual([
      { key: 'SelfManagedKafka#orders-0', sequence: '11' },
      { key: 'SelfManagedKafka#orders-1', sequence: '7' },
      { key: 'SelfManagedKafka#refunds-0', sequence: '0' },
    ]);
  });

  it('are coarser where their lanes are not known, or are too many, and never none', () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`orders-${index}`, [index]]));
    expect(recogniseSource(JSON.stringify(kafkaEvent(many))).orderKeys).toEqual([{ key: 'SelfManagedKafka' }]);

    const shard = recordsOf('kinesis', (record) => ({ ...record, eventID: 'no shard' }));
    expect(recogniseSource(shard).orderKeys).toMatchObject([{ key: expect.stringMatching(/stream\/orders$/) }]);

    const group = recordsOf('sqs-fifo', ({ attributes: _, ...record }) => ({ ...record, attributes: {} }));
    expect(recogniseSource(group).orderKeys).toEqual([{ key: arn('sqs:eu-south-1:123456789012:orders.fifo') }]);

    const long = recordsOf('sqs-fifo', (record) => ({
      ...record,
      attributes: { MessageGroupId: 'x'.repeat(3_000), SequenceNumber: '1' },
    }));
    expect(recogniseSource(long).orderKeys).toEqual([
      { key: arn('sqs:eu-south-1:123456789012:orders.fifo'), sequence: '1' },
    ]);

    let shards = 0;
    const streams = recordsOf('kinesis', (record) => ({
      ...record,
      eventSourceARN: arn(`kinesis:::stream/${shards++}`),
    }));
    expect(recogniseSource(streams).orderKeys).toEqual([{ key: '*' }]);
  });

  it('have no sequence where a record has none', () => {
    let records = 0;
    const text = recordsOf('kinesis', (record) => ({
      ...record,
      kinesis: { sequenceNumber: records++ === 0 ? 'latest' : '7', data: '' },
    }));
    const [key] = recogniseSource(text).orderKeys ?? [];
    expect(key).toEqual({ key: arn('kinesis:eu-south-1:123456789012:stream/orders#shardId-000000000006') });
  });

  it('stay small, whatever is sent', () => {
    const name = fc.string({ maxLength: 300 });
    const offsets = fc.dictionary(name, fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), {
      minKeys: 1,
      maxKeys: 60,
    });
    fc.assert(
      fc.property(offsets, (records) => {
        const { key, orderKeys = [] } = recogniseSource(JSON.stringify(kafkaEvent(records)));
        if (key !== 'kafka') return;
        expect(orderKeys.length).toBeGreaterThan(0);
        const item = orderAttributes(orderKeys);
        expect(Buffer.byteLength(item['orderKeys']?.S ?? '')).toBeLessThanOrEqual(KEYS_LIMIT_BYTES);
        expect(orderKeysIn(item)).toEqual(orderKeys);
      }),
    );
  });

  it('compares sequence numbers as the numbers that they are', () => {
    const digits = fc.bigInt({ min: 0n, max: 10n ** 56n });
    fc.assert(
      fc.property(digits, digits, (a, b) => {
        expect(Math.sign(compareSequences(String(a), String(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });
});

const BROKER = 'arn:aws:mq:eu-south-1:123456789012:broker:orders:b-9bcfa592-423a-4942-879d-eb284b418fc8';

function kafkaEvent(offsets: Readonly<Record<string, readonly number[]>>): object {
  const records = Object.entries(offsets).map(([name, each]) => [
    name,
    each.map((offset) => ({ topic: 'orders', partition: 0, offset, value: '' })),
  ]);
  return { eventSource: 'SelfManagedKafka', bootstrapServers: 'b-1:9092', records: Object.fromEntries(records) };
}

/** An example with each of its records changed. */
function recordsOf(name: string, change: (record: Record<string, unknown>) => object): string {
  const event = exampleOf(name) as { Records: Record<string, unknown>[] };
  return JSON.stringify({ Records: [...event.Records, ...event.Records].map(change) });
}

/** The event with one of its parts replaced: the one at this place, counted round and round from the innermost. */
function withPartReplaced(event: unknown, place: number, replacement: unknown): unknown {
  let parts = 0;
  JSON.parse(JSON.stringify(event), (_name, value) => {
    parts += 1;
    return value;
  });
  let left = place % parts;
  return JSON.parse(JSON.stringify(event), (_name, value) => (left-- === 0 ? replacement : value));
}

function backwards(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(backwards);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, inner]) => [name, backwards(inner)] as const)
      .reverse(),
  );
}
