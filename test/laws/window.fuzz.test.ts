import { describe, expect, it } from 'vitest';
import { createCalendar } from '../../core/calendar/calendar.ts';
import { parseWindows, windowsToText } from '../../core/windows/window.ts';
import { MALFORMED_WINDOWS } from '../data/malformed-windows.ts';
import { createRandom } from '../data/random.ts';

/**
 * Texts near the border between what is read and what is refused. A run is the same each time; to look for longer, and
 * elsewhere, say for how many seconds: `MAINTENANCE_WINDOW_TEST_FUZZ_SECONDS=600 npx vitest run test/laws/window.fuzz.test.ts`
 */
const SECONDS = Number(process.env['MAINTENANCE_WINDOW_TEST_FUZZ_SECONDS'] ?? 0);
const RUNS = 20_000;
/** A refusal costs microseconds. What takes this long five times over does not end well on 8 KB. */
const HANG_MS = 50;
const MAX_TEXT_LENGTH = 8192;

const ACCEPTED = [
  '2026-11-21T00:00:00Z,2026-11-22T00:00:00Z',
  '2026-11-21T00:00+01:00 , 2026-11-22T00:00:00.5-0330,2026-12-21T00:00:00+14,9999-12-31T23:59:59Z',
  '{"version":1,"windows":[]}',
  '{"version":1,"windows":[{"start":"2026-11-21T00:00:00Z","end":"2026-11-22T00:00:00Z","reason":"CHG-1042","functions":["a-*","b?"]}]}',
  '{"version":1,"windows":[{"schedule":"cron(0 2 ? * SUN *)","timezone":"Europe/Rome","duration":"PT2H","from":"2026-01-01T00:00:00Z"}]}',
  '{"version":1,"windows":[{"schedule":"cron(0/15 8-17 ? JAN-MAR MON-FRI 2026-2030)","duration":"90m"},{"schedule":"at(2026-11-21T02:00:00)","duration":"P1DT2H"}]}',
  '{"version":1,"windows":[{"schedule":"cron(1,2,3 */2 15W 2,4 ? *)","duration":"1d"},{"schedule":"cron(0 0 ? * 3#2 *)","duration":"1w2d3h4m5s"},{"schedule":"cron(0 0 L * ? *)","duration":"1s"}]}',
  '{"version":1,"windows":[],"policy":{"sqs":"defer","http":{"defer":["POST /webhooks/*"]}}}',
  '{"version":1,"windows":[],"policy":{"rules":[{"match":{"warm":[true,{"prefix":"a"}],"$or":[{"a":[1]},{"b":[null]}]},"do":"answer","reply":{"a":1}}]}}',
];
const REFUSED = Object.values(MALFORMED_WINDOWS).flat();
const FRAGMENTS = [
  ...['{', '}', '[', ']', '"', ',', ':', '\\', '\n', ' ', '\u0000', '\uD800', 'null', '[]', '{}', '-', '+', 'Z', 'T'],
  ...['0', '9', '60', '99999999999999999999', '1e400', '*', '?', '/', '#', 'L', 'W', '(', ')', 'cron(', 'at(', 'rate('],
  ...[
    '"start":',
    '"end":',
    '"schedule":',
    '"duration":',
    '"timezone":',
    '"from":',
    '"until":',
    '"policy":',
    '"rules":',
    '"$or":',
    '{"wildcard":"*a"}',
    '"__proto__":',
  ],
  ...[
    'P',
    'PT',
    'H',
    'M',
    '2026-02-29',
    'T24:00',
    '.000',
    '+14:00',
    '* '.repeat(50),
    '1,'.repeat(200),
    '['.repeat(500),
    '9'.repeat(500),
  ],
];

describe('texts near the border', () => {
  it(
    'are read, or refused with one line, and at once',
    async () => {
      const random = createRandom(SECONDS > 0 ? Date.now() : 1);
      const stopAt = Date.now() + SECONDS * 1000;
      let read = 0;
      for (let run = 0; run < RUNS || Date.now() < stopAt; run++) {
        const text = mutate(random);
        const parsed = parseInTime(text);
        if (parsed.kind === 'fault') {
          expect(parsed.message, text).toMatch(/^[^\n\r]{10,1000}$/);
          continue;
        }
        read++;
        const printed = windowsToText(parsed.document);
        expect(parseWindows(printed), text).toEqual(parsed);
        for (const window of parsed.document.windows) {
          if (window.kind === 'one-off') expect(window.startAt, text).toBeLessThan(window.endAt);
          else expect(window.durationMs, text).toBeGreaterThan(0);
        }
        if (read % 50 === 0) (await createCalendar(parsed.document.windows, 'orders')).stateAt(Date.UTC(2026, 10, 21));
      }
      expect(read).toBeGreaterThan(RUNS / 50);
    },
    (SECONDS + 60) * 1000,
  );
});

/** Parses once more where it took long: another process may have had the processor. */
function parseInTime(text: string): ReturnType<typeof parseWindows> {
  let parsed = parseWindows('');
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5 && fastestMs > HANG_MS; attempt++) {
    const startedAt = performance.now();
    parsed = parseWindows(text);
    fastestMs = Math.min(fastestMs, performance.now() - startedAt);
  }
  expect(fastestMs, text).toBeLessThan(HANG_MS);
  return parsed;
}

function mutate(random: () => number): string {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  let text = random() < 0.7 ? pick(ACCEPTED) : pick(REFUSED);
  for (let times = Math.floor(random() * 4); times >= 0; times--) {
    const [at, length] = [Math.floor(random() * text.length), Math.floor(random() ** 3 * 20)];
    const other = pick(ACCEPTED);
    const from = Math.floor(random() * other.length);
    const inserted = pick([
      pick(FRAGMENTS),
      other.slice(from, from + 30),
      text.slice(at, at + length),
      '',
      String(Math.floor(random() * 100)),
    ]);
    text = text.slice(0, at) + inserted + text.slice(at + (random() < 0.5 ? length : inserted.length));
  }
  return text.slice(0, MAX_TEXT_LENGTH);
}
