import type { QueryCommandInput } from '@aws-sdk/client-dynamodb';
import {
  type EventRow,
  MOST_STRAYS,
  type NewestEvent,
  type RowQuery,
  type Strays,
  type TellWaiting,
  WAITING,
  type WaitingStatus,
} from '../../core/events/archive.ts';
import { type EventStatus, isFinished, STATUSES } from '../../core/events/deferred-event.ts';
import { mergedInOrder, placeOfRow } from '../../core/events/rows-in-order.ts';
import {
  type EventIdentity,
  eventAt,
  eventKey,
  FUNCTIONS_GROUP,
  finishedGroups,
  LAST_INSTANT,
  ownPrefix,
  PENDING_INDEX,
  parseKey,
  pendingGroups,
  placeOf,
} from '../../core/events/table.ts';
import type { Clock } from '../../core/gate/ports.ts';
import type { Item } from '../dynamodb/dynamodb.ts';
import { createItemReader } from './item-reader.ts';
import { placeholderOf, statusValues } from './moves.ts';
import { damagedBy, readIndexed } from './stored-event.ts';

/** Sends a query, with whatever tries it takes. */
export type SendQuery = (input: QueryCommandInput) => Promise<QueryPage>;

interface QueryPage {
  readonly Items?: Item[] | undefined;
  readonly Count?: number | undefined;
  /** Before the filter. */
  readonly ScannedCount?: number | undefined;
  readonly LastEvaluatedKey?: Item | undefined;
}

/** Index of events, and of the functions that they belong to. */
export interface EventIndex {
  /** The names of all functions that ever deferred an event. */
  functionNames(): Promise<string[]>;
  /** Events of one function, oldest first, read page by page as they are asked for: memory stays flat. */
  rows(query: RowQuery): AsyncGenerator<EventRow>;
  /** The same group by group, each oldest first. */
  groups(query: RowQuery): readonly AsyncGenerator<EventRow>[];
  /** Counts events of one function. Reads all of its groups, side by side. */
  tally(query: RowQuery): Promise<Tally>;
  /** Events of one function whose id begins so, finished or not. Reads all of its groups, side by side. */
  beginning(functionName: string, prefix: string): Promise<readonly EventIdentity[]>;
  /** The last event of one function, finished or not. Asks all of its groups, side by side. */
  newest(functionName: string): Promise<NewestEvent | undefined>;
  /** Counts the events of one function that wait, by status. Asks its eight groups side by side. */
  countWaiting(functionName: string, tell: TellWaiting): Promise<void>;
  /** Foreign items that were skipped so far. */
  strays(): Strays;
}

/** How many events there are. */
export interface Tally {
  readonly events: number;
  /** When the oldest was deferred, epoch milliseconds. Absent where there is none. */
  readonly oldestAt?: number;
}

const STRAYS_NAMED = 3;
const PAGE_ROWS = 250;
/**
 * Rows that are counted in one question. DynamoDB ends a page at 1 MB, some 2,600 of them; DynamoDB Local looks through the
 * whole group first where no number is said, which takes seconds over 100,000.
 */
const COUNTED_ROWS = 2_000;
/** A page grows to so many times its rows: it bounds what is in memory where events lie close together again. */
const MOST_GROWTH = 8;
/** Keys that one read unit has room for: they cost what one does, and a few strays among them no second query. */
const EDGE_ROWS = 16;

