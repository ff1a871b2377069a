import { sha256Of } from './body.ts';
import { type EventStatus, isFinished } from './deferred-event.ts';

/**
 * The deferred events table: its definition, and every name that items in it go by.
 *
 * One key, `pk`. An event is `<function>#<id>`; a part of it, `<function>#<id>#<hash>#0001`; the function's own row,
 * `<function>#function`. So every key that a function may write begins with its name, which is what IAM's leading keys
 * allow it. What no function may reach begins with `#`, as no function's name does.
 *
 * The index `pending` finds what `gpk` groups, in the order of `gsk`. It is eventually consistent, and a function may
 * write into any group: the key says whose an item is, and the item what it is.
 */

export const PENDING_INDEX = 'pending';
/** Epoch seconds. Of events only finished ones have it: a pending event never expires. */
export const TTL_ATTRIBUTE = 'expiresAt';
/** Retention of finished events: 30 days. */
export const FINISHED_KEPT_SECONDS = 30 * 86_400;

/** The last instant that has a place in a group, in epoch milliseconds: the year 2286. */
export const LAST_INSTANT = 9_999_999_999_999;

/** `gpk` of the functions that have deferred events. */
export const FUNCTIONS_GROUP = 'functions';
/** The beginning of `gpk` of every part. It begins as no function's name can: one called `parts` has other groups. */
const PARTS_GROUP = '#parts';
/** Groups are spread over this many partitions of the index, each good for 1,000 writes of 1 KB a second. */
export const SHARDS = 8;

/** `gpk` of the runs that have ended: replays as records. */
export const RUNS_GROUP = '#runs';
/** `gpk` of the runs that have not: who looks for these reads no others, however many there are. */
export const OPEN_RUNS_GROUP = '#runs.open';

/** `gpk` of what operators did with events by hand. */
export const AUDIT_GROUP = '#audit';

const INSTANT_DIGITS = String(LAST_INSTANT).length;

const PROJECTED = ['status', 'source', 'bytes', 'attempts', 'leaseUntil', 'orderKeys', 'qualifier'];

/** Part of DynamoDB's CreateTable input that defines the table. Names are those of the API. */
export interface TableDefinition {
  TableName: string;
  BillingMode: 'PAY_PER_REQUEST';
  AttributeDefinitions: { AttributeName: string; AttributeType: 'S' }[];
  KeySchema: KeyElement[];
  GlobalSecondaryIndexes: {
    IndexName: string;
    KeySchema: KeyElement[];
    Projection: { ProjectionType: 'INCLUDE'; NonKeyAttributes: string[] };
  }[];
}

interface KeyElement {
  AttributeName: string;
  KeyType: 'HASH' | 'RANGE';
}

/** Identity of an event. Ids are unique within a function alone: whoever writes an item chooses its id. */
export interface EventIdentity {
  readonly functionName: string;
  /** The Lambda request id, see {@link DeferredEvent}. */
  readonly id: string;
}

/** Meaning of a partition key. */
export type TableKey =
  | ({ readonly kind: 'event' } & EventIdentity)
  | ({ readonly kind: 'part'; readonly partsHash: string } & EventIdentity)
  | { readonly kind: 'function'; readonly functionName: string };

/** Suffix of the key of a function's own row; no event has this id. */
const OWN_ROW = 'function';
/**
 * A function's name as Lambda has it, then an id that needs no quotes on a command line, and that no terminal takes for
 * anything else. Source: AWS Lambda API reference, "CreateFunction", FunctionName.
 */
const KEY = /^([\w-]{1,64})#([A-Za-z0-9][\w.-]{0,127})(?:#([0-9a-f]{16})#\d{4})?$/;

/** A run's id: eight hexadecimal digits. */
const RUN_KEY = /^#run#([0-9a-f]{8})$/;

/** The keys of parts, and of nothing else, as IAM's patterns write them. */
export const PART_KEYS = '*#*#*#*';

/** What the parts of a body are called by: see {@link partsHashOf}. */
export const PARTS_HASH = /^[0-9a-f]{16}$/;

/** The partition key of an event. */
export function eventKey({ functionName, id }: EventIdentity): string {
  return ownPrefix(functionName) + id;
}

/** What the partition keys of all that is a function's own begin with. */
export function ownPrefix(functionName: string): string {
  return `${functionName}#`;
}

/** The partition key of a function's own row. */
export function functionKey(functionName: string): string {
  return `${functionName}#${OWN_ROW}`;
}

/**
 * The partition keys of all parts of an event's body, in order.
 *
 * @param partsHash of the stored bytes, see {@link partsHashOf}: parts of two attempts never mix
 */
export function partKeys(event: EventIdentity, partsHash: string, count: number): string[] {
  const partKey = (number: number) => `${eventKey(event)}#${partsHash}#${String(number).padStart(4, '0')}`;
  return Array.from({ length: count }, (_, index) => partKey(index + 1));
}

