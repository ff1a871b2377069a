import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeReady } from '../../../local/proxied/function.ts';
import { findProject } from '../../../local/proxied/project.ts';
import { type Local, startLocal } from '../../../local/start.ts';
import { collectOutput } from '../../worlds/collected-output.ts';
import { emulatorFile } from '../../worlds/emulator.ts';
import { hasProxy, PROXY } from '../../worlds/proxy.ts';
import { PYTHON } from '../../worlds/runtime-clients.ts';

const HOME = join(import.meta.dirname, '..', '..', '..');
const MAIN = join(HOME, 'local', 'main.ts');

let folder: string;
let local: Local | undefined;
const runners: ChildProcess[] = [];
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'proxied-')));
});
afterEach(async () => {
  await local?.close();
  local = undefined;
  // one that serves where it was to refuse
  for (const runner of runners.splice(0)) runner.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

/** The environment of a python3 that has AWS’s client. */
const withClient = async () => (await PYTHON.prepare())('').environment;

/** Runs `npm start` with these words to its end, in the test's folder. */
function run(words: readonly string[], environment: Readonly<Record<string, string | undefined>> = {}) {
  const env = { ...process.env, npm_lifecycle_event: undefined, INIT_CWD: undefined, ...environment };
  return new Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...words], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    runners.push(child);
    const written = collectOutput(child);
    child.once('close', (code) => resolve({ code, ...written() }));
  });
}

/** Serves a function of the test's folder, and gives what invokes it. */
async function serve(handler: string, environment: Readonly<Record<string, string | undefined>> = {}) {
  const own = { ...process.env, ...(await withClient()), ...environment };
  const lines: string[] = [];
  const fn = await makeReady(findProject(handler, folder), PROXY, own, new AbortController().signal);
  const write = (line: string) => lines.push(line);
  local = await startLocal({ fn, emulatorFile: await emulatorFile(), environment: own, port: 0, write });
  const url = `${local.addresses.invokeUrl}/2015-03-31/functions/function/invocations`;
  const invoke = async (event: unknown) =>
    (await fetch(url, { method: 'POST', body: JSON.stringify(event) })).json() as Promise<unknown>;
  return { invoke, lines };
}

describe.skipIf(!hasProxy)('npm start -- --proxy', () => {
  it('plays a maintenance window with a function in Python, every step of which holds', async () => {
    const { code, out } = await run(['--proxy', '--demo'], await withClient());
    const steps = out.split('\n').filter((line) => /^ {2}[✓✗]/.test(line));
    expect(steps).toHaveLength(13);
    expect(steps.filter((line) => line.includes('✗'))).toEqual([]);
    expect(code).toBe(0);
  });

  it('runs one’s own function with one’s own environment, and anew where its code has changed', async () => {
    mkdirSync(join(folder, 'shop'));
    writeFileSync(join(folder, 'shop', '__init__.py'), '');
    writeFileSync(join(folder, 'shop', 'price.py'), 'PRICE = 1\n');
    writeFileSync(
      join(folder, 'shop', 'app.py'),
      `import os
from shop.price import PRICE
def main(event, context):
    return {'event': event, 'orders': os.environ['ORDERS'], 'folder': os.getcwd(), 'price': PRICE, 'pid': os.getpid()}
`,
    );
    const { invoke, lines } = await serve('shop/app.py:main', { ORDERS: 'north' });
    const first = await invoke({ a: 'ö' });
    expect(first).toMatchObject({ event: { a: 'ö' }, orders: 'north', folder, price: 1 });
    expect(await invoke({ a: 'ö' })).toEqual(first);

    writeFileSync(join(folder, 'shop', 'price.py'), 'PRICE = 23\n');
    expect(await invoke({})).toMatchObject({ price: 23 });
    expect(lines).toContain('shop/price.py has changed: the function starts anew');
  });

  it('says what is wrong with changed code, and runs it once it is right', async () => {
    writeFileSync(join(folder, 'app.py'), 'def handler(event, context):\n    return 1\n');
    const { invoke, lines } = await serve('app.py');
    expect(await invoke({})).toBe(1);
    writeFileSync(join(folder, 'app.py'), 'def handler(event, context) return 12\n');
    const message = expect.stringMatching(/app\.handler cannot be loaded from .*SyntaxError/s);
    expect(await invoke({})).toMatchObject({ Message: message });
    expect(lines).toContainEqual(message);
    writeFileSync(join(folder, 'app.py'), 'def handler(event, context):\n    return 123\n');
    expect(await invoke({})).toBe(123);
  });
});

