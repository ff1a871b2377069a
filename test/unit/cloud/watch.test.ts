/** The monitor's look at the windows, where one of AWS's services takes what it is asked and never answers. */
import { expect, it } from 'vitest';
import type { Remembered } from '../../../aws/events/monitor-memory.ts';
import { type WatchParts, watch } from '../../../cloud/monitor/watch.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../core/units.ts';
import { createSimulatedTime, type SimulatedTime } from '../../fakes/memory/simulated-time.ts';

const FUNCTIONS = 60;
/** What Lambda gives the monitor. */
const WHOLE_MS = 5 * MINUTE_MS;
/** The SDK's three attempts. */
const SILENT_MS = 15 * SECOND_MS;

/** A monitor of so many functions, each with a backlog that is due. */
function monitor({
  functions = FUNCTIONS,
  start = async () => undefined,
  factMs = 20,
}: {
  functions?: number;
  start?: (time: SimulatedTime, functionName: string) => Promise<void>;
  factMs?: number;
} = {}) {
  const time = createSimulatedTime();
  const names = Array.from({ length: functions }, (_, index) => `f${index}`);
  const [startedAt, endedAt] = [time.now() - 3 * HOUR_MS, time.now() - HOUR_MS].map((at) => new Date(at).toISOString());
  const text = JSON.stringify({ version: 1, windows: [{ start: startedAt, end: endedAt, replay: {} }] });
  let memory: Remembered = { value: {}, version: 0 };
  const started: string[] = [];
  const lines: string[] = [];
  let [asking, atOnce] = [0, 0];
  const told = async <Value>(value: Value): Promise<Value> => {
    asking += 1;
    atOnce = Math.max(atOnce, asking);
    await time.sleep(factMs);
    asking -= 1;
    return value;
  };
  const parts = (endsAt: number): WatchParts => ({
    parameterStore: { read: async (name) => ({ name, text, version: 1, modifiedAt: time.now() - DAY_MS }) },
    parameters: ['maintenance-window'],
    memory: {
      read: async () => memory,
      async write(_, value) {
        memory = { value: JSON.parse(JSON.stringify(value)), version: memory.version + 1 };
      },
    },
    announcer: { announce: async () => undefined },
    longestTtlSeconds: 60,
    drain: {
      starter: {
        async start({ functionName }) {
          await start(time, functionName);
          started.push(functionName);
          return 'started';
        },
      },
      facts: {
        settings: () => told({ ttlSeconds: 60 }),
        hasPending: () => told(true),
        isShut: () => told(false),
        isUnderWay: () => told(false),
      },
      functionNames: async () => names,
    },
    now: time.now,
    isTimeUp: () => time.now() > endsAt,
    write: (line) => lines.push(line),
  });
  return {
    names,
    started,
    lines,
    atOnce: () => atOnce,
    settled: () => Object.keys((memory.value as { settled?: object }).settled ?? {}),
    /** A look, how long it took, and what it failed with. */
    async look(wholeMs = WHOLE_MS) {
      const beganAt = time.now();
      const fault = await time.during(watch(parts(beganAt + wholeMs))).then(
        () => undefined,
        (thrown: AggregateError) => thrown,
      );
      return { tookMs: time.now() - beganAt, fault };
    },
  };
}

async function silent(time: SimulatedTime): Promise<void> {
  await time.sleep(SILENT_MS);
  throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
}

it('ends long before its time where nothing can be started, remembers what it saw, and says what is left', async () => {
  const { look, settled, lines } = monitor({ start: silent });
  const { tookMs, fault } = await look();
  expect(tookMs).toBeLessThan(MINUTE_MS);
  expect(fault?.errors.length).toBeLessThan(10);
  expect(settled()).toEqual([]);
  expect(lines).toEqual([
    expect.stringMatching(/^AWS does not answer: \d\d of 60 functions are left for the next minute, from f\d+ on$/),
  ]);
});

it('remembers what was started before the silence, and begins the next look with what was left', async () => {
  let isSilent = false;
  const one = monitor({
    async start(time, functionName) {
      if (functionName === 'f20' && one.lines.length === 20) isSilent = true;
      if (isSilent) await silent(time);
    },
  });
  await one.look();
  const before = one.settled();
  expect(before).toHaveLength(20);
  expect(one.started).toHaveLength(20);
  await one.look();
  expect(one.settled()).toEqual(expect.arrayContaining(before));
  const [, left] = /from (f\d+) on/.exec(one.lines.at(-1) ?? '') ?? [];
  expect(before).not.toContain(left);
  isSilent = false;
  const start = one.started.length;
  await one.look();
  expect(one.started[start]).toBe(left);
  expect(new Set(one.settled())).toEqual(new Set(one.names));
  // Each was started once.
  expect([...new Set(one.started)]).toHaveLength(FUNCTIONS);
  expect(one.started).toHaveLength(FUNCTIONS);
});

it('asks about a handful at once, and leaves the rest where its time runs out', async () => {
  const one = monitor({ factMs: 4_000 });
  const { fault, tookMs } = await one.look(2 * MINUTE_MS);
  expect(fault).toBeUndefined();
  expect(tookMs).toBeLessThan(2 * MINUTE_MS + 20 * SECOND_MS);
  expect(one.atOnce()).toBeGreaterThan(1);
  expect(one.atOnce()).toBeLessThan(10);
  expect(one.settled()).toEqual(expect.arrayContaining(one.started));
  expect(one.lines.at(-1)).toMatch(/^time ran out: \d+ of 60 functions are left for the next minute, from f\d+ on$/);
  await one.look();
  expect(one.settled()).toHaveLength(FUNCTIONS);
});

it('goes on where one function alone is at fault, at once', async () => {
  const one = monitor({
    async start(_, functionName) {
      if (functionName === 'f3') throw new Error('not allowed');
    },
  });
  const { fault } = await one.look();
  expect(fault?.errors).toEqual([new Error('not allowed')]);
  expect(one.settled()).toHaveLength(FUNCTIONS - 1);
});
