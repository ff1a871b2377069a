import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readExampleEvent } from '../../../data/events.ts';
import { startLambdaFunctions } from '../../../fakes/lambda-functions.ts';
import { activeDocument, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();

const RULES = {
  direct: 'accept',
  rules: [
    { match: { warm: [true] }, do: 'answer', reply: { ok: true } },
    { source: 'http', match: { rawPath: [{ prefix: '/status' }] }, do: 'dispatch' },
  ],
};
const DOCUMENT = JSON.stringify({
  version: 1,
  windows: [{ start: '2040-01-01T00:00:00Z', end: '2040-01-01T02:00:00Z', reason: 'upgrade' }],
  policy: RULES,
});

function file(name: string, text: string): string {
  const path = join(operator.folder, name);
  writeFileSync(path, text);
  return path;
}

describe('check --event', () => {
  it('says of an event what a document has done with it, and asks nothing of AWS', async () => {
    const document = file('windows.json', DOCUMENT);
    const event = file('event.json', '{"warm":true}');
    const environment = { AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:9', AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:9' };
    const { code, out, err } = await operator.piped(['check', document, '--event', event], { environment });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('good: 1 window');
    expect(out.split('\n\n').at(-1)).toBe(
      [
        'source   direct: anything else: direct invokes, Step Functions, SSM Automation, IoT rules, Scheduler with its own payload',
        'outside  dispatch: the handler runs',
        `inside   answer: answered, not stored, as rule 0 of ${document} says; the caller gets {"ok":true}\n`,
      ].join('\n'),
    );
    const terminal = await operator.terminal(['check', document, '--event', event], { environment });
    expect(terminal).toMatchObject({ code: 0, out: expect.stringContaining('answer: answered, not stored') });
  });

  it.each<[string, string, object, object]>([
    [
      'a direct payload',
      '{"order":1}',
      { action: 'dispatch' },
      {
        action: 'defer',
        reply: { kind: 'value', value: { deferred: true, id: 'REQUEST-ID' } },
      },
    ],
    [
      'an HTTP request',
      readExampleEvent('function-url'),
      { action: 'dispatch' },
      {
        action: 'reject',
        reply: { kind: 'http', response: expect.objectContaining({ statusCode: 503 }), streams: true },
      },
    ],
    [
      'a preflight',
      readExampleEvent('api-gateway-http-payload-2-preflight'),
      { action: 'dispatch' },
      {
        action: 'answer',
        reply: { kind: 'http', response: expect.objectContaining({ statusCode: 204 }), streams: false },
      },
    ],
    [
      'a batch',
      readExampleEvent('sqs'),
      { action: 'dispatch' },
      {
        action: 'defer',
        reply: { kind: 'value', value: { batchItemFailures: [] } },
      },
    ],
    ['a scalar', '7', { action: 'dispatch' }, { action: 'defer', reply: expect.anything() }],
  ])('says it in JSON: %s', async (_what, text, outside, inside) => {
    const document = file('windows.json', DOCUMENT);
    const { code, event, windows } = await operator.json(['check', document, '--event', '-'], { input: text });
    expect({ code, windows }).toEqual({ code: 0, windows: 1 });
    expect(event).toMatchObject({
      window: { start: '2040-01-01T00:00:00Z', end: '2040-01-01T02:00:00Z', reason: 'upgrade', assumed: false },
      outside,
      inside,
    });
  });

  it('goes by the window parameters without a file, each rule under its own', async () => {
    await operator.put(activeDocument({ reason: 'upgrade', policy: RULES }));
    const { code, event, warnings } = await operator.json(['check', '--event', '-'], { input: '{"warm":true}' });
    expect({ code, warnings }).toEqual({ code: 0, warnings: [] });
    expect(event.inside.rule).toEqual({ of: operator.parameter, index: 0 });
    expect(event.window).toMatchObject({ reason: 'upgrade', assumed: false });
    const { out } = await operator.piped(['check', '--event', '-'], { input: '{"order":1}' });
    expect(out).toMatch(
      /^source {3}direct.*\noutside .*\ninside {3}defer: stored, to be replayed; the caller gets .*\n$/,
    );
  });

  it('goes by the windows of a function, and by its own policy before the others', async () => {
    await operator.put(activeDocument({ functions: ['orders-batch'], policy: RULES }));
    const own = JSON.stringify({ rules: [{ match: { warm: [true] }, do: 'reject' }] });
    await using lambda = await startLambdaFunctions([
      {
        FunctionName: 'with-policy',
        Timeout: 3,
        PackageType: 'Image',
        Environment: { Variables: { MAINTENANCE_WINDOW_POLICY: own } },
      },
      { FunctionName: 'orders-batch', Timeout: 3, PackageType: 'Image' },
    ]);
    const options = { input: '{"warm":true}', environment: { AWS_ENDPOINT_URL_LAMBDA: lambda.url } };
    const { event } = await operator.json(['check', '--event', '-', '--function', 'with-policy'], options);
    expect(event).toMatchObject({
      window: { assumed: true },
      inside: { action: 'reject', rule: { of: 'MAINTENANCE_WINDOW_POLICY', index: 0 } },
    });
    const other = await operator.json(['check', '--event', '-', '--function', 'orders-batch'], options);
    expect(other.event).toMatchObject({ window: { assumed: false }, inside: { action: 'answer' } });
    const none = await operator.piped(['check', '--event', '-', '--function', 'nobody'], options);
    expect(none).toMatchObject({ code: 0, err: expect.stringContaining('no function nobody exists') });
  });

  it.each<[readonly string[], number, string]>([
    [[], 64, 'name a file, or an event with --event FILE'],
    [['-', '--event', '-'], 64, 'only one of both can be piped in: name a file for the other'],
    [['windows.json', '--function', 'orders-api'], 64, '--function goes with --event: leave it out'],
    [['--event', 'none.json'], 66, 'none.json cannot be read'],
    [['--event', '-'], 65, 'stdin: is no JSON: '],
  ])('refuses %j', async (words, code, message) => {
    await operator.put(DOCUMENT);
    const run = await operator.piped(['check', ...words], { input: '{warm:true}' });
    expect(run).toMatchObject({ code, out: '', err: expect.stringContaining(`maintenance-window: ${message}`) });
    expect(run.err.trim().split('\n')).toHaveLength(1);
  });
});

describe('a zone that is hardly meant', () => {
  const warning =
    'the time zone EST is UTC-05:00 all year, without daylight saving; most likely America/New_York is meant';

  it('is warned of by check and by schedule add', async () => {
    const windows = [
      { schedule: 'cron(0 2 ? * SUN *)', timezone: 'EST', duration: '2h', from: '2040-01-01T00:00:00Z' },
    ];
    const { warnings } = await operator.json(['check', '-'], { input: JSON.stringify({ version: 1, windows }) });
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`^[0-9a-f]{6}: ${warning}$`))]);
    const words = [
      'schedule',
      'add',
      'cron(0 2 ? * SUN *)',
      '--timezone',
      'EST',
      '--for',
      '2h',
      '--function',
      'orders-api',
    ];
    await operator.put('{"version":1,"windows":[]}');
    const added = await operator.piped(words);
    expect(added).toMatchObject({ code: 0, err: expect.stringContaining(`warning: ${warning}`) });
    const asked = await operator.terminal(words, { typed: [['all the same?', 'n\n']] });
    expect(asked.out).toContain(warning);
  });
});
