import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWaits } from '../../../aws/time/waits.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Waits, and what was told of them so far: when, in seconds, and why. */
function waitsAndNews() {
  const beganAt = performance.now();
  const news: [number, string][] = [];
  const waits = createWaits(({ why }) => news.push([(performance.now() - beganAt) / 1_000, why]));
  return { waits, news, whys: () => news.map(([, why]) => why) };
}
const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);
const waiting = (why: string) => () => ({ why });

describe('a wait', () => {
  it('is told of within 5 s, and again each minute, until it is over', async () => {
    const { waits, news } = waitsAndNews();
    const over = waits.begin('DynamoDB', waiting('silent'));
    await pass(190);
    expect(news.map(([, why]) => why)).toEqual(Array(4).fill('silent'));
    expect(news[0]?.[0]).toBeLessThan(5);
    for (const [index, [at]] of news.entries()) expect(at - (news[0]?.[0] ?? 0)).toBeCloseTo(60 * index, 0);
    over();
    await pass(600);
    expect(news).toHaveLength(4);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('can be looked at while it lasts: at once where it is sure to, else after some seconds', async () => {
    const { waits } = waitsAndNews();
    const over = waits.begin('orders', () => ({ functionName: 'orders', why: 'a window', untilAt: 9 }), true);
    waits.begin('billing', waiting('throttled'));
    expect(waits.current()).toEqual([{ functionName: 'orders', why: 'a window', untilAt: 9, isSure: true }]);
    over();
    expect(waits.current()).toEqual([]);
    await pass(5);
    expect(waits.current()).toEqual([{ why: 'throttled', isSure: false }]);
  });

  it('is told of again as soon as its end changes', async () => {
    const { waits, whys } = waitsAndNews();
    let untilAt = 1_000;
    waits.begin('orders', () => ({ why: 'a window', untilAt }), true);
    await pass(10);
    expect(whys()).toHaveLength(1);
    untilAt = 2_000;
    await pass(5);
    expect(whys()).toHaveLength(2);
  });

  it('is not told of where it is short', async () => {
    const { waits, news } = waitsAndNews();
    for (let index = 0; index < 100; index += 1) {
      const over = waits.begin('DynamoDB', waiting('silent'));
      await pass(4);
      over();
    }
    expect(news).toEqual([]);
  });

  it('is told of at once where it is sure to last, and as soon as its reason changes', async () => {
    const { waits, news } = waitsAndNews();
    waits.begin('orders', waiting('a window'), true)();
    const over = waits.begin('orders', waiting('an edit'), true);
    expect(news).toEqual([
      [0, 'a window'],
      [0, 'an edit'],
    ]);
    over();
    let why = 'throttled';
    waits.begin('billing', () => ({ why }));
    await pass(10);
    why = 'unreachable';
    await pass(5);
    expect(news.slice(2).map(([, told]) => told)).toEqual(['throttled', 'unreachable']);
  });

  it('is no news within the minute where the last one of its kind was for the same reason', async () => {
    const { waits, news } = waitsAndNews();
    for (let index = 0; index < 12; index += 1) {
      const over = waits.begin('answers', waiting('no answer yet'));
      await pass(9);
      over();
      await pass(1);
    }
    expect(news.length).toBeLessThanOrEqual(3);
    expect(news.length).toBeGreaterThanOrEqual(2);
  });

  it('is told of once for all of its kind that are under way, by the oldest', async () => {
    const { waits, whys } = waitsAndNews();
    const first = waits.begin('answers', waiting('the first'));
    waits.begin('answers', waiting('the second'));
    waits.begin('table', waiting('the table'));
    await pass(5);
    expect(whys()).toEqual(['the first', 'the table']);
    first();
    await pass(5);
    expect(whys()).toEqual(['the first', 'the table', 'the second']);
  });

  it('is over when what was waited for has settled, well or not', async () => {
    const { waits } = waitsAndNews();
    expect(await waits.during('a', waiting('a'), Promise.resolve(7))).toBe(7);
    await expect(waits.during('a', waiting('a'), Promise.reject(new Error('denied')))).rejects.toThrow('denied');
    expect(vi.getTimerCount()).toBe(0);
  });
});
