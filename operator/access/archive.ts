import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { DynamoDb } from '../../aws/dynamodb/dynamodb.ts';
import type { Sweep } from '../../aws/events/sweep.ts';
import { type EventArchive, type EventRow, MOST_STRAYS, type Strays } from '../../core/events/archive.ts';
import type { AuditStore } from '../../core/events/audit.ts';
import type { Clock } from '../../core/gate/ports.ts';
import type { RunStore } from '../../core/runs/ports.ts';

import { textAt } from '../../core/text/shape.ts';
import { counted, shown } from '../../core/text/shown.ts';
import type { AskedOf } from './aws-faults.ts';
import type { Operator } from './operator.ts';
import type { Remark } from './remedy.ts';

const WRITERS_NAMED = 5;

/** The archive of an operator's table. Its faults are explained. */
export interface OpenArchive extends EventArchive {
  /** Account of the credentials, twelve digits, if their provider says so: SSO, an assumed role, AWS_ACCOUNT_ID. */
  account(): Promise<string | undefined>;
  /** The operator's; where nothing of AWS's has answered yet, the table is asked. */
  clock(): Promise<Clock>;
  /** Who works here: `alice@laptop`, and the id of this run, which its claims have. */
  readonly worker: Worker;
  /** The records of replays in the same table. Their faults are explained. */
  readonly runs: RunStore;
  /** What operators did by hand, noted in the same table. Its faults are explained. */
  readonly audit: AuditStore;
  /** ARN of the drain's state machine, as the monitor left it in the table; undefined where there is none. */
  drain(): Promise<string | undefined>;
  /** Deletes parts whose event never came or is gone, for as long as it may. */
  sweep(isTimeUp: () => boolean): Promise<Sweep>;
  close(): void;
}

/** Somebody's tool at work. */
export interface Worker {
  /** Operator and machine, as far as this machine knows: `alice@laptop`. */
  readonly by: string;
  readonly host: string;
  /** Eight hexadecimal digits, anew for each run of the tool. */
  readonly runId: string;
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
  const [
    { DynamoDBClient },
    { createQuickDynamoDb },
    { createMetered },
    { createEventArchive },
    records,
    notes,
    sweep,
  ] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('../../aws/dynamodb/dynamodb-following-sdk.ts'),
    import('../../aws/dynamodb/metered.ts'),
    import('../../aws/events/event-archive.ts'),
    import('../../aws/events/run-store.ts'),
    import('../../aws/events/audit-store.ts'),
    import('../../aws/events/sweep.ts'),
  ]);
  const { table } = settings;
  // The archive tries again by itself, for as long as an event's lease allows.
  const client = new DynamoDBClient({ ...clientSettings, maxAttempts: 1 });
  // Who gives them may ask somebody for a code first: that is not the table's time.
  const noCredentials = () => ({ why: 'there are no AWS credentials yet' });
  await asking({ ...aboutTable(table, READING), waiting: noCredentials }, () => client.config.credentials());
  const quick = createQuickDynamoDb(client, clockSoFar.hear);
  const dynamoDb = operator.spent ? createMetered(quick, operator.spent) : quick;
  let trouble: unknown;
  let answers = 0;
  let isClosed = false;
  const heard: DynamoDb = {
    ...dynamoDb,
    async send(name, input, signal) {
      // a count that was stopped for its time goes on by itself, to the end of a million events where the process does
      if (isClosed) throw new Error('the archive is closed');
      const answer = await dynamoDb.send(name, input, signal);
      answers += 1;
      trouble = undefined;
      return answer;
    },
  };
  const onTrouble = (fault: unknown) => {
    trouble = fault;
  };
  const worker = whoWorksHere();
  const archive = createEventArchive({
    dynamoDb: heard,
    table,
    clock: clockSoFar,
    by: `${worker.by}/${worker.runId}`,
    onTrouble,
  });
  const audit = notes.createAuditStore(heard, table);
  const runs = records.createRunStore({ dynamoDb: heard, table, clock: clockSoFar });
  /** One question may take many answers of the table: a list of few events is read past all the others. */
  const ask = <Value>(action: string, call: () => Promise<Value>) => {
    const before = answers;
    const waiting = () => ({ why: tableText(table, action === READING && answers > before, trouble) });
    return asking({ ...aboutTable(table, action), waiting }, call);
  };
  const functionNames = () => ask(READING, archive.functionNames);
  const clock = () => operator.clock(functionNames);
  let [textsRead, readUnits] = [0, 0];
  return {
    clock,
    worker,
    runs: explainedRuns(runs, ask),
    audit: {
      write: (note) => ask('dynamodb:PutItem', () => audit.write(note)),
      list: (limit) => ask(READING, () => audit.list(limit)),
    },
    account: async () => (await client.config.credentials().catch(() => undefined))?.accountId,
    functionNames,
    rows: (query) => explainedRows(archive.rows(query), (call) => ask(READING, call)),
    groups: (query) => archive.groups(query).map((rows) => explainedRows(rows, (call) => ask(READING, call))),
    count: (query) => ask(READING, () => archive.count(query)),
    newest: (functionName) => ask(READING, () => archive.newest(functionName)),
    countWaiting: (functionName, tell) => ask(READING, () => archive.countWaiting(functionName, tell)),
    strays: archive.strays,
    find: (id) => ask('dynamodb:BatchGetItem', () => archive.find(id)),
    findBeginning: (prefix, functionName) => {
      const why = `the whole index is read for an id that begins with ${prefix}; a whole id is found at once`;
      return asking({ ...aboutTable(table, READING), waiting: () => ({ why }) }, () =>
        archive.findBeginning(prefix, functionName),
      );
    },
    look: (event) => ask('dynamodb:GetItem', () => archive.look(event)),
    facts: (functionName, ids) => ask('dynamodb:BatchGetItem', () => archive.facts(functionName, ids)),
    read: (event) => ask('dynamodb:GetItem', () => archive.read(event)),
    async texts(functionName, ids) {
      const read = await ask('dynamodb:BatchGetItem', () => archive.texts(functionName, ids));
      textsRead += read.texts.size;
      readUnits += read.readUnits;
      return read;
    },
    claim: (event, from, takesMs) => ask('dynamodb:UpdateItem', () => archive.claim(event, from, takesMs)),
    end: (claim, ending) => ask('dynamodb:UpdateItem', () => archive.end(claim, ending)),
    putRest: (claim, rest) => ask('dynamodb:PutItem', () => archive.putRest(claim, rest)),
    discard: (event, why) => ask('dynamodb:UpdateItem', () => archive.discard(event, why)),
    noteCopy: (event, copy) => ask('dynamodb:UpdateItem', () => archive.noteCopy(event, copy)),
    restore: (event, why) => ask('dynamodb:UpdateItem', () => archive.restore(event, why)),
    async drain() {
      const { createMonitorMemory } = await import('../../aws/events/monitor-memory.ts');
      const { value } = await ask('dynamodb:GetItem', createMonitorMemory(client, table, 'drain').read);
      return textAt(value, 'stateMachineArn') || undefined;
    },
    async sweep(isTimeUp) {
      const now = (await clock()).now();
      return ask('dynamodb:DeleteItem', () => sweep.sweepParts(client, table, now, isTimeUp));
    },
    close() {
      isClosed = true;
      dynamoDb.disconnect();
      if (textsRead > 0)
        remarks.note(`the bodies of ${counted(textsRead, 'event')} were read, for ${counted(readUnits, 'read unit')}`);
      const strays = straysRemark(archive.strays());
      if (strays !== undefined) remarks.warn(strays);
    },
  };
}

