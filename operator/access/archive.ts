import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Sweep } from '../../aws/events/sweep.ts';
import { type EventArchive, type EventRow, MOST_STRAYS, type Strays } from '../../core/events/archive.ts';
import type { Clock } from '../../core/gate/ports.ts';

import { counted, shown } from '../../core/text/shown.ts';
import type { AskedOf } from './aws-faults.ts';
import type { Operator } from './operator.ts';

const WRITERS_NAMED = 5;

/** The archive of an operator's table. Its faults are explained. */
export interface OpenArchive extends EventArchive {
  /** Account of the credentials, twelve digits, if their provider says so: SSO, an assumed role, AWS_ACCOUNT_ID. */
  account(): Promise<string | undefined>;
  /** The operator's; where nothing of AWS's has answered yet, the table is asked. */
  clock(): Promise<Clock>;
  /** Deletes parts whose event never came or is gone, for as long as it may. */
  sweep(isTimeUp: () => boolean): Promise<Sweep>;
  close(): void;
}

/** Opens the deferred events table of an operator for as long as the work takes. */
export async function withArchive<Value>(
  operator: Operator,
  work: (archive: OpenArchive) => Promise<Value>,
): Promise<Value> {
  const archive = await openArchive(operator);
  try {
    return await work(archive);
  } finally {
    archive.close();
  }
}

/** Whoever opens it closes it. */
async function openArchive(operator: Operator): Promise<OpenArchive> {
  const { settings, clientSettings, clockSoFar, asking, remarks } = operator;
  const [{ DynamoDBClient }, { createQuickDynamoDb }, { createEventArchive }, { sweepParts }] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('../../aws/dynamodb/dynamodb-following-sdk.ts'),
    import('../../aws/events/event-archive.ts'),
    import('../../aws/events/sweep.ts'),
  ]);
  const { table } = settings;
  // The archive tries again by itself, for as long as an event's lease allows.
  const client = new DynamoDBClient({ ...clientSettings, maxAttempts: 1 });
  // Who gives them may ask somebody for a code first: that is not the table's time.
  const noCredentials = () => ({ why: 'there are no AWS credentials yet' });
  await asking({ ...aboutTable(table, 'dynamodb:Query'), waiting: noCredentials }, () => client.config.credentials());
  const dynamoDb = createQuickDynamoDb(client, clockSoFar.hear);
  let trouble: unknown;
  const onTrouble = (fault: unknown) => {
    trouble = fault;
  };
  const archive = createEventArchive({ dynamoDb, table, clock: clockSoFar, by: whoWorksHere(), onTrouble });
  const waiting = () => ({ why: `the table ${table} has not answered yet${trouble ? ` (${wordsOf(trouble)})` : ''}` });
  const ask = <Value>(action: string, call: () => Promise<Value>) =>
    asking({ ...aboutTable(table, action), waiting }, call);
  const functionNames = () => ask('dynamodb:Query', archive.functionNames);
  const clock = () => operator.clock(functionNames);
  return {
    clock,
    account: async () => (await client.config.credentials().catch(() => undefined))?.accountId,
    functionNames,
    rows: (query) => explainedRows(archive.rows(query), (call) => ask('dynamodb:Query', call)),
    count: (query) => ask('dynamodb:Query', () => archive.count(query)),
    strays: archive.strays,
    find: (id) => ask('dynamodb:BatchGetItem', () => archive.find(id)),
    look: (event) => ask('dynamodb:GetItem', () => archive.look(event)),
    facts: (functionName, ids) => ask('dynamodb:BatchGetItem', () => archive.facts(functionName, ids)),
    read: (event) => ask('dynamodb:GetItem', () => archive.read(event)),
    claim: (event, from) => ask('dynamodb:UpdateItem', () => archive.claim(event, from)),
    end: (claim, ending) => ask('dynamodb:UpdateItem', () => archive.end(claim, ending)),
    putRest: (claim, rest) => ask('dynamodb:PutItem', () => archive.putRest(claim, rest)),
    discard: (event, why) => ask('dynamodb:UpdateItem', () => archive.discard(event, why)),
    async sweep(isTimeUp) {
      const now = (await clock()).now();
      return ask('dynamodb:DeleteItem', () => sweepParts(client, table, now, isTimeUp));
    },
    close() {
      dynamoDb.disconnect();
      const strays = straysText(archive.strays());
      if (strays !== undefined) remarks.warn(strays);
    },
  };
}

/** Message about skipped items, at the end; undefined without any. */
function straysText({ items, writers, keys }: Strays): string | undefined {
  if (items === 0) return undefined;
  const number = items < MOST_STRAYS ? counted(items, 'item') : `${counted(MOST_STRAYS, 'item')} or more`;
  const some = writers.slice(0, WRITERS_NAMED).join(', ');
  const whose =
    writers.length === 0 ? 'no function' : writers.length > WRITERS_NAMED ? `${some} and other functions` : some;
  return `passed by ${number} of the index that no client of ours put there, under keys of ${whose} (${shown(keys.join(', '))}): see docs/security.md`;
}

/** Request to the table, for the message that says why it failed. */
function aboutTable(table: string, action: string): AskedOf {
  return {
    service: 'DynamoDB',
    action,
    what: `the table ${table}`,
    remedy: 'name another one (--table, MAINTENANCE_WINDOW_TABLE), or say the right --profile and --region',
  };
}

/** `ThrottlingException: Rate exceeded`. */
function wordsOf(fault: unknown): string {
  const { name, message } = fault instanceof Error ? fault : new Error(String(fault));
  return shown(message === '' ? name : `${name}: ${message}`);
}

async function* explainedRows(
  rows: AsyncGenerator<EventRow>,
  ask: (call: () => Promise<IteratorResult<EventRow>>) => Promise<IteratorResult<EventRow>>,
): AsyncGenerator<EventRow> {
  for (;;) {
    const { value, done } = await ask(() => rows.next());
    if (done) return;
    yield value;
  }
}

/** Operator as far as this machine knows, and a name for this run: `alice@laptop/3f2a91c0`. */
function whoWorksHere(): string {
  return `${userName()}@${hostname()}/${randomBytes(4).toString('hex')}`;
}

/** A container may run as a user that nobody has named. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
