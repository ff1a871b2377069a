import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { TABLE_SAFEGUARDS } from '../../core/deployment/table-layout.ts';
import { TTL_ATTRIBUTE, tableDefinition } from '../../core/events/table.ts';
import { refuse } from '../checks/fault.ts';
import { type Environment, environmentIn, environmentOfArn, refuseOtherRegion } from '../checks/one-environment.ts';
import { refuseOtherLayout } from '../checks/table-layout.ts';

/** What can be chosen about the deferred events table. */
export interface EventsTableProps {
  /**
   * Existing table, such as one that an earlier stack left behind, or one that another account shares; its keys and its
   * index are those of `core/events/table.ts`. Default: one is made.
   */
  readonly table?: dynamodb.ITable | dynamodb.Table;
  /** Default: generated. */
  readonly tableName?: string;
  /** A customer managed key. Default: a key that DynamoDB owns, which costs and asks for nothing. */
  readonly encryptionKey?: kms.IKey;
  /**
   * What the table and its index are ready for at once. Default: what a new table on demand is, 4,000 writes of 1 KB and
   * 12,000 reads of 4 KB a second. Source: Amazon DynamoDB developer guide, "DynamoDB warm throughput".
   */
  readonly warmThroughput?: dynamodb.WarmThroughput;
}

/** The deferred events table, as functions and the operator's tool find it. */
export interface EventsTable {
  readonly construct: dynamodb.Table | dynamodb.ITable;
  /** Its name, or its ARN where that may be another account's. */
  readonly reference: string;
  readonly arn: string;
}

/**
 * The table that is given, or a new one.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Config` for one that functions here could not reach, and for props that are of a new one
 */
export function eventsTable(scope: Construct, id: string, props: EventsTableProps): EventsTable {
  const { table, ...ofNewOne } = props;
  if (!table) {
    const made = createEventsTable(scope, id, ofNewOne);
    return { construct: made, reference: made.tableName, arn: made.tableArn };
  }
  const [unused] = (['tableName', 'encryptionKey', 'warmThroughput'] as const).filter((name) => name in ofNewOne);
  if (unused) refuse(scope, `${unused}: is of a table to be made, beside a table that exists already; leave one out`);
  const [there, here] = [environmentOf(table), environmentIn(scope)];
  if (there) refuseOtherRegion(scope, there, 'table');
  refuseOtherLayout(scope, table);
  const isHere = there?.account === here.account && there.region === here.region;
  return { construct: table, reference: isHere ? table.tableName : table.tableArn, arn: table.tableArn };
}

/** Undefined for an ARN that is known at deployment only: such a table is called by it, which is right in any account. */
function environmentOf(table: dynamodb.ITable | dynamodb.Table): Environment | undefined {
  const isMadeHere = table.node.defaultChild !== undefined;
  return environmentOfArn(table.tableArn) ?? (isMadeHere ? table.env : undefined);
}

/**
 * The deferred events table as `core/events/table.ts` lays it out: on demand, with point-in-time recovery. It is the only place
 * where deferred events are, so neither a deployment nor the end of the stack deletes it.
 */
function createEventsTable(scope: Construct, id: string, props: Omit<EventsTableProps, 'table'>): dynamodb.Table {
  const { tableName, encryptionKey, warmThroughput } = props;
  const { KeySchema, GlobalSecondaryIndexes } = tableDefinition('');
  const table = new dynamodb.Table(scope, id, {
    ...keysOf(KeySchema),
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: TTL_ATTRIBUTE,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: TABLE_SAFEGUARDS.pointInTimeRecovery },
    deletionProtection: TABLE_SAFEGUARDS.deletionProtection,
    removalPolicy: RemovalPolicy.RETAIN,
    ...(tableName !== undefined && { tableName }),
    ...(encryptionKey && { encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
    ...(warmThroughput && { warmThroughput }),
  });
  for (const index of GlobalSecondaryIndexes) {
    table.addGlobalSecondaryIndex({
      indexName: index.IndexName,
      ...keysOf(index.KeySchema),
      projectionType: dynamodb.ProjectionType.INCLUDE,
      nonKeyAttributes: index.Projection.NonKeyAttributes,
      ...(warmThroughput && { warmThroughput }),
    });
  }
  return table;
}

/** Every key of the table is text. */
function keysOf(schema: ReturnType<typeof tableDefinition>['KeySchema']): dynamodb.SchemaOptions {
  const keyOf = (type: 'HASH' | 'RANGE'): dynamodb.Attribute | undefined => {
    const element = schema.find(({ KeyType }) => KeyType === type);
    return element && { name: element.AttributeName, type: dynamodb.AttributeType.STRING };
  };
  const [partitionKey, sortKey] = [keyOf('HASH'), keyOf('RANGE')];
  return { ...(partitionKey && { partitionKey }), ...(sortKey && { sortKey }) };
}