/** The keys of runs and their shares, and of nothing else, as IAM's patterns write them. */
export const RUN_KEYS = '#run#*';

/** The partition key of a run, a replay as a record. */
export function runKey(id: string): string {
  return `#run#${id}`;
}

/** The partition key of a share of a run. With a third `#` it would be one of {@link PART_KEYS}, which a sweep deletes. */
export function runShareKey(id: string, number: number): string {
  return `${runKey(id)}.${number}`;
}

/** The id of the run that a partition key is of. Undefined for any other key, that of a share among them. */
export function runIdIn(key: string): string | undefined {
  return RUN_KEY.exec(key)?.[1];
}

/** The keys of such notes, and of nothing else, as IAM's patterns write them. */
export const AUDIT_KEYS = '#audit#*';

/** The partition key of a note of what an operator did: eight hexadecimal digits behind `#audit#`. */
export function auditKey(id: string): string {
  return `#audit#${id}`;
}

/** The keys of what monitors remember, and of nothing else, as IAM's patterns write them. */
export const MONITOR_KEYS = '#monitor.*';

/** The partition key of what a monitor remembers of these. */
export function monitorKey(of: 'windows' | 'backlogs' | 'runs' | 'drain'): string {
  return `#monitor.${of}`;
}

/** Reads a partition key. Undefined where it is none that a function of ours writes. */
export function parseKey(text: string): TableKey | undefined {
  const [, functionName, id, partsHash] = KEY.exec(text) ?? [];
  if (functionName === undefined || id === undefined) return undefined;
  if (partsHash !== undefined) return id === OWN_ROW ? undefined : { kind: 'part', functionName, id, partsHash };
  return id === OWN_ROW ? { kind: 'function', functionName } : { kind: 'event', functionName, id };
}

/** Hash in the keys of a body's parts: 16 hexadecimal digits. */
export function partsHashOf(stored: Uint8Array): string {
  return sha256Of(stored).slice(0, 16);
}

/** The group (`gpk`) of an event: unfinished ones of a function apart from its finished ones. */
export function eventGroup({ functionName, id }: EventIdentity, status: EventStatus): string {
  return `${isFinished(status) ? finishedPrefix(functionName) : functionName}#${shardOf(id)}`;
}

/** The groups (`gpk`) in which a function's unfinished events are, all of them. */
export function pendingGroups(functionName: string): string[] {
  return shardsOf(functionName);
}

/** The groups (`gpk`) in which a function's finished events are, all of them. */
export function finishedGroups(functionName: string): string[] {
  return shardsOf(finishedPrefix(functionName));
}

/** Group (`gpk`) of a part; a sweep finds orphaned parts there. */
export function partGroup(key: string): string {
  return `${PARTS_GROUP}#${shardOf(key)}`;
}

/** The groups (`gpk`) in which parts are, all of them. */
export function partGroups(): string[] {
  return shardsOf(PARTS_GROUP);
}

/**
 * The place (`gsk`) of an item in its group: by time.
 *
 * @param at epoch milliseconds
 */
export function placeOf(at: number, key: string): string {
  return `${String(at).padStart(INSTANT_DIGITS, '0')}#${key}`;
}

/**
 * Event at a place in one of a function's groups, and when it was deferred (epoch milliseconds). Undefined for an item
 * of another function, or one that no client of ours puts at this place.
 */
export function eventAt(
  functionName: string,
  key: string | undefined,
  place: string | undefined,
): { readonly id: string; readonly deferredAt: number } | undefined {
  const event = parseKey(key ?? '');
  if (event?.kind !== 'event' || event.functionName !== functionName) return undefined;
  const at = Number(place?.slice(0, INSTANT_DIGITS));
  return Number.isInteger(at) && at >= 0 && place === placeOf(at, event.id)
    ? { id: event.id, deferredAt: at }
    : undefined;
}

/** Definition of the table: on demand, with the index. Time to live is a call of its own, on {@link TTL_ATTRIBUTE}. */
export function tableDefinition(name: string): TableDefinition {
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'gpk', AttributeType: 'S' },
      { AttributeName: 'gsk', AttributeType: 'S' },
    ],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: PENDING_INDEX,
        KeySchema: [
          { AttributeName: 'gpk', KeyType: 'HASH' },
          { AttributeName: 'gsk', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...PROJECTED] },
      },
    ],
  };
}

/** Whether some text can be an event's id. */
export function isEventId(text: string): boolean {
  return parseKey(eventKey({ functionName: 'f', id: text }))?.kind === 'event';
}

function finishedPrefix(functionName: string): string {
  return `done#${functionName}`;
}

function shardsOf(group: string): string[] {
  return Array.from({ length: SHARDS }, (_, shard) => `${group}#${shard}`);
}

function shardOf(key: string): number {
  return Number.parseInt(sha256Of(key).slice(0, 8), 16) % SHARDS;
}
