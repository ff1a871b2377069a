import { randomUUID } from 'node:crypto';
import type { BatchGetItemCommandOutput, KeysAndAttributes } from '@aws-sdk/client-dynamodb';
import {
  type Claim,
  type DamagedClaim,
  type DamagedEvent,
  type Ending,
  type EventArchive,
  type EventFacts,
  type EventTexts,
  type FoundEvent,
  LEASE_MARGIN_MS,
  LEASE_TOLERANCE_MS,
  type RestOfBatch,
  type Restored,
  type StoredEvent,
} from '../../core/events/archive.ts';
import { type DecodedBody, encodeBody } from '../../core/events/body.ts';
import { type DeferredEvent, type EventStatus, isFinished } from '../../core/events/deferred-event.ts';
import { type HistoryEntry, historyText } from '../../core/events/history.ts';
import { type EventIdentity, eventKey, parseKey } from '../../core/events/table.ts';
import type { Clock } from '../../core/gate/ports.ts';
import { type BatchGet, batchItems } from '../dynamodb/batch-get.ts';
import type { DynamoDb, Item } from '../dynamodb/dynamodb.ts';
import { conditionFailure, isNotValid, mayPass } from '../dynamodb/dynamodb-fault.ts';
import { steadyClock } from '../time/steady-clock.ts';
import { type Attempt, TimeUpError, untilDeadline } from '../time/until-deadline.ts';
import { createEventIndex } from './event-rows.ts';
import { eventItems, partKeysOf, readBody } from './item.ts';
import { createItemReader } from './item-reader.ts';
import {
  claimEnded,
  claimed,
  copyNoted,
  damagedMarks,
  discarded,
  isLeased,
  leaseRunOut,
  type Move,
  prolonged,
  restored,
  type SeenBy,
  statusAfter,
  statusRestored,
} from './moves.ts';
import { orderKeysIn } from './order-attributes.ts';
import {
  damagedEvent,
  readClient,
  readCopies,
  readDone,
  readEvent,
  readHistory,
  readWindow,
  roomIn,
} from './stored-event.ts';

/** How long the first answer may take: who names a wrong table or region wants to know soon. */
const FIRST_ANSWER_LIMIT_MS = 4_000;
/** How long any later one may take: a replay that goes on for hours outlives a fault of the network. */
const ANSWER_LIMIT_MS = 60_000;

