import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENT_SOURCES } from '../../../../core/sources/sources.ts';
import { EXAMPLE_EVENTS, readExampleEvent } from '../../../data/events.ts';
import { hasProxy } from '../../../worlds/proxy.ts';
import { type ProxyEngine, startProxyEngine } from '../../../worlds/proxy-engine.ts';
import { CONTEXTS, expectSame, HEADERS } from './same-answer.ts';

/** Every word that any source may be set to, for all sources that take it; and what is no word. */
const POLICIES: readonly object[] = [
  {},
  ...['defer', 'reject', 'dispatch', 'answer', 'accept', 'error'].map((word) =>
    Object.fromEntries(
      Object.entries(EVENT_SOURCES).flatMap(([key, { settings }]) =>
        settings.some((setting) => setting === word) ? [[key, word]] : [],
      ),
    ),
  ),
  { http: { defer: ['* /*'] }, 'alb-health-check': { status: 503 } },
  { http: { status: 429, body: '{"é":"💥\u2028"}', headers: { 'Retry-After': '30' } } },
  { rules: [{ source: 'direct', match: { order: [{ numeric: ['>', 0, '<=', 1e21] }] }, do: 'reject' }] },
  {
    rules: [
      { source: 'sqs', match: { Records: { body: [{ wildcard: '*é*' }, { 'anything-but': ['x'] }] } }, do: 'reject' },
    ],
  },
  { sqs: 'sometimes' },
];

describe.skipIf(!hasProxy)('an event inside a window, in the engine of the proxy and in Node', () => {
  let engine: ProxyEngine;
  beforeAll(async () => {
    engine = await startProxyEngine();
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  it.each(EXAMPLE_EVENTS)('$name is stored, answered and logged the same, whatever the policy', async ({ name }) => {
    const text = readExampleEvent(name);
    const kinds = new Set<string>();
    for (const [index, policy] of POLICIES.entries()) {
      const streaming = index % 2 === 0;
      for (const refused of [false, true]) {
        const here = await expectSame(engine, { about: 'event', headers: HEADERS, text, policy, streaming, refused });
        kinds.add(/"message\\":\\"\w+/.exec(here)?.[0] ?? here.slice(0, 22));
      }
      for (const context of CONTEXTS) {
        const headers = { ...HEADERS, 'lambda-runtime-client-context': context };
        await expectSame(engine, { about: 'event', headers, text, policy, streaming, refused: false });
      }
    }
    expect(kinds.size).toBeGreaterThan(1);
  });

  it('is answered for every task of a job, however alike they are', async () => {
    const job = JSON.parse(readExampleEvent('s3-batch'));
    const text = JSON.stringify({ ...job, tasks: [job.tasks, job.tasks, job.tasks].flat() });
    await expectSame(engine, { about: 'event', headers: HEADERS, text, policy: {}, streaming: false, refused: false });
  });

  const deep = (levels: number) => `${'['.repeat(levels)}1${']'.repeat(levels)}`;
  it.each([
    ['half of a surrogate pair', '{"a":"\\ud800","b":"\ud83d","\\udc00":1}'],
    ['members of one name', '{"Records":[{"eventSource":"aws:sqs"}],"Records":[{"eventSource":"aws:sns"}]}'],
    ['a prototype', '{"__proto__":{"Records":[{"eventSource":"aws:sqs"}]},"constructor":1,"toString":null}'],
    ['large and negative numbers', '{"a":-0,"b":1e400,"c":-1e-400,"d":123456789012345678901234567890,"e":1E+2}'],
    ['a list that is large', `{"Records":[${'{"eventSource":"aws:sqs"},'.repeat(20_000)}{}]}`],
    ['a name that is large', `{"${'k'.repeat(300_000)}":1}`],
    ['many names', JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`${i * 7}é`, i])))],
    ['no JSON', '{"a":'],
    ['nothing', ''],
    ['a mark of the byte order', '\ufeff{"a":1}'],
    ['blanks', ' \t\r\n{ "a" : [ ] } '],
    ['a control character', '{"a":"\u0001"}'],
    ['line separators', '{"a":"\u2028\u2029"}'],
    ['noise', '"\u0000'],
    ['a hundred levels', deep(100)],
    ['two thousand levels', deep(2_000)],
    ['ten thousand levels', deep(10_000)],
    ['a hundred thousand levels', deep(100_000)],
    ['levels of objects', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
    [
      'levels in an event of a rule',
      `{"version":"0","id":"i","detail-type":"t","source":"s","account":"a","time":"t","region":"r","resources":[],"detail":{"a":${deep(50_000)}}}`,
    ],
    ['levels in a record', `{"Records":[{"eventSource":"aws:sqs","body":${deep(50_000)}}]}`],
  ])('with %s is treated the same', async (_, text) => {
    for (const policy of [{}, ...POLICIES.slice(-3)]) {
      await expectSame(engine, { about: 'event', headers: HEADERS, text, policy, streaming: false, refused: false });
    }
  });
});
