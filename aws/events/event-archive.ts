import { randomUUID } from 'node:crypto';
import type { KeysAndAttributes } from '@aws-sdk/client-dynamodb';
import {
  type Claim,
  type DamagedClaim,
  type DamagedEvent,
  type Ending,
  type EventArchive,
  type EventFacts,
  type FoundEvent,
  LEASE_MARGIN_MS,
  type RestOfBatch,
  type StoredEvent,
} from '../../core/events/archive.ts';
import { type DecodedBody, encodeBody } from '../../core/events/body.ts';
import type { DeferredEvent, EventStatus } from '../../core/events/deferred-event.ts';
import { type EventIdentity, eventKey, parseKey } from '../../core/events/table.ts';
import type { Clock } from '../../core/gate/ports.ts';
import type { DynamoDb, Item } from '../dynamodb/dynamodb.ts';
import { conditionFailure, isNotValid, mayPass } from '../dynamodb/dynamodb-fault.ts';
import { steadyClock } from '../request/steady-clock.ts';
import { type Attempt, TimeUpError, untilDeadline } from '../request/until-deadline.ts';
import { createEventIndex } from './event-rows.ts';
import { eventItems, partKeysOf, readBody } from './item.ts';
import { createItemReader } from './item-reader.ts';
import {
  claimEnded,
  claimed,
  damagedMarks,
  discarded,
  isLeased,
  leaseRunOut,
  type Move,
  type SeenBy,
  statusAfter,
} from './moves.ts';
import { orderKeysIn } from './order-attributes.ts';
import { damagedEvent, readEvent, readWindow } from './stored-event.ts';

/** Source: Amazon DynamoDB API reference, "BatchGetItem". */
const BATCH_LIMIT = 100;
/** How long the first answer may take: who names a wrong table or region wants to know soon. */
const FIRST_ANSWER_LIMIT_MS = 4_000;
/** How long any later one may take: a replay that goes on for hours outlives a fault of the network. */
const ANSWER_LIMIT_MS = 60_000;

export interface EventArchiveParts {
  readonly dynamoDb: DynamoDb;
  readonly table: string;
  readonly clock: Clock;
  /** Operator and machine, e.g. `alice@laptop/3f2a91`; a number behind it tells claims apart. */
  readonly by: string;
  /** Called with each fault that a retry may get over, and with undefined for each answer after one. */
  readonly onTrouble?: (fault: unknown) => void;
}

