import { describe, expect, it } from 'vitest';
import { createGate } from '../../../core/gate/gate.ts';
import type { Clock, EventStore, LogEntry } from '../../../core/gate/ports.ts';
import { NO_POLICY, type Policy } from '../../../core/sources/policy.ts';
import { createMemoryEvents } from '../../fakes/memory/memory-events.ts';
import { createMemoryWindows } from '../../fakes/memory/memory-windows.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 10, 21, 2);
const NO_WINDOWS = '{"version":1,"windows":[]}';
const EVENTS = {
  direct: '{"order":1}',
  sns: '{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"arn:aws:sns:eu-south-1:123456789012:t:1","Sns":{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:eu-south-1:123456789012:t","Message":"","Timestamp":"2026-11-21T00:00:00.000Z"}}]}',
  sqs: '{"Records":[{"messageId":"m","body":"{}","attributes":{},"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-south-1:123456789012:q"}]}',
} as const;

interface EnvironmentOptions {
  readonly ttlSeconds?: number;
  readonly policy?: Policy;
  readonly onError?: 'dispatch' | 'defer';
  /** It cannot read the parameter. */
  readonly isBlind?: boolean;
}

/** A function with a table and a parameter, of which several environments live at a time that the test holds. */
function world() {
  const time = { now: START - HOUR };
  const clock: Clock = { now: () => time.now, random: () => 0 };
  const store = createMemoryEvents(clock.now);
  const log: LogEntry[] = [];
  const asked = { rows: 0, ids: 0 };
  let parameter = { text: NO_WINDOWS, editedAt: START - 24 * HOUR };
  let isSilent = false;
  const events: EventStore = {
    load: store.load,
    put: store.put,
    async takeBack(id, deadlineAt) {
      asked.ids += 1;
      return silence(deadlineAt) ?? store.takeBack(id, deadlineAt);
    },
    async retriesUntil(deadlineAt) {
      asked.rows += 1;
      return silence(deadlineAt) ?? store.retriesUntil(deadlineAt);
    },
  };
  const sources: ReturnType<typeof createMemoryWindows>[] = [];

  return {
    time,
    store,
    log,
    asked,
    silenceTable(yes: boolean) {
      isSilent = yes;
    },
    edit(text: string, editedAt = time.now) {
      parameter = { text, editedAt };
      for (const source of sources) source.put(text, undefined, editedAt);
    },
    async environment({
      ttlSeconds = 60,
      policy = NO_POLICY,
      onError = 'dispatch',
      isBlind = false,
    }: EnvironmentOptions = {}) {
      const windows = createMemoryWindows({ clock, log: { write: () => undefined }, ttlSeconds: 60, onError });
      windows.put(isBlind ? 'not to be read' : parameter.text, undefined, parameter.editedAt);
      sources.push(windows);
      const identity = { name: 'orders', version: '$LATEST', clientVersion: '0.2.0' };
      const write = (entry: LogEntry) => void log.push(entry);
      const gate = createGate({ windows, events, clock, log: { write }, identity, policy, ttlSeconds });
      await gate.start();
      return {
        gate,
        async invoke(id: string, source: keyof typeof EVENTS = 'direct'): Promise<'ran' | 'ended' | 'stored'> {
          const arn = 'arn:aws:lambda:eu-south-1:123456789012:function:orders';
          if (gate.passes()) return 'ran';
          const outcome = await gate.handle({
            id,
            text: EVENTS[source],
            invokedFunctionArn: arn,
            deadlineAt: time.now + 30 * SECOND,
          });
          if (outcome.kind === 'dispatch') return 'ran';
          return outcome.reply.kind === 'value' && outcome.reply.value === null && source === 'direct'
            ? 'ended'
            : 'stored';
        },
      };
    },
  };

  /** As a table that does not answer: until the deadline, and then not. */
  function silence(deadlineAt: number): Promise<never> | undefined {
    if (!isSilent) return undefined;
    time.now = deadlineAt;
    return Promise.reject(new Error('no answer in time'));
  }
}

const windowOf = (from: number, to: number) =>
  JSON.stringify({ version: 1, windows: [{ start: new Date(from).toISOString(), end: new Date(to).toISOString() }] });

