import { at, isObject, listAt, textAt } from './shape.ts';

/** The place of a batch in its source's order: the shard, partition or group, and the lowest sequence number in the batch. */
export interface RecordOrder {
  /** Events of one key were sent in the order of their sequences. Never empty. */
  readonly key: string;
  /** Decimal digits, as many as the source writes: compare with {@link compareSequences}. */
  readonly sequence: string;
}

/**
 * Compares two sequence numbers of one key as numbers: negative when `a` came first. They have up to 56 digits
 * (Kinesis), more than a double holds, and come without leading zeros.
 */
export function compareSequences(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a === b ? 0 : a < b ? -1 : 1;
}

/** A stream's shard: its name stands before the colon in each `eventID`. A batch is of one shard. */
export function kinesisOrder(event: unknown): RecordOrder | undefined {
  return lowest(listAt(event, 'Records'), (record) => ({
    key: `${textAt(record, 'eventSourceARN')}#${textAt(record, 'eventID').split(':', 1)[0]}`,
    sequence: textAt(record, 'kinesis', 'sequenceNumber'),
  }));
}

/** A DynamoDB stream as a whole: the event does not name the shard. */
export function dynamoDbOrder(event: unknown): RecordOrder | undefined {
  return lowest(listAt(event, 'Records'), (record) => ({
    key: textAt(record, 'eventSourceARN'),
    sequence: textAt(record, 'dynamodb', 'SequenceNumber'),
  }));
}

/** A message group of a FIFO queue. A standard queue has no order. */
export function sqsOrder(event: unknown): RecordOrder | undefined {
  return lowest(listAt(event, 'Records'), (record) => ({
    key: `${textAt(record, 'eventSourceARN')}#${textAt(record, 'attributes', 'MessageGroupId')}`,
    sequence: textAt(record, 'attributes', 'SequenceNumber'),
  }));
}

/** A partition of a Kafka topic: the name of a list of records, `orders-0`. */
export function kafkaOrder(event: unknown): RecordOrder | undefined {
  const cluster = textAt(event, 'eventSourceArn');
  const partitions = at(event, 'records');
  const [partition, records] = (isObject(partitions) && Object.entries(partitions)[0]) || [];
  if (partition === undefined || !Array.isArray(records)) return undefined;
  return lowest(records, (record) => ({
    key: cluster === '' ? partition : `${cluster}#${partition}`,
    sequence: String(at(record, 'offset') ?? ''),
  }));
}

/**
 * The lowest sequence among the records of the first record's key. A batch that spans several keys (message groups,
 * partitions) goes by its first: it stays one event, and events of different keys replay in the order of deferral.
 */
function lowest(records: readonly unknown[], placeOf: (record: unknown) => RecordOrder): RecordOrder | undefined {
  let first: RecordOrder | undefined;
  for (const record of records) {
    const place = placeOf(record);
    if (!/^\d+$/.test(place.sequence)) return undefined;
    first ??= place;
    if (place.key === first.key && compareSequences(place.sequence, first.sequence) < 0) first = place;
  }
  return first;
}
