import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationText } from '../../core/time/time-text.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/units.ts';
import { instantMeant } from '../../operator/times/instant-meant.ts';
import { createTimes } from '../../operator/times/times.ts';
import { parseTypedDuration } from '../../operator/times/typed-duration.ts';
import { type Direction, parseTime } from '../../operator/times/typed-time.ts';
import { readWallClock, type WallClock } from './minute-by-minute.ts';

// Typed times, against a wall clock that is read from Intl minute by minute.

/** With changes of an hour, of half an hour, of a whole day, at midnight, in Ramadan, and with none. */
const ZONES: readonly (readonly [timezone: string, year: number])[] = [
  ['UTC', 2026],
  ['Europe/Rome', 2026],
  ['Europe/Dublin', 2027],
  ['America/New_York', 2026],
  ['America/St_Johns', 2027],
  ['America/Sao_Paulo', 2017],
  ['America/Havana', 2026],
  ['Africa/Casablanca', 2026],
  ['Africa/Cairo', 2027],
  ['Asia/Kathmandu', 2026],
  ['Asia/Beirut', 2026],
  ['Australia/Lord_Howe', 2026],
  ['Pacific/Apia', 2011],
  ['Pacific/Chatham', 2027],
];
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MARGIN_MS = 10 * DAY_MS;
const MINUTES_PER_DAY = 1_440;
const RUNS = 200;

/** When a wall clock comes to a local time. */
interface Coming {
  readonly at: number;
  /** In minutes since 1970-01-01T00:00. */
  readonly local: number;
  /** Whether it did not come to it before. */
  readonly isFirst: boolean;
}

/** Each time, within ten days of an instant, that the clock shows a local time that is meant, or jumps past it. */
function comings(
  { fromAt, localMinutes }: WallClock,
  around: number,
  isMeant: (local: number) => boolean,
): readonly Coming[] {
  const found: Coming[] = [];
  const begin = Math.floor((around - MARGIN_MS - fromAt) / MINUTE_MS);
  let reached = (localMinutes[begin] ?? 0) - 1;
  localMinutes.subarray(begin, begin + (2 * MARGIN_MS) / MINUTE_MS).forEach((local, index) => {
    const at = fromAt + (begin + index) * MINUTE_MS;
    if (local <= reached && isMeant(local)) found.push({ at, local, isFirst: false });
    for (; reached < local; reached++) if (isMeant(reached + 1)) found.push({ at, local: reached + 1, isFirst: true });
  });
  return found;
}

