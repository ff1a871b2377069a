import { describe, expect, it } from 'vitest';
import type { ParameterReader, ReadOutcome } from '../../../aws/windows/parameter-reader.ts';
import { createSharedWindows, followWindows, shareLog, shareWindows } from '../../../aws/windows/shared-windows.ts';
import { createWindowKeeper } from '../../../aws/windows/window-keeper.ts';
import type { Config } from '../../../core/gate/config.ts';
import type { LogEntry } from '../../../core/gate/ports.ts';

// What several threads share; each follower is as good as a thread. That one of them keeps the contract of window sources
// stands in test/contract/windows/window-source.test.ts; the real threads in test/system/function/concurrent/many.test.ts.

const NOW = Date.parse('2026-11-21T01:00:00Z');
const NIGHT = '2026-11-21T00:00:00Z,2026-11-21T04:00:00Z';

function world({ parameters = ['windows'], onError = 'dispatch' }: Partial<Config> = {}) {
  const shared = createSharedWindows();
  const time = { now: NOW };
  const entries: LogEntry[] = [];
  const config: Config = { parameters, table: 'events', ttlSeconds: 60, onError, policy: {} };
  const log = { write: (entry: LogEntry) => void entries.push(entry) };
  const parts = { config, functionName: 'orders', clock: { now: () => time.now, random: () => 0 }, log };
  let reads = 0;
  let outcome: ReadOutcome = { kind: 'texts', texts: new Map([['windows', { text: NIGHT, editedAt: NOW }]]) };
  const reader: ParameterReader = {
    read() {
      reads += 1;
      const answer = new Promise<ReadOutcome>((resolve) => setImmediate(() => resolve(outcome)));
      return { written: Promise.resolve(), outcome: answer, abandon: () => undefined };
    },
    disconnect: () => undefined,
  };
  return {
    shared,
    time,
    entries,
    log,
    reads: () => reads,
    answer: (next: ReadOutcome) => {
      outcome = next;
    },
    read: () => void shareWindows(shared, createWindowKeeper({ ...parts, reader })),
    follow: () => followWindows(shared, parts),
  };
}

