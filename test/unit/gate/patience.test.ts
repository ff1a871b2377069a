import { describe, expect, it } from 'vitest';
import { createInside } from '../../../core/gate/inside.ts';
import type { EventStore } from '../../../core/gate/ports.ts';
import { EXAMPLE_EVENTS, readExampleEvent } from '../../data/events.ts';

const NOW = Date.UTC(2026, 10, 21, 1);
const STATE = {
  validFrom: NOW,
  validUntil: Number.POSITIVE_INFINITY,
  lastEndAt: Number.NEGATIVE_INFINITY,
  active: { startAt: NOW - 1 },
};
/** Everything that may be stored is. */
const POLICY = { http: { defer: ['*'] }, pipes: 'defer', websocket: 'defer', appsync: 'defer' } as const;

/** Until when the gate lets storing an event take, in milliseconds from now; undefined where it is not stored. */
async function limitMs(text: string, timeoutMs: number): Promise<number | undefined> {
  let limitAt: number | undefined;
  const events: EventStore = {
    load: async () => undefined,
    put: async (_, deadlineAt) => {
      limitAt = deadlineAt;
      return 'stored';
    },
    takeBack: async () => 'absent',
    retriesUntil: async () => Number.NEGATIVE_INFINITY,
  };
  const { handle } = createInside({
    events,
    log: { write: () => undefined },
    clock: { now: () => NOW, random: () => 0 },
    identity: { name: 'orders', version: '7', clientVersion: '0.2.0' },
    ttlSeconds: 60,
  });
  const arn = 'arn:aws:lambda:eu-south-1:123456789012:function:orders';
  await handle({ id: 'r-1', text, invokedFunctionArn: arn, deadlineAt: NOW + timeoutMs }, STATE, POLICY, NOW);
  return limitAt === undefined ? undefined : limitAt - NOW;
}

describe('storing an event', () => {
  it.each(EXAMPLE_EVENTS.map(({ name, key }) => [name, key] as const))(
    '%s holds no environment for longer than its caller waits, however long the function may run',
    async (name, key) => {
      const limit = await limitMs(readExampleEvent(name), 900_000);
      if (limit !== undefined) expect(limit).toBe(key === 'cognito' ? 3_500 : 10_000);
    },
  );

  it('ends before the invocation does, where that is sooner', async () => {
    expect(await limitMs('{"order":1}', 3_000)).toBe(2_700);
    expect(await limitMs(readExampleEvent('cognito-post-confirmation'), 3_000)).toBe(2_700);
  });
});
