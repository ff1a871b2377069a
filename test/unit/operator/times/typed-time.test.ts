import { describe, expect, it } from 'vitest';
import { instantMeant } from '../../../../operator/times/instant-meant.ts';
import { type Direction, parseTime } from '../../../../operator/times/typed-time.ts';

// A Saturday evening in Rome: 2026-11-28 23:30:10 there, 22:30:10 in UTC.
const NOW = Date.UTC(2026, 10, 28, 22, 30, 10, 400);

function meant(text: string, direction: Direction = 'ahead', timezone = 'Europe/Rome', now = NOW): string {
  const typed = parseTime(text, direction);
  if (typed.kind === 'fault') return `It ${typed.message}`;
  const { at, warning } = instantMeant(typed.value, now, timezone);
  return [new Date(at).toISOString().replace('.000Z', 'Z'), ...(warning ? [warning] : [])].join('; ');
}

describe('a time that lies ahead', () => {
  it.each([
    ['01:00', '2026-11-29T00:00:00Z'],
    ['23:00', '2026-11-29T22:00:00Z'],
    ['23:30', '2026-11-29T22:30:00Z'],
    ['23:30:11', '2026-11-28T22:30:11Z'],
    ['9:05', '2026-11-29T08:05:00Z'],
    ['today 14:00', '2026-11-28T13:00:00Z'],
    ['today', '2026-11-27T23:00:00Z'],
    ['tomorrow 02:00', '2026-11-29T01:00:00Z'],
    ['Tomorrow at 02:00', '2026-11-29T01:00:00Z'],
    ['02:00 tomorrow', '2026-11-29T01:00:00Z'],
    ['tomorrow', '2026-11-28T23:00:00Z'],
    ['yesterday 02:00', '2026-11-27T01:00:00Z'],
    ['sunday 02:00', '2026-11-29T01:00:00Z'],
    ['Sun 02:00', '2026-11-29T01:00:00Z'],
    ['saturday 23:45', '2026-11-28T22:45:00Z'],
    ['saturday 23:00', '2026-12-05T22:00:00Z'],
    ['fri', '2026-12-03T23:00:00Z'],
    ['now', '2026-11-28T22:30:10Z'],
    ['+2h', '2026-11-29T00:30:10Z'],
    ['in 2h', '2026-11-29T00:30:10Z'],
    ['2h', '2026-11-29T00:30:10Z'],
    ['2 hours', '2026-11-29T00:30:10Z'],
    ['-2h', '2026-11-28T20:30:10Z'],
    ['2h ago', '2026-11-28T20:30:10Z'],
    ['1 h 30 min ago', '2026-11-28T21:00:10Z'],
    ['2040-01-14 22:00', '2040-01-14T21:00:00Z'],
    ['2040-01-14T22:00', '2040-01-14T21:00:00Z'],
    ['2040-07-14', '2040-07-13T22:00:00Z'],
    ['2040-01-14T22:00:00Z', '2040-01-14T22:00:00Z'],
    ['2040-01-14T22:00+02:00', '2040-01-14T20:00:00Z'],
    ['2040-01-14 22:00 +02:00', '2040-01-14T20:00:00Z'],
    ['23:00Z', '2026-11-28T23:00:00Z'],
    ['23:00 utc', '2026-11-28T23:00:00Z'],
    ['2040-01-14 22:00 Asia/Kathmandu', '2040-01-14T16:15:00Z'],
    ['  tomorrow   02:00 ', '2026-11-29T01:00:00Z'],
  ])('%s', (text, instant) => {
    expect(meant(text)).toBe(instant);
  });
});

describe('a time that is over', () => {
  it.each([
    ['01:00', '2026-11-28T00:00:00Z'],
    ['23:30', '2026-11-28T22:30:00Z'],
    ['23:31', '2026-11-27T22:31:00Z'],
    ['2h', '2026-11-28T20:30:10Z'],
    ['+2h', '2026-11-29T00:30:10Z'],
    ['saturday', '2026-11-27T23:00:00Z'],
    ['sunday 02:00', '2026-11-22T01:00:00Z'],
    ['saturday 23:45', '2026-11-21T22:45:00Z'],
    ['yesterday', '2026-11-26T23:00:00Z'],
  ])('%s', (text, instant) => {
    expect(meant(text, 'back')).toBe(instant);
  });
});

