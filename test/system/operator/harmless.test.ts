/**
 * Whatever comes from outside acts on no terminal: windows, users and errors of AWS's, events, functions' answers, files, and
 * words of the command line. The tool runs inside of this process, on terminals that write down what they are given.
 */

import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { HOUR_MS } from '../../../core/units.ts';
import { runProgram } from '../../../operator/cli/program.ts';
import {
  type LoopbackServer,
  operationOf,
  type SeenRequest,
  startScriptedService,
} from '../../fakes/scripted-service.ts';

/** What a terminal acts on, or what hides. A line of ours begins with nothing of this. */
const TRICKS = [
  '\u001b]0;pwned\u0007',
  '\u001b[31mEVIL',
  '\u001b[2J',
  '\u009b31mEVIL',
  '\u0007',
  '\b\b\b',
  '\r',
  '\t',
  '\u0000',
  '\u007f',
  '\nFORGED',
  '\r\nFORGED',
  '\u2028FORGED',
  '\u202egnp.exe',
  '\u2066x\u2069',
  '\u200f',
  '\u061c',
  '\u200b',
  '\u00ad',
  '\ufeff',
  '\u{e0041}',
  '日本 ü 👩\u200d💻',
  "'",
  '"',
  '\\u001b',
];
const anyTrick = fc
  .array(fc.constantFrom(...TRICKS), { minLength: 1, maxLength: 5 })
  .map((parts) => `x${parts.join('')}`);
const ALL = `x${TRICKS.join('')}`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it is about
const OWN_COLOURS = /\u001b\[(?:1|2|22|31|32|33|39)m/g;
const OWN_PROGRESS = '\r\u001b[K';
const HARMFUL = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

type AnswerTo = (target: string, request: SeenRequest) => Answer;

/** All of AWS. */
let service: LoopbackServer;
let answerTo: AnswerTo = () => ({ body: '{}' });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'harmless-'));
  service = await startScriptedService((request) => {
    const target = operationOf(request) || request.path;
    const { status = 200, headers = {}, body } = answerTo(target, request);
    return { kind: 'answer', status, headers: { 'content-type': 'application/x-amz-json-1.0', ...headers }, body };
  });
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  for (const name of Object.keys(process.env).filter((each) => each.startsWith('AWS_'))) vi.stubEnv(name, undefined);
  for (const name of ['NO_COLOR', 'FORCE_COLOR']) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_REGION', 'eu-south-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'operator');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_ENDPOINT_URL', service.url);
  vi.stubEnv('HOME', folder);
});
afterEach(() => vi.unstubAllEnvs());

