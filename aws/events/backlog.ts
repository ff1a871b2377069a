import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { type EventStatus, isFinished, MOVES } from '../../core/events/deferred-event.ts';
import { createEventIndex, type Tally } from './event-rows.ts';

/** Backlog of one function: deferred events that are not finished, failed ones included. */
export interface Backlog extends Tally {
  readonly functionName: string;
}

/** Backlog of the whole table. */
export interface Backlogs {
  /** One for each function that ever deferred an event. */
  readonly backlogs: readonly Backlog[];
  /** Items of the index that no client of ours put there, as `Strays` counts them. */
  readonly strays: number;
}

const UNFINISHED = (Object.keys(MOVES) as EventStatus[]).filter((status) => !isFinished(status));

/**
 * Counts what is pending for each function that ever deferred an event. Reads the index alone: pages of 1 MB, which are
 * some thousands of events, and no event's body.
 */
export async function readBacklogs(client: DynamoDBClient, table: string): Promise<Backlogs> {
  const index = createEventIndex(table, (input) => client.send(new QueryCommand(input)), Date);
  const backlogs: Backlog[] = [];
  for (const functionName of await index.functionNames()) {
    backlogs.push({ functionName, ...(await index.tally({ functionName, statuses: UNFINISHED })) });
  }
  return { backlogs, strays: index.strays().items };
}
