import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { createAwsClock } from '../../../aws/time/aws-clock.ts';
import { MINUTE_MS } from '../../../core/units.ts';

const START = Date.UTC(2026, 10, 28, 12);

/** AWS's time; how far the clock here is ahead of it; how long this machine has been awake. */
let world: { awsAt: number; aheadMs: number; awakeMs: number };
let skews: number[];
let clock: ReturnType<typeof createAwsClock>;
beforeEach(() => begin(0));

function begin(aheadMs: number): void {
  world = { awsAt: START, aheadMs, awakeMs: 5_000 };
  skews = [];
  const local = { now: () => world.awsAt + world.aheadMs, random: () => 0.5 };
  const steady = { now: () => world.awakeMs, random: () => 0.5 };
  clock = createAwsClock(local, (skewMs) => skews.push(skewMs), steady);
}

function pass(ms: number): void {
  world.awsAt += ms;
  world.awakeMs += ms;
}

/** A request, dated on its way. */
function ask({ upMs = 20, downMs = 20, status = 200, headers = {} as Record<string, string | undefined> } = {}): void {
  const sentAtMs = world.awakeMs;
  pass(upMs);
  const date = new Date(world.awsAt).toUTCString();
  pass(downMs);
  clock.hear({ status, headers: { date, ...headers }, sentAtMs, receivedAtMs: world.awakeMs });
}

const errorMs = () => Math.abs(clock.now() - world.awsAt);

describe('AWS’s time', () => {
  it('is the time here as long as nobody has told it', () => {
    begin(10 * MINUTE_MS);
    expect({ isTold: clock.isTold, errorMs: errorMs() }).toEqual({ isTold: false, errorMs: 10 * MINUTE_MS });
  });

  it('is known to some more than half a second after one answer, however wrong the clock here is', () => {
    const anyAheadMs = fc.integer({ min: -1e12, max: 1e12 });
    const anyAnswer = fc.record({ upMs: fc.nat(2_000), downMs: fc.nat(2_000), status: fc.constantFrom(200, 400, 403) });
    fc.assert(
      fc.property(
        anyAheadMs,
        fc.nat(10_000),
        fc.array(anyAnswer, { minLength: 1, maxLength: 8 }),
        (ahead, first, answers) => {
          begin(ahead);
          pass(first);
          let leastMs = Number.POSITIVE_INFINITY;
          for (const answer of answers) {
            ask(answer);
            leastMs = Math.min(leastMs, 1_000 + answer.upMs + answer.downMs);
            expect(errorMs()).toBeLessThanOrEqual(leastMs + 1);
            pass(100);
          }
        },
      ),
    );
  });

  it('is a clock’s that may be right, to the millisecond', () => {
    for (let n = 0; n < 20; n += 1) {
      pass(537);
      ask();
      expect(clock.now()).toBe(world.awsAt);
    }
    expect(skews).toEqual([]);
  });

  it('is known better with each answer', () => {
    begin(900);
    for (let n = 0; n < 40; n += 1) {
      pass(537);
      ask();
    }
    expect(errorMs()).toBeLessThan(100);
  });

  it.each([
    ['an answer without a date', {}, { date: undefined }],
    ['a date that is none', {}, { date: 'yesterday' }],
    ['a date in another form', {}, { date: '2026-11-28T12:00:00Z' }],
    ['a date of long ago', {}, { date: 'Thu, 01 Jan 1970 00:00:00 GMT' }],
    ['a date before this tool was there', {}, { date: 'Wed, 01 Jan 2020 00:00:00 GMT' }],
    ['a date of a time to come', {}, { date: 'Fri, 31 Dec 9999 21:59:59 GMT' }],
    ['a day that there is not', {}, { date: 'Tue, 31 Feb 2026 00:00:00 GMT' }],
    ['a day of another name', {}, { date: 'Mon, 28 Nov 2026 12:00:00 GMT' }],
    ['two dates', {}, { date: 'Sat, 28 Nov 2026 12:00:00 GMT, Sat, 28 Nov 2026 12:00:00 GMT' }],
    ['what lay in a cache', {}, { age: '3600' }],
    ['a proxy that cannot reach AWS', { status: 502 }, {}],
    ['an answer that took long', { upMs: 9_000, downMs: 9_000 }, {}],
  ])('is not taken from %s', (_what, answer, headers) => {
    begin(10 * MINUTE_MS);
    ask({ ...answer, headers });
    expect({ hasHeard: clock.hasHeard, isTold: clock.isTold }).toEqual({ hasHeard: true, isTold: false });
    expect(clock.now()).toBe(world.awsAt + world.aheadMs);
  });
});

