import type { UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { type DamagedEvent, type Ending, LEASE_MARGIN_MS, type StoredEvent } from '../../core/events/archive.ts';
import { type EventStatus, isFinished, MOVES, STATUSES, statusesBefore } from '../../core/events/deferred-event.ts';
import { type EventIdentity, eventGroup, eventKey, FINISHED_KEPT_SECONDS } from '../../core/events/table.ts';
import type { Item } from '../dynamodb/dynamodb.ts';
import { LONGEST_LEASE_MS } from './stored-event.ts';

/**
 * Every move of a stored event between statuses, as an update for DynamoDB. Each has a condition, so that of two tools
 * or environments one alone succeeds. {@link MOVES} lists the moves; test/contract/moves.test.ts compares the two.
 */
export type Move = Omit<UpdateItemCommandInput, 'TableName'>;

/** `doneBy` of an event that Lambda itself retried after the window. */
const LAMBDA = 'lambda';
const LEASE_OVER = 'leaseUntil < :now';

/** Lambda retried an event after the window, so that the handler has it: from `pending` to `taken-back`. */
export function takenBack(event: EventIdentity, now: number): Move {
  return {
    Key: { pk: { S: eventKey(event) } },
    ConditionExpression: '#status = :pending',
    UpdateExpression: 'SET #status = :takenBack, gpk = :group, doneAt = :now, doneBy = :by, expiresAt = :expiresAt',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':pending': { S: 'pending' },
      ':takenBack': { S: 'taken-back' },
      ':now': { N: String(now) },
      ':by': { S: LAMBDA },
      ...finishedValues(event, 'taken-back', now),
    },
  };
}

/** Lambda gave back what it had taken: from `taken-back` to `pending`. It waits for a replay again, and does not expire. */
export function pendingAgain(event: EventIdentity): Move {
  return {
    Key: { pk: { S: eventKey(event) } },
    ConditionExpression: '#status = :takenBack',
    UpdateExpression: 'SET #status = :pending, gpk = :group REMOVE doneAt, doneBy, expiresAt',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':takenBack': { S: 'taken-back' },
      ':pending': { S: 'pending' },
      ':group': { S: eventGroup(event, 'pending') },
    },
  };
}

/**
 * An event is claimed: to `replaying`, out of one of these statuses. The lease is reckoned where the time-out is known, in
 * the table, so that a claim is one request and brings the event with it.
 *
 * @param from statuses that {@link MOVES} leads out of to `replaying`
 * @param leaseBy unique to the claim
 */
export function claimed(event: EventIdentity, from: readonly EventStatus[], leaseBy: string, now: number): Move {
  // Flat on purpose, AND binds tighter: a stand-in's parser takes milliseconds for parentheses inside of parentheses.
  const conditions = from.map((status, index) =>
    isLeased(status) ? `#status = :from${index} AND ${LEASE_OVER}` : `#status = :from${index}`,
  );
  return {
    Key: { pk: { S: eventKey(event) } },
    ConditionExpression: conditions.join(' OR '),
    UpdateExpression: 'SET #status = :to, leaseBy = :by, leaseUntil = timeoutMs + :base, attempts = attempts + :one',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ...Object.fromEntries(from.map((status, index) => [`:from${index}`, { S: status }])),
      ':to': { S: 'replaying' },
      ':by': { S: leaseBy },
      ':base': { N: String(now + LEASE_MARGIN_MS) },
      ':one': { N: '1' },
      ...(from.some(isLeased) && { ':now': { N: String(now) } }),
    },
  };
}

/**
 * A claim ends: from `replaying`, where it still is this claim's, to {@link statusAfter}. `leaseBy` stays, so that a second
 * try of this same update is known for what it is.
 */
export function claimEnded(event: StoredEvent, leaseBy: string, ending: Ending, now: number): Move {
  const status = statusAfter(event, ending);
  const error = 'error' in ending ? ending.error : undefined;
  const result = 'result' in ending ? ending.result : undefined;
  const isReleased = ending.status === 'released';
  // What did not run may be claimed again at once; what an attempt before left behind stays to be read.
  const isLeaseOver = isReleased && status === 'unknown';
  const keepsTraces = isReleased && status !== 'pending';
  const gone = [
    ...(status === 'unknown' ? [] : ['leaseUntil']),
    ...(error === undefined && !keepsTraces ? ['lastError'] : []),
    ...(result === undefined && !keepsTraces ? ['#result'] : []),
  ];
  const set = [
    '#status = :to',
    ...(isReleased ? ['attempts = attempts - :one'] : ['doneBy = :by', 'doneAt = :now']),
    ...(isLeaseOver ? ['leaseUntil = :over'] : []),
    ...(isFinished(status) ? ['gpk = :group', 'expiresAt = :expiresAt'] : []),
    ...(error === undefined ? [] : ['lastError = :error']),
    ...(result === undefined ? [] : ['#result = :result']),
  ];
  const usesResult = result !== undefined || gone.includes('#result');
  return {
    Key: { pk: { S: eventKey(event) } },
    ConditionExpression: '#status = :replaying AND leaseBy = :by',
    UpdateExpression: `SET ${set.join(', ')}${gone.length > 0 ? ` REMOVE ${gone.join(', ')}` : ''}`,
    ExpressionAttributeNames: { '#status': 'status', ...(usesResult && { '#result': 'result' }) },
    ExpressionAttributeValues: {
      ':replaying': { S: 'replaying' },
      ':to': { S: status },
      ':by': { S: leaseBy },
      ...(isReleased ? { ':one': { N: '1' } } : { ':now': { N: String(now) } }),
      ...(isLeaseOver && { ':over': { N: String(now - 1) } }),
      ...(isFinished(status) && finishedValues(event, status, now)),
      ...(error !== undefined && { ':error': { S: error } }),
      ...(result !== undefined && { ':result': { S: result } }),
    },
  };
}

