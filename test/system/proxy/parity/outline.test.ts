import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENT_SOURCES } from '../../../../core/sources/sources.ts';
import { ASKED, ASKED_FOR_PRESENCE, HEADERS as HEADERS_ASKED, MAPS } from '../../../../proxy/outline.ts';
import { EXAMPLE_EVENTS, readExampleEvent } from '../../../data/events.ts';
import { hasProxy } from '../../../worlds/proxy.ts';
import { type ProxyEngine, startProxyEngine } from '../../../worlds/proxy-engine.ts';
import { expectSame, HEADERS } from './same-answer.ts';

// The engine of the proxy decides by the outline of an event alone, Node by all of it: whatever is done to an event that some
// source sends, both decide, store and answer the same.

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

const NAMES = [
  ...ASKED.trim().split(/\s+/),
  ...ASKED_FOR_PRESENCE,
  ...HEADERS_ASKED,
  ...MAPS,
  ...[
    '?',
    '??',
    '',
    '__proto__',
    '__WARMER_X__',
    '__WARMER_ ',
    'warmer',
    'User-Agent',
    'ORIGIN',
    'é',
    'a"b',
    'toString',
  ],
];
const LEAVES: readonly Json[] = [
  ...[
    '',
    'x',
    'y'.repeat(3_000),
    '{',
    'é💥\u2028',
    'aws:sqs',
    'aws:kafka',
    'arn:aws:sqs:eu-south-1:1:q.fifo',
    'OPTIONS',
    'Event',
  ],
  ...[0, -1, 1e300, 7, true, false, null],
  ...[[], {}, [[]], [{}], [1, 1, 'x', 1], [{ eventSource: 'aws:sqs' }, 1]],
];

const name = fc.constantFrom(...NAMES);
/** Each time another one: what is done to one event is not done to the next. */
const leaf = fc.constantFrom(...LEAVES).map((value) => structuredClone(value));
/** Something that is done to an event, at one of its values. */
const edit = fc.record({
  at: fc.nat(),
  how: fc.oneof(
    fc.record({ do: fc.constant('put' as const), leaf }),
    fc.record({ do: fc.constant('add' as const), name, leaf }),
    fc.record({ do: fc.constant('rename' as const), name }),
    fc.record({ do: fc.constant('drop' as const) }),
    fc.record({ do: fc.constant('repeat' as const), times: fc.integer({ min: 2, max: 12 }), leaf }),
    fc.record({ do: fc.constant('in lists' as const), levels: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ do: fc.constant('in objects' as const), levels: fc.integer({ min: 1, max: 20 }), name }),
  ),
});
type Edit = typeof edit extends fc.Arbitrary<infer One> ? One : never;

const comparison = fc.constantFrom(
  ...['x', 0, null, true, { exists: true }, { exists: false }, { prefix: 'y' }, { suffix: 'y' }, { prefix: '' }],
  ...[{ 'anything-but': ['x'] }, { numeric: ['>', 0] }, { wildcard: '*y*' }, { 'equals-ignore-case': 'OPTIONS' }],
);

/** A place in an event. */
interface Place {
  readonly holder: Json[] | { [name: string]: Json };
  readonly key: string | number;
  /** Names that lead there, those of lists left out. */
  readonly path: readonly string[];
}

function placesIn(holder: Json, path: readonly string[] = []): Place[] {
  if (Array.isArray(holder)) {
    return holder.flatMap((inner, key) => [{ holder, key, path }, ...placesIn(inner, path)]);
  }
  if (typeof holder !== 'object' || holder === null) return [];
  return Object.entries(holder).flatMap(([key, inner]) => [
    { holder, key, path: [...path, key] },
    ...placesIn(inner, [...path, key]),
  ]);
}

