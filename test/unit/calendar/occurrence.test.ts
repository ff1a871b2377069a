import { describe, expect, it } from 'vitest';
import { daylightNote, occurrenceAfter, occurrenceAt, occurrencesFrom } from '../../../core/calendar/occurrence.ts';
import { parseWindows, type Window } from '../../../core/windows/window.ts';

function windowOf(fields: object): Window {
  const parsed = parseWindows(JSON.stringify({ version: 1, windows: [fields] }));
  const window = parsed.kind === 'windows' ? parsed.document.windows[0] : undefined;
  if (!window) throw new Error(JSON.stringify(parsed));
  return window;
}

const rome = (schedule: string, duration = 'PT2H') => windowOf({ schedule, timezone: 'Europe/Rome', duration });
const at = (text: string) => Date.parse(text);

describe('occurrences', () => {
  const daily = windowOf({ schedule: 'cron(0 2 * * ? *)', duration: 'PT1H', functions: ['a-*'] });

  it('begin with the one that is active, and go on in order', async () => {
    const found = [];
    for (const occurrence of await occurrencesFrom(daily, at('2026-11-21T02:30:00Z'))) {
      found.push(occurrence);
      if (found.length === 2) break;
    }
    expect(found).toEqual([
      { startAt: at('2026-11-21T02:00:00Z'), endAt: at('2026-11-21T03:00:00Z') },
      { startAt: at('2026-11-22T02:00:00Z'), endAt: at('2026-11-22T03:00:00Z') },
    ]);
  });

  it('are half open', async () => {
    expect(await occurrenceAt(daily, at('2026-11-21T02:00:00Z'))).toBeDefined();
    expect(await occurrenceAt(daily, at('2026-11-21T03:00:00Z'))).toBeUndefined();
    expect((await occurrenceAfter(daily, at('2026-11-21T02:00:00Z')))?.startAt).toBe(at('2026-11-22T02:00:00Z'));
  });

  it('end with the last one', async () => {
    const once = windowOf({ start: '2026-11-21T00:00:00Z', end: '2026-11-21T01:00:00Z' });
    expect([...(await occurrencesFrom(once, 0))]).toHaveLength(1);
    expect([...(await occurrencesFrom(once, at('2026-11-21T01:00:00Z')))]).toEqual([]);
  });

  it('have no end where each begins before the one before has ended', async () => {
    const endless = windowOf({ schedule: 'cron(0 2 * * ? *)', duration: 'PT24H' });
    expect((await occurrenceAt(endless, at('2026-11-21T12:00:00Z')))?.endAt).toBeUndefined();
  });
});

describe('daylight saving', () => {
  // in Rome the clocks go from 02:00 to 03:00 on 2027-03-28, and from 03:00 to 02:00 on 2027-10-31
  const note = async (window: Window, day: string) => {
    const next = await occurrenceAfter(window, at(`${day}T00:00:00Z`) - 4 * 3_600_000);
    return next && daylightNote(window, next);
  };

  it.each([
    [
      'cron(30 2 * * ? *)',
      'PT2H',
      '2027-03-28',
      '02:30 does not exist that day in Europe/Rome: begins at 03:00, when the clocks have gone forward',
    ],
    [
      'at(2027-03-28T02:15:00)',
      'PT2H',
      '2027-03-28',
      '02:15 does not exist that day in Europe/Rome: begins at 03:00, when the clocks have gone forward',
    ],
    ['cron(30 2 * * ? *)', 'PT2H', '2027-10-31', '02:30 comes twice that day in Europe/Rome: begins at the first'],
    [
      'cron(0 0 * * ? *)',
      'PT6H',
      '2027-03-28',
      'the clocks of Europe/Rome go forward meanwhile: ends at 07:00, not 06:00',
    ],
    [
      'cron(0 0 * * ? *)',
      'PT6H',
      '2027-10-31',
      'the clocks of Europe/Rome go back meanwhile: ends at 05:00, not 06:00',
    ],
  ])('moves %s for %s on %s', async (schedule, duration, day, expected) => {
    expect(await note(rome(schedule, duration), day)).toBe(expected);
  });

  it.each([
    ['a start at the end of the gap', rome('cron(0 3 * * ? *)', 'PT1H'), '2027-03-28'],
    ['a day without a change', rome('cron(30 2 * * ? *)'), '2027-03-27'],
    ['an end at the change', rome('cron(0 1 * * ? *)', 'PT1H'), '2027-03-28'],
    ['a schedule in UTC', windowOf({ schedule: 'cron(30 2 * * ? *)', duration: 'PT2H' }), '2027-03-28'],
    [
      'a window that comes once',
      windowOf({ start: '2027-03-28T00:00:00Z', end: '2027-03-28T04:00:00Z' }),
      '2027-03-28',
    ],
  ])('leaves alone %s', async (_what, window, day) => {
    expect(await note(window, day)).toBeUndefined();
  });
});
