import { expect, it } from 'vitest';
import { formatOf, parseTimezone, trapOf } from '../../../core/time/timezone.ts';

const JANUARY = Date.UTC(2027, 0, 15);
const JULY = Date.UTC(2027, 6, 15);

it.each(['EST', 'MST', 'HST'])('warns of a zone that is not the place’s clock that it sounds like: %s', (zone) => {
  const [, offset, meant = ''] = /^is UTC(\S+) all year, .* most likely (\S+) is meant$/.exec(trapOf(zone) ?? '') ?? [];
  expect(parseTimezone(zone)).toEqual({ kind: 'value', value: zone });
  expect([offsetOf(zone, JANUARY), offsetOf(zone, JULY)]).toEqual([offset, offset]);
  expect(offsetOf(meant, JANUARY)).toBe(offset);
});

it.each(['Etc/GMT+5', 'etc/gmt-9', 'Etc/GMT+12'])('warns of a zone whose sign is turned round: %s', (zone) => {
  const [, offset, written, meant = ''] = /^is UTC(\S+), .* for UTC(\S+) write (\S+)$/.exec(trapOf(zone) ?? '') ?? [];
  expect(offsetOf(zone, JANUARY)).toBe(offset);
  expect(zone.slice(7)).toBe(written);
  expect(Number.parseInt(offsetOf(meant, JANUARY) ?? '', 10)).toBe(Number(written));
});

it('warns of no other zone', () => {
  const others = [
    'UTC',
    'GMT',
    'Etc/GMT',
    'Etc/GMT+0',
    'CET',
    'EST5EDT',
    'America/New_York',
    'constructor',
    '__proto__',
  ];
  for (const zone of [...others, ...Intl.supportedValuesOf('timeZone')]) {
    if (!/^Etc\/GMT[+-](?:[1-9]|1[0-2])$/.test(zone)) expect([zone, trapOf(zone)]).toEqual([zone, undefined]);
  }
});

function offsetOf(timezone: string, at: number): string | undefined {
  const { value } =
    formatOf(timezone)
      .formatToParts(at)
      .find(({ type }) => type === 'timeZoneName') ?? {};
  return value?.replace('GMT', '');
}
