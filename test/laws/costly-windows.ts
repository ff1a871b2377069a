import fc from 'fast-check';

/**
 * Documents that are meant to cost their readers as much as they can: what each window says is taken from what has been found
 * to be dear, and from everything that stands next to it.
 */

/** What SSM holds. */
export const MAX_BYTES = 8_192;

/** A window as the document form has it. */
export type Entry = Readonly<Record<string, unknown>>;

const EUROPE = Intl.supportedValuesOf('timeZone').filter((name) => name.startsWith('Europe/'));
const ELSEWHERE = Intl.supportedValuesOf('timeZone').filter((name) => !name.startsWith('Europe/'));

/** The text of as many of these windows as SSM holds. */
export function textOf(entries: readonly Entry[]): string {
  for (let count = entries.length; ; count--) {
    const text = JSON.stringify({ version: 1, windows: entries.slice(0, count) });
    if (Buffer.byteLength(text) <= MAX_BYTES) return text;
  }
}

/** Families of documents that are known to be dear, by name. Each goes on for as long as SSM has room. */
export const COSTLY: Readonly<Record<string, readonly Entry[]>> = {
  'two schedules that touch, each minute': pair('0/2', '1/2', '1m'),
  'two that touch, each five minutes': pair('0/10', '5/10', '5m'),
  'two that touch, each half hour': pair('0', '30', '30m'),
  'two that overlap by turns': [schedule('cron(0 * * * ? *)', '59m'), schedule('cron(55 * * * ? *)', '10m')],
  'sixty windows, one for each minute': many(60, (index) => schedule(`cron(${index} * * * ? *)`, '1m')),
  'starts each other minute, none of which touch': many(170, (index) =>
    schedule(`cron(${index % 2}/2 * * * ? *)`, `${(index % 59) + 1}s`),
  ),
  'ten years long, each minute': many(170, (index) => schedule('cron(* * * * ? *)', `${3650 - index}d`)),
  'a reason each': many(130, (index) => ({ ...schedule('cron(0/2 * * * ? *)', '1m'), reason: String(index) })),
  'a zone each, once a week': zones(EUROPE, () => schedule('cron(0 2 ? * SUN *)', '1h')),
  'a zone each, by turns': zones(ELSEWHERE, (index) => schedule(`cron(${index % 60} * * * ? *)`, '5m')),
  'only in the spring gap, and for ten years': zones(EUROPE, () => schedule('cron(1-59 2 ? 3 1L *)', '3650d')),
  'only in the spring gap, while another one is active, and with a reason each': [
    { start: '2026-01-01T00:00:00Z', end: '2027-01-01T00:00:00Z' },
    ...zones(EUROPE, (index) => ({ ...schedule('cron(1-59 2 ? 3 1L *)', '3650d'), reason: String(index) })),
  ],
  'only on days on which clocks change': zones(ELSEWHERE, () => schedule('cron(1-59 2 ? 3,4,9,10 1#1 *)', '3650d')),
  'a fifth Sunday in February': many(170, () => schedule('cron(0 0 ? 2 1#5 *)', '1s')),
  never: many(170, () => schedule('cron(0 0 ? 2 1#5 2027)', '1s')),
  'every second year': many(60, () => schedule('cron(0-59/2 * 29 2 ? 1972-2196/8)', '1s')),
  'a list of years that says the same over and over': [
    schedule(`cron(0 0 1 1 ? ${'1970-2199,'.repeat(800)}1970)`, '1s'),
  ],
  'a list of minutes that says the same over and over': [schedule(`cron(${'*/1,'.repeat(2_000)}1 * * * ? *)`, '1s')],
  'one-off windows that touch': many(130, (index) => ({
    start: new Date(Date.UTC(2026, 0, 1) + index * 3_600_000).toISOString(),
    end: new Date(Date.UTC(2026, 0, 1) + (index + 1) * 3_600_000).toISOString(),
  })),
  'globs that nearly match': many(10, () => ({
    ...schedule('cron(0 0 * * ? *)', '1s'),
    functions: Array.from({ length: 10 }, () => `${'*a'.repeat(30)}c`),
  })),
};

/** One window, of whatever kind. */
export const entries: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...Object.values(COSTLY).map((family) => family[0] ?? {})) },
  { weight: 4, arbitrary: recurringEntries() },
  { weight: 1, arbitrary: oneOffEntries() },
);

function recurringEntries(): fc.Arbitrary<Entry> {
  const minute = fc.oneof(
    fc.constantFrom('*', '0/2', '1/2', '0/5', '1-59', '0', '30', '0-59/3'),
    fc.nat(59).map(String),
    fc.tuple(fc.nat(59), fc.integer({ min: 1, max: 60 })).map(([from, step]) => `${from}/${step}`),
  );
  const hour = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('*', '*', '2', '1-3', '0/2') }, fc.nat(23).map(String));
  const dates = fc.constantFrom(
    ...[
      '* * ? *',
      '? * * *',
      '? * SUN *',
      '? 3 1L *',
      '? 10 1L *',
      '? * 1#5 *',
      '? 2 1#5 *',
      '29 2 ? *',
      'L * ? *',
      '15W * ? *',
    ],
    ...['1 1 ? 2027/7', '? * MON-FRI *', '31 * ? *', '? 3,4,9,10,11 1#1 *', '1 1 ? 2199', '* * ? 2026-2027'],
  );
  const duration = fc.constantFrom(
    '1s',
    '59s',
    '1m',
    '2m',
    '5m',
    '59m',
    '60m',
    '61m',
    '1d',
    '36h',
    '30d',
    '400d',
    '3650d',
  );
  const timezone = fc.oneof(
    fc.constant({}),
    fc.constantFrom(...EUROPE, ...ELSEWHERE).map((name) => ({ timezone: name })),
  );
  const bounds = fc.constantFrom({}, {}, {}, { from: '2026-01-01T00:00:30Z' }, { until: '2027-06-01T00:00:00Z' });
  const reason = fc.oneof(
    fc.constant({}),
    fc.nat(99).map((number) => ({ reason: String(number) })),
  );
  return fc
    .tuple(minute, hour, dates, duration, timezone, bounds, reason)
    .map(([m, h, d, length, ...more]) => Object.assign(schedule(`cron(${m} ${h} ${d})`, length), ...more));
}

function oneOffEntries(): fc.Arbitrary<Entry> {
  return fc.tuple(fc.nat(20_000), fc.integer({ min: 1, max: 100_000 })).map(([hour, minutes]) => {
    const startAt = Date.UTC(2026, 0, 1) + hour * 3_600_000;
    return { start: new Date(startAt).toISOString(), end: new Date(startAt + minutes * 60_000).toISOString() };
  });
}

function schedule(text: string, duration: string): Entry {
  return { schedule: text, duration };
}

function pair(first: string, second: string, duration: string): readonly Entry[] {
  return [first, second].map((minutes) => schedule(`cron(${minutes} * * * ? *)`, duration));
}

function many(count: number, entry: (index: number) => Entry): readonly Entry[] {
  return Array.from({ length: count }, (_, index) => entry(index));
}

function zones(names: readonly string[], entry: (index: number) => Entry): readonly Entry[] {
  return many(110, (index) => ({ ...entry(index), timezone: names[index % 32] }));
}
