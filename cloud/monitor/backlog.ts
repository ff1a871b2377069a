import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { eventAt, FUNCTIONS_GROUP, PENDING_INDEX, parseKey, pendingGroups } from '../../core/events/table.ts';

/** What is pending for one function: deferred events that nobody has finished, failed ones included. */
export interface Backlog {
  readonly functionName: string;
  readonly events: number;
  /** When the oldest of them was deferred, epoch milliseconds. Absent where there is none. */
  readonly oldestAt?: number;
}

/** What is pending in the whole table. */
export interface Backlogs {
  /** One for each function that ever deferred an event. */
  readonly backlogs: readonly Backlog[];
  /** Items that no client of ours puts where they stand: passed by, as their key alone says whose they are. */
  readonly strays: number;
}

/**
 * What is pending for each function that ever deferred an event. Counts in the index, page by page of 1 MB, which are
 * some thousands of events; no event's body is read. Whoever writes what into a group of another function's is not counted
 * for that one.
 */
export async function readBacklogs(client: DynamoDBClient, table: string): Promise<Backlogs> {
  const functions = await readFunctions(client, table);
  let { strays } = functions;
  const backlogs: Backlog[] = [];
  for (const functionName of functions.names) {
    const groups = pendingGroups(functionName).map((group) => readGroup(client, groupIn(table, group), functionName));
    const found = await Promise.all(groups);
    const oldestAt = Math.min(...found.map((group) => group.oldestAt));
    const events = found.reduce((sum, group) => sum + group.events, 0);
    backlogs.push({ functionName, events, ...(Number.isFinite(oldestAt) && { oldestAt }) });
    strays += found.reduce((sum, group) => sum + group.strays, 0);
  }
  return { backlogs, strays };
}

/** Each function once, however many rows one of them writes there. */
async function readFunctions(client: DynamoDBClient, table: string) {
  const names = new Set<string>();
  let strays = 0;
  for await (const { Items: items = [] } of paginateQuery({ client }, groupIn(table, FUNCTIONS_GROUP))) {
    for (const { pk } of items) {
      const key = parseKey(pk?.S ?? '');
      if (key?.kind === 'function') names.add(key.functionName);
      else strays += 1;
    }
  }
  return { names, strays };
}

/** `oldestAt` Infinity where nothing of this function is there. A group is in order of time. */
async function readGroup(client: DynamoDBClient, group: GroupQuery, functionName: string) {
  let events = 0;
  let strays = 0;
  let oldestAt = Number.POSITIVE_INFINITY;
  for await (const { Items: items = [] } of paginateQuery({ client }, group)) {
    for (const { pk, gsk } of items) {
      const event = eventAt(functionName, pk?.S, gsk?.S);
      if (event) events += 1;
      else strays += 1;
      oldestAt = Math.min(oldestAt, event?.deferredAt ?? oldestAt);
    }
  }
  return { events, strays, oldestAt };
}

type GroupQuery = ReturnType<typeof groupIn>;

function groupIn(table: string, group: string) {
  return {
    TableName: table,
    IndexName: PENDING_INDEX,
    KeyConditionExpression: 'gpk = :group',
    ProjectionExpression: 'pk, gsk',
    ExpressionAttributeValues: { ':group': { S: group } },
  };
}