describe('windows that several threads share', () => {
  it('are read once for all that start, and once for all that find them old at the same time', async () => {
    const { read, follow, reads, time } = world();
    read();
    const followers = Array.from({ length: 8 }, follow);
    await Promise.all(followers.map((follower) => follower.start()));
    expect(reads()).toBe(1);
    time.now += 61_000;
    expect(followers.every(({ staleAt }) => time.now >= staleAt)).toBe(true);
    await Promise.all(followers.map((follower) => follower.refresh()));
    expect(reads()).toBe(2);
    expect(followers.every(({ staleAt }) => time.now < staleAt)).toBe(true);
  });

  it('are not read again for one that finds them old when others have had them read', async () => {
    const { read, follow, reads, time } = world();
    read();
    const [first, second] = [follow(), follow()];
    await Promise.all([first.start(), second.start()]);
    time.now += 61_000;
    await first.refresh();
    await second.refresh();
    expect(reads()).toBe(2);
    expect(second.staleAt).toBe(first.staleAt);
  });

  it('are read again for one that finds them old when what others had read is old by now, too', async () => {
    const { read, follow, reads, time, answer } = world();
    read();
    const [first, second] = [follow(), follow()];
    await Promise.all([first.start(), second.start()]);
    time.now += 61_000;
    await first.refresh();
    answer({ kind: 'texts', texts: new Map([['windows', { text: '{"version":1,"windows":[]}', editedAt: NOW + 1 }]]) });
    time.now += 61_000;
    await second.refresh();
    expect(reads()).toBe(3);
    expect(second.reading.stateAt(time.now).active).toBeUndefined();
    expect(time.now < second.staleAt).toBe(true);
  });

  it('are read anew for a thread that starts when nobody asked for long', async () => {
    const { read, follow, reads, time } = world();
    read();
    await follow().start();
    time.now += 3_600_000;
    await follow().start();
    expect(reads()).toBe(2);
  });

  it('are there at once for a thread that starts late', async () => {
    const { read, follow, reads } = world();
    read();
    await follow().start();
    const late = follow();
    await late.start();
    expect(late.reading.stateAt(NOW).active).toBeDefined();
    expect(reads()).toBe(1);
  });

  it('are the last good ones for a thread that starts late, although they were malformed or gone meanwhile', async () => {
    const { read, follow, answer, time, entries } = world({ onError: 'defer' });
    read();
    const first = follow();
    await first.start();
    answer({ kind: 'texts', texts: new Map([['windows', undefined]]) });
    time.now += 61_000;
    await first.refresh();
    const late = follow();
    await late.start();
    expect(late.reading.stateAt(NOW).active).toMatchObject({ endAt: NOW + 3 * 3_600_000 });
    expect(entries.map(({ kind }) => kind)).toEqual(['window-read-failed']); // once, for all threads
  });

  it('go through whole: ten parameters of 8 KB, of which one does not exist, in letters that take more than one byte', async () => {
    const parameters = Array.from({ length: 10 }, (_, n) => `/${'windows/'.repeat(14)}${'x'.repeat(900)}${n}`);
    const { read, follow, answer } = world({ parameters, onError: 'defer' });
    const textOf = (n: number) =>
      JSON.stringify({
        version: 1,
        windows: [{ start: `2026-11-21T0${n}:00:00Z`, end: `2026-11-21T0${n}:30:00Z` }],
      }).padEnd(8_192, '\n');
    const texts = new Map(
      parameters.map((name, n) => [name, n === 9 ? undefined : { text: textOf(n), editedAt: NOW }]),
    );
    answer({ kind: 'texts', texts });
    read();
    const follower = follow();
    await follower.start();
    for (let n = 0; n < 9; n++) {
      const startAt = Date.parse(`2026-11-21T0${n}:00:00Z`);
      expect(follower.reading.stateAt(startAt).active).toMatchObject({ startAt, endAt: startAt + 1_800_000 });
    }
    expect(follower.reading.stateAt(Date.parse('2026-11-21T09:00:00Z')).active).toBeUndefined();
  });

  it('carry when they were last edited', async () => {
    const { read, follow, answer, time } = world();
    read();
    const follower = follow();
    await follower.start();
    expect(follower.reading.editedAt).toBe(NOW);
    answer({ kind: 'texts', texts: new Map([['windows', { text: NIGHT, editedAt: NOW + 1_234 }]]) });
    time.now += 61_000;
    await follower.refresh();
    expect(follower.reading.editedAt).toBe(NOW + 1_234);
  });

  it('hold nobody up for long where nobody reads', async () => {
    const { follow } = world({ onError: 'defer' });
    const follower = follow();
    await follower.refresh();
    expect(follower.reading.stateAt(NOW).active).toMatchObject({ startAt: NOW });
    expect(follower.staleAt).toBeLessThanOrEqual(NOW);
  });
});

describe('the log of several threads', () => {
  it('has one line for a window’s beginning and one for its end', () => {
    const { shared, log, entries } = world();
    const began: LogEntry = { kind: 'window-began', window: { startAt: NOW } };
    const ended: LogEntry = { kind: 'window-ended' };
    const [first, second] = [shareLog(shared, log), shareLog(shared, log)];
    for (const entry of [began, ended, began]) for (const thread of [first, second]) thread.write(entry);
    expect(entries).toEqual([began, ended, began]);
  });

  it('has all other lines of each', () => {
    const { shared, log, entries } = world();
    const fault: LogEntry = { kind: 'fault', cause: 'x' };
    for (const thread of [shareLog(shared, log), shareLog(shared, log)]) thread.write(fault);
    expect(entries).toEqual([fault, fault]);
  });
});
