import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { windowsToText } from '../../../../core/windows/window.ts';
import { anyCharacter } from '../../../data/characters.ts';
import { MALFORMED_WINDOWS } from '../../../data/malformed-windows.ts';
import { cronExpressions } from '../../../data/schedules.ts';
import { windowDocuments } from '../../../data/windows.ts';
import { answerTo, type Question } from '../../../worlds/engine-answers.ts';
import { hasProxy } from '../../../worlds/proxy.ts';
import { type ProxyEngine, startProxyEngine } from '../../../worlds/proxy-engine.ts';

/** The same run of chance each time: what differs today differs tomorrow. */
const SEED = 20261129;
/** With a clock that changes at midnight, by half an hour, by more than an hour, backwards, and not at all. */
const ZONES = [
  ...[
    'Europe/Rome',
    'America/New_York',
    'America/Sao_Paulo',
    'Australia/Lord_Howe',
    'Antarctica/Troll',
    'Africa/Casablanca',
  ],
  ...['Europe/Dublin', 'Pacific/Apia', 'Asia/Kathmandu', 'America/St_Johns', 'Asia/Gaza', 'Etc/GMT-14', 'CET', 'UTC'],
];
const HOUR_MS = 3_600_000;
const [FIRST, LAST] = [Date.UTC(2015, 0, 1), Date.UTC(2040, 0, 1)];

const instants = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: FIRST / HOUR_MS, max: LAST / HOUR_MS }).map((hour) => hour * HOUR_MS) },
    { weight: 4, arbitrary: fc.integer({ min: FIRST, max: LAST }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: Date.UTC(2199, 11, 31) }) },
  ),
  { minLength: 2, maxLength: 4 },
);
const recurring = fc
  .array(
    fc.record({
      schedule: cronExpressions([2014, 2042]),
      timezone: fc.constantFrom(...ZONES),
      duration: fc.constantFrom('PT1M', 'PT30M', 'PT1H', 'PT2H30M', 'PT26H', 'P40D'),
      functions: fc.constantFrom(undefined, ['orders'], ['or*s', 'billing-?'], ['billing']),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((windows) => JSON.stringify({ version: 1, windows }));
const texts = fc.oneof(
  { weight: 6, arbitrary: recurring },
  { weight: 3, arbitrary: windowDocuments().map(windowsToText) },
);

/** What an engine says of a text that is not JSON is its own. */
function withoutWords(answer: string): string {
  return answer.replaceAll(/(is not JSON: ).*?(; look there)/g, '$1…$2');
}

describe.skipIf(!hasProxy)('windows, in the engine of the proxy and in Node', () => {
  let engine: ProxyEngine;
  beforeAll(async () => {
    engine = await startProxyEngine();
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  async function expectSame(question: Question): Promise<string> {
    const [there, here] = await Promise.all([engine.ask(question), answerTo(question)]);
    expect(withoutWords(there)).toBe(withoutWords(here));
    return here;
  }

  it('are active at the same instants, for the same time: 10,000 of them, at random', async () => {
    let [asked, active] = [0, 0];
    await fc.assert(
      fc.asyncProperty(texts, instants, async (text, at) => {
        const here = await expectSame({ about: 'windows', text, functionName: 'orders', instants: at });
        asked += at.length;
        active += here.split('"active":{').length - 1;
      }),
      { numRuns: 4_000, seed: SEED },
    );
    expect(asked).toBeGreaterThan(10_000);
    expect(active).toBeGreaterThan(1_000);
  });

  it.each(Object.entries(MALFORMED_WINDOWS))('are refused with the same words: %s', async (_, refused) => {
    for (const text of refused) await expectSame({ about: 'windows', text, functionName: 'orders', instants: [0] });
  });

  it('of any text are the same, and so is all else that is read from one', async () => {
    const json = fc.json({
      maxDepth: 4,
      stringUnit: anyCharacter(),
      noUnicodeString: false,
    } as fc.JsonSharedConstraints);
    const halves = fc.string({
      unit: fc.oneof(
        anyCharacter(),
        fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit)),
      ),
    });
    const numbers = fc.oneof(
      fc.double().map(String),
      fc.tuple(fc.double(), fc.integer({ min: -400, max: 400 })).map(([a, b]) => `${a}e${b}`),
    );
    const dates = fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(LAST) }).map((date) => date.toUTCString()),
      fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date(LAST) })
        .map((date) => date.toISOString().replace('Z', '+05:30')),
    );
    const edited = fc
      .tuple(fc.constantFrom(...Object.values(MALFORMED_WINDOWS).flat()), fc.nat(), halves)
      .map(([text, at, put]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + put + text.slice(place + 1);
      });
    const any = fc.oneof(json, halves, numbers, dates, edited, fc.string(), cronExpressions([2014, 2042]));
    await fc.assert(
      fc.asyncProperty(fc.array(any, { minLength: 1, maxLength: 8 }), async (some) => {
        await expectSame({ about: 'texts', texts: some });
        await expectSame({ about: 'bytes', text: some.join('') });
      }),
      { numRuns: 200, seed: SEED },
    );
  });
});