describe('Lambda’s late retry of what was stored', () => {
  it.each([2 * MINUTE, 16 * MINUTE, 3 * HOUR, 6 * HOUR])('is known %i ms after it was stored', async (lateMs) => {
    const { time, store, edit, environment } = world();
    edit(windowOf(START, START + HOUR));
    time.now = START + HOUR - SECOND;
    expect(await (await environment()).invoke('r')).toBe('stored');
    time.now += lateMs;
    const another = await environment();
    expect(await another.invoke('r')).toBe('ran');
    expect(store.look('r')?.status).toBe('taken-back');
  });

  it('does not run where it was replayed meanwhile', async () => {
    const { time, store, edit, environment } = world();
    edit(windowOf(START, START + HOUR));
    time.now = START + HOUR - SECOND;
    await (await environment()).invoke('r');
    store.move('r', 'replaying');
    store.move('r', 'replayed');
    time.now += 5 * HOUR;
    expect(await (await environment()).invoke('r')).toBe('ended');
  });

  it('is known to an environment that starts after an edit took the window out, ended or not', async () => {
    for (const editedAt of [START + 10 * MINUTE, START + 3 * HOUR]) {
      const { time, store, edit, environment } = world();
      edit(windowOf(START, START + HOUR));
      time.now = START + 5 * MINUTE;
      await (await environment()).invoke('r');
      time.now = editedAt;
      edit(NO_WINDOWS);
      time.now = START + 5 * HOUR;
      expect(await (await environment()).invoke('r')).toBe('ran');
      expect(store.look('r')?.status).toBe('taken-back');
    }
  });

  it('is known whatever the policy says by then, outside a window and inside one', async () => {
    for (const policy of [{ direct: 'dispatch' }, { direct: 'reject' }] as const) {
      const { time, store, edit, environment } = world();
      edit(windowOf(START, START + HOUR));
      time.now = START + 5 * MINUTE;
      await (await environment()).invoke('r');
      if (policy.direct === 'dispatch') {
        time.now += MINUTE;
        await (await environment({ policy })).invoke('r');
        expect(store.look('r')?.status).toBe('taken-back');
        continue;
      }
      time.now = START + 2 * HOUR;
      await (await environment({ policy })).invoke('r');
      expect(store.look('r')?.status).toBe('taken-back');
    }
  });

  it('is known to an environment that had asked a minute before, however long it keeps a reading of the windows', async () => {
    const { time, store, edit, environment } = world();
    edit(NO_WINDOWS);
    time.now = START - 70 * SECOND;
    const idle = await environment({ ttlSeconds: 3_600 });
    time.now = START - SECOND;
    expect(await idle.invoke('other')).toBe('ran');
    time.now = START;
    edit(windowOf(START, START + 5 * SECOND));
    await (await environment()).invoke('r');
    time.now += MINUTE;
    expect(await idle.invoke('r')).toBe('ran');
    expect(store.look('r')?.status).toBe('taken-back');
  });

  it('is known, however long an environment has lived, where one that cannot read the parameter stores', async () => {
    const { time, store, environment } = world();
    const old = await environment({ onError: 'defer' });
    time.now += 9 * HOUR;
    expect(await old.invoke('before')).toBe('ran');
    expect(await (await environment({ onError: 'defer', isBlind: true })).invoke('r')).toBe('stored');
    time.now += MINUTE;
    expect(await old.invoke('r')).toBe('ran');
    expect(store.look('r')?.status).toBe('taken-back');
  });

  it('is known to an environment that knew of retries once, though windows and edits are older', async () => {
    const { time, store, edit, silenceTable, environment } = world();
    edit(windowOf(START, START + HOUR));
    time.now = START + 5 * MINUTE;
    await (await environment()).invoke('early');
    const aware = await environment();
    time.now = START + 2 * HOUR;
    await aware.invoke('other');
    // An environment that cannot read the parameter stores by what it read last.
    const event = store.look('early')?.event;
    if (event) await store.put({ ...event, id: 'r' }, time.now + SECOND, time.now + 6 * HOUR);
    time.now += MINUTE;
    await aware.invoke('another');
    time.now = START + 7.5 * HOUR;
    silenceTable(true);
    await aware.invoke('one more');
    await aware.invoke('yet another');
    silenceTable(false);
    time.now = START + 7.9 * HOUR;
    await aware.invoke('r');
    expect(store.look('r')?.status).toBe('taken-back');
  });
});

