/**
 * What every window source does, whatever it reads from: the suite that each of them runs.
 *
 * ```ts
 * describeWindowSource('in memory', async (options) => { … });
 * ```
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '../../../core/gate/config.ts';
import type { Clock, Log, LogEntry, WindowSource } from '../../../core/gate/ports.ts';
import { NO_POLICY } from '../../../core/sources/policy.ts';

/** Where a source under test reads from. */
interface Parameters {
  put(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/** What a source under test is made with. */
interface SourceParts {
  readonly config: Config;
  readonly functionName: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** One kind of window source. */
export interface WindowSourceHost {
  /** A place without the parameters that a test asks for, and the way to make sources that read from it. */
  open(): Promise<Parameters & { create(parts: SourceParts): WindowSource; close(): Promise<void> }>;
}

const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-21T01:00:00Z');
const NIGHT = '2026-11-21T00:00:00Z,2026-11-21T04:00:00Z';
const NEXT_DAY = '2026-11-22T00:00:00Z,2026-11-22T04:00:00Z';
const NO_WINDOWS = '{"version":1,"windows":[]}';
const MALFORMED = '{"version":1,"windows":[{"start":"today"}]}';

/** Runs the suite. `name` stands in front of each test. */
export function describeWindowSource(name: string, host: WindowSourceHost): void {
  describe(`A window source ${name}`, () => {
    let place: Awaited<ReturnType<WindowSourceHost['open']>>;
    let entries: LogEntry[];
    let time: { now: number; chance: number };
    /** Names of this test alone: an endpoint that is given may be shared, and may keep what it was given. */
    let first: string;
    let second: string;

    beforeEach(async () => {
      place = await host.open();
      entries = [];
      time = { now: NOW, chance: 0.5 };
      const own = Math.random().toString(36).slice(2);
      first = `windows-of-the-team-${own}`;
      second = `windows-of-the-operator-${own}`;
    });

    afterEach(async () => {
      await place.remove(first).catch(() => undefined);
      await place.remove(second).catch(() => undefined);
      await place.close();
    });

    test('knows the windows once it has started', async () => {
      await place.put(first, NIGHT);
      const source = await started({});
      expect(source.reading.stateAt(NOW).active).toMatchObject({ startAt: NOW - HOUR, endAt: NOW + 3 * HOUR });
      expect(source.reading.stateAt(NOW + 3 * HOUR).active).toBeUndefined();
      expect(source.reading.policy).toEqual(NO_POLICY);
      expect(entries).toEqual([]);
    });

    test('can be asked for any instant', async () => {
      await place.put(first, `${NIGHT},${NEXT_DAY}`);
      const { reading } = await started({});
      expect(reading.stateAt(NOW - 2 * HOUR)).toMatchObject({ validUntil: NOW - HOUR });
      expect(reading.stateAt(NOW + 24 * HOUR).active).toMatchObject({ startAt: NOW + 23 * HOUR });
      expect(reading.stateAt(NOW + 4 * HOUR)).toMatchObject({ lastEndAt: NOW + 3 * HOUR, validUntil: NOW + 23 * HOUR });
    });

    test('says when a parameter was last put, also where the same was put again', async () => {
      await place.put(first, NIGHT);
      await place.put(second, NO_WINDOWS);
      const source = await started({ parameters: [first, second] });
      const instants = [source.reading.editedAt];
      for (const [name, text] of [
        [second, NIGHT],
        [first, NIGHT],
      ] as const) {
        time.now += 2_000;
        // A service dates what is put by its own clock, some only to the second.
        await new Promise((resolve) => setTimeout(resolve, 1_100));
        await place.put(name, text);
        await source.refresh();
        instants.push(source.reading.editedAt);
      }
      expect(instants.every(Number.isFinite)).toBe(true);
      expect(new Set(instants).size).toBe(3);
      expect([...instants].sort((a, b) => a - b)).toEqual(instants);
      expect(source.reading.stateAt(NOW).active).toBeDefined();
      expect(entries).toEqual([]);
    });

    test('takes its own start for an edit where something was not known, and is never sure of it where something may stand in', async () => {
      expect((await started({})).reading.editedAt).toBe(Number.NEGATIVE_INFINITY);
      expect((await started({ onError: 'defer' })).reading.editedAt).toBe(Number.POSITIVE_INFINITY);
      await place.put(first, MALFORMED);
      expect((await started({})).reading.editedAt).toBe(NOW);
    });

    test('knows only the windows that name its function', async () => {
      const named = { start: '2026-11-21T00:00:00Z', end: '2026-11-21T04:00:00Z', functions: ['orders-*'] };
      await place.put(first, JSON.stringify({ version: 1, windows: [named] }));
      expect((await started({}, 'orders-created')).reading.stateAt(NOW).active).toBeDefined();
      expect((await started({}, 'payments')).reading.stateAt(NOW).active).toBeUndefined();
    });

    test('sees an edit when it is refreshed, and then only as a new reading', async () => {
      await place.put(first, NO_WINDOWS);
      const source = await started({});
      const before = source.reading;
      await source.refresh();
      expect(source.reading).toBe(before);
      await place.put(first, NIGHT);
      await source.refresh();
      expect(source.reading).not.toBe(before);
      expect(source.reading.stateAt(NOW).active).toBeDefined();
      expect(before.stateAt(NOW).active).toBeUndefined();
      expect(entries).toEqual([]);
    });

    test('wants a refresh once its reading is as old as its time to live, or up to a tenth earlier', async () => {
      await place.put(first, NO_WINDOWS);
      for (const chance of [0, 0.5, 0.999]) {
        time.chance = chance;
        const source = await started({ ttlSeconds: 100 });
        expect(source.staleAt).toBeGreaterThanOrEqual(NOW + 90_000);
        expect(source.staleAt).toBeLessThanOrEqual(NOW + 100_000);
        time.now += 500_000;
        await source.refresh();
        expect(source.staleAt).toBeGreaterThanOrEqual(NOW + 590_000);
        time.now = NOW;
      }
    });

    test('wants a refresh when the clock has been set back behind its reading', async () => {
      await place.put(first, NO_WINDOWS);
      const source = await started({});
      time.now -= 24 * HOUR;
      expect(source.staleAt).toBeLessThanOrEqual(time.now);
      await source.refresh();
      expect(source.staleAt).toBeGreaterThan(time.now);
      expect(source.staleAt).toBeLessThan(time.now + HOUR);
    });

    test('takes a parameter that does not exist for one without windows, and warns once', async () => {
      const source = await started({ onError: 'defer' });
      expect(source.reading.stateAt(NOW).active).toBeUndefined();
      await source.refresh();
      expect(entries).toEqual([{ kind: 'window-missing', parameters: [first] }]);
      await place.put(first, NIGHT);
      await source.refresh();
      expect(source.reading.stateAt(NOW).active).toBeDefined();
      expect(entries).toHaveLength(1);
    });

    test.each(['dispatch', 'defer'] as const)('with no good document does what is configured: %s', async (onError) => {
      await place.put(first, MALFORMED);
      const source = await started({ onError });
      const state = source.reading.stateAt(NOW);
      expect(state.active?.startAt).toBe(onError === 'defer' ? NOW : undefined);
      expect(state.active?.endAt).toBeUndefined();
      expect(state.validUntil).toBe(Number.POSITIVE_INFINITY);
      expect(entries).toMatchObject([{ kind: 'window-read-failed', parameters: [first], firstOfStreak: true }]);
      expect(JSON.stringify(entries)).toContain('windows[0]');

      await place.put(first, NEXT_DAY);
      await source.refresh();
      expect(source.reading.stateAt(NOW)).toMatchObject({ validUntil: NOW + 23 * HOUR });
      expect(source.reading.stateAt(NOW).active).toBeUndefined();
    });

    test('keeps the last good document while the parameter is malformed, and marks the first entry of a streak', async () => {
      await place.put(first, NIGHT);
      const source = await started({ onError: 'defer' });
      const good = source.reading;
      for (const broken of [MALFORMED, 'midnight', MALFORMED]) {
        await place.put(first, broken);
        await source.refresh();
        expect(source.reading).toBe(good);
      }
      await place.put(first, NIGHT);
      await source.refresh();
      await place.put(first, MALFORMED);
      await source.refresh();
      expect(entries.map((entry) => entry.kind === 'window-read-failed' && entry.firstOfStreak)).toEqual([
        true,
        false,
        false,
        true,
      ]);
    });

    test('keeps the last good document when the parameter is gone: that is a failed read', async () => {
      await place.put(first, NIGHT);
      const source = await started({});
      await place.remove(first);
      await source.refresh();
      expect(source.reading.stateAt(NOW).active).toBeDefined();
      expect(entries).toMatchObject([{ kind: 'window-read-failed', parameters: [first], firstOfStreak: true }]);
      expect(JSON.stringify(entries)).toContain(`${first} is gone`);
    });

    test('tries again soon after a failed read, and a minute later at most', async () => {
      await place.put(first, MALFORMED);
      const source = await started({ ttlSeconds: 3600 });
      for (let failed = 1; failed < 12; failed += 1) {
        expect(source.staleAt).toBeGreaterThan(time.now);
        expect(source.staleAt).toBeLessThanOrEqual(time.now + 60_000);
        time.now = source.staleAt;
        await source.refresh();
      }
      await place.put(first, NO_WINDOWS);
      await source.refresh();
      expect(source.staleAt).toBeGreaterThanOrEqual(time.now + 3_240_000);
    });

    test('sees a malformed document mended within the time to live', async () => {
      await place.put(first, MALFORMED);
      const source = await started({ ttlSeconds: 5 });
      for (let failed = 1; failed < 12; failed += 1) {
        expect(source.staleAt).toBeLessThanOrEqual(time.now + 5_500);
        time.now = source.staleAt;
        await source.refresh();
      }
    });

    test('unites the windows of several parameters; a later one’s policy wins key by key', async () => {
      await place.put(first, document(NIGHT, { sqs: 'reject', s3: 'reject' }));
      await place.put(second, document('2026-11-21T03:00:00Z,2026-11-21T08:00:00Z', { sqs: 'dispatch' }));
      const source = await started({ parameters: [first, second] });
      expect(source.reading.stateAt(NOW).active).toMatchObject({ startAt: NOW - HOUR, endAt: NOW + 7 * HOUR });
      expect(source.reading.policy).toEqual({ sqs: 'dispatch', s3: 'reject' });
      const other = await started({ parameters: [second, first] });
      expect(other.reading.policy).toEqual({ sqs: 'reject', s3: 'reject' });
    });

    test('sees an edit of one parameter although another is malformed or gone', async () => {
      await place.put(first, NO_WINDOWS);
      await place.put(second, NO_WINDOWS);
      const source = await started({ parameters: [first, second] });
      await place.put(first, MALFORMED);
      await place.put(second, NIGHT);
      await source.refresh();
      expect(source.reading.stateAt(NOW).active).toBeDefined();
      await place.remove(first);
      await place.put(second, NO_WINDOWS);
      await source.refresh();
      expect(source.reading.stateAt(NOW).active).toBeUndefined();
      expect(entries.map(({ kind }) => kind)).toEqual(['window-read-failed', 'window-read-failed']);
    });

    test('with one parameter good and one never read goes by the good one, or by what is configured', async () => {
      await place.put(first, NEXT_DAY);
      await place.put(second, MALFORMED);
      const parameters = [first, second];
      expect((await started({ parameters })).reading.stateAt(NOW)).toMatchObject({ validUntil: NOW + 23 * HOUR });
      await place.put(first, document(NEXT_DAY, { sqs: 'reject' }));
      const cautious = await started({ parameters, onError: 'defer' });
      expect(cautious.reading.stateAt(NOW).active).toMatchObject({ startAt: NOW });
      expect(cautious.reading.policy).toEqual({ sqs: 'reject' });
    });

    test('lets concurrent refreshes share one read', async () => {
      await place.put(first, MALFORMED);
      const source = await started({});
      await Promise.all([source.refresh(), source.refresh(), source.refresh()]);
      expect(entries).toHaveLength(2);
    });

    async function started(settings: Partial<Config>, functionName = 'orders'): Promise<WindowSource> {
      const config: Config = {
        parameters: [first],
        table: 'maintenance-window-events',
        ttlSeconds: 60,
        onError: 'dispatch',
        policy: NO_POLICY,
        ...settings,
      };
      const clock = { now: () => time.now, random: () => time.chance };
      const source = place.create({ config, functionName, clock, log: { write: (entry) => entries.push(entry) } });
      await source.start();
      return source;
    }
  });
}

function document(list: string, policy: object): string {
  const [start, end] = list.split(',');
  return JSON.stringify({ version: 1, windows: [{ start, end }], policy });
}
