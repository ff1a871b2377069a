import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { FUNCTIONS_GROUP, PENDING_INDEX, parseKey, pendingGroups } from '../../gate/table.ts';

/** What is pending for one function: deferred events that nobody has finished, failed ones included. */
export interface Backlog {
  readonly functionName: string;
  readonly events: number;
  /** When the oldest of them was deferred, epoch milliseconds. Absent where there is none. */
  readonly oldestAt?: number;
}

/** As many digits as `gsk` begins with: when the event was deferred. */
const INSTANT_DIGITS = 13;

/**
 * What is pending for each function that ever deferred an event. Counts in the index, page by page of 1 MB, which are
 * some thousands of events; no event's body is read.
 */
export async function readBacklogs(client: DynamoDBClient, table: string): Promise<readonly Backlog[]> {
  const backlogs: Backlog[] = [];
  for (const functionName of await functionNames(client, table)) {
    backlogs.push(await readBacklog(client, table, functionName));
  }
  return backlogs;
}

/** The key names the function, and no attribute: a function may write as many rows into this group as it likes. */
async function functionNames(client: DynamoDBClient, table: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for await (const { Items: items = [] } of paginateQuery({ client }, groupIn(table, FUNCTIONS_GROUP))) {
    for (const { pk } of items) {
      const key = parseKey(pk?.S ?? '');
      if (key?.kind === 'function') names.add(key.functionName);
    }
  }
  return names;
}

async function readBacklog(client: DynamoDBClient, table: string, functionName: string): Promise<Backlog> {
  const groups = pendingGroups(functionName).map((group) => groupIn(table, group));
  const found = await Promise.all(groups.map((group) => readGroup(client, group, functionName)));
  const oldestAt = Math.min(...found.map((each) => each.oldestAt));
  return {
    functionName,
    events: found.reduce((sum, { events }) => sum + events, 0),
    ...(Number.isFinite(oldestAt) && { oldestAt }),
  };
}

/** Counts what has this function's keys: others may have written into its groups. `oldestAt` Infinity where nothing has. */
async function readGroup(client: DynamoDBClient, group: GroupQuery, functionName: string) {
  let events = 0;
  let oldestAt = Number.POSITIVE_INFINITY;
  for await (const { Items: items = [] } of paginateQuery({ client }, group)) {
    for (const { pk, gsk } of items) {
      const key = parseKey(pk?.S ?? '');
      if (key?.kind !== 'event' || key.functionName !== functionName) continue;
      events += 1;
      oldestAt = Math.min(oldestAt, deferredAtOf(gsk?.S ?? ''));
    }
  }
  return { events, oldestAt };
}

/** Infinity for a place that is not one of ours. */
function deferredAtOf(place: string): number {
  return /^\d{13}#/.test(place) ? Number(place.slice(0, INSTANT_DIGITS)) : Number.POSITIVE_INFINITY;
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
