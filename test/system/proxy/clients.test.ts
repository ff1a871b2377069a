import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seenContext } from '../../../core/events/replay-mark.ts';
import { contextOfReplay, newProof } from '../../../core/replay/outcome.ts';
import { lockedAt } from '../../data/locked-at.ts';
import { hasProxy } from '../../worlds/proxy.ts';
import {
  GO,
  JAVA,
  missingFor,
  NODE,
  PYTHON,
  RUNTIME_CLIENTS,
  RUST,
  type RuntimeClient,
  skips,
} from '../../worlds/runtime-clients.ts';
import { type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';
import { type Hop, runThrough, type Scenario, type WireRun } from './wire.ts';

// Real runtime clients, outside a window: the Runtime API gets through the proxy what it gets without it, and so does the client.

/** A compiler's first run on a busy machine. */
const BUILD_LIMIT_MS = 15 * 60_000;
const ROUTES: readonly (readonly [string, readonly Hop[]])[] = [
  ['our proxy', ['ours']],
  ['our proxy twice', ['ours', 'ours']],
  ['our proxy, then another', ['ours', 'another']],
  ['another, then our proxy', ['another', 'ours']],
];

const VALUES = {
  name: 'a result, an error, 3 MB and UTF-8',
  events: [
    '{"n":1}',
    '{"fail":true}',
    JSON.stringify({ text: 'x'.repeat(3_000_000) }),
    '{"text":"é € \u{1f600} \\u0000 \\" "}',
  ],
  calls: ['next', 'response', 'next', 'error', 'next', 'response', 'next', 'response', 'next'],
};
const TWICE = ['next', 'response', 'next', 'response', 'next'];
const STREAM = { name: 'a stream', events: ['{}', '{}'], calls: TWICE, says: '\n(chunks: d 14 0)\n' };
const BROKEN_STREAM = { name: 'an error in the middle of a stream', events: ['{"fail":true}', '{}'], calls: TWICE };
const FAILED_INIT = { name: 'a failed INIT', ends: true, calls: ['init/error'] } as const;
/** Several clients read what is `custom` as a map of texts, and fail on anything else before the handler has it. */
const REPLAY = {
  name: 'a replay',
  events: ['{"n":1}'],
  clientContext: contextOfReplaySeen(),
  calls: ['next', 'response', 'next'],
  says: '/response HTTP/1.1',
};
const SNAP_START = { AWS_LAMBDA_INITIALIZATION_TYPE: 'snap-start' };
/** After both pieces of a stream, as trailers. */
const ERROR_TRAILERS = 'second piece: é €\nLambda-Runtime-Function-Error-';

const SCENARIOS: ReadonlyMap<RuntimeClient, readonly Scenario[]> = new Map<RuntimeClient, readonly Scenario[]>([
  [
    PYTHON,
    [
      { ...VALUES, handler: 'app.handler', says: '{"errorMessage": "on purpose' },
      { ...REPLAY, handler: 'app.handler' },
      { ...FAILED_INIT, handler: 'missing.handler', says: 'Runtime.ImportModuleError' },
      {
        name: 'SnapStart',
        handler: 'restored.handler',
        events: ['{}'],
        environment: SNAP_START,
        calls: ['restore/next', 'next', 'response', 'next'],
        says: 'GET /2018-06-01/runtime/restore/next HTTP/1.1\nHost: ',
      },
      {
        name: 'a failed restore',
        handler: 'restored.handler',
        environment: { ...SNAP_START, FAIL_AFTER_RESTORE: '1' },
        ends: true,
        calls: ['restore/next', 'restore/error'],
        says: 'on purpose, after the restore',
      },
    ],
  ],
  [
    GO,
    [
      { ...VALUES, handler: 'values', says: '\nTrailer: Lambda-Runtime-Function-Error-Body' },
      { ...REPLAY, handler: 'values' },
      {
        name: 'a panic',
        handler: 'values',
        events: ['{"panic":true}'],
        ends: true,
        calls: ['next', 'error'],
        says: '"errorMessage":"on purpose: é €"',
      },
      { ...STREAM, handler: 'stream' },
      { ...BROKEN_STREAM, handler: 'stream', says: ERROR_TRAILERS },
    ],
  ],
  [
    RUST,
    [
      { ...VALUES, handler: 'values', says: '"errorMessage":"on purpose: é €"' },
      { ...REPLAY, handler: 'values' },
      { ...STREAM, handler: 'stream', says: '\0first piece, second piece: é €' },
      // This client writes what it calls trailers as data.
      { ...BROKEN_STREAM, handler: 'stream', says: 'é €Lambda-Runtime-Function-Error-Type: Runtime.StreamError' },
      {
        ...VALUES,
        name: 'two invocations at once',
        handler: 'values',
        environment: { AWS_LAMBDA_MAX_CONCURRENCY: '2' },
        unordered: true,
        calls: [...VALUES.calls, 'next'].toSorted(),
        says: '"errorMessage":"on purpose: é €"',
      },
    ],
  ],
  [
    JAVA,
    [
      { ...VALUES, handler: 'Values::handleRequest', says: '\nLambda-Runtime-Function-XRay-Error-Cause: {' },
      { ...REPLAY, handler: 'Values::handleRequest' },
      { ...FAILED_INIT, handler: 'Broken::handleRequest', says: 'on purpose, in INIT: é €' },
    ],
  ],
  [
    NODE,
    [
      { ...VALUES, handler: 'index.values', says: '"errorMessage":"on purpose: é €"' },
      { ...REPLAY, handler: 'index.values' },
      { ...FAILED_INIT, handler: 'missing.handler', says: 'Runtime.ImportModuleError' },
      { ...STREAM, handler: 'index.stream' },
      { ...BROKEN_STREAM, handler: 'index.stream', says: ERROR_TRAILERS },
    ],
  ],
]);

/** The client context of a replay, as the runtime gets it. */
function contextOfReplaySeen(): string {
  const mark = { replay: '9f1c', deferredAt: 0, proof: newProof(), dispatch: true, copyOf: 'orders' };
  const context = contextOfReplay(mark, '{"custom":{"a":"1"},"env":{"locale":"it"}}');
  if (context.kind === 'refused') throw new Error(context.message);
  return seenContext(Buffer.from(context.base64, 'base64').toString()).text;
}

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'proxy.md'), 'utf8');