/** Message about skipped items, at the end; undefined without any. */
function straysRemark({ items, writers, keys }: Strays): Remark | undefined {
  if (items === 0) return undefined;
  const number = items < MOST_STRAYS ? counted(items, 'item') : `${counted(MOST_STRAYS, 'item')} or more`;
  const some = writers.slice(0, WRITERS_NAMED).join(', ');
  const whose =
    writers.length === 0 ? 'no function' : writers.length > WRITERS_NAMED ? `${some} and other functions` : some;
  return {
    text: `passed by ${number} of the index that no client of ours put there, under keys of ${whose} (${shown(keys.join(', '))})`,
    remedy: { kind: 'read-page', page: 'security.md' },
  };
}

/** What goes on in answers one after another. */
const READING = 'dynamodb:Query';

/** Why a question to the table is not answered yet. */
function tableText(table: string, isRead: boolean, trouble: unknown): string {
  const why = isRead ? 'answers, and is still being read' : 'has not answered yet';
  return `the table ${table} ${why}${trouble ? ` (${wordsOf(trouble)})` : ''}`;
}

/** Request to the table, for the message that says why it failed. */
function aboutTable(table: string, action: string): AskedOf {
  return {
    service: 'DynamoDB',
    action,
    what: `the table ${table}`,
    remedy: { kind: 'absent-table' },
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

function explainedRuns(
  runs: RunStore,
  ask: <Value>(action: string, call: () => Promise<Value>) => Promise<Value>,
): RunStore {
  return {
    create: (...of) => ask('dynamodb:PutItem', () => runs.create(...of)),
    begun: (...of) => ask('dynamodb:UpdateItem', () => runs.begun(...of)),
    read: (id) => ask('dynamodb:GetItem', () => runs.read(id)),
    share: (...of) => ask('dynamodb:GetItem', () => runs.share(...of)),
    findBeginning: (prefix) => ask(READING, () => runs.findBeginning(prefix)),
    list: (options) => ask(READING, () => runs.list(options)),
    openIds: (options) => ask(READING, () => runs.openIds(options)),
    idsSince: (...of) => ask(READING, () => runs.idsSince(...of)),
    readAll: (ids) => ask(READING, () => runs.readAll(ids)),
    beat: (...of) => ask('dynamodb:UpdateItem', () => runs.beat(...of)),
    take: (...of) => ask('dynamodb:UpdateItem', () => runs.take(...of)),
    wish: (...of) => ask('dynamodb:UpdateItem', () => runs.wish(...of)),
    end: (...of) => ask('dynamodb:UpdateItem', () => runs.end(...of)),
    recount: (...of) => ask('dynamodb:UpdateItem', () => runs.recount(...of)),
  };
}

function whoWorksHere(): Worker {
  const host = hostname();
  return { by: `${userName()}@${host}`, host, runId: randomBytes(4).toString('hex') };
}

/** A container may run as a user that nobody has named. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
