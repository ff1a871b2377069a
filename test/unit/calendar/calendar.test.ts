import { describe, expect, it } from 'vitest';
import { createCalendar } from '../../../core/calendar/calendar.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../core/units.ts';
import type { RecurringWindow, Window } from '../../../core/windows/window.ts';

const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;

describe('a calendar', () => {
  it('without windows never changes', async () => {
    expect(await stateAt(at('2026-11-21'), [])).toEqual({
      validFrom: at('2026-11-21'),
      validUntil: POSITIVE_INFINITY,
      lastEndAt: NEGATIVE_INFINITY,
    });
  });

  it('is exact to the millisecond: the start is inside, the end is not', async () => {
    const [startAt, endAt] = [at('2026-11-21'), at('2026-11-22')];
    const { stateAt } = await createCalendar([{ kind: 'one-off', startAt, endAt, reason: 'upgrade' }], 'orders');
    const before = { validUntil: startAt, lastEndAt: NEGATIVE_INFINITY };
    const inside = { validUntil: endAt, active: { startAt, endAt, reason: 'upgrade' }, lastEndAt: NEGATIVE_INFINITY };
    const after = { validUntil: POSITIVE_INFINITY, lastEndAt: endAt };
    expect(stateAt(startAt - 1)).toEqual({ validFrom: startAt - 1, ...before });
    expect(stateAt(startAt)).toEqual({ validFrom: startAt, ...inside });
    expect(stateAt(endAt - 1)).toEqual({ validFrom: endAt - 1, ...inside });
    expect(stateAt(endAt)).toEqual({ validFrom: endAt, ...after });
  });

  it('is exact to the millisecond for a window that recurs, too', async () => {
    const { stateAt } = await createCalendar([recurring('cron(0 2 ? * SUN *)', { timezone: 'Europe/Rome' })], 'orders');
    const [startAt, endAt] = [at('2026-11-22T01:00'), at('2026-11-22T02:00')];
    const lastEndAt = at('2026-11-15T02:00');
    expect(stateAt(startAt - 1)).toEqual({ validFrom: startAt - 1, validUntil: startAt, lastEndAt });
    expect(stateAt(startAt).active).toEqual({ startAt, endAt });
    expect(stateAt(endAt - 1).active).toEqual({ startAt, endAt });
    expect(stateAt(endAt)).toEqual({ validFrom: endAt, validUntil: startAt + 7 * DAY_MS, lastEndAt: endAt });
  });

  it('finds the end of the latest window however long ago that was', async () => {
    const yearly = recurring('cron(0 0 29 2 ? *)', { untilAt: at('2000-01-01') });
    expect(await stateAt(at('2026-11-21'), [yearly])).toMatchObject({
      lastEndAt: at('1996-02-29T01:00'),
      validUntil: POSITIVE_INFINITY,
    });
  });
});

describe('windows that overlap or touch', () => {
  it('are one: from the first start to the last end, across both kinds', async () => {
    const windows: readonly Window[] = [
      recurring('cron(0 2 * * ? *)', { durationMs: 2 * HOUR_MS }),
      { kind: 'one-off', startAt: at('2026-11-21T00:30'), endAt: at('2026-11-21T02:30') },
      { kind: 'one-off', startAt: at('2026-11-21T04:00'), endAt: at('2026-11-21T05:00') },
      { kind: 'one-off', startAt: at('2026-11-21T05:00') + 1, endAt: at('2026-11-21T06:00') },
    ];
    const union = { startAt: at('2026-11-21T00:30'), endAt: at('2026-11-21T05:00') };
    expect(await stateAt(at('2026-11-21T00:30'), windows)).toMatchObject({ active: union, validUntil: union.endAt });
    expect(await stateAt(at('2026-11-21T04:59'), windows)).toMatchObject({ active: union, validUntil: union.endAt });
    expect(await stateAt(at('2026-11-21T05:00'), windows)).toMatchObject({
      validUntil: union.endAt + 1,
      lastEndAt: union.endAt,
    });
  });

  it('are followed across the change of the clocks', async () => {
    const union = await stateAt(at('2026-10-25T12:00'), [
      recurring('cron(0 * ? 10 * 2026)', { timezone: 'Europe/Rome', durationMs: HOUR_MS }),
    ]);
    expect(union.active).toEqual({ startAt: at('2026-09-30T22:00'), endAt: at('2026-10-31T23:00') });
  });

  it('give the reason that the list names first, of those that are active', async () => {
    const { stateAt } = await createCalendar(
      [
        { kind: 'one-off', startAt: 10, endAt: 40, reason: 'second' },
        { kind: 'one-off', startAt: 0, endAt: 60 },
        { kind: 'one-off', startAt: 5, endAt: 20, reason: 'first' },
        { kind: 'one-off', startAt: 15, endAt: 30, reason: 'first' },
        { kind: 'one-off', startAt: 50, endAt: 55, reason: 'third' },
        { kind: 'one-off', startAt: 50, endAt: 60, reason: 'fourth' },
      ],
      'orders',
    );
    const told: unknown[] = [];
    for (let now = 0; now < 60; now = stateAt(now).validUntil) told.push([now, stateAt(now).active?.reason]);
    expect(told).toEqual([
      [0, undefined],
      [5, 'first'],
      [10, 'second'],
      [40, undefined],
      [50, 'third'],
      [55, 'fourth'],
    ]);
  });
});

