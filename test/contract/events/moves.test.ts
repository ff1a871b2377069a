import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conditionFailure } from '../../../aws/dynamodb/dynamodb-fault.ts';
import { eventItems } from '../../../aws/events/item.ts';
import {
  claimEnded,
  claimed,
  damagedMarks,
  discarded,
  leaseRunOut,
  type Move,
  pendingAgain,
  restored,
  takenBack,
} from '../../../aws/events/moves.ts';
import type { DamagedEvent, Ending, StoredEvent } from '../../../core/events/archive.ts';
import { encodeBody } from '../../../core/events/body.ts';
import { type EventStatus, isFinished, MOVES, STATUSES, statusesBefore } from '../../../core/events/deferred-event.ts';
import { eventGroup, eventKey } from '../../../core/events/table.ts';
import { startDynamoDb } from '../../../local/aws/dynamodb.ts';
import { sampleEvent } from '../../data/deferred-event.ts';
import { createTable, type Table } from './event-store-table.ts';

// Every move as the table does it, from every status, with a lease that is over and one that is not. Together they make the
// moves of MOVES, all of them and no others.

const NOW = Date.UTC(2026, 10, 21, 3);
const EVENT = { functionName: 'orders', id: '9f1c' };
const ITEM = eventItems(sampleEvent('{}', EVENT), await encodeBody('{}'), 'put').event;
const LEASE_BY = 'alice@laptop/1/1';
const STORED: StoredEvent = { ...sampleEvent('{}', EVENT), status: 'pending', attempts: 1, sha256: '0'.repeat(64) };
const DAMAGED: DamagedEvent = {
  ...EVENT,
  status: 'pending',
  source: 'sqs',
  bytes: 2,
  attempts: 0,
  deferredAt: NOW,
  damaged: 'its bytes are no number',
};

interface Made {
  readonly from: EventStatus;
  readonly to: EventStatus;
  readonly isLeased: boolean;
  readonly expires: boolean;
}

let database: Awaited<ReturnType<typeof startDynamoDb>>;
let table: Table;
beforeAll(async () => {
  database = await startDynamoDb();
  table = await createTable(database.url, 'sdk');
});
afterAll(async () => {
  await table.drop();
  await database.close();
});

/** What a move makes of an event in each status: those that it changes. */
async function made(move: Move): Promise<readonly Made[]> {
  const found: Made[] = [];
  for (const from of STATUSES) {
    for (const isLeased of [false, true]) {
      await put(from, NOW + (isLeased ? 60_000 : -1));
      if (!(await send(move))) continue;
      const item = await table.eventItem(EVENT.id);
      found.push({
        from,
        to: item?.['status']?.S as EventStatus,
        isLeased,
        expires: item?.['expiresAt'] !== undefined,
      });
    }
  }
  return found;
}

async function put(status: string, leaseUntilAt: number): Promise<void> {
  const item = {
    pk: { S: eventKey(EVENT) },
    status: { S: status },
    gpk: { S: eventGroup(EVENT, 'pending') },
    gsk: { S: `${NOW}#${EVENT.id}` },
    attempts: { N: '1' },
    timeoutMs: { N: '3000' },
    leaseBy: { S: LEASE_BY },
    leaseUntil: { N: String(leaseUntilAt) },
  };
  await table.client.send(new PutItemCommand({ TableName: table.name, Item: item }));
}

/** @returns whether the table made it */
async function send(move: Move): Promise<boolean> {
  try {
    await table.client.send(new UpdateItemCommand({ TableName: table.name, ...move }));
    return true;
  } catch (fault) {
    if (conditionFailure(fault)) return false;
    throw fault;
  }
}

const endings: readonly Ending[] = [
  { status: 'replayed', result: '{}' },
  { status: 'accepted' },
  { status: 'failed', error: 'Orders.Unknown', result: '{}' },
  { status: 'unknown', error: 'ECONNRESET' },
  { status: 'released', error: 'throttled' },
];

const AGAIN = statusesBefore('replaying').filter(isFinished);
const FIRST = statusesBefore('replaying').filter((status) => !isFinished(status));

