import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRate, createThrottle, turnsTakeMs, turnsWithin } from '../../../core/replay/pace.ts';

/** The instants of all turns within a time, taken one after the other as soon as each comes. */
function turnsOf(perSecond: number, ms: number): number[] {
  const rate = createRate(perSecond, 0);
  const turns: number[] = [];
  for (let now = rate.turn(0); now < ms; now += rate.turn(now)) turns.push(now);
  return turns;
}

describe('a rate', () => {
  it('begins at a tenth of the rate and is whole after half a minute', () => {
    const turns = turnsOf(100, 60_000);
    const inSecond = (second: number) => turns.filter((at) => Math.floor(at / 1_000) === second).length;
    expect(inSecond(0)).toBeGreaterThanOrEqual(9);
    expect(inSecond(0)).toBeLessThanOrEqual(13);
    expect(inSecond(15)).toBeGreaterThan(45);
    expect(inSecond(15)).toBeLessThan(65);
    for (const second of [31, 45, 59]) expect(Math.abs(inSecond(second) - 100)).toBeLessThanOrEqual(1);
  });

  it('begins anew after a pause, without making up for it', () => {
    const rate = createRate(100, 0);
    for (let now = 0; now < 60_000; now += rate.turn(now));
    rate.restart(600_000);
    expect(rate.turn(600_000)).toBe(0);
    expect(rate.turn(600_000)).toBeCloseTo(100);
  });

  it('may have its first turn later, as others have turns of it before', () => {
    const first = (firstAfter: number) => createRate(0.1, 0, { isWarm: true, firstAfter });
    expect([0, 0.25, 0.9].map((part) => first(part).turn(0))).toEqual([0, 2_500, 9_000]);
    // Faster goes by the ramp, from where it is; slower at once, from the turn before, which was 7.5 s ago.
    const [faster, slower] = [first(0.25), first(0.25)];
    faster.change(1, 0);
    slower.change(0.05, 0);
    expect([faster.turn(0), slower.turn(0)]).toEqual([2_500, 12_500]);
    expect(createRate(Number.POSITIVE_INFINITY, 0, { firstAfter: 0.5 }).turn(0)).toBe(0);
  });

  it('is never ahead of its rate, however unevenly turns are asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.array(fc.nat(400), { minLength: 2 }), (perSecond, gaps) => {
        const rate = createRate(perSecond, 0);
        let asked = 0;
        const turns = gaps.map((gap) => {
          asked += gap;
          return asked + rate.turn(asked);
        });
        for (const [index, turn] of turns.entries()) {
          if (index > 0) expect(turn - (turns[index - 1] ?? 0)).toBeGreaterThanOrEqual(1_000 / perSecond - 1e-6);
        }
      }),
    );
  });

  it('takes as long as is said beforehand, wherever in the ramp', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.2, max: 500, noNaN: true }),
        fc.nat(2_000),
        fc.nat(60_000),
        (perSecond, more, from) => {
          const rate = createRate(perSecond, 0);
          let now = from + rate.turn(from);
          for (let turn = 0; turn < more; turn += 1) now += rate.turn(now);
          const saidMs = turnsTakeMs(more, perSecond, from);
          // Turns are told one by one, and the formula is their limit: at most one turn of difference, the slowest one.
          expect(Math.abs(now - from - saidMs)).toBeLessThanOrEqual(10_000 / perSecond + saidMs * 0.05);
          expect(turnsWithin(saidMs, perSecond, from)).toBeCloseTo(more, 3);
        },
      ),
    );
  });

  it('has 2,027 turns at 100 a second in 34 s', () => {
    expect(turnsTakeMs(2_027, 100) / 1_000).toBeCloseTo(33.77, 1);
    expect(turnsTakeMs(2_027, 100, 30_000) / 1_000).toBeCloseTo(20.27, 1);
    expect(turnsTakeMs(2_027, Number.POSITIVE_INFINITY)).toBe(0);
  });

  it('goes on at a lower rate at once, and at a higher one as fast as it goes, then faster', () => {
    const rate = createRate(100, 0);
    let now = 0;
    let next = rate.turn(0);
    const inSecond = () => {
      let turns = 0;
      for (now += 1_000; next < now; next += rate.turn(next)) turns += 1;
      return turns;
    };
    const change = (perSecond: number) => {
      expect(rate.change(perSecond, now)).toBe(true);
      next = now + rate.turn(now);
    };
    while (now < 40_000) inSecond();
    expect(Math.abs(inSecond() - 100)).toBeLessThanOrEqual(1);
    change(20);
    expect(rate.rampedMs(now)).toBe(30_000);
    for (let second = 0; second < 3; second += 1) expect(Math.abs(inSecond() - 20)).toBeLessThanOrEqual(1);
    change(200);
    const first = inSecond();
    expect(first).toBeGreaterThanOrEqual(19);
    expect(first).toBeLessThan(30);
    while (now < 90_000) inSecond();
    expect(Math.abs(inSecond() - 200)).toBeLessThanOrEqual(1);
    expect(rate.change(200, now)).toBe(false);
  });

  it('voids the turns that have not come, and owes none that has', () => {
    const rate = createRate(0.1, 0);
    rate.change(0.1, 0);
    expect(rate.turn(0)).toBe(0);
    const slow = rate.turn(1);
    rate.turn(1);
    expect(slow).toBeGreaterThan(50_000);
    rate.change(1_000, 2_000);
    // The next is one turn behind the last that came, at the rate that it goes at now.
    const next = 2_000 + rate.turn(2_000);
    expect(next).toBeLessThanOrEqual(2_010);
    rate.change(Number.POSITIVE_INFINITY, 2_100);
    expect([rate.turn(2_100), rate.turn(2_100)]).toEqual([0, 0]);
    rate.change(1, 2_200);
    expect([rate.turn(2_200), rate.turn(2_200)]).toEqual([900, 1_900]);
  });

  it('waits for nothing without a rate', () => {
    const rate = createRate(Number.POSITIVE_INFINITY, 0);
    expect([rate.turn(0), rate.turn(0), rate.turn(7)]).toEqual([0, 0, 0]);
  });
});

