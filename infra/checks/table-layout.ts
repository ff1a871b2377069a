import { Aspects, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { Construct, IConstruct } from 'constructs';
import { PENDING_INDEX, tableDefinition } from '../../core/events/table.ts';
import { isOfType } from '../parts/resources.ts';
import { refuse } from './fault.ts';

/** Layout of a table that events rely on, in words. */
interface Layout {
  readonly keys: string;
  readonly index: string;
}

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
      const [found, wanted] = [layoutOf(Stack.of(resource).resolve({ keySchema, attributes, indexes })), LAYOUT];
      if (found.keys === wanted.keys && found.index === wanted.index) return;
      refuse(
        scope,
        `table: ${table.node.path} has the key ${found.keys} and ${found.index}; events need the key ${wanted.keys} and ` +
          `${wanted.index}: leave table out to have one made`,
      );
    },
  });
}

const PROJECTED = tableDefinition('').GlobalSecondaryIndexes.flatMap(({ Projection }) => Projection.NonKeyAttributes);
const LAYOUT = ourLayout();

function ourLayout(): Layout {
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = tableDefinition('');
  const keysOf = (schema: typeof KeySchema) =>
    schema.map(({ AttributeName, KeyType }) => ({ attributeName: AttributeName, keyType: KeyType }));
  return layoutOf({
    keySchema: keysOf(KeySchema),
    attributes: AttributeDefinitions.map(({ AttributeName, AttributeType }) => ({
      attributeName: AttributeName,
      attributeType: AttributeType,
    })),
    indexes: GlobalSecondaryIndexes.map((index) => ({
      indexName: index.IndexName,
      keySchema: keysOf(index.KeySchema),
      projection: { projectionType: 'INCLUDE', nonKeyAttributes: PROJECTED },
    })),
  });
}

function layoutOf({ keySchema = [], attributes = [], indexes = [] }: TableProperties): Layout {
  const typeOf = (name: string) => attributes.find(({ attributeName }) => attributeName === name)?.attributeType ?? '?';
  const inWords = (schema: readonly KeyElement[]) =>
    schema
      .toSorted((a, b) => (a.keyType < b.keyType ? -1 : 1))
      .map(({ attributeName, keyType }) => `${attributeName} (${keyType}, ${typeOf(attributeName)})`)
      .join(' ');
  const index = indexes.find(({ indexName }) => indexName === PENDING_INDEX);
  if (!index) return { keys: inWords(keySchema), index: `no index ${PENDING_INDEX}` };
  const { projectionType = 'ALL', nonKeyAttributes = [] } = index.projection;
  const missing = projectionType === 'ALL' ? [] : PROJECTED.filter((name) => !nonKeyAttributes.includes(name));
  const projected = missing.length > 0 ? `without ${missing.join(', ')}` : `with ${PROJECTED.join(', ')}`;
  return { keys: inWords(keySchema), index: `the index ${PENDING_INDEX} by ${inWords(index.keySchema)}, ${projected}` };
}
