import { PENDING_INDEX, tableDefinition } from '../events/table.ts';

/** A table, as far as events need it to be one way and no other. Names are the wire's own. */
export interface TableShape {
  readonly KeySchema?: readonly KeyElement[] | undefined;
  readonly AttributeDefinitions?:
    | readonly { readonly AttributeName?: string | undefined; readonly AttributeType?: string | undefined }[]
    | undefined;
  readonly GlobalSecondaryIndexes?:
    | readonly {
        readonly IndexName?: string | undefined;
        readonly KeySchema?: readonly KeyElement[] | undefined;
        readonly Projection?:
          | {
              readonly ProjectionType?: string | undefined;
              readonly NonKeyAttributes?: readonly string[] | undefined;
            }
          | undefined;
      }[]
    | undefined;
}

interface KeyElement {
  readonly AttributeName?: string | undefined;
  readonly KeyType?: string | undefined;
}

/** What keeps the only copy of deferred events from an accident; whoever makes the table sets both. */
export const TABLE_SAFEGUARDS = { deletionProtection: true, pointInTimeRecovery: true } as const;

/**
 * Why events cannot be stored in a table of this shape, or not be found again: its keys and its index beside those that it
 * needs. Undefined where they can. Other indexes, and more attributes in ours, do no harm.
 */
export function otherLayout(shape: TableShape): string | undefined {
  const [found, wanted] = [layoutOf(shape), layoutOf(tableDefinition(''))];
  if (found.keys === wanted.keys && found.index === wanted.index) return undefined;
  return `has the key ${found.keys} and ${found.index}; events need the key ${wanted.keys} and ${wanted.index}`;
}

const PROJECTED = tableDefinition('').GlobalSecondaryIndexes.flatMap(({ Projection }) => Projection.NonKeyAttributes);

function layoutOf({ KeySchema = [], AttributeDefinitions = [], GlobalSecondaryIndexes = [] }: TableShape) {
  const typeOf = (name?: string) =>
    AttributeDefinitions.find(({ AttributeName }) => AttributeName === name)?.AttributeType ?? '?';
  const inWords = (schema: readonly KeyElement[] = []) =>
    schema
      .toSorted((a, b) => (String(a.KeyType) < String(b.KeyType) ? -1 : 1))
      .map(({ AttributeName, KeyType }) => `${AttributeName} (${KeyType}, ${typeOf(AttributeName)})`)
      .join(' ');
  const index = GlobalSecondaryIndexes.find(({ IndexName }) => IndexName === PENDING_INDEX);
  if (!index) return { keys: inWords(KeySchema), index: `no index ${PENDING_INDEX}` };
  const { ProjectionType = 'ALL', NonKeyAttributes = [] } = index.Projection ?? {};
  const missing = ProjectionType === 'ALL' ? [] : PROJECTED.filter((name) => !NonKeyAttributes.includes(name));
  const projected = missing.length > 0 ? `without ${missing.join(', ')}` : `with ${PROJECTED.join(', ')}`;
  return {
    keys: inWords(KeySchema),
    index: `the index ${PENDING_INDEX} by ${inWords(index.KeySchema)}, ${projected}`,
  };
}