describe('daylight saving', () => {
  it('moves a time that the clocks skip to the end of the gap, as schedules have it, and says so', () => {
    expect(meant('2027-03-28 02:30')).toBe(
      '2027-03-28T01:00:00Z; the clocks of Europe/Rome skip 02:30 on 2027-03-28: 2027-03-28T01:00:00Z is taken, when they show 03:00',
    );
  });

  it('takes the first of two times that show the same, as schedules do, and says how to write the other', () => {
    expect(meant('2026-10-25 02:30')).toBe(
      '2026-10-25T00:30:00Z; the clocks of Europe/Rome show 02:30 on 2026-10-25 twice: 2026-10-25T00:30:00Z is taken, the first; for the other write 2026-10-25T01:30:00Z',
    );
  });

  it('takes the second one where the first is over and what is meant lies ahead', () => {
    const between = Date.UTC(2026, 9, 25, 0, 45);
    expect(meant('02:30', 'ahead', 'Europe/Rome', between)).toMatch(/^2026-10-25T01:30:00Z; .* the second; /);
    expect(meant('02:30', 'back', 'Europe/Rome', between)).toMatch(/^2026-10-25T00:30:00Z; .* the first; /);
  });

  it('begins a day whose midnight is skipped with its first instant, without a word', () => {
    expect(meant('2018-11-04', 'back', 'America/Sao_Paulo')).toBe('2018-11-04T03:00:00Z');
  });

  it('says that a whole day was left out', () => {
    expect(meant('2011-12-30', 'back', 'Pacific/Apia')).toBe(
      '2011-12-30T10:00:00Z; the clocks of Pacific/Apia skip 00:00 on 2011-12-30: 2011-12-30T10:00:00Z is taken, when they show 00:00',
    );
  });
});

describe('what has no meaning, or more than one, is refused with an example', () => {
  it.each([
    ['', 'is not a time; write 23:00, tomorrow 02:00, +2h or 2040-01-14T22:00:00Z'],
    ['soon', 'is not a time; write 23:00, tomorrow 02:00, +2h or 2040-01-14T22:00:00Z'],
    ['7pm', 'is not on the clock of 24 hours; write 19:00'],
    ['7:30 a.m.', 'is not on the clock of 24 hours; write 07:30'],
    ['12am', 'is noon to some and midnight to others; write 12:00 or 00:00'],
    ['noon', 'names a time of day; write 12:00'],
    ['midnight', 'begins one day and ends another; write tomorrow 00:00, or a date'],
    ['02/03/2026', 'is one date to some and another to others; write it as 2040-01-14'],
    ['14 Jan 2040', 'names a month; write the date as 2040-01-14'],
    ['next sunday', 'is one week to some and another to others; write sunday 02:00, or a date'],
    ['23:00 CET', 'ends with letters that are no time zone; write 23:00 Europe/Rome, or another IANA name'],
    ['2300', 'has no colon; write 23:00'],
    ['23h30', 'is a time of day to some and a duration to others; write 23:30 or +23h30m'],
    ['1796860800', 'is a count of seconds; write 2026-12-10T00:00:00Z'],
    ['24:00', 'has hour 24; write 00:00, of the day after'],
    ['25:00', 'has hour 25; hours go from 00 to 23'],
    ['23:60', 'has minute 60; minutes go from 00 to 59'],
    ['2040-02-30', 'has day 30; the days of February 2040 go from 01 to 29'],
    ['0001-01-01 00:00', 'is outside the years 1970 to 9999'],
    [
      '2040-01-14 22:00 Europe/Rom',
      'ends with "Europe/Rom", which is not a time zone; write an IANA name, such as Europe/Rome',
    ],
    ['+999999999999d', 'has a duration that is longer than ten years; write P3650D or less'],
    ['2h30', 'is a time of day to some and a duration to others; write 02:30 or +2h30m'],
    ['tomorrow yesterday', 'is not a time; write 23:00, tomorrow 02:00, +2h or 2040-01-14T22:00:00Z'],
    ['02:00 03:00', 'is not a time; write 23:00, tomorrow 02:00, +2h or 2040-01-14T22:00:00Z'],
    ['23:00\u001b[2J', 'is not a time; write 23:00, tomorrow 02:00, +2h or 2040-01-14T22:00:00Z'],
    ['1'.repeat(10_000), 'is too long for a time; write 23:00, tomorrow 02:00, +2h or 2040-01-14T22:00:00Z'],
  ])('%.60s', (text, message) => {
    expect(meant(text)).toBe(`It ${message}`);
  });
});