/** The index of a table. Takes an item where its key says that it belongs there, and no other. */
export function createEventIndex(table: string, send: SendQuery, clock: Pick<Clock, 'now'>): EventIndex {
  const strayKeys = new Set<string>();

  return {
    async functionNames() {
      const names = new Set<string>();
      const input = { ...groupQuery(table, FUNCTIONS_GROUP), ProjectionExpression: 'pk' };
      for await (const { Items = [] } of pages(send, input)) {
        for (const { pk } of Items) {
          const key = parseKey(pk?.S ?? '');
          if (key?.kind === 'function') names.add(key.functionName);
          else passBy(pk?.S);
        }
      }
      return [...names];
    },

    rows: (query) => mergedInOrder(groups(query), placeOfRow),
    groups,

    async tally(query) {
      const groups = await Promise.all(groupsOf(query).map((group) => tallyOf(group, query)));
      const oldestAt = Math.min(...groups.map((group) => group.oldestAt));
      const events = groups.reduce((sum, group) => sum + group.events, 0);
      return { events, ...(Number.isFinite(oldestAt) && { oldestAt }) };
    },

    async beginning(functionName, prefix) {
      const groups = [...pendingGroups(functionName), ...finishedGroups(functionName)];
      const found = new Map<string, EventIdentity>();
      const reading = groups.map(async (group) => {
        const query = groupQuery(table, group);
        const input = {
          ...query,
          FilterExpression: 'begins_with(pk, :key)',
          ProjectionExpression: 'pk, gsk',
          ExpressionAttributeValues: {
            ...query.ExpressionAttributeValues,
            ':key': { S: eventKey({ functionName, id: prefix }) },
          },
        };
        for await (const { Items = [] } of pages(send, input)) {
          for (const item of Items) {
            const event = eventIn(item, functionName);
            // One that moves to another group is in both for a moment.
            if (event) found.set(event.id, { functionName, id: event.id });
          }
        }
      });
      await Promise.all(reading);
      return [...found.values()];
    },

    async newest(functionName) {
      const groups = [...pendingGroups(functionName), ...finishedGroups(functionName)];
      const found = await Promise.all(groups.map((group) => edgeOf(group, functionName, 'newest')));
      return found.reduce((last, event) => (event && (!last || placeOfRow(event) > placeOfRow(last)) ? event : last));
    },

    async countWaiting(functionName, tell) {
      await Promise.all(pendingGroups(functionName).map((group) => countGroup(group, functionName, tell)));
    },

    strays: () => ({
      items: strayKeys.size,
      writers: writersOf(strayKeys),
      keys: [...strayKeys].slice(0, STRAYS_NAMED),
    }),
  };

  function groups(query: RowQuery): readonly AsyncGenerator<EventRow>[] {
    return groupsOf(query).map((group) => rowsIn(group, query));
  }

  /** `oldestAt` is Infinity where there is none. */
  async function tallyOf(group: string, query: RowQuery): Promise<Required<Tally>> {
    let events = 0;
    let oldestAt = Number.POSITIVE_INFINITY;
    const input = { ...eventsQuery(table, group, query), ProjectionExpression: 'pk, gsk', Limit: COUNTED_ROWS };
    for await (const { Items = [] } of pages(send, input)) {
      for (const item of Items) {
        const event = eventIn(item, query.functionName);
        if (!event) continue;
        events += 1;
        oldestAt = Math.min(oldestAt, event.deferredAt);
      }
    }
    return { events, oldestAt };
  }

  async function edgeOf(
    group: string,
    functionName: string,
    edge: 'oldest' | 'newest',
  ): Promise<NewestEvent | undefined> {
    const first = { ScanIndexForward: edge === 'oldest', ProjectionExpression: 'pk, gsk', Limit: EDGE_ROWS };
    for await (const { Items = [] } of pages(send, { ...groupQuery(table, group), ...first })) {
      for (const item of Items) {
        const event = eventIn(item, functionName);
        if (event) return { functionName, ...event };
      }
    }
    return undefined;
  }

  /** Nearly always all of them are pending: other statuses are counted only where something is not. */
  async function countGroup(group: string, functionName: string, tell: TellWaiting): Promise<void> {
    const oldest = await edgeOf(group, functionName, 'oldest');
    if (!oldest) return;
    tell({ oldestAt: oldest.deferredAt });
    const [first, ...others] = WAITING;
    const left = await countStatus(group, functionName, first, tell);
    if (left > 0) await Promise.all(others.map((status) => countStatus(group, functionName, status, tell)));
  }

  /** @returns how many items of the group are something else */
  async function countStatus(
    group: string,
    functionName: string,
    status: WaitingStatus,
    tell: TellWaiting,
  ): Promise<number> {
    let others = 0;
    for await (const { Count = 0, ScannedCount = 0 } of pages(send, countQuery(table, group, functionName, status))) {
      others += ScannedCount - Count;
      if (Count > 0) tell({ status, events: Count });
    }
    return others;
  }

  async function* rowsIn(group: string, query: RowQuery): AsyncGenerator<EventRow> {
    const { functionName, after, pageRows = PAGE_ROWS } = query;
    let limit = pageRows;
    const input = eventsQuery(table, group, query);
    for await (const { Items = [] } of pages(send, () => ({ ...input, Limit: limit }))) {
      // A limit counts what the filter leaves out, too: of few events among many a page would have next to none.
      limit = Items.length < limit / 2 ? Math.min(limit * 2, pageRows * MOST_GROWTH) : pageRows;
      for (const item of Items) {
        const event = eventIn(item, functionName);
        if (event && item['gsk']?.S !== after) yield rowOf(item, { functionName, ...event }, clock.now());
      }
    }
  }

  function eventIn({ pk, gsk }: Item, functionName: string): ReturnType<typeof eventAt> {
    const event = eventAt(functionName, pk?.S, gsk?.S);
    if (!event) passBy(pk?.S);
    return event;
  }

  function passBy(key = ''): void {
    if (strayKeys.size < MOST_STRAYS) strayKeys.add(key);
  }
}

