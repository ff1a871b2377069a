import { afterEach, describe, expect, it, vi } from 'vitest';
import { HOUR_MS } from '../../../core/units.ts';
import { type ParsedWindows, parseWindows, type WindowDocument, windowsToText } from '../../../core/windows/window.ts';
import { MALFORMED_WINDOWS } from '../../data/malformed-windows.ts';

const NOVEMBER_21 = Date.UTC(2026, 10, 21);

describe('the list form', () => {
  it('is pairs of instants, and blanks around the commas do not matter', () => {
    expect(
      parseWindows(' 2026-11-21T00:00:00Z ,\n2026-11-21T04:00:00Z, 2026-11-22T00:00:00Z,2026-11-22T01:00:00Z\n'),
    ).toEqual({
      kind: 'windows',
      document: {
        form: 'list',
        windows: [
          { kind: 'one-off', startAt: NOVEMBER_21, endAt: NOVEMBER_21 + 4 * HOUR_MS },
          { kind: 'one-off', startAt: NOVEMBER_21 + 24 * HOUR_MS, endAt: NOVEMBER_21 + 25 * HOUR_MS },
        ],
        policy: {},
      },
    });
  });

  it.each([
    ['2026-11-21T02:00:00+02:00', NOVEMBER_21],
    ['2026-11-21T02:00:00+0200', NOVEMBER_21],
    ['2026-11-21T02:00+02', NOVEMBER_21],
    ['2026-11-20T20:30:00-03:30', NOVEMBER_21],
    ['2026-11-21T00:00Z', NOVEMBER_21],
    ['2026-11-21T00:00:00.25Z', NOVEMBER_21 + 250],
    ['2026-11-21T00:00:00.123987654Z', NOVEMBER_21 + 123],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['1970-01-01T00:00:00Z', 0],
  ])('reads the instant %s', (text, startAt) => {
    expect(documentOf(parseWindows(`${text},9999-12-31T23:59:59.999Z`)).windows).toEqual([
      { kind: 'one-off', startAt, endAt: Date.UTC(9999, 11, 31, 23, 59, 59, 999) },
    ]);
  });

  it('takes windows that overlap, repeat and come in any order', () => {
    const text =
      '2026-11-22T00:00:00Z,2026-11-23T00:00:00Z,2026-11-21T00:00:00Z,2026-11-23T00:00:00Z,2026-11-22T00:00:00Z,2026-11-23T00:00:00Z';
    expect(documentOf(parseWindows(text)).windows).toHaveLength(3);
  });
});

describe('the document form', () => {
  it('holds one-off and recurring windows, and a policy', () => {
    const text = `{ "version": 1,
      "windows": [
        { "start": "2026-11-21T00:00:00Z", "end": "2026-11-21T04:00:00Z", "reason": "database upgrade CHG-1042" },
        { "schedule": "cron(0 2 ? * SUN *)", "timezone": "Europe/Rome", "duration": "PT2H", "reason": "weekly vacuum",
          "from": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z", "functions": ["orders-*"] } ],
      "policy": { "sqs": "defer", "direct": "accept", "http": { "defer": ["POST /webhooks/*"] } } }`;
    expect(documentOf(parseWindows(text))).toEqual({
      form: 'document',
      windows: [
        {
          kind: 'one-off',
          startAt: NOVEMBER_21,
          endAt: NOVEMBER_21 + 4 * HOUR_MS,
          reason: 'database upgrade CHG-1042',
        },
        {
          kind: 'recurring',
          schedule: 'cron(0 2 ? * SUN *)',
          timezone: 'Europe/Rome',
          durationMs: 2 * HOUR_MS,
          fromAt: Date.UTC(2026, 0, 1),
          untilAt: Date.UTC(2027, 0, 1),
          reason: 'weekly vacuum',
          functions: ['orders-*'],
        },
      ],
      policy: { sqs: 'defer', direct: 'accept', http: { defer: ['POST /webhooks/*'] } },
    });
  });

  it('may say that there are no windows', () => {
    expect(documentOf(parseWindows('{"version":1,"windows":[]}'))).toEqual({
      form: 'document',
      windows: [],
      policy: {},
    });
  });

  it.each([
    ['PT2H', 2],
    ['2h', 2],
    ['PT2H30M', 2.5],
    ['2h30m', 2.5],
    ['PT150M', 2.5],
    ['90m', 1.5],
    ['P1D', 24],
    ['1d12h', 36],
    ['P1DT12H', 36],
    ['P2W', 336],
    ['2w', 336],
    ['3600s', 1],
    ['PT36H', 36],
    ['P3650D', 87_600],
  ])('reads the duration %s', (duration, hours) => {
    expect(recurring({ duration })).toMatchObject({ durationMs: hours * HOUR_MS });
  });

  it.each([
    ['cron(0 2 ? * sun *)', 'cron(0 2 ? * SUN *)'],
    [' cron (  0  2 ?\t* SUN  * ) ', 'cron(0 2 ? * SUN *)'],
    ['cron(5/15 8-17 ? JAN,MAR-MAY MON-FRI/2 2026-2030)', 'cron(5/15 8-17 ? JAN,MAR-MAY MON-FRI/2 2026-2030)'],
    ['cron(00 02 l * ? *)', 'cron(00 02 L * ? *)'],
    ['cron(0 0 LW * ? 2026/2)', 'cron(0 0 LW * ? 2026/2)'],
    ['cron(0 0 31W 1 ? *)', 'cron(0 0 31W 1 ? *)'],
    ['cron(0 0 29 2 ? 2028)', 'cron(0 0 29 2 ? 2028)'],
    ['cron(0 0 30,1 2 ? *)', 'cron(0 0 30,1 2 ? *)'],
    ['cron(0 0 ? * 6L *)', 'cron(0 0 ? * 6L *)'],
    ['cron(0 0 ? * TUE#2 *)', 'cron(0 0 ? * TUE#2 *)'],
    ['cron(0 0 ? * L 1970-2199)', 'cron(0 0 ? * L 1970-2199)'],
    ['at(2026-11-21T02:00:00)', 'at(2026-11-21T02:00:00)'],
    ['at( 2026-11-21T02:00 )', 'at(2026-11-21T02:00:00)'],
  ])('reads the schedule %s', (schedule, canonical) => {
    expect(recurring({ schedule })).toMatchObject({ schedule: canonical, timezone: 'UTC' });
  });

  it.each(['Europe/Rome', 'America/Argentina/Buenos_Aires', 'Asia/Calcutta', 'Etc/GMT+5', 'CET', 'Japan', 'Etc/UTC'])(
    'takes %s for a time zone',
    (timezone) => {
      expect(recurring({ timezone })).toMatchObject({ timezone });
    },
  );
});

