import { sha256Of } from './body.ts';
import { type EventStatus, isFinished } from './event.ts';

/**
 * The deferred events table: its definition, and every name that items in it go by.
 *
 * One key, `pk`. An event is `<id>`; a part of it, `<id>#<hash>#0001`; a function that has deferred, `function#<name>`.
 * The index `pending` finds what `gpk` groups, in the order of `gsk`: it is eventually consistent, and the item decides.
 */

export const PENDING_INDEX = 'pending';
/** Epoch seconds. Only what is finished has it: a pending event never expires. */
export const TTL_ATTRIBUTE = 'expiresAt';
/** How long a finished event can still be looked at: 30 days. */
export const FINISHED_KEPT_SECONDS = 30 * 86_400;

/** `gpk` of the functions that have deferred events. */
export const FUNCTIONS_GROUP = 'functions';
/** The beginning of `gpk` of every part. */
/** Begins as no function's name can, so that the groups of a function called `parts` are others. */
const PARTS_GROUP = '#parts';
/** Groups are spread over this many partitions of the index, each good for 1,000 writes of 1 KB a second. */
export const SHARDS = 8;

const PROJECTED = ['status', 'source', 'bytes', 'attempts', 'leaseUntil', 'orderKeys', 'qualifier'];

/** Of DynamoDB's CreateTable input, as much as says what the table is. Names are the wire's own. */
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

/** The partition key of a function's item. */
export function functionKey(functionName: string): string {
  return `function#${functionName}`;
}

/**
 * The partition key of one part of an event's body.
 *
 * @param partsHash of the stored bytes, see {@link partsHashOf}: parts of two attempts never mix
 * @param number from 1
 */
function partKey(id: string, partsHash: string, number: number): string {
  return `${id}#${partsHash}#${String(number).padStart(4, '0')}`;
}

/** The partition keys of all parts of an event's body, in order. */
export function partKeys(id: string, partsHash: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => partKey(id, partsHash, index + 1));
}

/** What the parts of some stored bytes are called by: 16 hexadecimal digits. */
export function partsHashOf(stored: Uint8Array): string {
  return sha256Of(stored).slice(0, 16);
}

/** The group (`gpk`) of an event: unfinished ones of a function apart from its finished ones. */
export function eventGroup(functionName: string, id: string, status: EventStatus): string {
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

/** The group (`gpk`) of a part, where a sweep finds those whose event never came or is gone. */
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
  return `${String(at).padStart(13, '0')}#${key}`;
}

/** What creates the table: on demand, with the index. Time to live is a call of its own, on {@link TTL_ATTRIBUTE}. */
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

function finishedPrefix(functionName: string): string {
  return `done#${functionName}`;
}

function shardsOf(group: string): string[] {
  return Array.from({ length: SHARDS }, (_, shard) => `${group}#${shard}`);
}

function shardOf(key: string): number {
  return Number.parseInt(sha256Of(key).slice(0, 8), 16) % SHARDS;
}
