import { randomUUID } from 'node:crypto';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { BODY_LIMIT_BYTES, encodeBody } from '../../core/events/body.ts';
import type { DeferredEvent } from '../../core/events/deferred-event.ts';
import { type EventIdentity, eventKey, functionKey, parseKey } from '../../core/events/table.ts';
import type { Clock, EventStore, PutOutcome, TakeBackOutcome } from '../../core/gate/ports.ts';
import type { DynamoDb, Item } from '../dynamodb/dynamodb.ts';
import { causeOf, conditionFailure, mayPass } from '../dynamodb/dynamodb-fault.ts';
import { type Attempt, untilDeadline } from '../time/until-deadline.ts';
import { eventItems, functionItem } from './item.ts';
import { type Move, pendingAgain, takenBack } from './moves.ts';

/** Upper bound for the warm-up during INIT, which has 10 s for everything. */
const LOAD_LIMIT_MS = 1_000;
/** Parts on their way at once. 6 MB at 35 ms a part: one at a time 640 ms, four 295, eight 285 and twice the handshakes. */
const PARTS_AT_ONCE = 4;
/** Margin that the function's row is written ahead by, so that it is not written for each event. */
const RETRIES_AHEAD_MS = 15 * 60_000;

/** Parts of a store. */
export interface EventStoreParts {
  readonly dynamoDb: DynamoDb;
  readonly table: string;
  readonly functionName: string;
  readonly clock: Clock;
}

/**
 * Deferred events in DynamoDB, laid out as in {@link eventItems}, under this function's name and no other: its role is
 * allowed nothing else.
 *
 * An event is visible once its item is written, conditionally and last. Its random `writeId` tells a second try of the
 * same put, after an answer that was lost, from Lambda's own retry of the invocation.
 */
export function createEventStore({ dynamoDb, table, functionName, clock }: EventStoreParts): EventStore {
  /** Value of the function's row as far as it is known; undefined while the row may be absent. */
  let retriesKnownUntil: number | undefined;

  return { load, put, takeBack, retriesUntil };

  async function load(): Promise<void> {
    // Any read resolves the credentials, opens a connection and lets V8 see the code once.
    await inTime(clock.now() + LOAD_LIMIT_MS, 'not ready', (attempt) => look(attempt, functionKey(functionName))).catch(
      () => undefined,
    );
  }

  async function put(event: DeferredEvent, deadlineAt: number, retriedUntilAt = NEVER): Promise<PutOutcome> {
    const failed = `the event ${event.id} is not stored`;
    const why = whyUnreadable({ ...event, functionName });
    if (why !== undefined) throw new MaintenanceWindowError('MaintenanceWindow.DeferralFailed', `${failed}: ${why}`);
    return inTime(deadlineAt, failed, async (attempt) => {
      const items = eventItems({ ...event, functionName }, await encodeBody(event.text), randomUUID());
      const isKnown = retriesKnownUntil !== undefined && retriesKnownUntil >= retriedUntilAt;
      const first: (() => Promise<unknown>)[] = [
        ...(isKnown ? [] : [() => sayRetries(attempt, retriedUntilAt)]),
        ...items.parts.map(
          (item) => () => attempt((signal) => dynamoDb.send('PutItem', { TableName: table, Item: item }, signal)),
        ),
      ];
      await inTurns(first, PARTS_AT_ONCE, (step) => step());
      return putEvent(attempt, event.id, items.event);
    });
  }

  /** Writes the function's row before the event: it says `untilAt` at least. */
  async function sayRetries(attempt: Attempt, untilAt: number): Promise<void> {
    const aheadAt = untilAt + RETRIES_AHEAD_MS;
    await move(attempt, functionRow(functionName, aheadAt));
    retriesKnownUntil = Math.max(retriesKnownUntil ?? NEVER, aheadAt);
  }

  function retriesUntil(deadlineAt: number): Promise<number> {
    return inTime(deadlineAt, 'whether Lambda may try stored events again is not known', async (attempt) => {
      const input = {
        TableName: table,
        Key: { pk: { S: functionKey(functionName) } },
        ConsistentRead: true,
        ProjectionExpression: 'retriesUntil',
      };
      const { Item: row } = await attempt((signal) => dynamoDb.send('GetItem', input, signal));
      const told = row?.['retriesUntil'];
      const untilAt = told ? Number(told.N) : NEVER;
      // What is no number may have been any: until the row is made anew, what comes is looked for.
      return Number.isNaN(untilAt) ? clock.now() + RETRIES_AHEAD_MS : untilAt;
    });
  }

  async function putEvent(attempt: Attempt, id: string, item: Item): Promise<PutOutcome> {
    for (;;) {
      const found = await putUnlessThere(attempt, id, item);
      if (found === 'written') return 'stored';
      // Gone between the put and the look: nothing stands in the way any more.
      if (found === 'absent') continue;
      if (found.status === 'taken-back' && !(await move(attempt, pendingAgain(identityOf(id), item)))) continue;
      return found.writeId === item['writeId']?.S ? 'stored' : 'already-stored';
    }
  }

  function takeBack(id: string, deadlineAt: number): Promise<TakeBackOutcome> {
    return inTime(deadlineAt, `whether the event ${id} is stored is not known`, async (attempt) => {
      for (;;) {
        const found = await look(attempt, keyOf(id));
        if (found === 'absent') return 'absent';
        if (found.status === 'taken-back') return 'taken-back';
        if (found.status !== 'pending') return 'done';
        // Where this fails somebody else moved it, or it was our own move, whose answer was lost: look again.
        if (await move(attempt, takenBack(identityOf(id), clock.now()))) return 'taken-back';
      }
    });
  }

  /** The item that is there already, or `written`. The service sends it with its refusal; a stand-in may not. */
  async function putUnlessThere(attempt: Attempt, id: string, item: Item): Promise<Found | 'written'> {
    const input = {
      TableName: table,
      Item: item,
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    } as const;
    try {
      await attempt((signal) => dynamoDb.send('PutItem', input, signal));
      return 'written';
    } catch (fault) {
      const failure = conditionFailure(fault);
      if (!failure) throw fault;
      return failure.item ? foundIn(failure.item) : look(attempt, keyOf(id));
    }
  }

  async function look(attempt: Attempt, key: string): Promise<Found> {
    const input = {
      TableName: table,
      Key: { pk: { S: key } },
      ConsistentRead: true,
      ProjectionExpression: '#status, writeId',
      ExpressionAttributeNames: { '#status': 'status' },
    };
    const { Item: item } = await attempt((signal) => dynamoDb.send('GetItem', input, signal));
    return item ? foundIn(item) : 'absent';
  }

  /** Whether the move was made: not where the item has left the status that the move begins with. */
  async function move(attempt: Attempt, input: Move): Promise<boolean> {
    try {
      await attempt((signal) => dynamoDb.send('UpdateItem', { TableName: table, ...input }, signal));
      return true;
    } catch (fault) {
      if (conditionFailure(fault)) return false;
      throw fault;
    }
  }

  function identityOf(id: string): EventIdentity {
    return { functionName, id };
  }

  function keyOf(id: string): string {
    return eventKey(identityOf(id));
  }

  /** Runs work until its deadline; the error of a failure names the table and the remedy. */
  async function inTime<T>(deadlineAt: number, failed: string, work: (attempt: Attempt) => Promise<T>): Promise<T> {
    try {
      return await untilDeadline(clock, deadlineAt, mayPass, work);
    } catch (fault) {
      const message = `${failed}: ${causeOf(fault, table)}`;
      throw new MaintenanceWindowError('MaintenanceWindow.DeferralFailed', message, { cause: fault });
    }
  }
}

