import { type DynamoDBClient, paginateQuery, QueryCommand } from '@aws-sdk/client-dynamodb';
import { FUNCTIONS_GROUP, functionKey, PENDING_INDEX, pendingGroups } from '../../gate/table.ts';

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
  for await (const { Items: items = [] } of paginateQuery({ client }, groupIn(table, FUNCTIONS_GROUP))) {
    for (const { pk } of items) {
      backlogs.push(await readBacklog(client, table, pk?.S?.slice(functionKey('').length) ?? ''));
    }
  }
  return backlogs;
}

async function readBacklog(client: DynamoDBClient, table: string, functionName: string): Promise<Backlog> {
  const groups = pendingGroups(functionName).map((group) => groupIn(table, group));
  const [counts, oldest] = await Promise.all([
    Promise.all(groups.map((group) => countIn(client, group))),
    Promise.all(groups.map((group) => oldestIn(client, group))),
  ]);
  const oldestAt = Math.min(...oldest);
  return {
    functionName,
    events: counts.reduce((sum, count) => sum + count, 0),
    ...(Number.isFinite(oldestAt) && { oldestAt }),
  };
}

async function countIn(client: DynamoDBClient, group: GroupQuery): Promise<number> {
  let sum = 0;
  for await (const { Count: count = 0 } of paginateQuery({ client }, { ...group, Select: 'COUNT' })) sum += count;
  return sum;
}

/** A group is in order of time. Infinity where it is empty. */
async function oldestIn(client: DynamoDBClient, group: GroupQuery): Promise<number> {
  const { Items: [first] = [] } = await client.send(new QueryCommand({ ...group, Limit: 1 }));
  return first ? Number(first['gsk']?.S?.slice(0, INSTANT_DIGITS)) : Number.POSITIVE_INFINITY;
}

type GroupQuery = ReturnType<typeof groupIn>;

function groupIn(table: string, group: string) {
  return {
    TableName: table,
    IndexName: PENDING_INDEX,
    KeyConditionExpression: 'gpk = :group',
    ExpressionAttributeValues: { ':group': { S: group } },
  };
}
