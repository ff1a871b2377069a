import { describe, expect, it } from 'vitest';
import { courseOf, NOTHING_SEEN, seenOf } from '../../../operator/console/page/views/replays/course.ts';

const BEGAN_AT = Date.UTC(2026, 10, 21, 3);

/** What a replay tells of itself after some seconds. */
function told(seconds: number, replayed: number, more: object = {}) {
  return {
    id: '3f2a91c0',
    name: 'after the upgrade',
    status: 'running',
    by: 'ada',
    from: 'laptop',
    functions: ['orders'],
    counts: { replayed },
    concurrency: 10,
    startedAt: new Date(BEGAN_AT).toISOString(),
    heartbeatAt: new Date(BEGAN_AT + seconds * 1_000).toISOString(),
    ...more,
  };
}

describe('what is seen of a replay while it is watched', () => {
  it('is events a second over the last ten seconds, beside the rate that is asked for', () => {
    const answers = [0, 2, 4, 6, 8, 10, 12].map((seconds) =>
      told(seconds, seconds < 4 ? 0 : (seconds - 2) * 50, { ratePerSecond: 50 }),
    );
    const { times, series } = courseOf(answers.reduce(seenOf, NOTHING_SEEN));
    expect(times.map((at) => (at - BEGAN_AT) / 1_000)).toEqual([2, 4, 6, 8, 10, 12]);
    expect(series.map(({ name }) => name)).toEqual(['replayed', 'failed', 'asked for']);
    expect(series[0]?.values).toEqual([0, 25, 33.3, 37.5, 40, 50]);
    expect(series[2]?.values).toEqual(Array(6).fill(50));
  });

  it('counts what failed, and what nobody knows of, apart', () => {
    const answers = [told(0, 0), told(2, 4, { counts: { replayed: 4, failed: 1, unknown: 1 } })];
    const { series } = courseOf(answers.reduce(seenOf, NOTHING_SEEN));
    expect(series.map(({ name, values }) => [name, values])).toEqual([
      ['replayed', [2]],
      ['failed', [1]],
    ]);
  });

  it('takes no answer twice, and none that comes late', () => {
    const seen = [told(0, 0), told(4, 8)].reduce(seenOf, NOTHING_SEEN);
    expect(seenOf(seen, told(4, 8))).toBe(seen);
    expect(seenOf(seen, told(2, 4))).toBe(seen);
  });

  it('keeps what it waited for, each once, with when that was first and last seen', () => {
    const waiting = { why: 'Lambda throttles', function: 'orders' };
    const answers = [told(0, 0, { waiting }), told(2, 0, { waiting }), told(4, 5), told(6, 5, { waiting })];
    expect(answers.reduce(seenOf, NOTHING_SEEN).waits).toEqual([
      { ...waiting, firstAt: BEGAN_AT, lastAt: BEGAN_AT + 6_000 },
    ]);
  });
});
