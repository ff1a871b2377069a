import { describe, expect, it } from 'vitest';
import { createSchedule } from '../../../core/calendar/schedule.ts';
import { createZone } from '../../../core/calendar/zone.ts';
import { HOUR_MS, MINUTE_MS } from '../../../core/units.ts';
import type { RecurringWindow } from '../../../core/windows/window.ts';

describe('a schedule with fixed hours and minutes', () => {
  it.each([
    [
      'begins at the end of the spring gap',
      'cron(30 2 * * ? *)',
      'Europe/Rome',
      '2026-03-28',
      ['2026-03-28T01:30:00Z', '2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z'],
    ],
    [
      'begins once where several of its times fall into the gap',
      'cron(0,30,59 2 * * ? *)',
      'Europe/Rome',
      '2026-03-29',
      ['2026-03-29T01:00:00Z', '2026-03-30T00:00:00Z'],
    ],
    [
      'begins once in the autumn overlap, the first time',
      'cron(30 2 * * ? *)',
      'Europe/Rome',
      '2026-10-24',
      ['2026-10-24T00:30:00Z', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
    ],
    [
      'begins where the clock goes on after a gap at midnight',
      'cron(0 0 * * ? *)',
      'America/Sao_Paulo',
      '2017-10-14',
      ['2017-10-14T03:00:00Z', '2017-10-15T03:00:00Z', '2017-10-16T02:00:00Z'],
    ],
    [
      'begins on the next date where a zone skipped one',
      'cron(0 2 30 12 ? *)',
      'Pacific/Apia',
      '2011-01-01',
      ['2011-12-30T10:00:00Z', '2012-12-29T12:00:00Z'],
    ],
    [
      'knows a gap of half an hour',
      'cron(15 2 * * ? *)',
      'Australia/Lord_Howe',
      '2026-10-02',
      ['2026-10-02T15:45:00Z', '2026-10-03T15:30:00Z', '2026-10-04T15:15:00Z'],
    ],
  ])('%s', async (_, schedule, timezone, from, starts) => {
    expect(await startsFrom(from, starts.length, { schedule, timezone })).toEqual(starts);
  });
});

describe('a schedule with a wildcard, a range or a step in its hours and minutes', () => {
  it.each([
    [
      'a range has nothing in the gap',
      'cron(30 1-3 * * ? *)',
      'Europe/Rome',
      '2026-03-29',
      ['2026-03-29T00:30:00Z', '2026-03-29T01:30:00Z', '2026-03-29T23:30:00Z'],
    ],
    [
      'a wildcard comes twice in the overlap',
      'cron(30 * * * ? *)',
      'Europe/Rome',
      '2026-10-25',
      ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-25T02:30:00Z'],
    ],
    [
      'a step in the minutes comes twice too',
      'cron(0/30 2 * * ? *)',
      'Europe/Rome',
      '2026-10-25',
      [
        '2026-10-25T00:00:00Z',
        '2026-10-25T00:30:00Z',
        '2026-10-25T01:00:00Z',
        '2026-10-25T01:30:00Z',
        '2026-10-26T01:00:00Z',
      ],
    ],
    [
      'dates that interleave stay in order',
      'cron(0-1 0,23 * * ? *)',
      'America/St_Johns',
      '2010-11-07T02:00:00Z',
      [
        '2010-11-07T02:30:00Z',
        '2010-11-07T02:31:00Z',
        '2010-11-07T03:30:00Z',
        '2010-11-07T03:31:00Z',
        '2010-11-08T02:30:00Z',
      ],
    ],
  ])('%s', async (_, schedule, timezone, from, starts) => {
    expect(await startsFrom(from, starts.length, { schedule, timezone, durationMs: 1 })).toEqual(starts);
  });
});

describe('the dates of a schedule', () => {
  it.each([
    ['L', 'cron(0 0 L 1-3 ? *)', ['2026-01-31', '2026-02-28', '2026-03-31', '2027-01-31']],
    ['LW', 'cron(0 0 LW 1-3 ? *)', ['2026-01-30', '2026-02-27', '2026-03-31', '2027-01-29']],
    ['1W, a Saturday or a Sunday', 'cron(0 0 1W 8,11 ? *)', ['2026-08-03', '2026-11-02', '2027-08-02', '2027-11-01']],
    [
      '31W, only in months that have it',
      'cron(0 0 31W * ? *)',
      ['2026-01-30', '2026-03-31', '2026-05-29', '2026-07-31'],
    ],
    ['29 February', 'cron(0 0 29 2 ? *)', ['2028-02-29', '2032-02-29', '2036-02-29']],
    ['L for the week, as Quartz has it: Saturday', 'cron(0 0 ? * L *)', ['2026-01-03', '2026-01-10']],
    ['6L', 'cron(0 0 ? * 6L *)', ['2026-01-30', '2026-02-27']],
    ['3#5, only in months that have it', 'cron(0 0 ? * 3#5 *)', ['2026-03-31', '2026-06-30', '2026-09-29']],
    ['weekdays that count from 1 = Sunday', 'cron(0 0 ? * 1 *)', ['2026-01-04', '2026-01-11']],
    ['a step from a number', 'cron(0 0 ? * 2/2 *)', ['2026-01-02', '2026-01-05', '2026-01-07', '2026-01-09']],
    ['years', 'cron(0 0 1 1 ? 2028/100)', ['2028-01-01', '2128-01-01']],
    ['a fifth Sunday of February', 'cron(0 0 ? 2 1#5 *)', ['2032-02-29', '2060-02-29']],
  ])('know %s', async (_, schedule, dates) => {
    expect(await startsFrom('2026-01-01', dates.length, { schedule })).toEqual(
      dates.map((date) => `${date}T00:00:00Z`),
    );
  });

  it('end with the year 2199', async () => {
    expect(await startsFrom('2199-06-01', 3, { schedule: 'cron(0 0 1 7 ? *)' })).toEqual(['2199-07-01T00:00:00Z']);
    expect(await startsFrom('2199-12-31', 3, { schedule: 'cron(0 0 ? * 7#5 2199)' })).toEqual([]);
  });

  it('may never come, which is soon known', async () => {
    const timeline = await timelineOf({ schedule: 'cron(0 0 ? 2 1#5 2026)' });
    expect(timeline.earliestEndingAfter(Date.UTC(2020, 0, 1))).toBeUndefined();
    expect(timeline.latestFrom(Date.UTC(2030, 0, 1))).toBeUndefined();
  });

  it('may always fall into the gap, where a range has nothing', async () => {
    const timeline = await timelineOf({ schedule: 'cron(0-59 2 ? 3 1L 1996-2199)', timezone: 'Europe/Rome' });
    expect(timeline.earliestEndingAfter(Date.UTC(1990, 0, 1))).toBeUndefined();
    expect(timeline.latestFrom(Date.UTC(2190, 0, 1))).toBeUndefined();
  });
});

describe('an occurrence', () => {
  it('counts if it starts from `from` on and before `until`, and then runs for its whole duration', async () => {
    const schedule = 'cron(0 2 * * ? *)';
    const bounds = { fromAt: Date.UTC(2026, 0, 2, 2), untilAt: Date.UTC(2026, 0, 4, 2), durationMs: 3 * HOUR_MS };
    const timeline = await timelineOf({ schedule, ...bounds });
    expect(await startsFrom('2026-01-01', 9, { schedule, ...bounds })).toEqual([
      '2026-01-02T02:00:00Z',
      '2026-01-03T02:00:00Z',
    ]);
    expect(timeline.latestFrom(Date.UTC(2030, 0, 1))?.endAt).toBe(Date.UTC(2026, 0, 3, 5));
    const later = await timelineOf({ schedule, ...bounds, fromAt: bounds.fromAt + 1, untilAt: bounds.untilAt + 1 });
    expect(later.earliestEndingAfter(0)?.startAt).toBe(Date.UTC(2026, 0, 3, 2));
    expect(later.latestFrom(Date.UTC(2030, 0, 1))?.startAt).toBe(Date.UTC(2026, 0, 4, 2));
  });

  it('ends when its duration has elapsed, whatever the wall clock says', async () => {
    const night = { schedule: 'cron(0 1 * * ? *)', timezone: 'Europe/Rome', durationMs: 4 * HOUR_MS };
    expect((await timelineOf(night)).latestFrom(Date.parse('2026-03-29T00:00:00Z'))?.endAt).toBe(
      Date.parse('2026-03-29T04:00:00Z'),
    );
    expect((await timelineOf(night)).latestFrom(Date.parse('2026-10-24T23:00:00Z'))?.endAt).toBe(
      Date.parse('2026-10-25T03:00:00Z'),
    );
  });

  it('may be longer than the time to the next one', async () => {
    const timeline = await timelineOf({ schedule: 'cron(0 0 1 * ? *)', durationMs: 100 * 24 * HOUR_MS });
    expect(timeline.earliestEndingAfter(Date.UTC(2026, 5, 15))?.startAt).toBe(Date.UTC(2026, 3, 1));
    expect(timeline.latestFrom(Date.UTC(2026, 5, 15))?.startAt).toBe(Date.UTC(2026, 5, 1));
  });
});

describe('at(…)', () => {
  it.each([
    ['at(2026-11-21T02:00:00)', 'Europe/Rome', '2026-11-21T01:00:00Z'],
    ['at(2026-03-29T02:30:00)', 'Europe/Rome', '2026-03-29T01:00:00Z'],
    ['at(2026-10-25T02:30:15)', 'Europe/Rome', '2026-10-25T00:30:15Z'],
    ['at(2011-12-30T12:00:00)', 'Pacific/Apia', '2011-12-30T10:00:00Z'],
    ['at(2026-11-21T02:00:00)', 'UTC', '2026-11-21T02:00:00Z'],
  ])('%s comes once in %s', async (schedule, timezone, start) => {
    expect(await startsFrom('1970-01-01', 2, { schedule, timezone })).toEqual([start]);
  });

  it('does not count where it starts outside from and until', async () => {
    const schedule = 'at(2026-11-21T02:00:00)';
    expect(await startsFrom('1970-01-01', 1, { schedule, untilAt: Date.UTC(2026, 10, 21, 2) })).toEqual([]);
    expect(await startsFrom('1970-01-01', 1, { schedule, fromAt: Date.UTC(2026, 10, 21, 2) })).toHaveLength(1);
  });
});

it('a schedule that did not come from the window language is a fault of ours', async () => {
  await expect(timelineOf({ schedule: 'cron(0 2 * * *)' })).rejects.toThrow(
    /^schedule cron\(0 2 \* \* \*\) has five fields/,
  );
});

async function timelineOf(parts: Partial<RecurringWindow> & { readonly schedule: string }) {
  const window: RecurringWindow = { kind: 'recurring', timezone: 'UTC', durationMs: MINUTE_MS, ...parts };
  return createSchedule(window, createZone(window.timezone));
}

async function startsFrom(
  from: string,
  count: number,
  parts: Partial<RecurringWindow> & { readonly schedule: string },
) {
  const timeline = await timelineOf(parts);
  const starts: string[] = [];
  let next = timeline.earliestEndingAfter(Date.parse(from));
  while (next && starts.length < count) {
    starts.push(new Date(next.startAt).toISOString().replace('.000Z', 'Z'));
    next = timeline.earliestEndingAfter(next.endAt);
  }
  return starts;
}