interface Shown {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(words: readonly string[], { isTTY = true, input = '' } = {}): Promise<Shown> {
  const streams = { out: '', err: '' };
  const stream = (name: 'out' | 'err') =>
    Object.assign(
      new Writable({
        decodeStrings: false,
        write(chunk, _, done) {
          streams[name] += chunk;
          done();
        },
      }),
      { isTTY, columns: 200 },
    ) as unknown as NodeJS.WriteStream;
  const stdin = Object.assign(new PassThrough(), { isTTY: false }) as unknown as NodeJS.ReadStream;
  (stdin as unknown as PassThrough).end(input);
  const code = await runProgram(words, {
    environment: { ...process.env, MAINTENANCE_WINDOW_TTL: '1' },
    stdin,
    stdout: stream('out'),
    stderr: stream('err'),
    clock: { now: Date.now, random: Math.random },
    interrupted: () => AbortSignal.timeout(2_000),
    useProfile: () => undefined,
    changing: () => undefined,
  });
  return { code, ...streams };
}

/** On a terminal, in both formats, and piped: harmless each time. */
async function runHarmlessly(words: readonly string[], input?: string): Promise<Shown> {
  const options = input === undefined ? {} : { input };
  for (const format of ['table', 'json']) {
    for (const isTTY of [true, false]) {
      const { code, out, err } = await run([...words, '-o', format], { ...options, isTTY });
      expectHarmless(out, words, isTTY);
      expectHarmless(err, words, isTTY);
      if (format === 'json' && out !== '' && code < 2) for (const line of jsonIn(out)) JSON.parse(line);
    }
  }
  return run(words, options);
}

function expectHarmless(shown: string, words: readonly string[], isTTY: boolean): void {
  expect(shown, words.join(' ')).not.toContain('\u001b[31mEVIL');
  const plain = isTTY ? shown.replace(OWN_COLOURS, '').replaceAll(OWN_PROGRESS, '') : shown;
  expect(plain.match(HARMFUL)?.[0] ?? 'harmless', `${words.join(' ')}: ${JSON.stringify(plain)}`).toBe('harmless');
  expect(plain, words.join(' ')).not.toMatch(/^FORGED/m);
  // what a tool died of is no answer to hostile input
  expect(plain).not.toContain('a defect of this tool');
}

/** One value over many lines, or one on each. */
function jsonIn(out: string): readonly string[] {
  return out.startsWith('{\n') ? [out] : out.trimEnd().split('\n');
}

const iso = (fromNowMs: number) => new Date(Date.now() + fromNowMs).toISOString();

/** SSM with this text in the window parameter. */
function parameter(Value: string, user = 'arn:aws:iam::012345678912:user/ada'): AnswerTo {
  const one = { Name: 'maintenance-window', Type: 'String', Value, Version: 2, LastModifiedDate: 1_700_000_000 };
  const before = { ...one, Value: '{"version":1,"windows":[]}', Version: 1 };
  return (target) => {
    if (target === 'GetParameters') return { body: JSON.stringify({ Parameters: [one], InvalidParameters: [] }) };
    if (target === 'GetParameterHistory') {
      return { body: JSON.stringify({ Parameters: [before, { ...one, LastModifiedUser: user }] }) };
    }
    if (target === 'PutParameter') return { body: '{"Version":3}' };
    return { status: 404, headers: { 'x-amzn-errortype': 'ResourceNotFoundException' }, body: '{}' };
  };
}

const WINDOW_COMMANDS: readonly (readonly string[])[] = [
  ['status'],
  ['status', '--function', 'orders'],
  ['next'],
  ['schedule', 'list'],
  ['history'],
  ['begin', '--dry-run'],
  ['end', '--dry-run'],
  ['end', 'abcd', '--dry-run'],
  ['schedule', 'remove', 'abcd', '--dry-run'],
  ['schedule', 'edit', 'abcd', '--for', '1h', '--dry-run'],
  ['replay', '--dry-run'],
];

async function onAll(commands: readonly (readonly string[])[]): Promise<void> {
  for (const words of commands) await runHarmlessly(words);
}

describe('a window parameter', () => {
  it('may give any reason, by any user', async () => {
    await fc.assert(
      fc.asyncProperty(anyTrick, async (trick) => {
        const window = { start: iso(-HOUR_MS), end: iso(HOUR_MS), reason: trick };
        const coming = { schedule: 'cron(0 2 ? * SUN *)', duration: 'PT2H', reason: trick };
        answerTo = parameter(JSON.stringify({ version: 1, windows: [window, coming] }), trick);
        await onAll(WINDOW_COMMANDS);
        expectHarmless((await run(['next', '--ics'])).out, ['next', '--ics'], true);
        if (trick === ALL) expect((await run(['history'])).out).toContain('\\u001b[31mEVIL');
      }),
      { numRuns: 2, examples: [[ALL]] },
    );
  });

  it.each([
    ['a text that is none', (trick: string) => trick],
    ['an unknown key', (trick: string) => JSON.stringify({ version: 1, windows: [], [trick]: 1 })],
    ['an instant', (trick: string) => JSON.stringify({ version: 1, windows: [{ start: trick, end: trick }] })],
    ['a schedule', (trick: string) => withWindow({ schedule: `cron(${trick} 0 * * ? *)`, duration: '1h' })],
    ['a time zone', (trick: string) => withWindow({ schedule: 'cron(0 0 * * ? *)', duration: '1h', timezone: trick })],
    ['a function', (trick: string) => withWindow({ start: iso(0), end: iso(HOUR_MS), functions: [trick] })],
    ['a policy', (trick: string) => JSON.stringify({ version: 1, windows: [], policy: { [trick]: trick } })],
  ])('may be malformed in any way: %s', async (_what, textOf) => {
    for (const trick of [ALL, ...TRICKS.map((one) => `x${one}`)]) {
      answerTo = parameter(textOf(trick));
      await (trick === ALL ? onAll(WINDOW_COMMANDS) : onAll([['status']]));
    }
  });
});

function withWindow(window: object): string {
  return JSON.stringify({ version: 1, windows: [window] });
}

describe('AWS', () => {
  const refusal = (status: number, trick: string) => ({
    status,
    body: JSON.stringify({ __type: trick, message: trick, Message: trick, code: trick }),
  });

  it.each([400, 403, 404])('may refuse everything with any words (%i)', async (status) => {
    for (const trick of [ALL, `x${'y'.repeat(400)}${ALL}`]) {
      answerTo = () => refusal(status, trick);
      await onAll([
        ['status'],
        ['history'],
        ['begin', '--yes'],
        ['events', 'list'],
        ['events', 'show', 'id'],
        ['invoke', 'f'],
      ]);
    }
  });

  // it is asked again for some seconds
  it.each([
    ['asks for patience', () => refusal(429, ALL)],
    ['is in trouble', () => refusal(500, ALL)],
    ['is no AWS at all', () => ({ body: ALL.replaceAll('\n', '') })],
  ])('may say anything where it %s', async (_what, answer) => {
    answerTo = answer;
    for (const words of [['status'], ['events', 'show', 'id'], ['invoke', 'f']]) {
      const { out, err } = await run(words);
      for (const shown of [out, err]) expectHarmless(shown, words, true);
    }
  });

  it('may have functions of any name', async () => {
    const about = { FunctionName: ALL, Timeout: 3, PackageType: 'Image' };
    const windows = parameter(withWindow({ start: iso(-HOUR_MS), end: iso(HOUR_MS), reason: 'r' }));
    answerTo = (target, request) =>
      /functions/.test(target) || /functions/.test(request.path ?? '')
        ? { body: JSON.stringify({ Functions: [about], ...about }) }
        : windows(target, request);
    await onAll([['status'], ['begin', '--dry-run'], ['begin', '--dry-run', '--function', 'x*']]);
  });
});

/** An item of the table, each of whose texts is this one. */
function hostileItem(trick: string, status = 'pending'): object {
  const texts = [
    'functionName',
    'functionVersion',
    'clientVersion',
    'source',
    'encoding',
    'sha256',
    'windowReason',
    'orderKey',
    'lastError',
  ];
  const more = ['result', 'doneBy', 'leaseBy', 'traceId', 'tenantId', 'writeId', 'partsHash', 'cognitoIdentity'];
  return {
    ...Object.fromEntries([...texts, ...more].map((name) => [name, { S: trick }])),
    pk: { S: `${trick}#${trick}` },
    gpk: { S: trick },
    gsk: { S: `1700000000000#${trick}` },
    status: { S: status },
    orderKeys: { SS: [trick] },
    invokedFunctionArn: { S: `arn:aws:lambda:eu-south-1:123456789012:function:${trick}` },
    deferredAt: { N: '1700000000000' },
    leaseUntil: { N: '1700000000000' },
    timeoutMs: { N: '3000' },
    attempts: { N: '1' },
    bytes: { N: '2' },
    body: { B: Buffer.from('{}').toString('base64') },
  };
}

function table(item: object): AnswerTo {
  const windows = parameter('{"version":1,"windows":[]}');
  return (target, request) => {
    switch (target) {
      case 'Query':
        return { body: JSON.stringify({ Items: [item], Count: 1 }) };
      case 'GetItem':
        return { body: JSON.stringify({ Item: item }) };
      case 'UpdateItem':
        return { body: JSON.stringify({ Attributes: item }) };
      case 'BatchGetItem':
        return { body: JSON.stringify({ Responses: { 'maintenance-window-events': [item] } }) };
      default:
        return windows(target, request);
    }
  };
}

describe('an event', () => {
  it('may say anything of itself', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyTrick,
        fc.constantFrom('pending', 'failed', 'unknown', 'replaying'),
        async (trick, status) => {
          answerTo = table(hostileItem(trick, status));
          await onAll([
            ['events', 'list'],
            ['events', 'list', '--limit', '1'],
            ['events', 'list', '--count'],
            ['events', 'list', '--window', 'x'],
            ['events', 'show', 'id'],
            ['events', 'export'],
            ['events', 'discard', 'id', '--yes'],
            ['events', 'discard', '--all', '--yes'],
            ['replay', '--dry-run'],
            ['replay', 'id'],
            ['replay', '--during-window', '--limit', '3', '--stop-after-failures', '1'],
          ]);
        },
      ),
      { numRuns: 2, examples: [[ALL, 'pending']] },
    );
  }, 240_000);
});

