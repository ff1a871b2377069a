import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { steadyClock } from '../../aws/time/steady-clock.ts';
import type { EventFacts, EventRow } from '../../core/events/archive.ts';

import { fixedControls } from '../../core/replay/controls.ts';
import { inSequence } from '../../core/replay/order/in-sequence.ts';
import { createReplayQueue, type Turn } from '../../core/replay/queue.ts';
import { NO_WATCH } from '../../core/replay/window-watch.ts';
import { compareSequences, type OrderKey, scopeAndLane } from '../../core/sources/record-order.ts';

/** One event of a model: its keys, and how its turn ends. */
interface Drawn {
  readonly keys: readonly OrderKey[];
  readonly end: 'done' | 'failed' | 'turned-away' | 'left';
  /** Which of those that are under way ends next. */
  readonly turn: number;
  readonly afterMs: number;
}

const KEYS = ['*', 'q', 'q#a', 'q#b', 'q#c', 'q#d', 'r#a', 'r#b'];
const key = fc.record(
  { key: fc.constantFrom(...KEYS), sequence: fc.nat(20).map(String) },
  { requiredKeys: ['key'] },
) as fc.Arbitrary<OrderKey>;
const drawn: fc.Arbitrary<Drawn> = fc.record({
  keys: fc.uniqueArray(key, { maxLength: 4, selector: (each) => each.key }),
  end: fc.constantFrom('done', 'done', 'done', 'failed', 'turned-away', 'left'),
  turn: fc.nat(100),
  afterMs: fc.constantFrom(0, 1, 1_000, 6_000),
});

/** Whether events of these keys must not be under way together. */
function sharing(a: readonly OrderKey[], b: readonly OrderKey[]): boolean {
  return a.some((x) => b.some((y) => isWithin(x.key, y.key) || isWithin(y.key, x.key)));
}

function isWithin(inner: string, outer: string): boolean {
  return outer === '*' || inner === outer || scopeAndLane(inner)[0] === outer;
}

function rowsOf(events: readonly Drawn[]): EventRow[] {
  let deferredAt = 0;
  return events.map(({ keys, afterMs }, index) => {
    deferredAt += afterMs;
    return {
      id: String(index),
      functionName: 'orders',
      status: 'pending',
      source: 'sqs',
      bytes: 1,
      attempts: 0,
      deferredAt,
      ...(keys.length > 0 && { orderKeys: keys.map((each) => ({ key: each.key })) }),
    };
  });
}

async function* each(rows: readonly EventRow[]): AsyncGenerator<EventRow> {
  yield* rows;
}

async function sequenceOf(events: readonly Drawn[]): Promise<{ order: number[]; cycles: (readonly string[])[] }> {
  const cycles: (readonly string[])[] = [];
  const factsOf = async (ids: readonly string[]) =>
    new Map<string, EventFacts>(ids.map((id) => [id, { orderKeys: events[Number(id)]?.keys ?? [] }]));
  const order: number[] = [];
  const onCycle = (cycle: readonly EventRow[]) => cycles.push(cycle.map(({ id }) => id));
  for await (const { id } of inSequence(each(rowsOf(events)), factsOf, onCycle)) order.push(Number(id));
  return { order, cycles };
}

