import { isJson } from '../text/json.ts';
import { type Container, containerAt, type Member, memberNamed, withMembers } from '../text/json-text.ts';
import { at, textAt } from '../text/shape.ts';
import { compareSequences, isOfFifoQueue } from './record-order.ts';
import type { PolicyKey } from './sources.ts';

/** Outcome of a batch, by the function's reply. */
export type BatchVerdict =
  | { readonly kind: 'done' }
  /** None of it counts as done. */
  | { readonly kind: 'failed'; readonly error: string }
  /** Failed in part: `text` is the batch without the records that are done. */
  | { readonly kind: 'rest'; readonly text: string; readonly error: string };

/** One record of a batch: what a reply calls it by, and where it stands in the text. */
interface BatchRecord {
  readonly member: Member;
  /** Of Kafka, `<partition>#<offset>`. */
  readonly name: string;
  /** What is kept in order together: a shard, a partition, a message group. Absent where each record stands alone. */
  readonly lane?: string;
  /** The place in its lane: decimal digits. */
  readonly sequence: string;
}

/** A list of records; of Kafka, one for each partition. */
interface RecordList {
  readonly container: Container;
  readonly records: readonly BatchRecord[];
  /** Of Kafka: the partition's name and its list. */
  readonly member?: Member;
}

interface Batch {
  /** `Records`, or Kafka's `records`. */
  readonly container: Container;
  readonly lists: readonly RecordList[];
}

/**
 * Reads `batchItemFailures` as Lambda's event source mappings do. Of a standard queue the records that are listed stay;
 * of Kinesis, DynamoDB and Kafka everything from the lowest failure of each shard or partition on. An unknown, empty or
 * null identifier fails the whole batch. Records are cut out of the raw text by position, so that each that stays has
 * the bytes that it had.
 *
 * Of a FIFO queue everything of a message group stays from its first failure on. Lambda asks the function to stop there
 * and to list the rest, and takes its word; a function that lists only what failed would lose the rest, or its order.
 *
 * Sources: Lambda developer guide, "Handling errors for an SQS event source", "Configuring partial batch response with
 * Kinesis Data Streams", "… with DynamoDB", "Configuring error handling controls for Kafka event sources".
 *
 * @param source the event's source
 * @param text the event as it was sent
 * @param reply the function's, parsed
 */
export function verdictOfBatch(source: string, text: string, reply: unknown): BatchVerdict {
  const failures = at(reply, 'batchItemFailures');
  if (failures === undefined || failures === null) return DONE;
  const isBatch = isBatchSource(source);
  if (!Array.isArray(failures)) return isBatch ? failed('batchItemFailures is not a list') : DONE;
  if (failures.length === 0) return DONE;
  if (!isBatch) return failed(`${failures.length} batchItemFailures`);
  if (!isJson(text)) return failed(`${failures.length} batchItemFailures, and the event is no JSON`);

  const batch = batchIn(source, text);
  const records = batch.lists.flatMap((list) => list.records);
  const names = failures.map((failure) => nameOf(source, at(failure, 'itemIdentifier')));
  const known = new Set<string | undefined>(records.map(({ name }) => name));
  const unknown = names.findIndex((name) => name === undefined || !known.has(name));
  if (unknown >= 0) return failed(`batchItemFailures[${unknown}].itemIdentifier names no record of the batch`);

  const staying = stayingOf(records, new Set(names));
  if (staying.size === records.length) return failed(`all ${records.length} records failed (batchItemFailures)`);
  const error = `${staying.size} of ${records.length} records failed, or come after one that did (batchItemFailures)`;
  return { kind: 'rest', text: restOf(text, batch, staying), error };
}

const DONE: BatchVerdict = { kind: 'done' };

function failed(error: string): BatchVerdict {
  return { kind: 'failed', error };
}

const BATCH_SOURCES = ['sqs', 'kinesis', 'dynamodb', 'kafka'] as const satisfies readonly PolicyKey[];
type BatchSource = (typeof BATCH_SOURCES)[number];