describe('what is byte for byte in a pipe', () => {
  it('is harmless on a terminal, and in JSON the same', async () => {
    answerTo = () => ({ body: JSON.stringify({ answer: ALL }) });
    const onTerminal = await run(['invoke', 'orders']);
    expectHarmless(onTerminal.out, ['invoke'], true);
    expect(JSON.parse(onTerminal.out)).toEqual({ answer: ALL });
    expect(JSON.parse((await run(['invoke', 'orders', '-o', 'json'])).out)).toMatchObject({
      answer: { answer: ALL },
    });
    expect((await run(['invoke', 'orders'], { isTTY: false })).out).toBe(`${JSON.stringify({ answer: ALL })}\n`);
  });

  it('is told as it is where a function failed', async () => {
    const body = JSON.stringify({ errorType: ALL, errorMessage: ALL });
    answerTo = () => ({ headers: { 'x-amz-function-error': 'Unhandled' }, body });
    const { code, out, err } = await run(['invoke', 'orders']);
    expect(code).toBe(1);
    for (const shown of [out, err]) expectHarmless(shown, ['invoke'], true);
  });
});

describe('a file', () => {
  it('may have any name, and hold anything', async () => {
    for (const trick of TRICKS.filter((one) => !/[\0]/.test(one))) {
      await runHarmlessly(['check', join(folder, `none${trick}`)]);
      const file = join(folder, `x${trick}`);
      writeFileSync(file, trick);
      await runHarmlessly(['check', file]);
      await runHarmlessly(['invoke', 'orders', '--payload-file', file]);
    }
    await runHarmlessly(['check', '-'], ALL);
    const good = withWindow({ start: iso(-HOUR_MS), end: iso(HOUR_MS), reason: ALL });
    await runHarmlessly(['check', '-'], good);
    const { out } = await run(['check', '-'], { input: good, isTTY: false });
    expect(JSON.parse(out.split('\ngood: ')[0] ?? '').windows[0].reason).toBe(ALL);
  });
});