describe('a clock here that is wrong', () => {
  it.each([
    ['ahead', 10 * MINUTE_MS],
    ['behind', -10 * MINUTE_MS],
  ])('is told of once (%s)', (_direction, aheadMs) => {
    begin(aheadMs);
    for (let n = 0; n < 5; n += 1) ask();
    expect(skews).toHaveLength(1);
    expect(Math.abs((skews[0] ?? 0) - aheadMs)).toBeLessThan(1_100);
  });

  it('is no word worth for some seconds', () => {
    begin(5_000);
    ask();
    expect(skews).toEqual([]);
  });

  it.each([
    ['forward', 10 * MINUTE_MS],
    ['back', -10 * MINUTE_MS],
  ])('may be set while we work (%s): after the next answer time is right', (_direction, byMs) => {
    begin(-byMs);
    ask();
    pass(MINUTE_MS);
    world.aheadMs += byMs;
    ask();
    expect(errorMs()).toBeLessThan(1_100);
    pass(MINUTE_MS);
    expect(errorMs()).toBeLessThan(1_100);
  });

  it('moves nothing where somebody sets it back', () => {
    begin(10 * MINUTE_MS);
    ask();
    const before = clock.now();
    world.aheadMs = 0;
    expect(clock.now()).toBe(before);
  });
});

describe('a machine that slept', () => {
  it.each([0, 10 * MINUTE_MS])('knows at once that its leases are over (its clock %i ms ahead)', (aheadMs) => {
    begin(aheadMs);
    ask();
    world.awsAt += 60 * MINUTE_MS;
    expect(errorMs()).toBeLessThan(1_100);
    ask();
    expect(errorMs()).toBeLessThan(1_100);
  });
});

describe('an answer that contradicts those before', () => {
  const dated = (byMs: number) => ask({ headers: { date: new Date(world.awsAt + byMs).toUTCString() } });
  const anyLieMs = fc
    .integer({ min: MINUTE_MS, max: 3_000 * 24 * 60 * MINUTE_MS })
    .chain((ms) => fc.constantFrom(...(ms < 300 * 24 * 60 * MINUTE_MS ? [ms, -ms] : [ms])));

  it('moves nothing by itself, whether the clock here is right or not', () => {
    fc.assert(
      fc.property(anyLieMs, fc.constantFrom(0, 10 * MINUTE_MS, -10 * MINUTE_MS), (lieMs, aheadMs) => {
        fc.pre(Math.abs(lieMs - aheadMs) > 10_000); // that is the next case
        begin(aheadMs);
        ask();
        dated(lieMs);
        expect(errorMs()).toBeLessThan(1_100);
        ask();
        expect(errorMs()).toBeLessThan(1_100);
        expect(skews).toHaveLength(aheadMs === 0 ? 0 : 1);
      }),
    );
  });

  it('is believed where the clock here is with it: those before were wrong', () => {
    begin(0);
    dated(24 * 60 * MINUTE_MS);
    ask();
    expect(errorMs()).toBeLessThan(1_100);
  });

  it('is believed where the next one bears it out: this machine was frozen, and its clocks with it', () => {
    begin(0);
    ask();
    world.awsAt += 60 * MINUTE_MS;
    world.aheadMs -= 60 * MINUTE_MS;
    ask();
    pass(10 * MINUTE_MS);
    ask();
    expect(errorMs()).toBeLessThan(1_100);
    expect(skews).toHaveLength(1);
  });
});
