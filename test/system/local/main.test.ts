import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FAULTS } from '../../../core/errors.ts';
import { collectOutput } from '../../worlds/collected-output.ts';
import { hasProxy } from '../../worlds/proxy.ts';
import { PYTHON, skips } from '../../worlds/runtime-clients.ts';

const HOME = join(import.meta.dirname, '..', '..', '..');
const MAIN = join(HOME, 'local', 'main.ts');
const DIRECTLY = [process.execPath, MAIN];

let folder: string;
let runners: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-'));
});
afterEach(async () => {
  for (const runner of runners.filter(isRunning)) {
    runner.kill('SIGTERM');
    await once(runner, 'close');
  }
  runners = [];
  rmSync(folder, { recursive: true, force: true });
});

/** A runner under way, with what it has said so far. */
interface Runner {
  readonly process: ChildProcess;
  output(): string;
  /** Resolves with the match once the output matches; fails when the runner ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code and both outputs. */
  readonly end: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

function run(words: readonly string[], { command = DIRECTLY, cwd = HOME, environment = {} } = {}): Runner {
  const [program = '', ...args] = [...command, ...words];
  // the tests themselves may run under npm
  const env = { ...process.env, npm_lifecycle_event: undefined, INIT_CWD: undefined, ...environment };
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  runners.push(child);
  const written = collectOutput(child);
  return {
    process: child,
    output: () => written().out,
    async until(pattern) {
      for (;;) {
        const { out, err } = written();
        const match = pattern.exec(out);
        if (match) return match;
        if (!isRunning(child)) throw new Error(`it ended before ${pattern}:\n${out}${err}`);
        await sleep(10);
      }
    },
    end: once(child, 'close').then(([code]) => ({ code, ...written() })),
  };
}

const INVOKE_URL = /AWS_ENDPOINT_URL_LAMBDA=(\S+)/;

/** A runner that serves, and the address of its Invoke endpoint. */
async function serve(
  words: readonly string[] = [],
  options = {},
): Promise<{ runner: Runner; invoke: (event: unknown) => Promise<unknown> }> {
  const runner = run(['--port', '0', ...words], options);
  const [, url] = await runner.until(INVOKE_URL);
  await runner.until(/Ctrl-C ends everything/);
  const invoke = async (event: unknown) => {
    const path = `${url}/2015-03-31/functions/function/invocations`;
    return (await fetch(path, { method: 'POST', body: JSON.stringify(event) })).json();
  };
  return { runner, invoke };
}

describe('npm start, before it starts anything', () => {
  it('prints its help', async () => {
    const { code, out } = await run(['--help']).end;
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('npm start -- --demo') });
  });

  it.each(['start', 'test'])(
    'says what is missing in a checkout where nothing is installed: npm %s',
    async (script) => {
      cpSync(join(HOME, 'package.json'), join(folder, 'package.json'));
      cpSync(join(HOME, 'local'), join(folder, 'local'), { recursive: true });
      const { code, err } = await run([script], { command: ['npm', '--silent'], cwd: folder }).end;
      expect({ code, err }).toEqual({
        code: 69,
        err: expect.stringMatching(/^The packages are not .* First: {2}npm ci\n$/),
      });
    },
  );

  it.each([
    ['an unknown option', ['--prot', '1'], 'MaintenanceWindow.Usage', "Unknown option '--prot'"],
    ['a port that is none', ['--port', 'http'], 'MaintenanceWindow.Usage', '--port "http" is no port'],
    ['a handler without an export', ['--handler', './app'], 'MaintenanceWindow.Usage', 'write FILE.EXPORT'],
    [
      'a handler that is not there',
      ['--port', '0', '--handler', './app.handler'],
      'MaintenanceWindow.Missing',
      'there is no',
    ],
  ] as const)('ends with one message for %s', async (_what, words, fault, message) => {
    const { code, out, err } = await run(words, { cwd: folder }).end;
    expect({ code, out }).toEqual({ code: FAULTS[fault].exitCode, out: '' });
    expect(err).toContain(message);
    expect(err).not.toContain('    at ');
  });