/** Everything an operator does with deferred events. Faults of the table are thrown as {@link DynamoDb} has them. */
export function createEventArchive({ dynamoDb, table, clock, by, onTrouble }: EventArchiveParts): EventArchive {
  let claims = 0;
  let hasAnswered = false;
  const index = createEventIndex(
    table,
    (input) => inTime((attempt) => attempt((signal) => dynamoDb.send('Query', input, signal))),
    clock,
  );

  const { functionNames, rows, strays } = index;

  return {
    functionNames,
    rows,
    count: async (query) => (await index.tally(query)).events,
    strays,
    find,
    look: (event) => inTime((attempt) => found(attempt, event)),
    facts,
    read,
    claim,
    end,
    putRest,
    discard,
  };

  async function find(id: string): Promise<readonly EventIdentity[]> {
    const names = await index.functionNames();
    const keys = names.map((functionName) => eventKey({ functionName, id }));
    const found: EventIdentity[] = [];
    for await (const { pk } of items(keys, { ProjectionExpression: 'pk', ConsistentRead: true })) {
      const key = parseKey(pk?.S ?? '');
      if (key?.kind === 'event') found.push(key);
    }
    return found;
  }

  async function read(event: EventIdentity) {
    const item = await inTime((attempt) => getItem(attempt, eventKey(event)));
    const found = item && readEvent(item, clock.now());
    if (!found) return undefined;
    const body: DecodedBody =
      found.damaged === undefined ? await bodyOf(item) : { kind: 'damaged', message: found.damaged };
    return { event: found, body };
  }

  async function facts(functionName: string, ids: readonly string[]): Promise<ReadonlyMap<string, EventFacts>> {
    const found = new Map<string, EventFacts>();
    const keys = ids.map((id) => eventKey({ functionName, id }));
    const what = { ProjectionExpression: 'pk, windowStart, windowReason, orderKeys, orderSequences' };
    for await (const item of items(keys, what)) {
      const key = parseKey(item['pk']?.S ?? '');
      if (key?.kind !== 'event') continue;
      const orderKeys = orderKeysIn(item);
      found.set(key.id, { ...readWindow(createItemReader(item)), ...(orderKeys && { orderKeys }) });
    }
    return found;
  }

  /** Existing items of these keys, a hundred at a time. */
  async function* items(keys: readonly string[], what: Omit<KeysAndAttributes, 'Keys'>): AsyncGenerator<Item> {
    for (let from = 0; from < keys.length; from += BATCH_LIMIT) {
      let wanted: Item[] = keys.slice(from, from + BATCH_LIMIT).map((key) => ({ pk: { S: key } }));
      while (wanted.length > 0) {
        const input = { RequestItems: { [table]: { Keys: wanted, ...what } } };
        const { Responses: pages = {}, UnprocessedKeys: rest = {} } = await inTime((attempt) =>
          attempt((signal) => dynamoDb.send('BatchGetItem', input, signal)),
        );
        // All of it is of this table, which an answer may name otherwise than its ARN.
        yield* Object.values(pages).flat();
        wanted = Object.values(rest).flatMap(({ Keys = [] }) => Keys);
      }
    }
  }

  async function claim(wanted: EventIdentity, from: readonly EventStatus[]): Promise<Claim | DamagedClaim | undefined> {
    claims += 1;
    const leaseBy = `${by}/${claims}`;
    const now = clock.now();
    const before = await inTime((attempt) => updateUnlessRefused(attempt, claimed(wanted, from, leaseBy, now)));
    const isClaimed = typeof before === 'object';
    // Condition failed: someone else's claim, or our own retry after a lost answer.
    const item = isClaimed ? before : await inTime((attempt) => getItem(attempt, eventKey(wanted)));
    const found = item && foundIn(item, now, before === 'refused');
    if (!found) return undefined;
    if (found.damaged !== undefined) {
      if (!isClaimed && !mayBeMarked(found, item, from, now)) return undefined;
      await mark(found, isClaimed ? { leaseBy } : { status: isOfStatus(found, item) ? found.status : undefined });
      return { kind: 'damaged', event: found };
    }
    if (!isClaimed && found.leaseBy !== leaseBy) return undefined;
    const event = isClaimed ? found : beforeClaim(found);
    const leaseUntilAt = now + event.timeoutMs + LEASE_MARGIN_MS;
    return { kind: 'claim', event, leaseBy, leaseUntilAt, body: () => bodyOf(item) };
  }

  /** What DynamoDB does not write to is damaged as well. Where the table is at fault, it could not have been read either. */
  function foundIn(item: Item, now: number, isRefused: boolean): FoundEvent | undefined {
    const found = readEvent(item, now);
    return found && isRefused && found.damaged === undefined ? damagedEvent(found, 'it takes no writing') : found;
  }

  /** Marks an unreadable event, if it is still as it was seen. One that takes no writing is only reported. */
  async function mark(event: DamagedEvent, seen: SeenBy): Promise<void> {
    const [whole, short] = damagedMarks(event, seen, by, clock.now());
    await inTime(async (attempt) => {
      if ((await updateUnlessRefused(attempt, whole)) === 'refused') await updateUnlessRefused(attempt, short);
    });
  }

  async function end(claim: Claim, ending: Ending): Promise<boolean> {
    const { event, leaseBy } = claim;
    const limitMs = Math.max(claim.leaseUntilAt - clock.now(), ANSWER_LIMIT_MS);
    const at = clock.now();
    return inTime(async (attempt) => {
      let before = await updateUnlessRefused(attempt, claimEnded(event, leaseBy, ending, at));
      // What is told does not fit into an item that somebody else has filled: what became of it has to.
      if (before === 'refused')
        before = await updateUnlessMoved(attempt, claimEnded(event, leaseBy, untold(ending), at));
      if (before) return true;
      const now = await getItem(attempt, eventKey(event));
      return now?.['leaseBy']?.S === leaseBy && now['status']?.S === statusAfter(event, ending);
    }, limitMs);
  }

  async function putRest({ event, leaseBy }: Claim, rest: RestOfBatch): Promise<void> {
    const { orderKeys: _, ...facts } = event;
    const { error, ...own } = rest;
    const child: DeferredEvent = { ...facts, ...own, bytes: Buffer.byteLength(rest.text) };
    const items = eventItems(child, await encodeBody(rest.text), randomUUID(), clock.now());
    const item: Item = {
      ...items.event,
      status: { S: 'failed' },
      lastError: { S: error },
      doneBy: { S: leaseBy },
      doneAt: { N: String(clock.now()) },
    };
    await inTime(async (attempt) => {
      for (const part of items.parts) await put(attempt, part);
      await put(attempt, item, 'attribute_not_exists(pk)');
    });
  }

  async function discard(event: EventIdentity, why: string): Promise<boolean> {
    return inTime(async (attempt) => {
      const now = clock.now();
      if (!(await found(attempt, event))) return false;
      // A tool that died left it so: what became of it is not known.
      await updateUnlessRefused(attempt, leaseRunOut(event, now));
      const before = await updateUnlessRefused(attempt, discarded(event, by, why, now));
      return typeof before === 'object' || (await found(attempt, event))?.status === 'discarded';
    });
  }

  async function put(attempt: Attempt, item: Item, condition?: string): Promise<void> {
    const input = {
      TableName: table,
      Item: item,
      ...(condition !== undefined && { ConditionExpression: condition }),
    };
    try {
      await attempt((signal) => dynamoDb.send('PutItem', input, signal));
    } catch (fault) {
      // An earlier try of ours, or an earlier replay that got as far as this: the same records stay.
      if (!conditionFailure(fault)) throw fault;
    }
  }

  async function found(attempt: Attempt, event: EventIdentity): Promise<FoundEvent | undefined> {
    const item = await getItem(attempt, eventKey(event));
    return item && readEvent(item, clock.now());
  }

  async function getItem(attempt: Attempt, key: string): Promise<Item | undefined> {
    const input = { TableName: table, Key: { pk: { S: key } }, ConsistentRead: true };
    return (await attempt((signal) => dynamoDb.send('GetItem', input, signal))).Item;
  }

  async function bodyOf(item: Item): Promise<DecodedBody> {
    const parts: (Item | undefined)[] = [];
    for (const key of partKeysOf(item)) {
      const part = await inTime((attempt) => getItem(attempt, key));
      parts.push(part);
      if (!part) break;
    }
    return readBody(item, parts);
  }

  /** @returns the item as it was before; undefined where the condition did not hold */
  async function updateUnlessMoved(attempt: Attempt, input: Move): Promise<Item | undefined> {
    const whole = { TableName: table, ReturnValues: 'ALL_OLD', ...input } as const;
    try {
      const { Attributes: before = {} } = await attempt((signal) => dynamoDb.send('UpdateItem', whole, signal));
      return before;
    } catch (fault) {
      if (conditionFailure(fault)) return undefined;
      throw fault;
    }
  }

  /** The same for an item of unknown origin: `refused` if DynamoDB does not take such an update of it. */
  async function updateUnlessRefused(attempt: Attempt, input: Move): Promise<Item | 'refused' | undefined> {
    try {
      return await updateUnlessMoved(attempt, input);
    } catch (fault) {
      if (isNotValid(fault)) return 'refused';
      throw fault;
    }
  }

  async function inTime<T>(work: (attempt: Attempt) => Promise<T>, limitMs = answerLimitMs()): Promise<T> {
    try {
      const result = await untilDeadline(steadyClock, steadyClock.now() + limitMs, isPassing, work);
      hasAnswered = true;
      onTrouble?.(undefined);
      return result;
    } catch (fault) {
      if (!(fault instanceof TimeUpError)) throw fault;
      // Of several attempts the last had a moment only: how long was waited in all is what counts.
      const isSilent = fault.cause === undefined || fault.cause instanceof TimeUpError;
      throw isSilent ? new Error(`no answer within ${Math.round(limitMs / 1_000)} s`, { cause: fault }) : fault.cause;
    }
  }

  function isPassing(fault: unknown): boolean {
    const mayBe = mayPass(fault);
    if (mayBe) onTrouble?.(fault);
    return mayBe;
  }

  function answerLimitMs(): number {
    return hasAnswered ? ANSWER_LIMIT_MS : FIRST_ANSWER_LIMIT_MS;
  }
}

/** What a claimed event was before, as far as it still tells: one that was sent before counts as `unknown`. */
function beforeClaim(event: StoredEvent): StoredEvent {
  const attempts = event.attempts - 1;
  return { ...event, attempts, status: attempts > 0 ? 'unknown' : 'pending' };
}

/** Whether an event that is damaged waits for this replay: its status is none, or one of these, and nobody is at work on it. */
function mayBeMarked(event: DamagedEvent, item: Item, from: readonly EventStatus[], now: number): boolean {
  const { status, leaseUntilAt = 0 } = event;
  if (isLeased(status) && leaseUntilAt >= now) return false;
  return !isOfStatus(event, item) || from.includes(status);
}

/** Whether the status stands in the item, and is not the substitute for an unreadable one. */
function isOfStatus({ status }: DamagedEvent, item: Item): boolean {
  return item['status']?.S === status;
}

/** The same ending without the texts for the terminal. */
function untold(ending: Ending): Ending {
  switch (ending.status) {
    case 'replayed':
      return { status: ending.status, result: '' };
    case 'failed':
      return { status: ending.status, error: '', result: '' };
    case 'unknown':
      return { status: ending.status, error: '' };
    case 'accepted':
    case 'released':
      return { status: ending.status };
  }
}