describe('a union without an end', () => {
  const always = recurring('cron(0 0 * * ? *)', { durationMs: DAY_MS });

  it('has none, and is looked at again a day later or more', async () => {
    const now = at('2026-11-21T12:00');
    const state = await stateAt(now, [{ ...always, reason: 'for ever' }]);
    expect(state.active).toEqual({ startAt: expect.any(Number), reason: 'for ever' });
    expect(state.active).not.toHaveProperty('endAt');
    expect(state.active?.startAt).toBeLessThanOrEqual(now - 400 * DAY_MS);
    expect(state.validUntil).toBeGreaterThanOrEqual(now + DAY_MS);
    expect(state.validUntil).toBeLessThan(now + 3 * DAY_MS);
  });

  it('gets one 400 days before it ends', async () => {
    const untilAt = at('2028-01-01');
    const { stateAt } = await createCalendar([{ ...always, untilAt }], 'orders');
    expect(stateAt(untilAt - 400 * DAY_MS - 1).active).not.toHaveProperty('endAt');
    expect(stateAt(untilAt - 400 * DAY_MS - 1).validUntil).toBe(untilAt - 400 * DAY_MS);
    expect(stateAt(untilAt - 400 * DAY_MS).active).toMatchObject({ endAt: untilAt });
    expect(stateAt(untilAt - 1)).toMatchObject({ active: { endAt: untilAt }, validUntil: untilAt });
  });

  it('may be a single window of years', async () => {
    const [startAt, endAt] = [at('2020-01-01'), at('2030-01-01')];
    const { stateAt } = await createCalendar([{ kind: 'one-off', startAt, endAt }], 'orders');
    expect(stateAt(startAt)).toMatchObject({ active: { startAt }, validUntil: endAt - 400 * DAY_MS });
    expect(stateAt(endAt - 400 * DAY_MS)).toMatchObject({ active: { startAt, endAt }, validUntil: endAt });
  });

  it('gets one 3,000 intervals before it ends', async () => {
    const untilAt = at('2026-11-21');
    const windows = ['0/2', '1/2'].map((minutes) =>
      recurring(`cron(${minutes} * * * ? *)`, { durationMs: MINUTE_MS, untilAt }),
    );
    const { stateAt } = await createCalendar(windows, 'orders');
    // At its start, the first interval of what is left has begun: 3,000 more are to come.
    const first = untilAt - 3_001 * MINUTE_MS;
    expect(stateAt(first).active).toMatchObject({ endAt: untilAt });
    expect(stateAt(first - 1).active).not.toHaveProperty('endAt');
    expect(stateAt(first - 1).validUntil).toBe(first);
    const early = stateAt(untilAt - 20 * DAY_MS);
    expect(early.active).not.toHaveProperty('endAt');
    expect(early.validUntil).toBe(untilAt - 20 * DAY_MS + 500 * MINUTE_MS);
  });

  it('has one for all that, where many small windows lie within a long one', async () => {
    const endAt = at('2027-02-01');
    const { stateAt } = await createCalendar(
      [
        { kind: 'one-off', startAt: at('2026-11-01'), endAt },
        ...Array.from({ length: 20 }, (_, minute) =>
          recurring(`cron(${minute}/20 * * * ? *)`, { durationMs: MINUTE_MS / 2 }),
        ),
      ],
      'orders',
    );
    expect(stateAt(at('2026-11-21')).active).toEqual({
      startAt: at('2026-11-01'),
      endAt: endAt + MINUTE_MS / 2,
    });
  });

  it('costs no more for starting every minute', async () => {
    const { active } = await stateAt(at('2026-11-21'), [
      recurring('cron(* * ? * * *)', { timezone: 'Europe/Rome', durationMs: 60_000 }),
    ]);
    expect(active).not.toHaveProperty('endAt');
  });
});

