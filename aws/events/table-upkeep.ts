import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { TABLE_SAFEGUARDS, type TableShape } from '../../core/deployment/table-layout.ts';
import { PENDING_INDEX, TTL_ATTRIBUTE } from '../../core/events/table.ts';
import { hearAnswers } from '../request/sdk-client.ts';
import type { Hear } from '../time/aws-clock.ts';
import { createEventsTable } from './create-table.ts';

/** A table as DynamoDB describes it. */
export interface DescribedTable {
  readonly shape: TableShape;
  /** `ACTIVE`, `CREATING`, … */
  readonly status: string;
  /** The same of the index of events; undefined where there is none, or DynamoDB does not say. */
  readonly indexStatus?: string;
  readonly deletionProtection: boolean;
}

/** The deferred events table as a whole, for whoever makes it or looks whether it is as it must be. Faults are the SDK's own. */
export interface TableUpkeep {
  /** Undefined where there is none. Needs `dynamodb:DescribeTable`. */
  describe(): Promise<DescribedTable | undefined>;
  /** The attribute by which items expire. Undefined where none do. Needs `dynamodb:DescribeTimeToLive`. */
  timeToLive(): Promise<string | undefined>;
  /** Whether the table can be restored to any point in time. Needs `dynamodb:DescribeContinuousBackups`. */
  pointInTimeRecovery(): Promise<boolean>;
  /** Makes the table with index and time to live, protected against deletion, and waits until it is usable. */
  create(): Promise<void>;
  /** Lets finished events expire. */
  setTimeToLive(): Promise<void>;
  /** Has the table restorable to any point in time. */
  setPointInTimeRecovery(): Promise<void>;
  close(): void;
}

/**
 * @param config region, credentials, endpoint
 * @param table its name or ARN; one that is made has a name
 * @param hear told of each answer
 */
export function createTableUpkeep(config: DynamoDBClientConfig, table: string, hear?: Hear): TableUpkeep {
  const client = new DynamoDBClient(config);
  if (hear) hearAnswers(client, hear);
  const TableName = table;
  return { describe, timeToLive, pointInTimeRecovery, create, setTimeToLive, setPointInTimeRecovery, close };

  async function describe(): Promise<DescribedTable | undefined> {
    try {
      const { Table = {} } = await client.send(new DescribeTableCommand({ TableName }));
      const { TableStatus: status = 'unknown', DeletionProtectionEnabled: deletionProtection = false } = Table;
      const indexStatus = Table.GlobalSecondaryIndexes?.find(
        ({ IndexName }) => IndexName === PENDING_INDEX,
      )?.IndexStatus;
      return { shape: Table, status, deletionProtection, ...(indexStatus && { indexStatus }) };
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }

  async function timeToLive(): Promise<string | undefined> {
    const { TimeToLiveDescription = {} } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    const { TimeToLiveStatus: status, AttributeName } = TimeToLiveDescription;
    return status === 'ENABLED' || status === 'ENABLING' ? (AttributeName ?? '') : undefined;
  }

  async function pointInTimeRecovery(): Promise<boolean> {
    const answer = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
    const { PointInTimeRecoveryDescription = {} } = answer.ContinuousBackupsDescription ?? {};
    return PointInTimeRecoveryDescription.PointInTimeRecoveryStatus === 'ENABLED';
  }

  async function create(): Promise<void> {
    await createEventsTable(client, table, TABLE_SAFEGUARDS);
  }

  async function setTimeToLive(): Promise<void> {
    const TimeToLiveSpecification = { AttributeName: TTL_ATTRIBUTE, Enabled: true };
    await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  }

  async function setPointInTimeRecovery(): Promise<void> {
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: TABLE_SAFEGUARDS.pointInTimeRecovery };
    await client.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
  }

  function close(): void {
    client.destroy();
  }
}
