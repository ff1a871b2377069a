import { Aspects, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { Construct, IConstruct } from 'constructs';
import { otherLayout, type TableShape } from '../../core/deployment/table-layout.ts';
import { isOfType } from '../parts/resources.ts';
import { refuse } from './fault.ts';

/** A table as it stands in the template: what `AWS::DynamoDB::Table` and `AWS::DynamoDB::GlobalTable` have in common. */
interface TableProperties {
  readonly keySchema?: readonly KeyElement[];
  readonly attributes?: readonly { readonly attributeName: string; readonly attributeType: string }[];
  readonly indexes?: readonly {
    readonly indexName: string;
    readonly keySchema: readonly KeyElement[];
    readonly projection: { readonly projectionType?: string; readonly nonKeyAttributes?: readonly string[] };
  }[];
}

interface KeyElement {
  readonly attributeName: string;
  readonly keyType: string;
}

/**
 * Refuses a table that this app makes with other keys, or without the index: no event could be stored in it, or none found.
 * At synth, when all of its indexes are there. One that is imported cannot be looked into.
 */
export function refuseOtherLayout(scope: Construct, table: IConstruct): void {
  const resource = table.node.defaultChild;
  if (!isOfType(resource, dynamodb.CfnTable) && !isOfType(resource, dynamodb.CfnGlobalTable)) return;
  Aspects.of(scope).add({
    visit(node) {
      if (node !== scope) return;
      const { keySchema, attributeDefinitions: attributes, globalSecondaryIndexes: indexes } = resource;
      const why = otherLayout(shapeOf(Stack.of(resource).resolve({ keySchema, attributes, indexes })));
      if (why !== undefined) refuse(scope, `table: ${table.node.path} ${why}: leave table out to have one made`);
    },
  });
}

function shapeOf({ keySchema = [], attributes = [], indexes = [] }: TableProperties): TableShape {
  const keysOf = (schema: readonly KeyElement[]) =>
    schema.map(({ attributeName, keyType }) => ({ AttributeName: attributeName, KeyType: keyType }));
  return {
    KeySchema: keysOf(keySchema),
    AttributeDefinitions: attributes.map(({ attributeName, attributeType }) => ({
      AttributeName: attributeName,
      AttributeType: attributeType,
    })),
    GlobalSecondaryIndexes: indexes.map(({ indexName, keySchema: schema, projection }) => ({
      IndexName: indexName,
      KeySchema: keysOf(schema),
      Projection: { ProjectionType: projection.projectionType, NonKeyAttributes: projection.nonKeyAttributes },
    })),
  };
}