  it('ends with one message for a file that exports no such function', async () => {
    writeFileSync(join(folder, 'app.mjs'), 'export const handler = 1; export const main = () => 1;');
    const { code, err } = await run(['--port', '0', '--handler', 'app.handler'], { cwd: folder }).end;
    expect({ code, err: err.trim() }).toEqual({
      code: 69,
      err: expect.stringMatching(
        /^the handler app\.handler cannot be loaded from \S+: app\.handler is a number, not a function\nA handler is FILE\.EXPORT: .*$/,
      ),
    });
  });

  it.each([
    ['a policy that is none', { MAINTENANCE_WINDOW_POLICY: '{"sqs":"keep"}' }, /^MAINTENANCE_WINDOW_POLICY: /],
    ['a time to live that is none', { MAINTENANCE_WINDOW_TTL: '0' }, /^MAINTENANCE_WINDOW_TTL: "0" is not allowed/],
    [
      'a name that no setting has',
      { MAINTENANCE_WINDOW_TTTL: '5' },
      /^MAINTENANCE_WINDOW_TTTL is no setting; the settings are /,
    ],
  ])('ends with one message for %s, and says nothing of what runs', async (_what, environment, message) => {
    const { code, out, err } = await run(['--port', '0'], { environment }).end;
    expect({ code, err: err.trim() }).toEqual({ code: 78, err: expect.stringMatching(message) });
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(out).not.toMatch(/ runs\.|In another terminal/);
  });

  it('ends with one message for a port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, err } = await run(['--port', String(port)]).end;
    other.close();
    expect({ code, err: err.trim() }).toEqual({
      code: 69,
      err: `Port ${port} is in use. Take another one, or 0 for any free one:  npm start -- --port 0`,
    });
  });

  it('ends with one message where the emulator is not what it is said to be', async () => {
    const { code, err } = await run(['--port', '0'], { environment: { AWS_LAMBDA_RIE: '/no/such/file' } }).end;
    expect({ code, err: err.trim() }).toEqual({
      code: 69,
      err: expect.stringMatching(/^AWS_LAMBDA_RIE is "\/no\/such\/file"/),
    });
  });
});

const GATES: readonly (readonly [string, readonly string[]])[] = [
  ['npm start', []],
  ['npm start -- --proxy', ['--proxy']],
];