describe('what it costs', () => {
  it('is nothing more than 6 h after windows and edits, nor before anything happened', async () => {
    const { time, edit, asked, environment } = world();
    const { gate, invoke } = await environment();
    expect(gate.passes()).toBe(true);
    edit(windowOf(START, START + HOUR));
    time.now = START + 8 * HOUR;
    expect(await invoke('first', 'sns')).toBe('ran');
    expect(gate.passes()).toBe(true);
    expect(asked).toEqual({ rows: 0, ids: 0 });
  });

  it('is one look at the function’s row, and not before 50 s another one, where nothing was stored that comes again', async () => {
    const { time, edit, asked, environment } = world();
    edit(windowOf(START, START + HOUR));
    time.now = START + HOUR + SECOND;
    const { gate, invoke } = await environment();
    for (let count = 0; count < 5; count += 1) await invoke(`direct-${count}`);
    expect(asked).toEqual({ rows: 1, ids: 0 });
    expect(gate.passes()).toBe(true);
    time.now += 49 * SECOND;
    expect(gate.passes()).toBe(true);
    time.now += SECOND;
    await invoke('later', 'sns');
    expect(asked).toEqual({ rows: 2, ids: 0 });
  });

  it('is nothing for what Lambda does not send again', async () => {
    const { time, edit, asked, environment } = world();
    edit(windowOf(START, START + HOUR));
    time.now = START + HOUR - SECOND;
    const { invoke } = await environment();
    await invoke('r');
    time.now += MINUTE;
    for (let count = 0; count < 5; count += 1) expect(await invoke(`sqs-${count}`, 'sqs')).toBe('ran');
    expect(asked).toEqual({ rows: 0, ids: 0 });
  });

  it('is a second at most, once in 50 s, where the table does not answer, and that is said', async () => {
    const { time, edit, log, asked, silenceTable, environment } = world();
    edit(windowOf(START, START + HOUR));
    time.now = START + HOUR + SECOND;
    const { gate, invoke } = await environment();
    silenceTable(true);
    const before = time.now;
    expect(await invoke('first')).toBe('ran');
    expect(time.now - before).toBe(SECOND);
    const pausedUntil = before + 50 * SECOND;
    expect(log).toMatchObject([{ kind: 'taken-back', id: 'first', outcome: 'unknown', pausedUntil }]);
    for (let count = 0; count < 100; count += 1) await invoke(`direct-${count}`);
    expect(gate.passes()).toBe(true);
    expect(asked).toEqual({ rows: 1, ids: 0 });
    expect(log).toHaveLength(1);

    time.now = pausedUntil;
    silenceTable(false);
    await invoke('later');
    expect(asked).toEqual({ rows: 2, ids: 0 });
  });

  it('is the same inside a window, where the policy lets a handler run', async () => {
    const { time, edit, log, asked, silenceTable, environment } = world();
    edit(windowOf(START, START + HOUR));
    time.now = START + MINUTE;
    const { invoke } = await environment({ policy: { direct: 'dispatch' } });
    await invoke('r', 'sns');
    silenceTable(true);
    for (let count = 0; count < 100; count += 1) expect(await invoke(`direct-${count}`)).toBe('ran');
    expect(asked).toEqual({ rows: 1, ids: 0 });
    expect(log.map(({ kind }) => kind)).toEqual(['window-began', 'deferred', 'taken-back']);
  });

  it('is asked again at once where the clock was set back meanwhile', async () => {
    const { time, edit, asked, silenceTable, environment } = world();
    edit(windowOf(START, START + HOUR));
    time.now = START + 3 * HOUR;
    const { invoke } = await environment();
    silenceTable(true);
    await invoke('first');
    silenceTable(false);
    time.now -= HOUR;
    await invoke('later');
    expect(asked.rows).toBe(2);
  });

  it('is a second at most where the row can be read and the event cannot', async () => {
    const { time, store, edit, log, silenceTable, environment } = world();
    edit(windowOf(START, START + HOUR));
    time.now = START + HOUR - SECOND;
    const { invoke } = await environment();
    await invoke('r');
    time.now += MINUTE;
    await invoke('other');
    silenceTable(true);
    const before = time.now;
    expect(await invoke('r')).toBe('ran');
    expect(time.now - before).toBe(SECOND);
    expect(store.look('r')?.status).toBe('pending');
    expect(log.at(-1)).toMatchObject({ kind: 'taken-back', id: 'r', outcome: 'unknown' });
  });
});