function meant(text: string, direction: Direction, now: number, timezone: string): number {
  const typed = parseTime(text, direction);
  if (typed.kind === 'fault') throw new Error(`${text} ${typed.message}`);
  return instantMeant(typed.value, now, timezone).at;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

describe.each(ZONES)('in %s', (timezone, year) => {
  const [fromAt, toAt] = [Date.UTC(year, 0), Date.UTC(year + 1, 1)];
  const clock = readWallClock(timezone, fromAt, toAt);
  const changes = [...clock.localMinutes.keys()].filter(
    (index) => index > 0 && clock.localMinutes[index] !== (clock.localMinutes[index - 1] ?? 0) + 1,
  );
  const anywhere = fc.integer({ min: fromAt + MARGIN_MS, max: toAt - MARGIN_MS });
  const nearChange = fc
    .tuple(fc.constantFrom(0, ...changes), fc.integer({ min: -30 * HOUR_MS, max: 30 * HOUR_MS }))
    .map(([index, awayMs]) => fromAt + index * MINUTE_MS + awayMs)
    .filter((at) => at > fromAt + MARGIN_MS && at < toAt - MARGIN_MS);
  const nows = changes.length > 0 ? fc.oneof({ weight: 4, arbitrary: nearChange }, anywhere) : anywhere;
  const hours = fc.oneof({ weight: 3, arbitrary: fc.nat(4) }, fc.nat(23));
  const times = fc.tuple(hours, fc.oneof(fc.constantFrom(0, 30), fc.nat(59)));

  it('a time of day is when the clock comes to it next, or came to it first when it last did', () => {
    fc.assert(
      fc.property(nows, times, (now, [hour, minute]) => {
        const all = comings(clock, now, (local) => local % MINUTES_PER_DAY === hour * 60 + minute);
        const text = `${two(hour)}:${two(minute)}`;
        expect(meant(text, 'ahead', now, timezone)).toBe(all.find(({ at }) => at > now)?.at);
        expect(meant(text, 'back', now, timezone)).toBe(all.findLast(({ at, isFirst }) => isFirst && at <= now)?.at);
      }),
      { numRuns: RUNS },
    );
  });

  it('so is a weekday, with a time or alone', () => {
    fc.assert(
      fc.property(nows, times, fc.nat(6), (now, [hour, minute], weekday) => {
        const isMeant = (local: number, time: number) =>
          local % MINUTES_PER_DAY === time && (Math.floor(local / MINUTES_PER_DAY) + 4) % 7 === weekday;
        const all = comings(clock, now, (local) => isMeant(local, hour * 60 + minute));
        const days = comings(clock, now, (local) => isMeant(local, 0));
        const name = WEEKDAYS[weekday] ?? '';
        const text = `${name} ${two(hour)}:${two(minute)}`;
        expect(meant(text, 'ahead', now, timezone)).toBe(all.find(({ at }) => at > now)?.at);
        expect(meant(text, 'back', now, timezone)).toBe(all.findLast(({ at, isFirst }) => isFirst && at <= now)?.at);
        expect(meant(name, 'ahead', now, timezone)).toBe(days.find(({ at }) => at > now)?.at);
        expect(meant(name, 'back', now, timezone)).toBe(days.findLast(({ at, isFirst }) => isFirst && at <= now)?.at);
      }),
      { numRuns: RUNS / 4 },
    );
  });

  it('today, tomorrow, yesterday and a date are of the calendar there', () => {
    fc.assert(
      fc.property(nows, times, (now, [hour, minute]) => {
        const today = Math.floor((clock.localMinutes[Math.floor((now - fromAt) / MINUTE_MS)] ?? 0) / MINUTES_PER_DAY);
        for (const [day, name] of [
          [today - 1, 'yesterday'],
          [today, 'today'],
          [today + 1, 'tomorrow'],
        ] as const) {
          const all = comings(clock, now, (local) => local === day * MINUTES_PER_DAY + hour * 60 + minute);
          const [first] = all;
          const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
          for (const words of [name, date]) {
            const text = `${words} ${two(hour)}:${two(minute)}`;
            expect(meant(text, 'back', now, timezone)).toBe(first?.at);
            const ahead = first && first.at <= now ? (all.find(({ at }) => at > now) ?? first) : first;
            expect(meant(text, 'ahead', now, timezone)).toBe(ahead?.at);
          }
        }
      }),
      { numRuns: RUNS / 4 },
    );
  });

  it('an instant is shown with what the clock shows, and that is read as the same instant', () => {
    const shown = createTimes(() => timezone);
    fc.assert(
      fc.property(nows, (at) => {
        const local = clock.localMinutes[Math.floor((at - fromAt) / MINUTE_MS)] ?? 0;
        const [date = '', time = ''] = new Date(local * MINUTE_MS).toISOString().slice(0, 16).split('T');
        const utc = new Date(Math.floor(at / SECOND_MS) * SECOND_MS).toISOString().replace('.000Z', 'Z');
        const isSameDay = utc.startsWith(date);
        const expected = timezone === 'UTC' ? utc : `${utc} (${isSameDay ? '' : `${date} `}${time} ${timezone})`;
        expect(shown.text(at)).toBe(expected);
        const { length } = comings(clock, at, (each) => each === local);
        const typed = `${date} ${time} ${timezone}`;
        if (length === 1) expect(meant(typed, 'ahead', at, 'UTC')).toBe(Math.floor(at / MINUTE_MS) * MINUTE_MS);
      }),
      { numRuns: RUNS / 2 },
    );
  });

  it('any date of the window language has an instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Date.UTC(9999, 11, 30) / DAY_MS }), times, (date, [hour, minute]) => {
        const text = `${new Date(date * DAY_MS).toISOString().slice(0, 10)} ${two(hour)}:${two(minute)}`;
        const local = date * DAY_MS + (hour * 60 + minute) * MINUTE_MS;
        expect(Math.abs(meant(text, 'ahead', 0, timezone) - local)).toBeLessThanOrEqual(DAY_MS);
      }),
      { numRuns: RUNS / 8 },
    );
  });
});

it('a duration is read as it is shown', () => {
  fc.assert(
    fc.property(fc.integer({ min: SECOND_MS, max: 3_000 * DAY_MS }), (durationMs) => {
      const text = durationText(durationMs);
      const read = parseTypedDuration(text);
      expect(read.kind === 'value' && durationText(read.value)).toBe(text);
    }),
  );
});

it('whatever is typed is read or refused, in bounded time and with one short line', () => {
  const words = fc.constantFrom(
    ...['23:00', 'tomorrow', 'sunday', 'next', '2040-02-30', 'ago', 'in', '+', '-', '2h', '1h30', 'UTC', 'Z', 'T'],
    ...[
      'Europe/Rome',
      'X/Y',
      '99:99',
      '7pm',
      'noon',
      '02/03',
      '999999999999d',
      '\u0000',
      '\u001b[2J',
      '\n',
      '٢h',
      'ſun',
    ],
  );
  const texts = fc.oneof(
    fc.array(words, { maxLength: 6 }).map((typed) => typed.join(' ')),
    fc.array(words, { maxLength: 6 }).map((typed) => typed.join('')),
    fc.string({ unit: 'binary', maxLength: 12_000 }),
    fc.constantFrom('9', ' ', '1h', '+', 'a ', '2040-').map((unit) => unit.repeat(10_000)),
  );
  fc.assert(
    fc.property(texts, fc.constantFrom<Direction>('ahead', 'back'), (text, direction) => {
      const startedAt = performance.now();
      const typed = parseTime(text, direction);
      if (typed.kind === 'value') {
        const { at } = instantMeant(typed.value, Date.UTC(2026, 10, 28), 'Europe/Rome');
        expect(Number.isSafeInteger(at)).toBe(true);
      } else {
        expect(typed.message.length).toBeLessThan(250);
        expect(typed.message).toMatch(/^[^\p{C}]*(; |go from)/u);
      }
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    }),
    { numRuns: 5_000 },
  );
});