/** Why an event could not be found again, or read back: it must not be answered as if it were stored. */
function whyUnreadable(event: DeferredEvent): string | undefined {
  if (parseKey(eventKey(event))?.kind !== 'event') {
    return 'the function’s name (AWS_LAMBDA_FUNCTION_NAME) and the request id are not as Lambda has them, and make no key';
  }
  return event.bytes > BODY_LIMIT_BYTES
    ? `it has ${event.bytes} bytes; ${BODY_LIMIT_BYTES} can be read back`
    : undefined;
}

/** Epoch milliseconds. */
const NEVER = Number.NEGATIVE_INFINITY;

/**
 * Makes the function's row, or has it say that Lambda may try again until then; never less than it says. Not made where it
 * says more. A row that is not as it was made, whoever wrote there, is made anew: it must not hide what is stored.
 */
function functionRow(functionName: string, untilAt: number): Move {
  const { pk = { S: '' }, ...facts } = functionItem(functionName);
  const names = Object.keys(facts);
  const isRetried = untilAt > NEVER;
  const wrong = names.flatMap((name) => [`attribute_not_exists(${name})`, `${name} <> :${name}`]);
  return {
    Key: { pk },
    UpdateExpression: `SET ${[...names.map((name) => `${name} = :${name}`), ...(isRetried ? ['retriesUntil = :until'] : [])].join(', ')}`,
    ExpressionAttributeValues: {
      ...Object.fromEntries(names.map((name) => [`:${name}`, facts[name] ?? { S: '' }])),
      ...(isRetried && { ':until': { N: String(untilAt) }, ':number': { S: 'N' } }),
    },
    ...(isRetried && {
      ConditionExpression: [
        'attribute_not_exists(retriesUntil)',
        'retriesUntil < :until',
        'NOT attribute_type(retriesUntil, :number)',
        ...wrong,
      ].join(' OR '),
    }),
  };
}

/** Result of a look at a key. */
type Found = 'absent' | { readonly status: string | undefined; readonly writeId: string | undefined };

function foundIn(item: Item): Found {
  return { status: item['status']?.S, writeId: item['writeId']?.S };
}

/** Works through a list, several at a time. Rejects with the first fault. */
async function inTurns<T>(list: readonly T[], atOnce: number, work: (one: T) => Promise<unknown>): Promise<void> {
  const waiting = list.values();
  const worker = async () => {
    for (const one of waiting) await work(one);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, list.length) }, worker));
}
