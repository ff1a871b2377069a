import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../core/units.ts';
import { answerTo } from '../../../worlds/engine-answers.ts';
import { hasProxy } from '../../../worlds/proxy.ts';
import { type ProxyEngine, startProxyEngine } from '../../../worlds/proxy-engine.ts';

/** Old names, offsets, and letters of any case. */
const OTHERS =
  'EST MST HST CET EET MET WET GMT UCT PRC ROC ROK Etc/GMT+5 Etc/GMT-14 US/Eastern Asia/Calcutta Europe/Kyiv europe/ROME'.split(
    ' ',
  );
const REFUSED = [
  ...['Europe/Rom', 'BST', 'IST', 'CEST', '+02:00', 'UTC+2', 'Mars/Base', 'Rome', 'New York', 'Asia/Caltutta'],
  ...['Etc/GMT+15', 'Factory', 'Etc/Unknown', 'SystemV/EST5', 'US/Pacific-New', 'localtime'],
];

/** Rules that changed in tzdb of late, which Node's ICU may not have yet: until then they are the same. */
const CHANGED_LATELY = ['America/Havana', 'America/Inuvik', 'America/Winnipeg'];
const CHANGED_AT = Date.UTC(2026, 8, 1);

/** Each year's summer or winter, each month of the years around now, and each block of days in which a change is looked for. */
const INSTANTS = [
  ...range(1970, 2199).map((year) => Date.UTC(year, (year % 2) * 6, 1 + (year % 28), 1, 30)),
  ...range(2015, 2039).flatMap((year) => range(0, 11).map((month) => Date.UTC(year, month, 15))),
  ...range(0, 200).map((block) => Date.UTC(2026, 0, 1) + block * 6 * DAY_MS),
  Date.UTC(1900, 0, 1),
  Date.UTC(1941, 5, 1),
  Date.UTC(9999, 11, 31),
];

function instantsOf(name: string): number[] {
  return INSTANTS.filter((at) => at < CHANGED_AT || !CHANGED_LATELY.includes(name));
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

describe.skipIf(!hasProxy)('the wall clock of a zone, in the engine of the proxy and in Node', () => {
  let engine: ProxyEngine;
  beforeAll(async () => {
    engine = await startProxyEngine();
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  it('shows the same in every zone that Node knows, on both sides of each change', async () => {
    const different: string[] = [];
    for (const name of [...Intl.supportedValuesOf('timeZone'), ...OTHERS]) {
      const question = { about: 'zone', name, instants: instantsOf(name) } as const;
      const [there, here] = await Promise.all([engine.ask(question), answerTo(question)]);
      if (there !== here) different.push(name);
    }
    expect(different).toEqual([]);
  });

  it.each(REFUSED)('refuses %s with the same words', async (name) => {
    const question = { about: 'zone', name, instants: [0] } as const;
    expect(await engine.ask(question)).toBe(await answerTo(question));
  });
});
