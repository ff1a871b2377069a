import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { TTL_ATTRIBUTE, tableDefinition } from '../gate/table.ts';

/** What can be chosen about the deferred events table. */
export interface EventsTableProps {
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

/**
 * The deferred events table as `gate/table.ts` lays it out: on demand, with point-in-time recovery. It is the only place
 * where deferred events are, so neither a deployment nor the end of the stack deletes it.
 */
export function createEventsTable(scope: Construct, id: string, props: EventsTableProps): dynamodb.Table {
  const { tableName, encryptionKey, warmThroughput } = props;
  const { KeySchema, GlobalSecondaryIndexes } = tableDefinition('');
  const table = new dynamodb.Table(scope, id, {
    ...keysOf(KeySchema),
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: TTL_ATTRIBUTE,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
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
