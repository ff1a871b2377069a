import { describe, expect, it } from 'vitest';
import { createGate } from '../../../core/gate/gate.ts';
import type { Clock, Log } from '../../../core/gate/ports.ts';
import { NO_POLICY } from '../../../core/sources/policy.ts';
import { createMemoryEvents } from '../../fakes/memory/memory-events.ts';
import { createMemoryWindows } from '../../fakes/memory/memory-windows.ts';

const START = Date.UTC(2026, 10, 21, 2);
const END = Date.UTC(2026, 10, 21, 4);
const WINDOWS = '2026-11-21T02:00:00Z,2026-11-21T04:00:00Z';
const ORDER = '{"order":1}';
const SILENT: Log = { write: () => undefined };

/** One environment's gate at a time that the test holds. */
async function gateAt(now: number, ttlSeconds: number, windowsText: string) {
  let time = now;
  const clock: Clock = { now: () => time, random: () => 0 };
  const windows = createMemoryWindows({ clock, log: SILENT, ttlSeconds });
  windows.put(windowsText);
  const events = createMemoryEvents(clock.now);
  const identity = { name: 'orders', version: '$LATEST', clientVersion: '0.2.0' };
  const gate = createGate({ windows, events, clock, log: SILENT, identity, policy: NO_POLICY, ttlSeconds: 60 });
  await gate.start();
  const invoke = async (id: string, at: number) => {
    time = at;
    const arn = 'arn:aws:lambda:eu-south-1:123456789012:function:orders';
    if (gate.passes()) return { kind: 'dispatch' };
    return gate.handle({ id, text: ORDER, invokedFunctionArn: arn, deadlineAt: at + 3_000 });
  };
  return {
    windows,
    events,
    invoke,
    gate,
    setTime(at: number) {
      time = at;
    },
    async outcomeAt(at: number): Promise<'dispatch' | 'defer'> {
      const id = `r-${at}`;
      const outcome = await invoke(id, at);
      expect(events.look(id)?.status).toBe(outcome.kind === 'reply' ? 'pending' : undefined);
      return outcome.kind === 'reply' ? 'defer' : 'dispatch';
    },
  };
}

describe.each([1, 60, 3600])('with a TTL of %i s, a window', (ttlSeconds) => {
  it.each([
    ['dispatches one millisecond before its start', START - 1, 'dispatch'],
    ['defers at its start', START, 'defer'],
    ['defers one millisecond before its end', END - 1, 'defer'],
    ['dispatches at its end', END, 'dispatch'],
  ])('%s, whenever it was read', async (_, at, expected) => {
    for (const readMs of [3_600_000, 60_000, 1_000, 1, 0]) {
      const gate = await gateAt(at - readMs, ttlSeconds, WINDOWS);
      expect(await gate.outcomeAt(at)).toBe(expected);
    }
  });

  it('is met at each of its boundaries by an environment that lives through it, reading only when the TTL is over', async () => {
    const gate = await gateAt(START - 2, ttlSeconds, WINDOWS);
    const instants = [START - 1, START, START + 1, END - 1, END, END + 1];
    const outcomes = [];
    for (const at of instants) outcomes.push(await gate.outcomeAt(at));
    expect(outcomes).toEqual(['dispatch', 'defer', 'defer', 'defer', 'dispatch', 'dispatch']);
    expect(gate.windows.reads).toBe(1 + Math.min(1, Math.floor((END - START) / (ttlSeconds * 1000))));
  });

  it('that is written while the environment lives is seen once the TTL is over, and not before', async () => {
    const gate = await gateAt(START, ttlSeconds, '{"version":1,"windows":[]}');
    gate.windows.put(WINDOWS);
    const outcomes = [];
    for (const ms of [0, ttlSeconds * 1000 - 1, ttlSeconds * 1000]) outcomes.push(await gate.outcomeAt(START + ms));
    expect(outcomes).toEqual(['dispatch', 'dispatch', 'defer']);
  });
});

describe('a host that compares the gate’s two numbers itself', () => {
  const INSTANTS = [START - 3_600_000, START - 1_000, START, END - 1, END, END + 1, END + 7 * 3_600_000];

  it.each([1, 60, 3600])('decides at every instant as the gate does, with a TTL of %i s', async (ttlSeconds) => {
    for (const askedAt of INSTANTS) {
      const { gate, setTime } = await gateAt(askedAt, ttlSeconds, WINDOWS);
      expect(await gate.passesRefreshed()).toBe(gate.passes());
      const { fromAt, untilAt } = gate.quiet;
      for (const at of [askedAt, ...INSTANTS, fromAt, untilAt, untilAt - 1, askedAt + ttlSeconds * 1_000]) {
        if (!Number.isFinite(at) || at < askedAt) continue;
        setTime(at);
        expect([askedAt, at, fromAt <= at && at < untilAt]).toEqual([askedAt, at, gate.passes()]);
      }
    }
  });

  it('is told by asking whether an edit has changed anything, before it reads the event', async () => {
    const { gate, windows, setTime } = await gateAt(START - 8 * 3_600_000, 1, '{"version":1,"windows":[]}');
    setTime(START - 30_000);
    expect([gate.passes(), await gate.passesRefreshed()]).toEqual([false, true]);
    windows.put(WINDOWS);
    setTime(START);
    expect([gate.passes(), await gate.passesRefreshed()]).toEqual([false, false]);
  });
});

describe('Lambda’s retry of what was stored is taken back, although an edit has taken the window away', () => {
  const SECOND = 1_000;
  it.each([
    ['while it was active', [END - 5 * SECOND], END - 4 * SECOND],
    ['after it had ended', [END - 5 * SECOND], END + 4 * SECOND],
    ['after an invocation had seen that it had ended', [END - 5 * SECOND, END + 2 * SECOND], END + 4 * SECOND],
  ])('%s', async (_, invokedAt, editedAt) => {
    const { windows, events, invoke } = await gateAt(START, 1, WINDOWS);
    await invoke('r', START + SECOND);
    for (const at of invokedAt) await invoke(`other-${at}`, at);
    windows.put('{"version":1,"windows":[]}');
    await invoke('seen', editedAt + 2 * SECOND);
    await invoke('later', editedAt + 30 * SECOND);
    expect(await invoke('r', editedAt + 60 * SECOND)).toEqual({ kind: 'dispatch' });
    expect(events.look('r')?.status).toBe('taken-back');
  });
});
