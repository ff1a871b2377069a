import type { UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { type DamagedEvent, type Ending, LEASE_MARGIN_MS, type StoredEvent } from '../../core/events/archive.ts';
import { type EventStatus, isFinished, MOVES, STATUSES, statusesBefore } from '../../core/events/deferred-event.ts';
import { type EventIdentity, eventGroup, eventKey, FINISHED_KEPT_SECONDS } from '../../core/events/table.ts';
import type { Item } from '../dynamodb/dynamodb.ts';
import { largestAttributes, REPLAY_ROOM_BYTES } from './item.ts';
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

/** What says when an event was deferred, and under which windows. */
const OF_DEFERRAL = ['gsk', 'deferredAt', 'windowStart', 'windowEnd', 'windowReason'];

/**
 * Lambda gave back what it had taken: from `taken-back` to `pending`. It waits for a replay again, and does not expire. It is
 * deferred anew, perhaps under another window.
 *
 * @param item as it would be stored now
 */
export function pendingAgain(event: EventIdentity, item: Item): Move {
  const [set, gone] = [true, false].map((isThere) => OF_DEFERRAL.filter((name) => name in item === isThere));
  return {
    Key: { pk: { S: eventKey(event) } },
    ConditionExpression: '#status = :takenBack',
    UpdateExpression: `SET ${['#status = :pending, gpk = :group', ...(set ?? []).map((name) => `${name} = :${name}`)].join(', ')} REMOVE ${['doneAt, doneBy, expiresAt', ...(gone ?? [])].join(', ')}`,
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ...Object.fromEntries((set ?? []).map((name) => [`:${name}`, item[name] ?? { NULL: true }])),
      ':takenBack': { S: 'taken-back' },
      ':pending': { S: 'pending' },
      ':group': { S: eventGroup(event, 'pending') },
    },
  };
}

/**
 * An event is claimed: to `replaying`, out of one of these statuses. What is finished waits again by that, does not
 * expire, and remembers what it was, for a claim whose answer is lost. The lease is reckoned where the time-out is known, in
 * the table, so that a claim is one request and brings the event with it.
 *
 * @param from statuses that {@link MOVES} leads out of to `replaying`: finished ones alone, or none of them
 * @param leaseBy unique to the claim
 */
export function claimed(event: EventIdentity, from: readonly EventStatus[], leaseBy: string, now: number): Move {
  // Flat on purpose, AND binds tighter: a stand-in's parser takes milliseconds for parentheses inside of parentheses.
  const conditions = from.map((status, index) =>
    isLeased(status) ? `#status = :from${index} AND ${LEASE_OVER}` : `#status = :from${index}`,
  );
  const isAgain = from.every(isFinished);
  const ofAgain = isAgain ? [', statusBefore = #status, gpk = :group REMOVE expiresAt ADD timesAgain :one'] : [];
  const ofFirst = isAgain ? [] : [' REMOVE statusBefore'];
  const claim = 'SET #status = :to, leaseBy = :by, leaseUntil = timeoutMs + :base, attempts = attempts + :one';
  return {
    Key: { pk: { S: eventKey(event) } },
    ConditionExpression: conditions.join(' OR '),
    UpdateExpression: [claim, ...ofAgain, ...ofFirst].join(''),
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ...Object.fromEntries(from.map((status, index) => [`:from${index}`, { S: status }])),
      ':to': { S: 'replaying' },
      ':by': { S: leaseBy },
      ':base': { N: String(now + LEASE_MARGIN_MS) },
      ':one': { N: '1' },
      ...(from.some(isLeased) && { ':now': { N: String(now) } }),
      ...(isAgain && { ':group': { S: eventGroup(event, 'replaying') } }),
    },
  };
}