/** The status of an event once its claim has ended. Whether an attempt before this one ran stays as open as it was. */
export function statusAfter(before: StoredEvent, { status }: Ending): EventStatus {
  if (status !== 'released') return status;
  if (before.status === 'failed') return 'failed';
  return isLeased(before.status) ? 'unknown' : 'pending';
}

/** A tool that died left it so: from `replaying` to `unknown`, where the lease is over or none. */
export function leaseRunOut(event: EventIdentity, now: number): Move {
  return {
    Key: { pk: { S: eventKey(event) } },
    // Nobody works under a lease that is none: its end is no number, or lies beyond what a lease can have.
    ConditionExpression: [LEASE_OVER, 'leaseUntil > :longest', 'NOT attribute_type(leaseUntil, :number)']
      .map((isOver) => `#status = :replaying AND ${isOver}`)
      .join(' OR '),
    UpdateExpression: 'SET #status = :unknown',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':replaying': { S: 'replaying' },
      ':unknown': { S: 'unknown' },
      ':now': { N: String(now) },
      ':longest': { N: String(now + LONGEST_LEASE_MS) },
      ':number': { S: 'N' },
    },
  };
}

/** Somebody gives an event up: to `discarded`, out of what waits for somebody, or for nobody. */
export function discarded(event: EventIdentity, by: string, why: string, now: number): Move {
  const from = statusesBefore('discarded').map(placeholderOf);
  return {
    Key: { pk: { S: eventKey(event) } },
    // What has no status of ours waits for nobody else.
    ConditionExpression: `#status IN (${from.join(', ')}) OR ${hasNoStatus()}`,
    UpdateExpression:
      'SET #status = :to, gpk = :group, expiresAt = :expiresAt, doneBy = :by, doneAt = :now, #result = :why REMOVE leaseUntil',
    ExpressionAttributeNames: { '#status': 'status', '#result': 'result' },
    ExpressionAttributeValues: {
      ...statusValues(),
      ':to': { S: 'discarded' },
      ':by': { S: by },
      ':now': { N: String(now) },
      ':why': { S: why },
      ...finishedValues(event, 'discarded', now),
    },
  };
}

function finishedValues(event: EventIdentity, status: EventStatus, now: number): Item {
  return {
    ':group': { S: eventGroup(event, status) },
    ':expiresAt': { N: String(Math.floor(now / 1_000) + FINISHED_KEPT_SECONDS) },
  };
}

/** What a mark goes by: our own claim, or the status that was seen, where it was one. */
export type SeenBy = { readonly leaseBy: string } | { readonly status: string | undefined };

/**
 * A damaged event is marked as `failed`, whatever it was, where it still is as it was seen: no move of {@link MOVES}, as
 * nobody knows what it was. The whole story, and a short one that takes no more room than the item has.
 */
export function damagedMarks(event: DamagedEvent, seen: SeenBy, by: string, now: number): readonly [Move, Move] {
  const [condition, values] = markCondition(seen);
  const common = {
    Key: { pk: { S: eventKey(event) } },
    ConditionExpression: condition,
    ExpressionAttributeNames: { '#status': 'status' },
  };
  const short = { ':to': { S: 'failed' }, ...values };
  return [
    {
      ...common,
      UpdateExpression:
        'SET #status = :to, gpk = :group, lastError = :why, doneBy = :by, doneAt = :now REMOVE leaseUntil, leaseBy, expiresAt',
      ExpressionAttributeValues: {
        ...short,
        ':group': { S: eventGroup(event, 'failed') },
        ':why': { S: event.damaged },
        ':by': { S: by },
        ':now': { N: String(now) },
      },
    },
    {
      ...common,
      UpdateExpression: 'SET #status = :to REMOVE leaseUntil, leaseBy, expiresAt',
      ExpressionAttributeValues: short,
    },
  ];
}

function markCondition(seen: SeenBy): readonly [string, Item] {
  if ('leaseBy' in seen) return ['leaseBy = :leaseBy', { ':leaseBy': { S: seen.leaseBy } }];
  if (seen.status !== undefined) return ['#status = :seen', { ':seen': { S: seen.status } }];
  return [hasNoStatus(), statusValues()];
}

/** Statuses in which the function may still be at work. */
export function isLeased(status: EventStatus): boolean {
  return status === 'replaying' || status === 'unknown';
}

/** Of an item that is there. */
function hasNoStatus(): string {
  return `attribute_exists(pk) AND NOT #status IN (${Object.keys(statusValues()).join()})`;
}

/** A placeholder for each status there is, `:pending` and so on. */
export function statusValues(): Item {
  return Object.fromEntries(STATUSES.map((status) => [placeholderOf(status), { S: status }]));
}

/** `:takenback`: a placeholder has no hyphen. */
export function placeholderOf(status: EventStatus): string {
  return `:${status.replace('-', '')}`;
}