it('of windows that never come, however many dates of theirs the clock leaves out, tells for how long that is known', async () => {
  const inTheGap = recurring('cron(0-59 2 ? 3 1L *)', { timezone: 'Europe/Rome' });
  const { stateAt } = await createCalendar(
    Array.from({ length: 100 }, () => inTheGap),
    'orders',
  );
  let now = at('2026-11-21');
  for (let times = 0; times < 60; times++) {
    const { validUntil, lastEndAt, active } = stateAt(now);
    expect({ active, lastEndAt }).toEqual({ active: undefined, lastEndAt: NEGATIVE_INFINITY });
    if (validUntil === POSITIVE_INFINITY) return;
    expect(validUntil).toBeGreaterThan(now + 365 * DAY_MS);
    now = validUntil;
  }
  expect.unreachable();
});

describe('the functions that a window names', () => {
  const now = 5;
  it.each([
    ['orders-api', ['orders-*'], true],
    ['orders-', ['orders-*'], true],
    ['Orders-api', ['orders-*'], false],
    ['my-orders-api', ['orders-*'], false],
    ['orders-api', ['orders-api'], true],
    ['orders-api-2', ['orders-api'], false],
    ['orders-1', ['orders-?'], true],
    ['orders-12', ['orders-?'], false],
    ['orders-', ['orders-?'], false],
    ['billing', ['orders-*', 'b*g'], true],
    ['anything', ['*'], true],
    ['a-b-c-d', ['*-?-*d'], true],
    ['a.c', ['a?c'], true],
    ['abc', ['a.c'], false],
    ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', [`${'*a'.repeat(60)}c`], false],
  ])('%s and %j: %s', async (functionName, functions, named) => {
    const { stateAt } = await createCalendar([{ kind: 'one-off', startAt: 0, endAt: 10, functions }], functionName);
    expect(stateAt(now).active !== undefined).toBe(named);
  });

  it('are all of them where none is named', async () => {
    const { stateAt } = await createCalendar([{ kind: 'one-off', startAt: 0, endAt: 10 }], 'orders');
    expect(stateAt(now).active).toBeDefined();
  });

  it('decide over the reason and the union, too', async () => {
    const windows: readonly Window[] = [
      { kind: 'one-off', startAt: 0, endAt: 10, reason: 'mine', functions: ['orders'] },
      { kind: 'one-off', startAt: 0, endAt: 20, reason: 'theirs', functions: ['billing'] },
    ];
    expect((await stateAt(now, windows)).active).toEqual({ startAt: 0, endAt: 10, reason: 'mine' });
  });
});

it('a schedule that did not come from the window language is a fault of ours', async () => {
  await expect(createCalendar([recurring('rate(1 day)')], 'orders')).rejects.toMatchObject({
    name: 'MaintenanceWindow.Fault',
  });
});

async function stateAt(now: number, windows: readonly Window[]) {
  return (await createCalendar(windows, 'orders')).stateAt(now);
}

function recurring(schedule: string, parts: Partial<RecurringWindow> = {}): RecurringWindow {
  return { kind: 'recurring', schedule, timezone: 'UTC', durationMs: HOUR_MS, ...parts };
}

function at(text: string): number {
  return Date.parse(text.includes('T') ? `${text}Z` : text);
}
