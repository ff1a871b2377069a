import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWaits } from '../../../aws/time/waits.ts';
import type { ReplayPlan } from '../../../core/replay/plan.ts';
import type { EventOutcome } from '../../../core/replay/progress/news.ts';
import { createProgress } from '../../../operator/cli/replay/progress.ts';
import type { Session } from '../../../operator/cli/session.ts';
import { createTimes } from '../../../operator/times/times.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Progress of a replay with such a plan, and the lines that it has written. */
function progressOf(plan: Partial<ReplayPlan> = {}, isTerminal = false) {
  const notes: string[] = [];
  let line: string | undefined;
  const waits = createWaits(() => undefined);
  const output = {
    times: createTimes(),
    note: (text: string) => notes.push(text),
    ...(isTerminal && {
      progress(text: string | undefined) {
        line = text;
      },
    }),
  };
  const whole = { limit: Number.POSITIVE_INFINITY, ratePerSecond: Number.POSITIVE_INFINITY, ...plan };
  const progress = createProgress({ output, waits } as unknown as Session, whole as ReplayPlan);
  const count = (outcome: EventOutcome, times: number) => {
    for (let each = 0; each < times; each += 1) progress.count(outcome);
  };
  return { progress, notes, waits, count, line: () => line };
}
const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);

describe('the progress of a replay', () => {
  it('is a line every 10 s where none can be written over, its numbers as in the summary', async () => {
    const { progress, notes, count } = progressOf();
    progress.expect(2_027);
    count('replayed', 1_024);
    count('failed', 3);
    await pass(10);
    expect(notes).toEqual(['1,027 of 2,027 done · 103/s · 3 failed · 10 s left']);
    count('unknown', 1);
    await pass(9);
    expect(notes).toHaveLength(1);
    await pass(1);
    expect(notes[1]).toMatch(/^1,028 of 2,027 done · .* · 3 failed · 1 unknown · /);
    progress.end();
    await pass(60);
    expect(notes).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has no line where nothing goes on and the wait for it is reported by itself', async () => {
    const { progress, notes, count, waits } = progressOf();
    progress.expect(20);
    count('replayed', 5);
    const over = waits.begin('orders', () => ({ functionName: 'orders', why: 'a window is active', untilAt: 0 }), true);
    await pass(30);
    expect(notes).toEqual([
      '5 of 20 done · 0.5/s · 0 failed · orders waits until 1970-01-01T00:00:00Z: a window is active',
    ]);
    over();
    await pass(10);
    expect(notes).toHaveLength(2);
    progress.end();
  });

  it('counts in both numbers what has an outcome alone, and no more than the limit', async () => {
    const { progress, count, line } = progressOf({ limit: 10 }, true);
    progress.expect(14);
    await pass(1);
    expect(line()).toMatch(/^0 of 10 done/);
    count('held', 3);
    count('leased', 2);
    count('replayed', 4);
    await pass(1);
    expect(line()).toMatch(/^4 of 9 done/);
    count('replayed', 5);
    await pass(1);
    expect(line()).toMatch(/^9 of 9 done · [^·]* · 0 failed$/);
    progress.pause();
    await pass(1);
    expect(line()).toBeUndefined();
    progress.end();
  });

  it('says under a rate from its first second on what is left by the rate and its ramp', async () => {
    const { progress, count, line } = progressOf({ ratePerSecond: 100 }, true);
    progress.paced({ ratePerSecond: 100, rampedMs: 0 });
    progress.expect(2_027);
    count('replayed', 1);
    await pass(0.2);
    expect(line()).toMatch(/^1 of 2,027 done · .* · 34 s left$/);
    for (let second = 0; second < 20; second += 1) {
      count('replayed', 10 + 3 * second);
      await pass(1);
    }
    // By then some 800 went; the others take 14 s by the formula.
    expect(line()).toMatch(/^771 of 2,027 done · .* · 1[345] s left$/);
    progress.end();
  });

  it('stretches that where the functions are slower than the rate, and begins anew with a pause', async () => {
    const { progress, count, line } = progressOf({ ratePerSecond: 100 }, true);
    progress.paced({ ratePerSecond: 100, rampedMs: 0 });
    progress.expect(2_000);
    for (let second = 0; second < 50; second += 1) {
      count('replayed', 20);
      await pass(1);
    }
    const [, seconds] = /· (\d+) s left$/.exec(line() ?? '') ?? [];
    expect(Number(seconds)).toBeGreaterThan(45);
    expect(Number(seconds)).toBeLessThan(55);
    progress.paced({ ratePerSecond: 100, rampedMs: 0 });
    await pass(0.2);
    expect(line()).toMatch(/^1,000 of 2,000 done · 0\.0\/s · 0 failed · 2[23] s left$/);
    progress.paced({ ratePerSecond: 10, rampedMs: 30_000 });
    await pass(0.2);
    expect(line()).toMatch(/^1,000 of 2,000 done · 0\.0\/s · 0 failed · 1 min 40 s left$/);
    progress.end();
  });

  it('names the first of several waits, and of those that may pass only where nothing goes on', async () => {
    const { progress, count, line, waits } = progressOf({}, true);
    progress.expect(20);
    waits.begin('orders', () => ({ functionName: 'orders', why: 'it has not answered yet' }));
    await pass(4);
    count('replayed', 1);
    await pass(2);
    expect(line()).toMatch(/ left$/);
    await pass(4);
    expect(line()).toMatch(/ · orders waits: it has not answered yet$/);
    waits.begin('billing', () => ({ functionName: 'billing', why: 'a window is active', untilAt: 0 }), true);
    await pass(1);
    expect(line()).toMatch(/ · orders waits \(and 1 more\): it has not answered yet$/);
    progress.end();
  });
});
