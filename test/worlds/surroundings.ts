import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { type AttributeValue, DynamoDBClient, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createEventsTable } from '../../aws/events/create-table.ts';
import { DAY_MS } from '../../core/units.ts';
import { startDynamoDb } from '../../local/aws/dynamodb.ts';
import { startSsm } from '../../local/aws/ssm.ts';

const PARAMETER = 'maintenance-window';
const TABLE = 'maintenance-window-events';
/** As `client-process.ts` names it. */
const FUNCTION = 'orders';
const ACCESS = { region: 'eu-south-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };

type Item = Readonly<Record<string, AttributeValue>>;

/** What a protected function finds around it: SSM with the window parameter, DynamoDB with the table. */
export interface Surroundings extends AsyncDisposable {
  /** For the function: where its AWS is. */
  readonly environment: Readonly<Record<string, string>>;
  readonly ssm: SSMClient;
  readonly dynamoDb: DynamoDBClient;
  /** Writes the window parameter. */
  setWindows(text: string): Promise<void>;
  /** The item of an event, consistently read. */
  eventItem(id: string, functionName?: string): Promise<Item | undefined>;
  /** Every item of the table. */
  items(): Promise<Item[]>;
  /** The bytes of an event as they lie in the table: parts joined and unpacked here, with nothing of the product's code. */
  storedBytes(id: string): Promise<Buffer>;
}

/**
 * Starts stand-ins for both services and makes the table. The window parameter holds `windows`, since yesterday: so soon
 * after an edit, Lambda might send again what was stored before it.
 *
 * ```ts
 * await using aws = await startSurroundings(ACTIVE);
 * await using client = startClient({ …, environment: aws.environment });
 * expect(sha256(await aws.storedBytes(id))).toBe(sha256(sent));
 * ```
 */
export async function startSurroundings(windows = '{"version":1,"windows":[]}'): Promise<Surroundings> {
  let putAgoMs = DAY_MS;
  const [ssmServer, dynamoDbServer] = await Promise.all([
    startSsm({ now: () => Date.now() - putAgoMs }),
    startDynamoDb(),
  ]);
  const ssm = new SSMClient({ ...ACCESS, endpoint: ssmServer.url });
  const dynamoDb = new DynamoDBClient({ ...ACCESS, endpoint: dynamoDbServer.url });
  await createEventsTable(dynamoDb, TABLE);

  const setWindows = async (text: string) => {
    await ssm.send(new PutParameterCommand({ Name: PARAMETER, Type: 'String', Value: text, Overwrite: true }));
  };
  const item = async (pk: string) =>
    (await dynamoDb.send(new GetItemCommand({ TableName: TABLE, Key: { pk: { S: pk } }, ConsistentRead: true }))).Item;
  const eventItem = (id: string, functionName = FUNCTION) => item(`${functionName}#${id}`);
  await setWindows(windows);
  putAgoMs = 0;

  return {
    environment: { AWS_ENDPOINT_URL_SSM: ssmServer.url, AWS_ENDPOINT_URL_DYNAMODB: dynamoDbServer.url },
    ssm,
    dynamoDb,
    setWindows,
    eventItem,
    async items() {
      const all: Item[] = [];
      let from: Item | undefined;
      do {
        const page = await dynamoDb.send(
          new ScanCommand({ TableName: TABLE, ConsistentRead: true, ...(from && { ExclusiveStartKey: from }) }),
        );
        all.push(...(page.Items ?? []));
        from = page.LastEvaluatedKey;
      } while (from);
      return all;
    },
    async storedBytes(id) {
      const event = await eventItem(id);
      if (!event) throw new Error(`no event ${id} in the table`);
      const parts = await Promise.all(partKeys(event).map(item));
      const stored = Buffer.concat(
        (event['parts'] ? parts : [event]).map((one) => one?.['body']?.B ?? Buffer.alloc(0)),
      );
      return event['encoding']?.S === 'gzip' ? gunzipSync(stored) : stored;
    },
    async [Symbol.asyncDispose]() {
      ssm.destroy();
      dynamoDb.destroy();
      await Promise.all([ssmServer.close(), dynamoDbServer.close()]);
    },
  };
}

/** As the design says: `<function>#<id>#<16 hex>#0001`. */
function partKeys(event: Item): string[] {
  return Array.from(
    { length: Number(event['parts']?.N ?? 0) },
    (_, index) => `${event['pk']?.S}#${event['partsHash']?.S}#${String(index + 1).padStart(4, '0')}`,
  );
}

/** A window parameter whose one window is active now, from an hour ago for some hours. */
export function activeWindows({ hours = 4, policy = {} }: { hours?: number; policy?: object } = {}): string {
  const start = new Date(Date.now() - 3_600_000).toISOString();
  const end = new Date(Date.now() + hours * 3_600_000).toISOString();
  return JSON.stringify({ version: 1, windows: [{ start, end, reason: 'database upgrade CHG-1042' }], policy });
}

/** SHA-256, hexadecimal. */
export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