describe('a replay in order', () => {
  it('hands out every event that nothing holds back, never two that share a key, and none before what it follows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(drawn, { maxLength: 14 }),
        fc.integer({ min: 1, max: 4 }),
        async (events, concurrency) => {
          const held = new Set<number>();
          const left = new Set<number>();
          const ended: number[] = [];
          const under: Turn[] = [];
          let now = 0;
          const evenly = { now: () => (now += 60_000), random: () => 0 };
          const queue = createReplayQueue({
            sources: [{ functionName: 'orders', rows: each(rowsOf(events)) }],
            controls: fixedControls({ ratePerSecond: Number.POSITIVE_INFINITY, concurrency }),
            limit: Number.POSITIVE_INFINITY,
            ordered: true,
            windows: NO_WATCH,
            clock: evenly,
            timer: { ...evenly, sleep: steadyClock.sleep },
            signal: new AbortController().signal,
            leave({ id }) {
              if (events[Number(id)]?.end !== 'left') return undefined;
              left.add(Number(id));
              return { holds: true };
            },
            onHeld: ({ id }) => held.add(Number(id)),
            onWaiting: () => undefined,
            qualifierOf: () => '',
            onResumed: () => undefined,
          });
          const turnedAway = new Set<number>();
          const notDone = new Set<number>();
          for (;;) {
            const wanted = queue.next();
            let turn: Turn | undefined;
            let isIn = false;
            void wanted.then((value) => {
              turn = value;
              isIn = true;
            });
            await settled();
            while (!isIn) {
              // It waits for one that is under way.
              expect(under.length).toBeGreaterThan(0);
              endOne();
              await settled();
            }
            if (!turn) break;
            const number = Number(turn.row.id);
            const keys = events[number]?.keys ?? [];
            for (const other of under) expect(sharing(keys, events[Number(other.row.id)]?.keys ?? [])).toBe(false);
            for (let before = 0; before < number; before += 1) {
              if (sharing(keys, events[before]?.keys ?? [])) expect(ended).toContain(before);
            }
            under.push(turn);
          }
          expect(under).toEqual([]);
          const heldBack = new Set<number>();
          events.forEach(({ keys }, index) => {
            const holders = [...notDone, ...left, ...heldBack].filter((before) => before < index);
            if (left.has(index)) return;
            if (holders.some((before) => sharing(keys, events[before]?.keys ?? []))) heldBack.add(index);
          });
          expect([...held].sort(byNumber)).toEqual([...heldBack].sort(byNumber));
          expect(ended.length + notDone.size + left.size + held.size).toBe(events.length);

          function endOne(): void {
            const [{ turn: place = 0 } = { turn: 0 }] = events.slice(Number(under[0]?.row.id ?? 0));
            const [turn] = under.splice(place % under.length, 1);
            if (!turn) return;
            const number = Number(turn.row.id);
            const end = events[number]?.end;
            if (end === 'turned-away' && !turnedAway.has(number)) {
              turnedAway.add(number);
              turn.settle({ kind: 'turned-away' });
              return;
            }
            const ok = end !== 'failed';
            if (ok) ended.push(number);
            else notDone.add(number);
            turn.settle({ kind: 'settled', ran: 'well', ok, counts: true });
          }
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);

  it('goes by sequence among events that were deferred close together, and by deferral where no order suits all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(drawn, { maxLength: 12 }), async (events) => {
        const { order, cycles } = await sequenceOf(events);
        expect([...order].sort(byNumber)).toEqual(events.map((_, index) => index));
        const inCircle = (...numbers: number[]) =>
          cycles.some((ids) => numbers.every((number) => ids.includes(String(number))));
        const at = rowsOf(events).map(({ deferredAt }) => deferredAt);
        for (const [place, later] of order.entries()) {
          for (const earlier of order.slice(0, place)) {
            const isClose = Math.abs((at[later] ?? 0) - (at[earlier] ?? 0)) <= 5_000;
            if (isClose && !inCircle(later, earlier))
              expect([later, earlier, isBefore(events[later], events[earlier])]).toEqual([later, earlier, false]);
          }
        }
      }),
    );
  });

  it('tells of a circle once, and of none where there is none', async () => {
    const event = (...keys: [string, number][]): Drawn => ({
      keys: keys.map(([each, sequence]) => ({ key: each, sequence: String(sequence) })),
      end: 'done',
      turn: 0,
      afterMs: 1,
    });
    const [a, b] = [event(['q#x', 1], ['q#y', 2]), event(['q#x', 2], ['q#y', 1])];
    expect(await sequenceOf([a, b])).toEqual({ order: [0, 1], cycles: [['0', '1']] });
    expect(await sequenceOf([b, a])).toEqual({ order: [0, 1], cycles: [['0', '1']] });
    const behind = event(['q#x', 3]);
    expect(await sequenceOf([behind, a, b])).toEqual({ order: [1, 2, 0], cycles: [['1', '2']] });
    expect((await sequenceOf([behind, a])).cycles).toEqual([]);
    // What is in no circle, and comes before one of those that are, goes first, whichever keys stand first.
    const third = event(['q#z', 1]);
    const [c, d] = [event(['q#x', 1], ['q#y', 2], ['q#z', 2]), event(['q#x', 2], ['q#y', 1], ['q#z', 3])];
    for (const circle of [
      [c, b],
      [a, d],
    ]) {
      expect(await sequenceOf([...circle, third])).toEqual({ order: [2, 0, 1], cycles: [['0', '1']] });
    }
  });

  it('looks 5 s behind each event that goes early, and at all that were sent with the same number', async () => {
    const at = (afterMs: number, ...keys: [string, number][]): Drawn => ({
      keys: keys.map(([each, sequence]) => ({ key: each, sequence: String(sequence) })),
      end: 'done',
      turn: 0,
      afterMs,
    });
    const early = [at(0, ['q#a', 5]), at(4_000, ['q#a', 1], ['q#b', 9]), at(4_000, ['q#b', 1])];
    expect(await sequenceOf(early)).toEqual({ order: [2, 1, 0], cycles: [] });
    const again = [at(0, ['q#a', 9], ['q#b', 1]), at(1, ['q#a', 2], ['q#b', 2]), at(1, ['q#a', 2])];
    expect(await sequenceOf(again)).toEqual({ order: [2, 0, 1], cycles: [['0', '1']] });
  });

  it('costs little where hundreds of events lead in a circle, and tells of it once', async () => {
    const count = 800;
    const events = Array.from({ length: count }, (_, index): Drawn => {
      const keys = [
        { key: 'q#a', sequence: String(index) },
        { key: 'q#b', sequence: String(count - index) },
      ];
      return { keys, end: 'done', turn: 0, afterMs: 1 };
    });
    const before = process.cpuUsage();
    const { order, cycles } = await sequenceOf(events);
    const { user, system } = process.cpuUsage(before);
    expect(order).toEqual(events.map((_, index) => index));
    expect(cycles).toHaveLength(1);
    // 1 s; going through the circle for each of them took 150.
    expect((user + system) / 1_000_000).toBeLessThan(20);
  });

  it('remembers no keys of events that are done', async () => {
    const count = 20_000;
    async function* many(): AsyncGenerator<EventRow> {
      const [row] = rowsOf([{ keys: [], end: 'done', turn: 0, afterMs: 0 }]);
      for (let index = 0; row && index < count; index += 1) {
        const keys = Array.from({ length: 10 }, (_, lane) => ({ key: `q#${index}-${lane}-${'x'.repeat(100)}` }));
        yield { ...row, id: String(index), orderKeys: keys };
      }
    }
    const queue = createReplayQueue({
      sources: [{ functionName: 'orders', rows: many() }],
      controls: fixedControls({ ratePerSecond: Number.POSITIVE_INFINITY, concurrency: 1 }),
      limit: Number.POSITIVE_INFINITY,
      ordered: true,
      windows: NO_WATCH,
      clock: { now: Date.now, random: Math.random },
      timer: steadyClock,
      signal: new AbortController().signal,
      leave: () => undefined,
      onHeld: () => undefined,
      onWaiting: () => undefined,
      qualifierOf: () => '',
      onResumed: () => undefined,
    });
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    let turns = 0;
    for (let turn = await queue.next(); turn; turn = await queue.next()) {
      turns += 1;
      turn.settle({ kind: 'settled', ran: 'well', ok: true, counts: true });
    }
    globalThis.gc?.();
    expect(turns).toBe(count);
    // 200,000 keys of 100 bytes, with a place each: more than 60 MB if they stayed.
    expect((process.memoryUsage().heapUsed - before) / 1_048_576).toBeLessThan(50);
  }, 60_000);
});

function isBefore(a: Drawn | undefined, b: Drawn | undefined): boolean {
  return (a?.keys ?? []).some(({ key: one, sequence }) =>
    (b?.keys ?? []).some(
      (other) =>
        other.key === one &&
        sequence !== undefined &&
        other.sequence !== undefined &&
        compareSequences(sequence, other.sequence) < 0,
    ),
  );
}

/** Lets everything happen that waits for no timer. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 40; turns += 1) await Promise.resolve();
  await new Promise(setImmediate);
}

const byNumber = (a: number, b: number) => a - b;