function writersOf(keys: ReadonlySet<string>): string[] {
  const names = [...keys].map((key) => /^[\w-]{1,64}(?=#)/.exec(key)?.[0]);
  return [...new Set(names)].filter((name) => name !== undefined).sort();
}

function groupsOf({ functionName, statuses }: RowQuery): string[] {
  return [
    ...(statuses.some((status) => !isFinished(status)) ? pendingGroups(functionName) : []),
    ...(statuses.some(isFinished) ? finishedGroups(functionName) : []),
  ];
}

function groupQuery(table: string, group: string): QueryCommandInput {
  return {
    TableName: table,
    IndexName: PENDING_INDEX,
    KeyConditionExpression: 'gpk = :group',
    ExpressionAttributeValues: { ':group': { S: group } },
  };
}

function eventsQuery(table: string, group: string, query: RowQuery): QueryCommandInput {
  const { statuses, sources, fromAt = 0, untilAt = LAST_INSTANT, after } = query;
  const from = placeOf(fromAt, '');
  const filters = [
    ...(statuses.length > 0 ? [statusFilter(statuses)] : []),
    ...(sources ? [`#source IN (${sources.map((_, index) => `:source${index}`).join()})`] : []),
  ];
  return {
    TableName: table,
    IndexName: PENDING_INDEX,
    KeyConditionExpression: 'gpk = :group AND gsk BETWEEN :from AND :until',
    FilterExpression: filters.join(' AND '),
    ExpressionAttributeNames: { '#status': 'status', ...(sources && { '#source': 'source' }) },
    ExpressionAttributeValues: {
      ':group': { S: group },
      ':from': { S: after !== undefined && after > from ? after : from },
      ':until': { S: placeOf(untilAt, '') },
      ...(statuses.length > 0 && statusValues()),
      ...Object.fromEntries((sources ?? []).map((source, index) => [`:source${index}`, { S: source }])),
    },
  };
}

/** Counts a function's own events of one status; `pending` stands in for what has no status of ours. */
function countQuery(table: string, group: string, functionName: string, status: WaitingStatus): QueryCommandInput {
  const isPending = status === 'pending';
  const query = groupQuery(table, group);
  return {
    ...query,
    Select: 'COUNT',
    Limit: COUNTED_ROWS,
    FilterExpression: `begins_with(pk, :own) AND ${isPending ? statusFilter([status]) : '#status = :status'}`,
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ...query.ExpressionAttributeValues,
      ':own': { S: ownPrefix(functionName) },
      ...(isPending ? statusValues() : { ':status': { S: status } }),
    },
  };
}

/** Those that are wanted, and what has no status of ours: nobody can say that it is not wanted. */
function statusFilter(statuses: readonly EventStatus[]): string {
  const [wanted, known] = [statuses, STATUSES].map((list) => list.map(placeholderOf).join());
  return `(#status IN (${wanted}) OR NOT #status IN (${known}))`;
}

/** @param input of all pages, or of the next one */
async function* pages(
  send: SendQuery,
  input: QueryCommandInput | (() => QueryCommandInput),
): AsyncGenerator<QueryPage> {
  let from: Item | undefined;
  do {
    const next = typeof input === 'function' ? input() : input;
    const page = await send({ ...next, ...(from && { ExclusiveStartKey: from }) });
    yield page;
    from = page.LastEvaluatedKey;
  } while (from);
}

function rowOf(item: Item, event: Pick<EventRow, 'id' | 'functionName' | 'deferredAt'>, now: number): EventRow {
  const reader = createItemReader(item);
  const row = { ...event, ...readIndexed(reader, item, now) };
  return reader.fault === undefined ? row : { ...row, damaged: damagedBy(reader.fault) };
}
