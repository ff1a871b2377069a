import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdictOfBatch } from '../../../core/sources/batch-failures.ts';
import { recogniseSource } from '../../../core/sources/recognise.ts';
import { containerAt, memberNamed, withMembers } from '../../../core/text/json-text.ts';
import { anyCharacter } from '../../data/characters.ts';
import { readExampleEvent } from '../../data/events.ts';

const QUEUE = 'arn:aws:sqs:eu-south-1:123456789012:orders';
const STREAM = 'arn:aws:kinesis:eu-south-1:123456789012:stream/orders';
const TABLE = 'arn:aws:dynamodb:eu-south-1:123456789012:table/orders/stream/2026-11-21T00:00:00.000';

const sqs = (id: string, body = '') => ({
  messageId: id,
  eventSource: 'aws:sqs',
  eventSourceARN: QUEUE,
  body,
});
const fifo = (group: string, number: number) => ({
  ...sqs(`${group}${number}`),
  eventSourceARN: `${QUEUE}.fifo`,
  attributes: { MessageGroupId: group, SequenceNumber: String(18849496460467696120n + BigInt(number)) },
});
const kinesis = (shard: number, sequenceNumber: string) => ({
  eventSource: 'aws:kinesis',
  eventSourceARN: STREAM,
  eventID: `shardId-00000000000${shard}:${sequenceNumber}`,
  kinesis: { sequenceNumber, data: 'e30=' },
});
const dynamodb = (SequenceNumber: string) => ({
  eventSource: 'aws:dynamodb',
  eventSourceARN: TABLE,
  eventName: 'MODIFY',
  dynamodb: { SequenceNumber },
});
const kafka = (partition: number, offset: number) => ({ topic: 'orders', partition, offset, value: 'e30=' });
const failing = (...ids: unknown[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

function restOf(source: string, event: unknown, reply: unknown): unknown {
  const verdict = verdictOfBatch(source, JSON.stringify(event), reply);
  return verdict.kind === 'rest' ? JSON.parse(verdict.text) : verdict.kind;
}

describe('a batch of which some records failed', () => {
  it('keeps the listed messages of a queue, in their order', () => {
    const records = ['a', 'b', 'c', 'd'].map((id) => sqs(id));
    expect(restOf('sqs', { Records: records }, failing('d', 'b'))).toEqual({ Records: [records[1], records[3]] });
  });

  it('keeps everything of a message group of a FIFO queue from its first failure on', () => {
    const records = [fifo('a', 1), fifo('b', 2), fifo('a', 3), fifo('b', 4), fifo('c', 5), fifo('a', 6)];
    expect(restOf('sqs', { Records: records }, failing('a3', 'b4'))).toEqual({
      Records: [records[2], records[3], records[5]],
    });
  });

  it('keeps a whole group of a FIFO queue whose messages have no numbers', () => {
    const records = [fifo('a', 1), fifo('b', 2), fifo('a', 3)].map((record) => ({
      ...record,
      attributes: { MessageGroupId: record.attributes.MessageGroupId },
    }));
    expect(restOf('sqs', { Records: records }, failing('a3'))).toEqual({ Records: [records[0], records[2]] });
  });

  it('keeps everything of a shard from its lowest failure on, whatever the order of the list', () => {
    const records = [kinesis(0, '10'), kinesis(0, '11'), kinesis(0, '12'), kinesis(0, '13')];
    expect(restOf('kinesis', { Records: records }, failing('13', '11'))).toEqual({ Records: records.slice(1) });
  });

  it('compares sequence numbers as numbers, of any length', () => {
    const low = '9'.repeat(55);
    const high = `1${'0'.repeat(55)}`;
    const records = [kinesis(0, low), kinesis(0, high)];
    expect(restOf('kinesis', { Records: records }, failing(high))).toEqual({ Records: [records[1]] });
  });

  it('goes shard by shard, and lets go of those where nothing failed', () => {
    const records = [kinesis(0, '1'), kinesis(1, '2'), kinesis(0, '3'), kinesis(1, '4'), kinesis(2, '5')];
    expect(restOf('kinesis', { Records: records }, failing('3', '2'))).toEqual({
      Records: [records[1], records[2], records[3]],
    });
  });

  it('keeps everything of a DynamoDB stream from the lowest failure on', () => {
    const records = ['100', '200', '300'].map(dynamodb);
    expect(restOf('dynamodb', { Records: records }, failing('200'))).toEqual({ Records: records.slice(1) });
  });

  it('goes partition by partition of Kafka, and drops those where nothing failed with their names', () => {
    const event = {
      eventSource: 'aws:kafka',
      records: {
        'orders-0': [kafka(0, 15), kafka(0, 16), kafka(0, 17)],
        'orders-1': [kafka(1, 3)],
        'orders-2': [kafka(2, 8), kafka(2, 9)],
      },
      bootstrapServers: 'b-1:9092',
    };
    const reply = failing({ partition: 'orders-0', offset: 16 }, { partition: 'orders-2', offset: 8 });
    expect(restOf('kafka', event, reply)).toEqual({
      ...event,
      records: { 'orders-0': [kafka(0, 16), kafka(0, 17)], 'orders-2': event.records['orders-2'] },
    });
  });

  it('is still of the same source, with the place that it has now', () => {
    const text = JSON.stringify({ Records: [kinesis(0, '10'), kinesis(0, '11'), kinesis(0, '12')] });
    const verdict = verdictOfBatch('kinesis', text, failing('11'));
    expect(verdict.kind === 'rest' && recogniseSource(verdict.text)).toMatchObject({
      key: 'kinesis',
      orderKeys: [{ sequence: '11' }],
    });
  });

  it('says how many stay', () => {
    const verdict = verdictOfBatch('sqs', JSON.stringify({ Records: ['a', 'b'].map((id) => sqs(id)) }), failing('b'));
    expect(verdict).toMatchObject({ error: '1 of 2 records failed, or come after one that did (batchItemFailures)' });
  });
});

describe('a batch that failed as a whole', () => {
  const text = JSON.stringify({ Records: [sqs('a'), sqs('b')] });
  it.each<[string, unknown]>([
    ['an unknown identifier', failing('a', 'z')],
    ['an empty identifier', failing('a', '')],
    ['a null identifier', failing(null)],
    ['an identifier that is no text', failing(7)],
    ['a wrong key', { batchItemFailures: [{ id: 'a' }] }],
    ['an item that is no object', { batchItemFailures: ['a'] }],
    ['a list that is none', { batchItemFailures: 'a' }],
    ['every record listed', failing('a', 'b')],
  ])('has %s', (_what, reply) => {
    expect(verdictOfBatch('sqs', text, reply).kind).toBe('failed');
  });

  it.each<[string, unknown]>([
    ['a plain text, as for other sources', 'orders-0'],
    ['no offset', { partition: 'orders-0' }],
    ['a partition that is not in the batch', { partition: 'orders-9', offset: 15 }],
  ])('is of Kafka and its identifier is %s', (_what, identifier) => {
    const event = { records: { 'orders-0': [kafka(0, 15), kafka(0, 16)] } };
    expect(restOf('kafka', event, failing(identifier))).toBe('failed');
  });

  it('is of a source whose batches are not cut', () => {
    expect(verdictOfBatch('pipes', '[]', failing('a'))).toEqual({ kind: 'failed', error: '1 batchItemFailures' });
    expect(verdictOfBatch('direct', '{}', failing('a')).kind).toBe('failed');
  });
});

describe('a batch that is done', () => {
  it.each<[string, unknown]>([
    ['an empty list', { batchItemFailures: [] }],
    ['a null list', { batchItemFailures: null }],
    ['no list', {}],
    ['null', null],
    ['nothing', undefined],
    ['a text', 'done'],
    ['a list', ['batchItemFailures']],
  ])('has %s for a reply', (_what, reply) => {
    expect(verdictOfBatch('sqs', JSON.stringify({ Records: [sqs('a')] }), reply)).toEqual({ kind: 'done' });
  });

  it('takes no other word of a reply for a failure', () => {
    expect(verdictOfBatch('direct', '{}', { batchItemFailures: { none: true } })).toEqual({ kind: 'done' });
  });
});

describe('what stays of a raw text', () => {
  it('has the bytes that it had: numbers, escapes, spaces and key order', () => {
    const kept = '{ "messageId" :\t"b", "n": 12345678901234567890.0, "q":"\\u00e9\\"]}," , "deep":[{"x":[1,{}]}] }';
    const text = `\n{"first":1,"Records" : [\n  {"messageId":"a","body":"\\\\"} , ${kept} ,{"messageId":"c"}\n ] , "last": 1e3 }\n`;
    const verdict = verdictOfBatch('sqs', text, failing('b'));
    expect(verdict).toMatchObject({ text: `\n{"first":1,"Records" : [${kept}] , "last": 1e3 }\n` });
  });

  it('comes from the list that JSON.parse sees, where two have one name', () => {
    const text = '{"Records":[{"messageId":"a"}],"Rec\\u006frds":[{"messageId":"b"},{"messageId":"c"}]}';
    expect(verdictOfBatch('sqs', text, failing('c'))).toMatchObject({
      text: '{"Records":[{"messageId":"a"}],"Rec\\u006frds":[{"messageId":"c"}]}',
    });
  });

  it('comes from the example events', () => {
    const stream: { Records: { kinesis: { sequenceNumber: string } }[] } = JSON.parse(readExampleEvent('kinesis'));
    const last = stream.Records.at(-1);
    expect(restOf('kinesis', stream, failing(last?.kinesis.sequenceNumber))).toEqual({ Records: [last] });
    const topic: { records: Record<string, { offset: number }[]> } = JSON.parse(readExampleEvent('kafka-msk'));
    const [partition = '', records = []] = Object.entries(topic.records)[0] ?? [];
    expect(restOf('kafka', topic, failing({ partition, offset: records.at(-1)?.offset }))).toMatchObject({
      records: { [partition]: records.slice(-1) },
    });
  });

  it('is, for any messages and any that failed, what filtering the parsed event gives', () => {
    const bodies = fc.array(fc.string({ unit: anyCharacter() }), { minLength: 1, maxLength: 12 });
    const spaces = fc.constantFrom(undefined, 1, '\t');
    fc.assert(
      fc.property(bodies, fc.infiniteStream(fc.boolean()), spaces, fc.jsonValue(), (texts, picks, space, extra) => {
        const records = texts.map((body, index) => sqs(`m-${index}`, body));
        const failed = records.filter(() => picks.next().value);
        const text = JSON.stringify({ before: extra, Records: records, after: extra }, null, space);
        const verdict = verdictOfBatch('sqs', text, failing(...failed.map(({ messageId }) => messageId)));
        if (failed.length === 0) expect(verdict.kind).toBe('done');
        else if (failed.length === records.length) expect(verdict.kind).toBe('failed');
        else
          expect(verdict.kind === 'rest' && JSON.parse(verdict.text)).toEqual(
            JSON.parse(JSON.stringify({ before: extra, Records: failed, after: extra })),
          );
      }),
    );
  });
});

describe('positions in a JSON text', () => {
  it('cut any object into members that parse to what the object holds', () => {
    const objects = fc.dictionary(fc.string({ unit: anyCharacter() }), fc.jsonValue());
    fc.assert(
      fc.property(objects, fc.constantFrom(undefined, 2), (object, space) => {
        const text = ` ${JSON.stringify(object, null, space)} `;
        const container = containerAt(text, 0);
        const parsed: unknown = JSON.parse(text);
        expect(container?.members.map(({ key }) => key)).toEqual(Object.keys(Object(parsed)));
        for (const [key, value] of Object.entries(Object(parsed))) {
          const member = container && memberNamed(container, key);
          expect(JSON.parse(text.slice(member?.valueStart, member?.end))).toEqual(value);
        }
        const slices = container?.members.map(({ start, end }) => text.slice(start, end)) ?? [];
        expect(container && JSON.parse(withMembers(text, container, slices))).toEqual(parsed);
      }),
    );
  });

  it('are of no use where there is neither a list nor an object', () => {
    expect(containerAt(' "[1]" ', 0)).toBeUndefined();
  });

  it('take time in proportion to the text, however many backslashes it has', () => {
    const text = JSON.stringify({ Records: [sqs('a', '\\"'.repeat(1_000_000)), sqs('b')] });
    expect(verdictOfBatch('sqs', text, failing('b'))).toMatchObject({ text: JSON.stringify({ Records: [sqs('b')] }) });
  });
});