/** A claim lasts longer than it was reckoned: no move, as the event stays `replaying`, and this claim's. */
export function prolonged(event: EventIdentity, leaseBy: string, leaseUntilAt: number): Move {
  return {
    Key: { pk: { S: eventKey(event) } },
    ConditionExpression: '#status = :replaying AND leaseBy = :by',
    UpdateExpression: 'SET leaseUntil = :until',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':replaying': { S: 'replaying' },
      ':by': { S: leaseBy },
      ':until': { N: String(leaseUntilAt) },
    },
  };
}

/**
 * A claim ends: from `replaying`, where it still is this claim's, to {@link statusAfter}. `leaseBy` stays, so that a second
 * try of this same update is known for what it is.
 *
 * @param history as text; what is there stays where it is absent
 */
export function claimEnded(event: StoredEvent, leaseBy: string, ending: Ending, now: number, history?: string): Move {
  const status = statusAfter(event, ending);
  const isReleased = ending.status === 'released';
  // What was finished and did not run again has nothing to tell of it.
  const error = 'error' in ending && !(isReleased && isFinished(status)) ? ending.error : undefined;
  const result = 'result' in ending ? ending.result : undefined;
  // What did not run may be claimed again at once; what an attempt before left behind stays to be read.
  const isLeaseOver = isReleased && status === 'unknown';
  const keepsTraces = isReleased && status !== 'pending';
  const gone = [
    ...(status === 'unknown' ? [] : ['leaseUntil']),
    ...(isFinished(event.status) ? ['statusBefore'] : []),
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
    ...(history === undefined ? [] : ['#history = :history']),
  ];
  const usesResult = result !== undefined || gone.includes('#result');
  return {
    Key: { pk: { S: eventKey(event) } },
    ConditionExpression: '#status = :replaying AND leaseBy = :by',
    UpdateExpression: `SET ${set.join(', ')}${gone.length > 0 ? ` REMOVE ${gone.join(', ')}` : ''}`,
    ExpressionAttributeNames: {
      '#status': 'status',
      ...(usesResult && { '#result': 'result' }),
      ...(history !== undefined && { '#history': 'history' }),
    },
    ExpressionAttributeValues: {
      ':replaying': { S: 'replaying' },
      ':to': { S: status },
      ':by': { S: leaseBy },
      ...(isReleased ? { ':one': { N: '1' } } : { ':now': { N: String(now) } }),
      ...(isLeaseOver && { ':over': { N: String(now - 1) } }),
      ...(isFinished(status) && finishedValues(event, status, now)),
      ...(isReleased && event.expiresAt !== undefined && { ':expiresAt': { N: String(event.expiresAt / 1_000) } }),
      ...(error !== undefined && { ':error': { S: error } }),
      ...(result !== undefined && { ':result': { S: result } }),
      ...(history !== undefined && { ':history': { S: history } }),
    },
  };
}

