import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { TTL_ATTRIBUTE, tableDefinition } from '../../core/events/table.ts';

/** DynamoDB takes some seconds to make a table. */
const LIMIT_SECONDS = 60;
/** The first pause between two looks, and the longest; stand-ins take milliseconds. */
const PAUSE_SECONDS = { minDelay: 0.1, maxDelay: 2 };

/** Choices for the table. */
interface CreationOptions {
  /** Whether DynamoDB refuses to delete it. Default: it does not, as stand-ins and tests want it. */
  readonly deletionProtection?: boolean;
}

/**
 * Makes the deferred events table, with its index and its time to live. Resolves once the table can be used. One that
 * exists stays as it is, whatever its layout.
 *
 * Needs `dynamodb:CreateTable`, `dynamodb:DescribeTable` and `dynamodb:UpdateTimeToLive`.
 *
 * @throws the SDK's faults; a `TimeoutError` where the table is not usable after a minute
 */
export async function createEventsTable(
  client: DynamoDBClient,
  name: string,
  { deletionProtection = false }: CreationOptions = {},
): Promise<'made' | 'exists'> {
  const definition = { ...tableDefinition(name), ...(deletionProtection && { DeletionProtectionEnabled: true }) };
  const isMade = await create(client, definition);
  await waitUntilTableExists({ client, maxWaitTime: LIMIT_SECONDS, ...PAUSE_SECONDS }, { TableName: name });
  if (!isMade) return 'exists';
  const TimeToLiveSpecification = { AttributeName: TTL_ATTRIBUTE, Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
  return 'made';
}

/** False where there is one already. One that is being deleted is waited for, and made again. */
async function create(client: DynamoDBClient, definition: CreateTableCommandInput): Promise<boolean> {
  const name = definition.TableName ?? '';
  try {
    await client.send(new CreateTableCommand(definition));
    return true;
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
    if (!(await isGoing(client, name))) return false;
    await waitUntilTableNotExists({ client, maxWaitTime: LIMIT_SECONDS, ...PAUSE_SECONDS }, { TableName: name });
    return create(client, definition);
  }
}

async function isGoing(client: DynamoDBClient, name: string): Promise<boolean> {
  try {
    const { Table: table } = await client.send(new DescribeTableCommand({ TableName: name }));
    return table?.TableStatus === 'DELETING';
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return true;
    throw error;
  }
}
