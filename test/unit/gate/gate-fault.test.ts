import { describe, expect, it } from 'vitest';
import { createGate } from '../../../core/gate/gate.ts';
import type { EventStore, LogEntry } from '../../../core/gate/ports.ts';
import { NO_POLICY } from '../../../core/sources/policy.ts';
import { createMemoryWindows } from '../../fakes/memory/memory-windows.ts';

const broken = () => {
  throw new Error('a bug of ours');
};

/** A gate whose clock fails it where it decides. */
async function gateInside(isActive: boolean) {
  const entries: LogEntry[] = [];
  const log = { write: (entry: LogEntry) => void entries.push(entry) };
  const clock = { now: () => Date.UTC(2026, 10, 21, 1), random: broken };
  const windows = createMemoryWindows({ clock, log });
  windows.put(isActive ? '2026-11-21T00:00:00Z,2026-11-21T04:00:00Z' : '2026-11-21T00:00:00Z,2026-11-21T00:59:00Z');
  const events: EventStore = { load: async () => undefined, put: broken, takeBack: broken, retriesUntil: broken };
  const gate = createGate({
    windows,
    events,
    log,
    clock,
    identity: { name: 'orders', version: '7', clientVersion: '0.2.0' },
    policy: NO_POLICY,
    ttlSeconds: 60,
  });
  await gate.start();
  return { gate, entries };
}

const INVOCATION = {
  id: 'event-1',
  text: '{"order":1}',
  invokedFunctionArn: 'arn:aws:lambda:eu-south-1:123456789012:function:orders:live',
  deadlineAt: Date.UTC(2026, 10, 21, 2),
};

describe('a gate that fails', () => {
  it('runs nothing inside a window, and says so: to a replay with the proof of it', async () => {
    const { gate, entries } = await gateInside(true);
    const answer = (errorMessage: string) => ({
      kind: 'reply',
      reply: { kind: 'error', errorType: 'MaintenanceWindow.Fault', errorMessage },
    });
    expect(await gate.handle(INVOCATION)).toEqual(answer('under maintenance'));
    const mark = { dispatch: false, proof: 'Kq0v4mZp1xS8yWc2TjR6bA' };
    const proved = `under maintenance: orders:live did not run, proof ${mark.proof}`;
    expect(await gate.handle({ ...INVOCATION, mark })).toEqual(answer(proved));
    const faults = entries.filter(({ kind }) => kind === 'fault');
    expect(faults).toEqual(faults.map(() => expect.objectContaining({ id: 'event-1', insideWindow: true })));
    expect(faults).toHaveLength(2);
  });

  it('lets the handler run outside one', async () => {
    const { gate, entries } = await gateInside(false);
    expect(await gate.handle(INVOCATION)).toEqual({ kind: 'dispatch' });
    const [fault] = entries.filter(({ kind }) => kind === 'fault');
    expect(fault).not.toHaveProperty('insideWindow');
  });
});