describe('a word of the command line', () => {
  it('may be anything', async () => {
    answerTo = parameter('{"version":1,"windows":[]}');
    for (const trick of [ALL, ...TRICKS.map((one) => `x${one}`)]) {
      await onAll([
        [trick],
        [`--${trick}`],
        ['status', trick],
        ['status', '--at', trick],
        ['status', '--function', trick],
        ['status', '--parameter', trick],
        ['status', '--table', trick],
        ['status', `--region=${trick}`],
        ['status', '--endpoint-url', trick],
        ['begin', '--for', trick],
        ['begin', '--function', trick],
        ['begin', '--edit', trick],
        ['begin', '--reason', trick, '--dry-run'],
        ['end', trick],
        ['events', trick],
        ['events', 'list', '--status', trick],
        ['events', 'list', '--source', trick],
        ['events', 'list', '--limit', trick],
        ['replay', '--rate', trick],
        ['replay', '--mode', trick],
        ['invoke', 'orders', '--payload', trick],
        ['schedule', 'add', trick, '--for', '1h'],
        ['schedule', 'add', 'cron(0 0 * * ? *)', '--for', '1h', '--timezone', trick],
      ]);
      expectHarmless((await run(['status', '-o', trick])).err, ['-o'], true);
    }
  }, 240_000);
});