/** The status of an event once its claim has ended. Whether an attempt before this one ran stays as open as it was. */
export function statusAfter(before: StoredEvent, { status }: Ending): EventStatus {
  if (status !== 'released') return status;
  if (before.status === 'failed' || isFinished(before.status)) return before.status;
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

/** Attributes that a discard writes or that are keys: none of them makes room for it. */
const OF_DISCARD = [
  'pk',
  'gpk',
  'gsk',
  'status',
  'statusBefore',
  'expiresAt',
  'doneBy',
  'doneAt',
  'result',
  'leaseUntil',
];

/**
 * Somebody gives an event up: to `discarded`, out of what waits for somebody, or for nobody.
 *
 * @param full the item where it has no room for that: its largest attributes go, which nobody needs any more
 */
export function discarded(event: EventIdentity, by: string, why: string, now: number, full: Item = {}): Move {
  const from = statusesBefore('discarded').map(placeholderOf);
  const others = Object.fromEntries(Object.entries(full).filter(([name]) => !OF_DISCARD.includes(name)));
  const gone = largestAttributes(others, REPLAY_ROOM_BYTES);
  const names = Object.fromEntries(gone.map((name, index) => [`#gone${index}`, name]));
  return {
    Key: { pk: { S: eventKey(event) } },
    // What has no status of ours waits for nobody else.
    ConditionExpression: `#status IN (${from.join(', ')}) OR ${hasNoStatus()}`,
    UpdateExpression: `SET #status = :to, statusBefore = if_not_exists(#status, :failed), gpk = :group, expiresAt = :expiresAt, doneBy = :by, doneAt = :now, #result = :why REMOVE ${['leaseUntil', ...Object.keys(names)].join(', ')}`,
    ExpressionAttributeNames: { '#status': 'status', '#result': 'result', ...names },
    ExpressionAttributeValues: {
      ...statusValues(),
      ':to': { S: 'discarded' },
      ':by': { S: by },
      ':now': { N: String(now) },
      ':why': { S: gone.length > 0 ? `${why}; ${MADE_ROOM}` : why },
      ...finishedValues(event, 'discarded', now),
    },
  };
}

const MADE_ROOM = 'the item was full, so its largest attributes were taken out';

/**
 * A discarded event is taken back: to `pending`, `failed` or `unknown`, where it is still as it was seen. It waits again,
 * does not expire, and the marks of the discard are gone.
 *
 * @param event as it was seen
 * @param history as text; what is there stays where it is absent
 */
export function restored(
  event: StoredEvent,
  by: string,
  now: number,
  history?: string,
  to: EventStatus = statusRestored(event),
): Move {
  const { doneAt: seenAt, timeoutMs } = event;
  // A discard asks for no lease, so the function may have been at work then: no longer than a lease lasts.
  const leaseUntilAt = Math.min(seenAt ?? now, now) + timeoutMs + LEASE_MARGIN_MS;
  const set = [
    '#status = :to',
    'gpk = :group',
    'doneBy = :by',
    'doneAt = :now',
    ...(to === 'unknown' ? ['leaseUntil = :lease'] : []),
    ...(history === undefined ? [] : ['#history = :history']),
  ];
  return {
    Key: { pk: { S: eventKey(event) } },
    ConditionExpression: `#status = :discarded AND ${seenAt === undefined ? 'attribute_not_exists(doneAt)' : 'doneAt = :seen'}`,
    UpdateExpression: `SET ${set.join(', ')} REMOVE expiresAt, statusBefore, #result`,
    ExpressionAttributeNames: {
      '#status': 'status',
      '#result': 'result',
      ...(history !== undefined && { '#history': 'history' }),
    },
    ExpressionAttributeValues: {
      ':discarded': { S: 'discarded' },
      ':to': { S: to },
      ':group': { S: eventGroup(event, to) },
      ':by': { S: by },
      ':now': { N: String(now) },
      ...(seenAt !== undefined && { ':seen': { N: String(seenAt) } }),
      ...(to === 'unknown' && { ':lease': { N: String(leaseUntilAt) } }),
      ...(history !== undefined && { ':history': { S: history } }),
    },
  };
}

/** A copy of an event was sent: no move, as the event stays what it is. Not where somebody else noted one meanwhile. */
export function copyNoted(event: EventIdentity, copies: string, seen: Item[string] | undefined): Move {
  return {
    Key: { pk: { S: eventKey(event) } },
    ConditionExpression: `attribute_exists(pk) AND ${seen ? 'copies = :seen' : 'attribute_not_exists(copies)'}`,
    UpdateExpression: 'SET copies = :copies',
    ExpressionAttributeValues: { ':copies': { S: copies }, ...(seen && { ':seen': seen }) },
  };
}

/**
 * What a discarded event was before. An older tool wrote nothing of it: what was never sent was `pending`; what was sent is
 * `failed`, which no replay takes up before somebody has said so.
 */
export function statusRestored({ statusBefore, attempts }: StoredEvent): EventStatus {
  const known = MOVES.discarded.find((status) => status === statusBefore);
  return known ?? (attempts === 0 ? 'pending' : 'failed');
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