describe.skipIf(!hasProxy)('npm start -- --proxy, before it starts anything', () => {
  it.each([
    ['raises', 'raise RuntimeError("no TABLE is set")', 'RuntimeError: no TABLE is set ('],
    ['is no Python', 'def handler(', 'SyntaxError: '],
    ['imports what is not there', 'import boto4', "ModuleNotFoundError: No module named 'boto4'"],
    ['ends its process', 'import sys; sys.exit(3)', 'SystemExit: 3'],
    ['has no such handler', 'def main(event, context): pass', 'AttributeError: app has no handler'],
    ['has no function there', 'handler = 42', 'TypeError: app.handler is no function, but of the type int'],
  ])('refuses a file that %s', async (_, code, message) => {
    writeFileSync(join(folder, 'app.py'), code);
    const {
      code: exitCode,
      out,
      err,
    } = await run(['--proxy', '--port', '0', '--handler', 'app.py'], {
      ...(await withClient()),
    });
    expect({ exitCode, out }).toEqual({ exitCode: 69, out: '' });
    expect(err.trim().startsWith(`the handler app.handler cannot be loaded from ${folder}: `)).toBe(true);
    expect(err).toContain(message);
  });

  it('says in one message what the machine lacks, with the command to get it', async () => {
    writeFileSync(join(folder, 'app.py'), 'def handler(event, context): pass');
    const words = ['--proxy', '--port', '0', '--handler', './app.py'];
    const nothing = await run(words, { PATH: folder });
    expect(nothing).toMatchObject({ code: 69, out: '' });
    expect(nothing.err).toMatch(
      /lacks what the function needs behind the proxy:\n {2}python3: {2}sudo apt-get install python3/,
    );

    const bare = join(folder, '.venv');
    expect(spawnSync('python3', ['-m', 'venv', '--without-pip', bare]).status).toBe(0);
    const python = join(bare, 'bin', 'python');
    const lacking = await run(words);
    expect(lacking).toMatchObject({ code: 69, out: '' });
    expect(lacking.err).toContain(`  ${python} -m pip install awslambdaric==4.2.2\n`);

    writeFileSync(join(folder, 'requirements.txt'), 'awslambdaric==4.2.2\n');
    expect((await run(words)).err).toContain(`  ${python} -m pip install -r ${join(folder, 'requirements.txt')}\n`);
  });

  it('says what the machine lacks to build the proxy', () => {
    const { stdout, status } = spawnSync(process.execPath, [join(HOME, 'build', 'proxy.ts'), '--lacks'], {
      env: { PATH: folder },
      encoding: 'utf8',
    });
    expect({ stdout, status }).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^the proxy: this machine has no cargo: {2}sudo apt-get install cargo/),
    });
  });

  it.each([
    ['a time to live that is none', { MAINTENANCE_WINDOW_TTL: '0' }, /^MAINTENANCE_WINDOW_TTL: "0" is not allowed/],
    ['a word about streams', { MAINTENANCE_WINDOW_PROXY_STREAMING: 'yes' }, /^MAINTENANCE_WINDOW_PROXY_STREAMING: /],
    ['a port that is none', { MAINTENANCE_WINDOW_PROXY_PORT: '70000' }, /^MAINTENANCE_WINDOW_PROXY_PORT: "70000"/],
  ])('refuses %s, in the proxy’s own words', async (_, environment, message) => {
    writeFileSync(join(folder, 'app.py'), 'def handler(event, context): pass');
    const words = ['--proxy', '--port', '0', '--handler', './app.py'];
    const { code, out, err } = await run(words, { ...(await withClient()), ...environment });
    expect({ code, out, err: err.trim() }).toEqual({ code: 78, out: '', err: expect.stringMatching(message) });
  });

  it('is named to whoever leaves it out', async () => {
    writeFileSync(join(folder, 'app.py'), '');
    const { code, err } = await run(['--port', '0', '--handler', './app.py']);
    expect(code).toBe(69);
    expect(err).toContain('A function in another language runs behind the proxy: add --proxy.');
  });
});