const moves: readonly (readonly [string, Move])[] = [
  ['a claim', claimed(EVENT, FIRST, 'bob@desk/2/1', NOW)],
  ['a claim of what is to run again', claimed(EVENT, AGAIN, 'bob@desk/2/1', NOW)],
  ...MOVES.discarded.map(
    (statusBefore) =>
      [
        `a restored event (before it ${statusBefore})`,
        restored({ ...STORED, statusBefore }, 'bob@desk/2', NOW),
      ] as const,
  ),
  ...endings.flatMap((ending) =>
    statusesBefore('replaying').map(
      (before) =>
        [
          `the end of a claim (${ending.status}, before it ${before})`,
          claimEnded({ ...STORED, status: before }, LEASE_BY, ending, NOW),
        ] as const,
    ),
  ),
  ['a lease that ran out', leaseRunOut(EVENT, NOW)],
  ['a discard', discarded(EVENT, 'alice@laptop/1', 'of no use', NOW)],
  ['what Lambda takes back', takenBack(EVENT, NOW)],
  ['what Lambda gives back', pendingAgain(EVENT, ITEM)],
];

describe('the moves of a status', () => {
  it.each(moves)('are among MOVES: %s', async (_, move) => {
    const found = await made(move);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(({ from, to }) => !MOVES[from].includes(to))).toEqual([]);
    expect(found.filter(({ to, expires }) => expires !== isFinished(to))).toEqual([]);
  });

  it('are all of MOVES together', async () => {
    const pairs = new Set<string>();
    for (const [, move] of moves) for (const { from, to } of await made(move)) pairs.add(`${from} to ${to}`);
    expect([...pairs].sort()).toEqual(STATUSES.flatMap((from) => MOVES[from].map((to) => `${from} to ${to}`)).sort());
  });

  it('leave a lease that is not over to whoever has it', async () => {
    const leased = (found: readonly Made[]) =>
      found.filter(({ from, isLeased }) => isLeased && (from === 'replaying' || from === 'unknown'));
    expect(leased(await made(claimed(EVENT, FIRST, 'bob@desk/2/1', NOW)))).toEqual([]);
    expect(leased(await made(leaseRunOut(EVENT, NOW)))).toEqual([]);
  });

  it('take up what is finished only by the claim that names it, and a discarded event not at all', async () => {
    expect((await made(claimed(EVENT, FIRST, 'bob@desk/2/1', NOW))).filter(({ from }) => isFinished(from))).toEqual([]);
    expect(AGAIN).toEqual(['replayed', 'accepted']);
    const again = await made(claimed(EVENT, AGAIN, 'bob@desk/2/1', NOW));
    expect([...new Set(again.map(({ from }) => from))]).toEqual(AGAIN);
  });

  it('of a claim are its own: not where somebody else has claimed it since', async () => {
    for (const ending of endings) expect(await made(claimEnded(STORED, 'bob@desk/2/1', ending, NOW))).toEqual([]);
  });
});

describe('the mark of a damaged event', () => {
  it.each([0, 1])('is "failed", from the status that was seen and no other (form %i)', async (form) => {
    for (const status of STATUSES) {
      const [whole, short] = damagedMarks(DAMAGED, { status }, 'alice@laptop/1', NOW);
      const found = await made(form === 0 ? whole : short);
      expect(found.map(({ from, to }) => [from, to])).toEqual([
        [status, 'failed'],
        [status, 'failed'],
      ]);
    }
  });

  it('is made, and a discard too, where the status is none, and not where it is one of ours', async () => {
    const [mark] = damagedMarks(DAMAGED, { status: undefined }, 'alice@laptop/1', NOW);
    expect(await made(mark)).toEqual([]);
    for (const [move, to] of [
      [mark, 'failed'],
      [discarded(EVENT, 'alice@laptop/1', 'of no use', NOW), 'discarded'],
    ] as const) {
      await put('Pending', NOW);
      expect(await send(move)).toBe(true);
      expect((await table.eventItem(EVENT.id))?.['status']?.S).toBe(to);
    }
  });
});