describe('a malformed text', () => {
  it('is refused with one line that names the place and the remedy', async () => {
    const told = Object.entries(MALFORMED_WINDOWS).map(
      ([what, texts]) => `## ${what}\n\n${texts.map((text) => `${shown(text)}\n    ${faultOf(text)}\n`).join('')}`,
    );
    await expect(told.join('\n')).toMatchFileSnapshot('window.malformed.txt');
  });

  it('comes in no less than 300 kinds here, none of them twice', () => {
    const texts = Object.values(MALFORMED_WINDOWS).flat();
    expect(texts.length).toBeGreaterThan(300);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe('printing', () => {
  it('writes instants in UTC, durations in hours, defaults not at all, and a window a line', () => {
    const text = `{"policy":{},"windows":[{"duration":"1d30m","timezone":"UTC","schedule":"cron(0 2 * * ? *)"},
      {"end":"2026-11-21T06:00:00+02:00","start":"2026-11-21T02:00:00.5+02:00","functions":["a"]}],"version":1}`;
    expect(windowsToText(documentOf(parseWindows(text)))).toBe(
      [
        '{"version":1,"windows":[',
        '{"schedule":"cron(0 2 * * ? *)","duration":"PT24H30M"},',
        '{"start":"2026-11-21T00:00:00.500Z","end":"2026-11-21T04:00:00Z","functions":["a"]}',
        ']}',
      ].join('\n'),
    );
  });

  it.each([
    ['no windows', { windows: [] }],
    ['a reason', { windows: [{ kind: 'one-off', startAt: 0, endAt: 1, reason: 'upgrade' }] }],
    ['functions', { windows: [{ kind: 'one-off', startAt: 0, endAt: 1, functions: ['a'] }] }],
    [
      'a window that recurs',
      { windows: [{ kind: 'recurring', schedule: 'cron(0 2 * * ? *)', timezone: 'UTC', durationMs: 1000 }] },
    ],
    ['a policy', { windows: [{ kind: 'one-off', startAt: 0, endAt: 1 }], policy: { sqs: 'defer' } }],
  ] satisfies [string, Pick<WindowDocument, 'windows'> & Partial<WindowDocument>][])(
    'makes a document of a list that got %s',
    (_, parts) => {
      const document: WindowDocument = { form: 'list', policy: {}, ...parts };
      expect(parseWindows(windowsToText(document))).toEqual({
        kind: 'windows',
        document: { ...document, form: 'document' },
      });
    },
  );
});

describe('what parsing costs', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('is not Intl, while no zone but UTC is named', async () => {
    // Schedules and zones that were parsed before, here or in another file of this worker, would be remembered.
    vi.resetModules();
    const { parseWindows: parseFirst } = await import('../../../core/windows/window.ts');
    vi.stubGlobal('Intl', undefined);
    expect(recurring({ schedule: 'cron(0 2 ? * SUN *)' }, parseFirst)).toMatchObject({ timezone: 'UTC' });
    expect(() => recurring({ timezone: 'Europe/Rome' }, parseFirst)).toThrow();
  });
});

function documentOf(parsed: ParsedWindows): WindowDocument {
  if (parsed.kind === 'fault') throw new Error(parsed.message);
  return parsed.document;
}

function recurring(members: object, parse = parseWindows) {
  const window = { schedule: 'cron(0 2 ? * SUN *)', duration: 'PT2H', ...members };
  return documentOf(parse(JSON.stringify({ version: 1, windows: [window] }))).windows[0];
}

function faultOf(text: string): string {
  const parsed = parseWindows(text);
  return parsed.kind === 'fault' ? parsed.message : 'IS READ';
}

/** The text on one line, cut where it goes on and on. */
function shown(text: string): string {
  const line = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return line.length > 200 ? `${line.slice(0, 120)}… (${text.length} characters)` : line;
}
