import { expect, it } from 'vitest';
import { DAY_MS as DAY, HOUR_MS as HOUR, MINUTE_MS as MINUTE, SECOND_MS as SECOND } from '../../../../core/units.ts';
import { parseTypedDuration } from '../../../../operator/times/typed-duration.ts';

it.each([
  ['2h', 2 * HOUR],
  ['PT2H30M', 2.5 * HOUR],
  ['90m', 90 * MINUTE],
  ['90 min', 90 * MINUTE],
  ['90 minutes', 90 * MINUTE],
  ['2 hours', 2 * HOUR],
  ['1 hr', HOUR],
  ['2H', 2 * HOUR],
  ['1h30', 1.5 * HOUR],
  ['1 h 12 min', HOUR + 12 * MINUTE],
  ['1h 30m', 1.5 * HOUR],
  ['1.5h', 1.5 * HOUR],
  ['0,25 d', 6 * HOUR],
  ['1d', DAY],
  ['1 day 2 hours', DAY + 2 * HOUR],
  ['2 weeks', 14 * DAY],
  ['45 secs', 45 * SECOND],
  [' 2h ', 2 * HOUR],
])('%s is a duration', (text, durationMs) => {
  expect(parseTypedDuration(text)).toEqual({ kind: 'value', value: durationMs });
});

it.each([
  ['', 'is not a duration; write PT2H or 2h'],
  ['2', 'is not a duration; write PT2H or 2h'],
  ['1:30', 'is not a duration; write PT2H or 2h'],
  ['0h', 'is no time at all; write a length such as PT2H or 2h'],
  ['30 min 1 h', 'is not a duration; write PT2H or 2h'],
  ['1h99', 'is not a duration; write PT2H or 2h'],
  ['500ms', 'is not a duration; write PT2H or 2h'],
  ['2 hs', 'is not a duration; write PT2H or 2h'],
  ['2 months', 'counts months or years, which differ in length; write days, such as 30d'],
  ['0.0001s', 'has a fraction; write whole units, such as PT1H30M or 1h30m'],
  ['999999999999d', 'is longer than ten years; write P3650D or less'],
])('%s is none', (text, message) => {
  expect(parseTypedDuration(text)).toEqual({ kind: 'fault', message });
});
