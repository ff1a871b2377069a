import { describe, expect, it } from 'vitest';
import type { ParameterReader } from '../../../aws/windows/parameter-reader.ts';
import { createSharedWindows, followWindows, shareWindows } from '../../../aws/windows/shared-windows.ts';
import { createWindowKeeper, type WindowKeeperParts } from '../../../aws/windows/window-keeper.ts';
import { REFRESH_LIMIT_MS, seenAt } from '../../../core/gate/freshness.ts';
import type { WindowSource } from '../../../core/gate/ports.ts';
import { createWindowWatch } from '../../../core/replay/window-watch.ts';

// A replay begins when every environment has seen the edit. What it waits by and what environments live by must agree:
// where a replay is sooner, an environment stores what it sends a second time.

/** A whole second, so that nothing is rounded in an environment's favour. */
const EDITED_AT = Date.parse('2026-11-21T01:00:00Z');

const WINDOWS = '2026-11-20T00:00:00Z,2026-11-20T04:00:00Z';

const reader: ParameterReader = {
  read: (names) => ({
    written: Promise.resolve(),
    outcome: Promise.resolve({ kind: 'texts', texts: new Map(names.map((name) => [name, { text: WINDOWS }])) }),
    abandon: () => undefined,
  }),
  disconnect: () => undefined,
};

function partsOf(ttlSeconds: number, random: number): WindowKeeperParts {
  return {
    reader,
    config: { parameters: ['windows'], table: 'events', ttlSeconds, onError: 'dispatch', policy: {} },
    functionName: 'orders',
    clock: { now: () => EDITED_AT, random: () => random },
    log: { write: () => undefined },
  };
}

/** An environment that read the windows just before the edit. */
async function environment(ttlSeconds: number, random: number): Promise<WindowSource> {
  const source = createWindowKeeper(partsOf(ttlSeconds, random));
  await source.start();
  return source;
}

/** An environment whose question SSM took up just before the edit, and answered this much later. */
async function slowEnvironment(ttlSeconds: number, answerMs: number, editedAt: number): Promise<WindowSource> {
  let now = editedAt;
  const slow: ParameterReader = {
    ...reader,
    read(names) {
      const call = reader.read(names);
      const outcome = call.outcome.then((whole) => {
        now = editedAt + answerMs;
        return whole;
      });
      return { ...call, outcome };
    },
  };
  const source = createWindowKeeper({
    ...partsOf(ttlSeconds, 0),
    reader: slow,
    clock: { now: () => now, random: () => 0 },
  });
  await source.start();
  return source;
}

/** One of several threads of an environment, which follows the thread that reads. */
async function thread(ttlSeconds: number, random: number): Promise<WindowSource> {
  const shared = createSharedWindows();
  void shareWindows(shared, createWindowKeeper(partsOf(ttlSeconds, random)));
  const source = followWindows(shared, partsOf(ttlSeconds, random));
  await source.start();
  return source;
}

/** When a replay no longer waits for the edit, to a quarter of a second. */
async function replayBeginsAt(ttlSeconds: number, editedAt = EDITED_AT): Promise<number> {
  let now = editedAt;
  const stateAt = () => ({ validFrom: editedAt, validUntil: Number.POSITIVE_INFINITY, lastEndAt: editedAt });
  const watch = createWindowWatch({
    read: async () => ({ editedAt, stateAt }),
    ttlSecondsOf: () => ttlSeconds,
    clock: { now: () => now, random: () => 0 },
    timer: { now: () => now },
    onFailure: () => undefined,
  });
  await watch.refresh();
  while (watch.holdOf('orders')) now += 250;
  return now;
}

describe.each([1, 2, 5, 59, 60, 61, 3_600])('with a TTL of %i s', (ttlSeconds) => {
  it.each([
    ['an environment', environment],
    ['a thread of one', thread],
  ])('%s has read the edit before a replay begins, even with a refresh that takes its time', async (_, start) => {
    for (const random of [0, 0.5, 0.999_999]) {
      const { staleAt } = await start(ttlSeconds, random);
      const readAgainAt = staleAt + REFRESH_LIMIT_MS;
      expect(readAgainAt).toBeGreaterThan(EDITED_AT);
      expect(readAgainAt).toBeLessThan(await replayBeginsAt(ttlSeconds));
    }
  });

  it('an environment has read it by then, too, where SSM answered late what it was asked before the edit', async () => {
    for (let editedAt = EDITED_AT; editedAt < EDITED_AT + 1_000; editedAt += 100) {
      const { staleAt } = await slowEnvironment(ttlSeconds, 800, editedAt);
      expect(staleAt + REFRESH_LIMIT_MS).toBeLessThan(await replayBeginsAt(ttlSeconds, editedAt));
    }
  });

  it('a reading is kept for no longer, and for no less than nine tenths of that', async () => {
    for (const random of [0, 0.5, 0.999_999]) {
      const keptMs = (await environment(ttlSeconds, random)).staleAt - EDITED_AT;
      expect(keptMs).toBeLessThanOrEqual(ttlSeconds * 1_000);
      expect(keptMs).toBeGreaterThanOrEqual(ttlSeconds * 900);
    }
  });

  it('the operator is told the instant at which a replay begins', async () => {
    expect(await replayBeginsAt(ttlSeconds)).toBe(seenAt(EDITED_AT, ttlSeconds));
  });
});