function isBatchSource(source: string): source is BatchSource {
  return BATCH_SOURCES.some((each) => each === source);
}

/** A reply's identifier in the words of {@link BatchRecord.name}. Kafka's is an object, all others are texts. */
function nameOf(source: BatchSource, identifier: unknown): string | undefined {
  if (source !== 'kafka') return typeof identifier === 'string' && identifier !== '' ? identifier : undefined;
  const partition = textAt(identifier, 'partition');
  const offset = at(identifier, 'offset');
  const isOffset = typeof offset === 'number' || (typeof offset === 'string' && offset !== '');
  return partition !== '' && isOffset ? `${partition}#${offset}` : undefined;
}

function batchIn(source: BatchSource, text: string): Batch {
  const event = containerAt(text, 0);
  const member = event && memberNamed(event, source === 'kafka' ? 'records' : 'Records');
  const container = member && containerAt(text, member.valueStart);
  if (!container) return { container: { members: [], start: 0, end: 0 }, lists: [] };
  if (source === 'kafka') {
    return { container, lists: container.members.flatMap((partition) => partitionIn(text, partition) ?? []) };
  }
  return { container, lists: [{ container, records: container.members.map((each) => recordIn(source, text, each)) }] };
}

function partitionIn(text: string, member: Member): RecordList | undefined {
  const container = containerAt(text, member.valueStart);
  if (!container) return undefined;
  const partition = member.key ?? '';
  const records = container.members.map((each) => {
    const sequence = String(at(parsedMember(text, each), 'offset') ?? '');
    return { member: each, name: `${partition}#${sequence}`, sequence, lane: partition };
  });
  return { container, records, member };
}

function recordIn(source: Exclude<BatchSource, 'kafka'>, text: string, member: Member): BatchRecord {
  const record = parsedMember(text, member);
  switch (source) {
    case 'sqs': {
      const name = textAt(record, 'messageId');
      if (!isOfFifoQueue(record)) return { member, name, sequence: '' };
      const lane = textAt(record, 'attributes', 'MessageGroupId');
      return { member, name, lane, sequence: textAt(record, 'attributes', 'SequenceNumber') };
    }
    case 'kinesis': {
      const sequence = textAt(record, 'kinesis', 'sequenceNumber');
      return { member, name: sequence, sequence, lane: textAt(record, 'eventID').split(':', 1)[0] ?? '' };
    }
    case 'dynamodb': {
      // the event does not name the shard
      const sequence = textAt(record, 'dynamodb', 'SequenceNumber');
      return { member, name: sequence, sequence, lane: '' };
    }
  }
}

function parsedMember(text: string, { valueStart, end }: Member): unknown {
  return JSON.parse(text.slice(valueStart, end));
}

function stayingOf(
  records: readonly BatchRecord[],
  failures: ReadonlySet<string | undefined>,
): ReadonlySet<BatchRecord> {
  const lowest = new Map<string, string>();
  for (const { name, lane, sequence } of records) {
    if (lane === undefined || !failures.has(name)) continue;
    const before = lowest.get(lane);
    if (before === undefined || compareSequences(sequence, before) < 0) lowest.set(lane, sequence);
  }
  return new Set(
    records.filter(({ name, lane, sequence }) => {
      if (lane === undefined) return failures.has(name);
      const from = lowest.get(lane);
      return from !== undefined && compareSequences(sequence, from) >= 0;
    }),
  );
}

/** A partition of which nothing stays goes with its name. */
function restOf(text: string, { container, lists }: Batch, staying: ReadonlySet<BatchRecord>): string {
  const kept = lists.flatMap(({ container: list, records, member: partition }) => {
    const texts = records
      .filter((record) => staying.has(record))
      .map(({ member: { start, end } }) => text.slice(start, end));
    if (!partition) return texts;
    return texts.length > 0 ? `${text.slice(partition.start, list.start)}${withMembers(text, list, texts)}` : [];
  });
  return `${text.slice(0, container.start)}${withMembers(text, container, kept)}${text.slice(container.end)}`;
}
