import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createDeferredEvent,
  type EventStatus,
  isFinished,
  MOVES,
  STATUSES,
} from '../../../core/events/deferred-event.ts';
import type { Invocation } from '../../../core/events/invocation.ts';
import type { Source } from '../../../core/sources/recognise.ts';

const INVOCATION: Invocation = {
  id: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
  text: '{"a":"é","n":9007199254740993}',
  invokedFunctionArn: 'arn:aws:lambda:eu-south-1:123456789012:function:orders:live',
  deadlineAt: 10_000,
};
const IDENTITY = { name: 'orders', version: '7', clientVersion: '1.2.3' };
const DIRECT = { key: 'direct', delivery: 'unknown' } as Source;

describe('createDeferredEvent', () => {
  it('takes the text as it is, and its length in bytes', () => {
    const event = createDeferredEvent(INVOCATION, IDENTITY, DIRECT, { startAt: 1 }, 4_000);
    expect(event.text).toBe(INVOCATION.text);
    expect(event.bytes).toBe(31);
  });

  it('knows whose it is, from where, and how much time it had', () => {
    expect(createDeferredEvent(INVOCATION, IDENTITY, DIRECT, { startAt: 1 }, 4_000)).toEqual({
      id: INVOCATION.id,
      functionName: 'orders',
      functionVersion: '7',
      invokedFunctionArn: INVOCATION.invokedFunctionArn,
      clientVersion: '1.2.3',
      source: 'direct',
      deferredAt: 4_000,
      text: INVOCATION.text,
      bytes: 31,
      timeoutMs: 6_000,
      windowStartAt: 1,
    });
  });

  it('carries contexts, window and order where there are any', () => {
    const contexts = { clientContext: '{}', cognitoIdentity: '{"i":1}', traceId: 'Root=1', tenantId: 't' };
    const source = { ...DIRECT, orderKeys: [{ key: 'stream#shard', sequence: '12' }] };
    const window = { startAt: 1, endAt: 2, reason: 'upgrade' };
    expect(createDeferredEvent({ ...INVOCATION, ...contexts }, IDENTITY, source, window, 4_000)).toMatchObject({
      ...contexts,
      windowStartAt: 1,
      windowEndAt: 2,
      windowReason: 'upgrade',
      orderKeys: [{ key: 'stream#shard', sequence: '12' }],
    });
  });

  it('takes the empty trace id of the native client for none', () => {
    const event = createDeferredEvent({ ...INVOCATION, traceId: '' }, IDENTITY, DIRECT, { startAt: 1 }, 4_000);
    expect(event).not.toHaveProperty('traceId');
  });

  it('never gives an event less than no time', () => {
    expect(createDeferredEvent(INVOCATION, IDENTITY, DIRECT, { startAt: 1 }, 10_001).timeoutMs).toBe(0);
  });
});

describe('the moves between statuses', () => {
  it('lead to every status, beginning at pending', () => {
    const reached = new Set<EventStatus>(['pending']);
    for (const status of reached) for (const next of MOVES[status]) reached.add(next);
    expect([...reached].sort()).toEqual([...STATUSES].sort());
  });

  it('lead from what ran to another run alone, and from what was given up back to where it waited', () => {
    expect([MOVES.replayed, MOVES.accepted]).toEqual([['replaying'], ['replaying']]);
    expect(MOVES.discarded).toEqual(['pending', 'failed', 'unknown']);
  });

  it('give back to Lambda only what nobody has begun to replay', () => {
    expect(STATUSES.filter((status) => MOVES[status].includes('taken-back'))).toEqual(['pending']);
  });

  it('discard only what waits for somebody', () => {
    expect(STATUSES.filter((status) => MOVES[status].includes('discarded'))).toEqual(['pending', 'failed', 'unknown']);
  });

  it('never make of a finished event another finished one, so that none is done twice over', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STATUSES), fc.constantFrom(...STATUSES), (from, to) => {
        fc.pre(MOVES[from].includes(to) && isFinished(from));
        return !isFinished(to);
      }),
    );
  });
});

describe('isFinished', () => {
  it('lets nothing expire that still needs doing', () => {
    expect(STATUSES.filter((status) => !isFinished(status))).toEqual(['pending', 'replaying', 'failed', 'unknown']);
  });
});