describe('a throttle', () => {
  /** One that allows so many at once by now. */
  function throttleAt(allowed: number, concurrency = 16) {
    const throttle = createThrottle(() => concurrency);
    while (throttle.allowed < allowed) throttle.succeeded();
    return throttle;
  }

  it('follows a concurrency that changes in the middle', () => {
    let concurrency = 8;
    const throttle = createThrottle(() => concurrency);
    for (let success = 0; success < 20; success += 1) throttle.succeeded();
    expect(throttle.allowed).toBe(8);
    concurrency = 3;
    expect(throttle.allowed).toBe(3);
    throttle.succeeded();
    concurrency = 16;
    throttle.succeeded();
    expect(throttle.allowed).toBe(4);
  });

  it('begins with two, and allows one more with each success', () => {
    const throttle = createThrottle(() => 5);
    const seen = Array.from({ length: 6 }, () => {
      const { allowed } = throttle;
      throttle.succeeded();
      return allowed;
    });
    expect(seen).toEqual([2, 3, 4, 5, 5, 5]);
    expect(createThrottle(() => 1).allowed).toBe(1);
  });

  it('allows one less with each failure, and two at least', () => {
    const throttle = throttleAt(5);
    const seen = Array.from({ length: 5 }, () => {
      throttle.failed();
      return throttle.allowed;
    });
    expect(seen).toEqual([4, 3, 2, 2, 2]);
    const alone = createThrottle(() => 1);
    alone.failed();
    expect(alone.allowed).toBe(1);
  });

  it('lets a function that fails have no more at once than it had when it began to', () => {
    const throttle = throttleAt(10);
    let underWay = 10;
    for (let failures = 1; failures <= 8; failures += 1) {
      underWay -= 1;
      throttle.failed();
      expect(throttle.allowed - underWay).toBeLessThanOrEqual(0);
    }
  });

  it('waits longer and allows less with each refusal in a row, within bounds', () => {
    const throttle = throttleAt(16);
    const seen: [number, number][] = [];
    let now = 0;
    for (let refusal = 0; refusal < 10; refusal += 1) {
      throttle.turnedAway(now, 0.5);
      seen.push([throttle.allowed, throttle.notBefore - now]);
      now = throttle.notBefore;
    }
    expect(seen.map(([allowed]) => allowed)).toEqual([8, 4, 2, 1, 1, 1, 1, 1, 1, 1]);
    expect(seen.map(([, ms]) => ms)).toEqual([300, 600, 1_200, 2_400, 4_800, 9_600, 19_200, 22_500, 22_500, 22_500]);
  });

  it('counts those that were under way together once', () => {
    const throttle = throttleAt(16);
    for (let index = 0; index < 16; index += 1) throttle.turnedAway(0, 0);
    expect([throttle.allowed, throttle.notBefore]).toEqual([8, 200]);
  });

  it('comes back by one for each round of answers', () => {
    const throttle = throttleAt(16);
    throttle.turnedAway(0, 0);
    for (let index = 0; index < 9; index += 1) throttle.succeeded();
    expect(throttle.allowed).toBe(9);
    for (let index = 0; index < 1_000; index += 1) throttle.succeeded();
    expect(throttle.allowed).toBe(16);
    throttle.turnedAway(10_000, 0);
    expect(throttle.notBefore).toBe(10_200);
  });
});
