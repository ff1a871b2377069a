import { at, isObject, listAt, textAt } from '../text/shape.ts';

/**
 * What a source keeps in order, as keys of an event: events that share one were sent one after the other.
 *
 * A key is a scope, `arn:aws:sqs:…:orders.fifo`, or a lane of it behind a `#`: a message group, a shard, a partition, a
 * queue. A scope alone stands for all of its lanes, and `*` for all that came from the event's source. So there
 * is a key also where the lanes are not known, or are too many to be kept: coarser, never none.
 */
export interface OrderKey {
  readonly key: string;
  /**
   * The lowest place in it, where the source numbers its records: decimal digits, compared with {@link compareSequences}.
   * Absent where it does not; such events go in the order of their deferral.
   */
  readonly sequence?: string;
}

/** Upper bound for the order keys of one event, in the table and in each update of its index. Bytes. */
export const KEYS_LIMIT_BYTES = 2_048;

/** More than this is no ARN. */
const SCOPE_LIMIT_BYTES = 512;

/** The scope of every self-managed Kafka cluster: its list of servers need not come in the same order each time. */
const SELF_MANAGED = 'SelfManagedKafka';

/** All that came from a source. */
export const WHOLE_SOURCE: OrderKey = { key: '*' };

/**
 * Compares two sequence numbers of one key as numbers: negative when `a` came first. They have up to 56 digits
 * (Kinesis), more than a double holds, and come without leading zeros.
 */