/** Takes what an answer says of itself. */
type OnAnswer = (answer: Pick<BatchGetItemCommandOutput, 'ConsumedCapacity'>) => void;

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

  const { functionNames, rows, groups, strays } = index;

  return {
    functionNames,
    rows,
    groups,
    count: async (query) => (await index.tally(query)).events,
    newest: index.newest,
    countWaiting: index.countWaiting,
    strays,
    find,
    findBeginning,
    look: (event) => inTime((attempt) => found(attempt, event)),
    facts,
    read,
    texts,
    claim,
    end,
    putRest,
    discard,
    noteCopy,
    restore,
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

  async function findBeginning(prefix: string, functionName?: string): Promise<readonly EventIdentity[]> {
    const names = functionName === undefined ? await index.functionNames() : [functionName];
    const found: EventIdentity[] = [];
    for (const name of names) found.push(...(await index.beginning(name, prefix)));
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
    const what = {
      ProjectionExpression:
        'pk, windowStart, windowReason, orderKeys, orderSequences, clientVersion, leaseBy, doneBy, doneAt, lastError, history, copies',
    };
    for await (const item of items(keys, what)) {
      const key = parseKey(item['pk']?.S ?? '');
      if (key?.kind !== 'event') continue;
      const orderKeys = orderKeysIn(item);
      const reader = createItemReader(item);
      const facts = { ...readWindow(reader), ...readClient(item), ...readDone(reader), ...readHistory(item) };
      found.set(key.id, { ...facts, ...(orderKeys && { orderKeys }) });
    }
    return found;
  }

  /** A text never changes once it is stored, so it need not be read consistently, at twice the price. */
  async function texts(functionName: string, ids: readonly string[]): Promise<EventTexts> {
    let readUnits = 0;
    const count: OnAnswer = ({ ConsumedCapacity = [] }) => {
      for (const { CapacityUnits = 0 } of ConsumedCapacity) readUnits += CapacityUnits;
    };
    const found = new Map<string, DecodedBody>();
    const keys = ids.map((id) => eventKey({ functionName, id }));
    for await (const item of items(keys, {}, count)) {
      const event = readEvent(item, clock.now());
      if (!event) continue;
      const parts = new Map<string, Item>();
      const partsWanted = event.damaged === undefined ? partKeysOf(item) : [];
      for await (const part of items(partsWanted, {}, count)) parts.set(part['pk']?.S ?? '', part);
      const body: DecodedBody =
        event.damaged === undefined
          ? await readBody(
              item,
              partsWanted.map((key) => parts.get(key)),
            )
          : { kind: 'damaged', message: event.damaged };
      found.set(event.id, body);
    }
    return { texts: found, readUnits };
  }

  function items(
    keys: readonly string[],
    what: Omit<KeysAndAttributes, 'Keys'>,
    onAnswer?: OnAnswer,
  ): AsyncGenerator<Item> {
    const get: BatchGet = async (input) => {
      const counted = { ...input, ...(onAnswer && { ReturnConsumedCapacity: 'TOTAL' as const }) };
      const answer = await inTime((attempt) => attempt((signal) => dynamoDb.send('BatchGetItem', counted, signal)));
      onAnswer?.(answer);
      return answer;
    };
    return batchItems(get, table, keys, what);
  }

  async function claim(
    wanted: EventIdentity,
    from: readonly EventStatus[],
    takesMs = 0,
  ): Promise<Claim | DamagedClaim | undefined> {
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
    const event = isClaimed ? asClaimed(found) : beforeClaim(found);
    // The table knows what the event was given when it came: the function may have been given more since.
    const isTooShort = takesMs > event.timeoutMs + LEASE_TOLERANCE_MS;
    const leaseUntilAt = now + (isTooShort ? takesMs : event.timeoutMs) + LEASE_MARGIN_MS;
    if (isTooShort && !(await inTime((attempt) => updateUnlessMoved(attempt, prolonged(event, leaseBy, leaseUntilAt)))))
      return undefined;
    const roomBytes = roomIn(item);
    return { kind: 'claim', event, leaseBy, claimedAt: now, leaseUntilAt, roomBytes, body: () => bodyOf(item) };
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
      const history = historyAfter(claim, ending, at);
      let before = await updateUnlessRefused(attempt, claimEnded(event, leaseBy, ending, at, history));
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
      const item = await getItem(attempt, eventKey(event));
      if (!item || !readEvent(item, now)) return false;
      // A tool that died left it so: what became of it is not known.
      await updateUnlessRefused(attempt, leaseRunOut(event, now));
      let before = await updateUnlessRefused(attempt, discarded(event, by, why, now));
      if (before === 'refused') before = await updateUnlessRefused(attempt, discarded(event, by, why, now, item));
      if (typeof before === 'object') return true;
      // Our own update, whose answer was lost, or somebody's discard before this one.
      const after = await found(attempt, event);
      return after?.status === 'discarded' && (after.damaged !== undefined || after.doneBy === by);
    });
  }

  async function noteCopy(event: EventIdentity, copy: Omit<HistoryEntry, 'by'>): Promise<boolean> {
    return inTime(async (attempt) => {
      for (let time = 0; time < NOTE_TRIES; time += 1) {
        const item = await getItem(attempt, eventKey(event));
        if (!item || !readEvent(item, clock.now())) return false;
        const copies = readCopies(item);
        // Our own update, whose answer was lost.
        if (copies.some((each) => each.at === copy.at && each.by === by && each.to === copy.to)) return true;
        const text = historyText([...copies, { ...copy, by }], COPIES_BYTES);
        const before = text && (await updateUnlessRefused(attempt, copyNoted(event, text, item['copies'])));
        if (typeof before === 'object') return true;
        if (before !== undefined) return false;
      }
      return false;
    });
  }

  async function restore(event: EventIdentity, why?: string): Promise<Restored> {
    const item = await inTime((attempt) => getItem(attempt, eventKey(event)));
    const now = clock.now();
    const seen = item && readEvent(item, now);
    if (!seen) return { kind: 'gone' };
    if (seen.status !== 'discarded') return { kind: 'other-status', status: seen.status };
    if (seen.damaged !== undefined) return { kind: 'damaged', why: seen.damaged };
    const body = await bodyOf(item);
    if (body.kind === 'damaged') return { kind: 'damaged', why: body.message };
    const status = statusRestored(seen);
    const history = historyOfRestored(seen, by, why, now, roomIn(item));
    return inTime(async (attempt) => {
      let before = await updateUnlessRefused(attempt, restored(seen, by, now, history));
      if (before === 'refused') before = await updateUnlessMoved(attempt, restored(seen, by, now));
      if (before) return { kind: 'restored', status };
      const after = await found(attempt, event);
      if (!after) return { kind: 'gone' };
      // Our own update, whose answer was lost.
      const isOurs = after.damaged === undefined && after.doneBy === by && after.doneAt === now;
      return isOurs && after.status === status
        ? { kind: 'restored', status }
        : { kind: 'other-status', status: after.status };
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

/** How often a copy is tried to be noted while others are. */
const NOTE_TRIES = 20;
/** What is kept of copies: they may be noted while a claim is held, so this room is nobody else's. */
const COPIES_BYTES = 2 * 1_024;
/** Names and the lease of a claim, and the marks of its end; and what is noted of copies. */
const MARKS_BYTES = 1_024 + COPIES_BYTES;
/** No history takes more. */
const HISTORY_BYTES = 12 * 1_024;

/** The history of an event once its claim has ended, as text. Undefined where it stays as it is, or has no room. */
function historyAfter(
  { event, leaseBy, claimedAt, roomBytes }: Claim,
  ending: Ending,
  now: number,
): string | undefined {
  const left = leftBehind(event);
  // What did not run is no attempt.
  const own: readonly HistoryEntry[] =
    ending.status === 'released'
      ? []
      : [
          {
            at: claimedAt,
            by: leaseBy,
            outcome: ending.status,
            tookMs: Math.max(0, now - claimedAt),
            ...('error' in ending && ending.error !== undefined && { error: ending.error }),
          },
        ];
  if (left.length + own.length === 0) return undefined;
  const error = 'error' in ending ? ending.error : event.lastError;
  const result = 'result' in ending ? ending.result : event.result;
  const told = Buffer.byteLength(error ?? '') + Buffer.byteLength(result ?? '');
  const entries = [...ownOf(event), ...left, ...own];
  return historyText(entries, Math.min(HISTORY_BYTES, roomBytes - told - MARKS_BYTES));
}

/** The history without copies, which have an attribute of their own. */
function ownOf({ history = [] }: StoredEvent): readonly HistoryEntry[] {
  return history.filter(({ to }) => to === undefined);
}

/** The attempt of a tool that ended without writing down an outcome: its claim tells of it. */
function leftBehind(event: StoredEvent): readonly HistoryEntry[] {
  const { status, leaseBy, leaseUntilAt, timeoutMs } = event;
  if (status !== 'replaying' || leaseBy === undefined || leaseUntilAt === undefined) return [];
  const at = Math.max(0, leaseUntilAt - timeoutMs - LEASE_MARGIN_MS);
  return [{ at, by: leaseBy, outcome: 'unknown', error: 'its tool ended, or was too late, and wrote no outcome' }];
}

/** The history of a discarded event that is restored: who discarded it and why, then who took it back. */
function historyOfRestored(
  event: StoredEvent,
  by: string,
  why: string | undefined,
  now: number,
  roomBytes: number,
): string | undefined {
  const { doneBy, doneAt, result, lastError = '' } = event;
  const isKnown = doneBy !== undefined && doneAt !== undefined;
  const entries: readonly HistoryEntry[] = [
    ...ownOf(event),
    ...(isKnown ? [{ at: doneAt, by: doneBy, outcome: 'discarded', ...(result && { reason: result }) } as const] : []),
    { at: now, by, outcome: 'restored', ...(why !== undefined && { reason: why }) },
  ];
  return historyText(entries, Math.min(HISTORY_BYTES, roomBytes - Buffer.byteLength(lastError) - MARKS_BYTES));
}

/** A claimed event as it was before; what is replayed again counts this time. */
function asClaimed(event: StoredEvent): StoredEvent {
  return isFinished(event.status) ? { ...event, timesAgain: (event.timesAgain ?? 0) + 1 } : event;
}

/**
 * What a claimed event was before, as far as it still tells: one that was sent before counts as `unknown`. A claim of what
 * is finished remembers it.
 */
function beforeClaim(event: StoredEvent): StoredEvent {
  const attempts = event.attempts - 1;
  return { ...event, attempts, status: event.statusBefore ?? (attempts > 0 ? 'unknown' : 'pending') };
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