describe('npm start', () => {
  it.for(GATES)(
    'prints a maintenance window as commands, which work as they are printed, from begin to replay: %s',
    async ([, words], { skip }) => {
      const isBehindProxy = words.length > 0;
      if (isBehindProxy && (!hasProxy || skips('the printed commands', PYTHON))) skip();
      const { runner } = await serve(words, {
        environment: isBehindProxy ? (await PYTHON.prepare())('').environment : {},
      });
      const [settings = '', invoke = '', verify = '', inside = '', after = ''] = blocksIn(runner.output());
      const booked = () => runner.output().split('booked A-1001').length - 1;
      const type = (block: string) => shell(`${settings}\n${block}`);

      expect(JSON.parse(await type(invoke))).toEqual({ batchItemFailures: [] });
      expect(booked()).toBe(1);

      const before = await type(verify);
      expect(before).toMatch(/^✓ parameter maintenance-window: version 1, no windows$/m);
      expect(before).toMatch(
        /function function: reads maintenance-window, stores in maintenance-window-events, active/,
      );
      expect(before).toContain('no event of it is stored');

      const told = await type(inside);
      expect(told).toMatch(/^Under maintenance: every function, until /m);
      expect(told).toContain('{"batchItemFailures":[]}');
      expect(told).toMatch(/reason {2}to try it/);
      expect(told).toMatch(/ sqs .* pending/);
      expect(booked()).toBe(1);

      expect(await type(after)).toMatch(/^Ended: 1 window.* 1 {2}replayed\n/s);
      expect(booked()).toBe(2);
      expect(await type('npx maintenance-window events list')).toBe('No event.\n');
      expect(await type(verify)).toMatch(/function function: .*, client \d+\.\d+\.\d+ \(event of /);
    },
  );

  it('runs one’s own function with one’s own environment, from the folder that one is in', async () => {
    mkdirSync(join(folder, 'lib'));
    writeFileSync(join(folder, 'lib', 'app.js'), COMMONJS);
    const { invoke } = await serve(['--handler', './lib/app.main'], { cwd: folder, environment: { ORDERS: 'north' } });
    expect(await invoke({ a: 1 })).toEqual({
      event: { a: 1 },
      orders: 'north',
      ttl: '1',
      folder: expect.stringContaining(folder),
    });
  });

  const COMMONJS = `exports.main = async (event) => {
    const { ORDERS: orders, MAINTENANCE_WINDOW_TTL: ttl } = process.env;
    return { event, orders, ttl, folder: process.cwd() };
  };`;

  it('runs a function that streams its answer', async () => {
    writeFileSync(join(folder, 'streams.mjs'), STREAMS);
    const { invoke } = await serve(['--handler', './streams.handler'], { cwd: folder });
    expect(await invoke({ name: 'Ada' })).toEqual({ hello: 'Ada' });
  });

  const STREAMS = `export const handler = awslambda.streamifyResponse(async ({ name }, stream) => {
    stream.write('{"hello":');
    stream.end(JSON.stringify(name) + '}');
  });`;

  it('starts the function anew where its code has changed, and leaves it alone where nothing has', async () => {
    mkdirSync(join(folder, 'lib'));
    mkdirSync(join(folder, 'node_modules'));
    const main = (word: string) =>
      `let calls = 0; export const handler = async () => ({ word: '${word}', ...(await import('./lib/more.mjs')), calls: ++calls });`;
    writeFileSync(join(folder, 'app.mjs'), main('one'));
    writeFileSync(join(folder, 'lib', 'more.mjs'), 'export const more = 1;');
    const { runner, invoke } = await serve(['--handler', './app.handler'], { cwd: folder });
    writeFileSync(join(folder, 'lib', 'more.mjs'), 'export const more = 21;'); // nothing has loaded it yet
    expect([await invoke({}), await invoke({})]).toEqual([
      { word: 'one', more: 21, calls: 1 },
      { word: 'one', more: 21, calls: 2 },
    ]);

    writeFileSync(join(folder, 'app.mjs'), main('another'));
    expect(await invoke({})).toEqual({ word: 'another', more: 21, calls: 1 });
    writeFileSync(join(folder, 'lib', 'more.mjs'), 'export const more = 321;');
    expect(await invoke({})).toEqual({ word: 'another', more: 321, calls: 1 });
    writeFileSync(join(folder, 'node_modules', 'other.mjs'), '');
    writeFileSync(join(folder, '.hidden.mjs'), '');
    writeFileSync(join(folder, 'notes.txt'), '');
    expect(await invoke({})).toEqual({ word: 'another', more: 321, calls: 2 });
    expect(runner.output().match(/^.* has changed: .*$/gm)).toEqual([
      'app.mjs has changed: the function starts anew',
      'lib/more.mjs has changed: the function starts anew',
    ]);

    const started = descendantsOf(runner.process.pid ?? 0);
    runner.process.kill('SIGINT');
    expect([(await runner.end).code, started.filter(isAlive)]).toEqual([0, []]);
  });

  it('says of code that cannot be loaded what Lambda says, and goes on once it is mended', async () => {
    writeFileSync(join(folder, 'app.mjs'), 'export const handler = async () => 1;');
    const { invoke } = await serve(['--handler', './app.handler'], { cwd: folder });
    expect(await invoke({})).toBe(1);
    writeFileSync(join(folder, 'app.mjs'), 'throw new TypeError("no TABLE is set");');
    expect(await invoke({})).toMatchObject({ errorType: 'TypeError', errorMessage: 'no TABLE is set' });
    writeFileSync(join(folder, 'app.mjs'), 'export const handler = async () => 2;');
    expect(await invoke({})).toBe(2);
  });

  it('runs several times side by side', async () => {
    const both = await Promise.all([serve(), serve()]);
    const order = { id: 'A-1', item: 'cup', quantity: 1 };
    expect(await Promise.all(both.map(({ invoke }) => invoke(order)))).toEqual([{ booked: 'A-1' }, { booked: 'A-1' }]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends with everything that it started on %s, and that is no failure',
    async (signal) => {
      const { runner, invoke } = await serve();
      await invoke({ id: 'A-1' });
      const started = descendantsOf(runner.process.pid ?? 0);
      expect(started.length).toBeGreaterThanOrEqual(3); // guard, emulator, runtime
      runner.process.kill(signal);
      expect((await runner.end).code).toBe(0);
      expect(started.filter(isAlive)).toEqual([]);
    },
  );

  it('ends with everything that it started in the middle of an invocation', async () => {
    writeFileSync(
      join(folder, 'slow.mjs'),
      'export const handler = () => new Promise((resolve) => setTimeout(resolve, 20_000));',
    );
    const { runner, invoke } = await serve(['--handler', './slow.handler'], { cwd: folder });
    const broken = invoke({}).catch(() => 'broken off');
    await sleep(300);
    const started = descendantsOf(runner.process.pid ?? 0);
    runner.process.kill('SIGINT');
    expect([(await runner.end).code, await broken, started.filter(isAlive)]).toEqual([0, 'broken off', []]);
  });

  it('ends with npm, which leaves its scripts running when it gets SIGTERM', async () => {
    const runner = run(['--port', '0'], { command: ['npm', 'start', '--'] });
    await runner.until(/Ctrl-C ends everything/);
    const started = descendantsOf(runner.process.pid ?? 0);
    expect(started.length).toBeGreaterThanOrEqual(3);
    runner.process.kill('SIGTERM');
    while (started.some(isAlive)) await sleep(20);
  });

  it('ends with 130 when the demonstration is broken off', async () => {
    const runner = run(['--demo']);
    await runner.until(/A maintenance window begins/);
    runner.process.kill('SIGINT');
    const { code, out } = await runner.end;
    expect({ code, out }).toEqual({ code: 130, out: expect.not.stringContaining('held.') });
  });

  it('leaves nothing behind when it is killed with SIGKILL', async () => {
    const { runner, invoke } = await serve();
    await invoke({ id: 'A-1' });
    const started = descendantsOf(runner.process.pid ?? 0);
    runner.process.kill('SIGKILL');
    while (started.some(isAlive)) await sleep(20);
  });

  it('says so when the emulator ends by itself', async () => {
    const { runner } = await serve();
    const emulator = descendantsOf(runner.process.pid ?? 0).find(
      (pid) => commandOf(pid).includes('aws-lambda-rie') && !commandOf(pid).startsWith('sh'),
    );
    process.kill(emulator ?? 0, 'SIGKILL');
    const { code, err } = await runner.end;
    expect({ code, err }).toEqual({ code: 70, err: expect.stringContaining('The emulator has ended by itself.') });
  });
});

async function shell(commands: string): Promise<string> {
  return (await promisify(execFile)('sh', ['-euc', commands], { cwd: HOME })).stdout;
}

/** The commands of the guide: its indented paragraphs. */
function blocksIn(output: string): string[] {
  return output.split('\n\n').filter((paragraph) => /^(?: {2}\S.*\n?)+$/.test(paragraph));
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

function descendantsOf(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => statOf(each)?.parent === pid);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** A process that has ended and waits for its parent to notice is none any more. */
function isAlive(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== undefined && stat.state !== 'Z';
}

function statOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
}