function edited(event: Json, { at, how }: Edit): void {
  const places = placesIn(event);
  const place = places[at % places.length];
  if (!place) return;
  const { holder, key } = place;
  const within = holder as Record<string | number, Json>;
  const value = within[key] ?? null;
  const set = (to: Json) =>
    Object.defineProperty(within, key, { value: to, enumerable: true, configurable: true, writable: true });
  switch (how.do) {
    case 'put':
      set(how.leaf);
      return;
    case 'add':
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) value[how.name] = how.leaf;
      return;
    case 'rename':
      if (Array.isArray(holder)) return;
      delete within[key];
      holder[how.name] = value;
      return;
    case 'drop':
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete within[key];
      return;
    case 'repeat':
      if (Array.isArray(holder))
        holder.push(...Array.from({ length: how.times }, (_, i) => structuredClone(i % 3 === 2 ? how.leaf : value)));
      return;
    case 'in lists':
      set(Array.from({ length: how.levels }).reduce<Json>((inner) => [inner], value));
      return;
    case 'in objects':
      set(Array.from({ length: how.levels }).reduce<Json>((inner) => ({ [how.name]: inner }), value));
  }
}

/** As a sender may write it: with blanks, and with names that are escaped. */
function written(event: Json, { spaced, escaped }: { readonly spaced: boolean; readonly escaped: number }): string {
  const text = JSON.stringify(event, undefined, spaced ? '\t' : undefined);
  if (escaped === 0) return text;
  let count = 0;
  return text.replace(/"([a-zA-Z])(?=[\w-]*":)/g, (quoted, letter: string) => {
    count += 1;
    return count % escaped === 0 ? `"\\u00${letter.charCodeAt(0).toString(16)}` : quoted;
  });
}

describe.skipIf(!hasProxy)('an event of which the engine of the proxy sees the outline', () => {
  let engine: ProxyEngine;
  beforeAll(async () => {
    engine = await startProxyEngine();
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  it('is decided as in Node, which sees it whole, whatever is done to it and whatever rules ask', async () => {
    const sources = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...EXAMPLE_EVENTS),
        fc.array(edit, { maxLength: 4 }),
        fc.record({ spaced: fc.boolean(), escaped: fc.constantFrom(0, 0, 1, 3) }),
        fc.option(fc.record({ at: fc.nat(), comparison, or: fc.option(name), isOfSource: fc.boolean() }), { freq: 3 }),
        async ({ name: example, key }, edits, writing, rule) => {
          const event: Json = [JSON.parse(readExampleEvent(example))];
          for (const each of edits) edited(event, each);
          const text = written(event[0] ?? null, writing);
          const places = placesIn(event[0] ?? null);
          const path = places[(rule?.at ?? 0) % Math.max(1, places.length)]?.path ?? [];
          const pattern = path
            .slice(0, 9)
            .reduceRight<unknown>((inner, each) => ({ [each]: inner }), [rule?.comparison]);
          const match = rule?.or == null ? pattern : { $or: [pattern, { [rule.or]: [rule.comparison] }] };
          const source = rule?.isOfSource ? key : 'direct';
          const policy = rule ? { rules: [{ source, match, do: 'reject' }] } : {};
          const question = { about: 'event', headers: HEADERS, text, policy, streaming: true, refused: false } as const;
          const answer = await expectSame(engine, question);
          sources.add(/\\"source\\":\\"([\w-]+)/.exec(answer)?.[1] ?? '');
        },
      ),
      { numRuns: 2_000 },
    );
    // Most examples are still of their source after what was done to them.
    expect(sources.size).toBeGreaterThan(Object.keys(EVENT_SOURCES).length / 2);
  });

  it('is no longer than what is asked for, whatever its shape', async () => {
    const records = (record: (index: number) => string) =>
      Array.from({ length: 20_000 }, (_, index) => record(index)).join();
    const shapes = [
      `{"a":"${'x'.repeat(1e6)}"}`,
      `{"Records":[${records((index) => `{"body":"${index}","eventSource":"aws:sqs"}`)}]}`,
      `{${records((index) => `"${index}":{"deep":[${index}]}`)}}`,
      `{"headers":{${records((index) => `"X-${index}":"${index}"`)}}}`,
      `[${'[],'.repeat(50_000)}1]`,
      `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
      `${'{"detail":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
    ];
    for (const text of shapes) {
      const outline = JSON.parse(await engine.ask({ about: 'outline', text }));
      expect(JSON.parse(outline)).toBeDefined();
      expect(outline.length, text.slice(0, 60)).toBeLessThan(400);
    }
    expect(await engine.ask({ about: 'outline', text: '[1,]' })).toBe('""');
  });
});