export function compareSequences(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The scope and the lane of a key; no lane where the whole scope is meant. */
export function scopeAndLane(key: string): readonly [scope: string, lane?: string] {
  const end = key.indexOf('#');
  return end < 0 ? [key] : [key.slice(0, end), key.slice(end + 1)];
}

/** A stream's shard: its name stands before the colon in each `eventID`. A batch is of one shard. */
export function kinesisOrder(event: unknown): readonly OrderKey[] {
  return keysOf(listAt(event, 'Records'), (record) => {
    const id = textAt(record, 'eventID');
    const end = id.indexOf(':');
    return {
      scope: textAt(record, 'eventSourceARN'),
      ...(end > 0 && { lane: id.slice(0, end) }),
      sequence: textAt(record, 'kinesis', 'sequenceNumber'),
    };
  });
}

/** A DynamoDB stream as a whole: the event does not name the shard. */
export function dynamoDbOrder(event: unknown): readonly OrderKey[] {
  return keysOf(listAt(event, 'Records'), (record) => ({
    scope: textAt(record, 'eventSourceARN'),
    sequence: textAt(record, 'dynamodb', 'SequenceNumber'),
  }));
}

/** Every message group of a FIFO queue. A standard queue has no order, fair queues with their groups neither. */
export function sqsOrder(event: unknown): readonly OrderKey[] {
  const records = listAt(event, 'Records');
  if (!records.some(isOfFifoQueue)) return [];
  return keysOf(records, (record) => ({
    scope: textAt(record, 'eventSourceARN'),
    lane: textAt(record, 'attributes', 'MessageGroupId'),
    sequence: textAt(record, 'attributes', 'SequenceNumber'),
  }));
}

/**
 * Whether an SQS record came from a FIFO queue: its name says so, and only such a queue numbers its messages.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queue-message-identifiers.html
 */
export function isOfFifoQueue(record: unknown): boolean {
  return textAt(record, 'eventSourceARN').endsWith('.fifo') || textAt(record, 'attributes', 'SequenceNumber') !== '';
}

/** Every partition of every Kafka topic: the names of the lists of records, `orders-0`. */
export function kafkaOrder(event: unknown): readonly OrderKey[] {
  const cluster = textAt(event, 'eventSourceArn') || SELF_MANAGED;
  const lists = listsIn(at(event, 'records'));
  return keysOf(
    lists.flatMap(([lane, records]) => records.map((record) => ({ lane, record }))),
    ({ lane, record }) => ({ scope: cluster, lane, sequence: String(at(record, 'offset') ?? '') }),
  );
}

/** Every queue of a broker. Its messages have no numbers. */
export function mqOrder(event: unknown): readonly OrderKey[] {
  const scope = textAt(event, 'eventSourceArn');
  const queues = [
    ...listsIn(at(event, 'rmqMessagesByQueue')).map(([queue]) => queue),
    ...listAt(event, 'messages').map((message) => textAt(message, 'destination', 'physicalName')),
  ];
  return keysOf(queues, (lane) => ({ scope, lane }));
}

/** A cluster's change stream as a whole: Lambda reads it batch after batch. */
export function documentDbOrder(event: unknown): readonly OrderKey[] {
  return keysOf([event], () => ({ scope: textAt(event, 'eventSourceArn') }));
}

/** All that a pipe's source sends, unless that is a standard queue. */
export function pipesOrder(event: unknown): readonly OrderKey[] {
  const records = Array.isArray(event) ? event : [];
  const isStandardQueue = (record: unknown) => textAt(record, 'eventSource') === 'aws:sqs' && !isOfFifoQueue(record);
  if (records.every(isStandardQueue)) return [];
  return keysOf(records, (record) => ({
    scope: textAt(record, 'eventSourceARN') || textAt(record, 'eventSourceArn') || SELF_MANAGED,
  }));
}

interface RecordPlace {
  readonly scope: string;
  /** Absent or empty where it is not known. */
  readonly lane?: string;
  readonly sequence?: string;
}

const SEQUENCE = /^(?:0|[1-9]\d{0,63})$/;
/** Each key is a line of the item that holds it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these cannot be kept as one line
const NO_LINE = /[\u0000-\u001f\u007f\u2028\u2029]/;

/**
 * The keys of all records, each with its lowest sequence; no sequence where a record of the key has none. Coarser where
 * they would not be kept well: records of several scopes, which no source sends, more lanes than may be stored.
 */
function keysOf<Each>(records: readonly Each[], placeOf: (record: Each) => RecordPlace): readonly OrderKey[] {
  const lowest = new Map<string, string | undefined>();
  let scope: string | undefined;
  let isWhole = false;
  let bytes = 0;
  for (const record of records) {
    const place = placeOf(record);
    scope ??= place.scope;
    if (place.scope !== scope || !isScope(scope)) return [WHOLE_SOURCE];
    const lane = place.lane ?? '';
    if (lane === '' || NO_LINE.test(lane)) isWhole = true;
    const sequence = SEQUENCE.test(place.sequence ?? '') ? place.sequence : undefined;
    if (!lowest.has(lane)) {
      lowest.set(lane, sequence);
      bytes += Buffer.byteLength(lane) + 1;
    } else {
      const before = lowest.get(lane);
      const isLower = sequence === undefined || (before !== undefined && compareSequences(sequence, before) < 0);
      if (isLower) lowest.set(lane, sequence);
    }
  }
  if (scope === undefined) return [];
  if (isWhole || bytes + Buffer.byteLength(scope) > KEYS_LIMIT_BYTES) {
    // Places in different lanes say nothing of each other.
    return [orderKey(scope, lowest.size === 1 ? lowest.values().next().value : undefined)];
  }
  return [...lowest].map(([lane, sequence]) => orderKey(`${scope}#${lane}`, sequence));
}

function isScope(scope: string): boolean {
  return scope !== '' && !scope.includes('#') && !NO_LINE.test(scope) && Buffer.byteLength(scope) <= SCOPE_LIMIT_BYTES;
}

function orderKey(key: string, sequence: string | undefined): OrderKey {
  return sequence === undefined ? { key } : { key, sequence };
}

/** Lists of records by name, as Kafka and RabbitMQ have them. */
function listsIn(value: unknown): readonly (readonly [name: string, records: readonly unknown[]])[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, records]) => (Array.isArray(records) ? [[name, records] as const] : []));
}