let aws: Surroundings;
beforeAll(async () => {
  aws = await startSurroundings();
});
afterAll(() => aws[Symbol.asyncDispose]());

for (const client of RUNTIME_CLIENTS) {
  const missing = missingFor(client);

  describe.skipIf(skips("the proxy's wire with a client", client))(`${client.language}: ${client.package}`, () => {
    let ready: Awaited<ReturnType<RuntimeClient['prepare']>>;
    beforeAll(async () => {
      if (missing) throw new Error(missing);
      ready = await client.prepare();
    }, BUILD_LIMIT_MS);

    it('is named with its version in docs/proxy.md, and locked to it', () => {
      const [name = '', version = ''] = client.package.split(' ');
      expect(page).toContain(`| ${client.language} | \`${name}\` ${version} |`);
      expect(readFileSync(client.lock, 'utf8')).toMatch(lockedAt(name, version));
    });

    describe.each(SCENARIOS.get(client) ?? [])('$name', (scenario) => {
      let direct: WireRun;
      beforeAll(async () => {
        direct = await runThrough([], ready, scenario, aws);
      });

      it('shows what its name says', () => {
        expect(direct.atTheApi).toEqual(direct.atTheClient);
        expect(direct.calls).toEqual(scenario.calls);
        expect(direct.requests.join('\n\n')).toContain(scenario.says);
      });

      it.skipIf(!hasProxy).each(ROUTES)('is the same through %s', async (_, hops) => {
        const run = await runThrough(hops, ready, scenario, aws);
        expect(run.atTheApi).toEqual(run.atTheClient);
        expect(run.requests).toEqual(direct.requests);
      });
    });
  });
}

describe('the comparison', () => {
  const scenario: Scenario = { ...BROKEN_STREAM, handler: 'index.stream', says: '' };

  it.each<[string, string, string]>([
    ['a letter of a header', 'Content-Type: text', 'content-type: text'],
    ['a header that is there twice', 'Trailer: Lambda-Runtime-Function-Error-Type\r\n', ''],
    ['a space in a header', 'Content-Type: text/plain', 'Content-Type:  text/plain'],
    ['a byte of a body', 'second', 'Second'],
    ['where a chunk ends', '14\r\nsecond', '6\r\nsecond\r\ne\r\n'],
    ['an extension of a chunk', '14\r\nsecond', '14;a=b\r\nsecond'],
    ['a trailer', '0\r\nLambda-Runtime-Function-Error-Type: Error\r\n', '0\r\n'],
  ])('tells %s', async (_, from, to) => {
    const ready = await NODE.prepare();
    const direct = await runThrough(['another'], ready, scenario, aws);
    expect(direct.atTheApi).toEqual(direct.atTheClient);
    const alter = (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');
    const altered = await runThrough([alter], ready, scenario, aws);
    expect(altered.atTheApi).not.toEqual(altered.atTheClient);
    expect(altered.requests).not.toEqual(direct.requests);
  });
});
