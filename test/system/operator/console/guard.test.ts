/** Who may ask the console: what a browser sends for another page, and what somebody sends who is none. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWN_HEADER } from '../../../../operator/console/answer.ts';
import { runCli } from '../../../worlds/cli.ts';
import { buildConsole, type ConsoleWorld, startConsoleWorld } from '../../../worlds/console.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();
let console_: ConsoleWorld;

beforeAll(async () => {
  buildConsole();
  console_ = await startConsoleWorld(world.environment);
});
afterAll(() => console_?.close());

const LOOK = '/api/look/whoami';

it('answers its own page, and lets no answer be kept, framed or read by others', async () => {
  const { status, headers } = await console_.ask(LOOK);
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'content-security-policy': expect.stringContaining("default-src 'none'; script-src 'self'"),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  });
  expect(headers['access-control-allow-origin']).toBeUndefined();
});

it('knows its own cookie beside one that another port of this machine has set under its name', async () => {
  const [name] = console_.cookie.split('=');
  for (const cookie of [`${name}=other; ${console_.cookie}`, `${console_.cookie};${name}=`]) {
    expect((await console_.ask(LOOK, { headers: { cookie } })).status).toBe(200);
  }
});

describe('refuses', () => {
  it.each([
    ['another host, as after DNS rebinding', { host: 'attacker.example' }, 421],
    ['another port in the host', { host: '127.0.0.1:1' }, 421],
    ['another origin', { origin: 'http://attacker.example' }, 403],
    ['no origin at all, of a sandboxed page', { origin: 'null' }, 403],
    ['another page of this machine', { origin: 'http://127.0.0.1:1' }, 403],
    ['what a browser marks as cross-site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['what a browser marks as of another port', { 'sec-fetch-site': 'same-site' }, 403],
    ['what a form or a link sends', { [OWN_HEADER]: undefined }, 403],
    ['no cookie', { cookie: undefined }, 401],
    ['no key, of who was sent the cookie alone', { [OWN_HEADER]: '1' }, 401],
    ['a cookie of another console', { cookie: 'maintenance-window-1=abc' }, 401],
  ] as const)('%s', async (_, headers, status) => {
    expect((await console_.ask(LOOK, { headers })).status).toBe(status);
    const change = { headers, body: { names: ['x'] } };
    expect((await console_.ask('/api/change/replays%20cancel', change)).status).toBe(status);
    expect((await console_.ask('/api/plan/begin', { headers, body: {} })).status).toBe(status);
  });

  it.each([
    ['of another host', 'http://attacker.example'],
    ['of another port', 'http://127.0.0.1:1'],
    ['of another host behind a name of ours', 'http://127.0.0.1@attacker.example'],
    ['of another scheme', 'https://attacker.example'],
  ])('a whole address in place of a path, %s: it counts for more than the host beside it', async (_, origin) => {
    expect((await console_.ask(`${origin}${LOOK}`)).status).toBe(421);
    expect((await console_.ask(`${origin}/session`, { body: { token: console_.token } })).status).toBe(421);
    expect((await console_.ask(`${origin}/api/plan/begin`, { body: {} })).status).toBe(421);
  });

  it('a target that is no address of anything', async () => {
    for (const target of ['*', 'http://', 'attacker.example:80', '//attacker.example/'])
      expect([400, 404, 421]).toContain((await console_.ask(target)).status);
  });

  it('a token that is none, is old, or is no text', async () => {
    const other = await startConsoleWorld(world.environment);
    await other.close();
    for (const token of ['', 'x', other.token, console_.token.slice(1), 7, null, [console_.token]]) {
      const { status, headers } = await console_.ask('/session', { body: { token } });
      expect([status, headers['set-cookie']]).toEqual([401, undefined]);
    }
  });

  it('a preflight: no other origin is ever allowed', async () => {
    const { status, headers } = await console_.ask(LOOK, {
      method: 'OPTIONS',
      headers: { origin: 'http://attacker.example', 'access-control-request-headers': OWN_HEADER },
    });
    expect(status).toBe(403);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('a change by an address, and what is no operation', async () => {
    for (const path of [
      '/api/look/replays%20cancel?name=x',
      '/api/look/begin',
      '/api/look/config',
      '/api/look/__proto__',
    ]) {
      expect((await console_.ask(path)).status).toBe(400);
    }
    expect((await console_.ask('/api/plan/context%20add', { body: {} })).status).toBe(400);
  });

  it('options that would send it elsewhere, however they are written', async () => {
    for (const option of [
      'endpoint-url',
      'profile',
      'parameter',
      'table',
      'context',
      'output',
      'jq',
      'payload-file',
      'yes',
    ]) {
      expect((await console_.ask(`/api/look/events%20list?${option}=x`)).status).toBe(400);
      expect((await console_.ask('/api/plan/replay', { body: { options: { [option]: ['x'] } } })).status).toBe(400);
    }
    const { exitCode } = await console_.look('events show', 'name=--endpoint-url%3Dhttp://attacker.example');
    expect(exitCode).not.toBe(0);
  });

  it.each([
    ['no JSON', { bytes: Buffer.from('{') }, 400],
    ['a list', { body: ['begin'] }, 400],
    ['options of another form', { body: { options: { for: 'x' } } }, 400],
    ['names of another form', { body: { names: [7] } }, 400],
  ] as const)('a body of %s', async (_, asked, status) => {
    expect((await console_.ask('/api/plan/begin', asked)).status).toBe(status);
  });

  it('a body of 10 MB, and waits for no end of it', async () => {
    const asking = console_.ask('/api/plan/begin', { bytes: Buffer.alloc(10_000_000, 32) });
    // whoever is still sending may find the connection closed before the answer is read
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(
      await asking.then(
        ({ status }) => status,
        ({ code }) => code,
      ),
    );
  });

  it('files beside the page', async () => {
    for (const path of [
      '/../cli/main.mjs',
      '/%2e%2e/cli/main.mjs',
      '/..%2fcli%2fmain.mjs',
      '/console.js.map',
      '/etc/passwd.txt',
    ]) {
      expect((await console_.ask(path)).status).toBe(404);
    }
  });
});

it('listens elsewhere under a number that was said alone: it is asked for by that', async () => {
  const { code, err } = await runCli(['console', '--listen', '0.0.0.0', '--port', '0'], {
    environment: world.environment,
  });
  expect({ code, err }).toEqual({
    code: 64,
    err: expect.stringContaining('--listen 0.0.0.0 takes the --port that is published on loopback'),
  });
});

it('goes on while 200 connections say nothing, and answers once they are gone', async () => {
  const sockets = Array.from({ length: 200 }, () => connect(console_.port, '127.0.0.1').on('error', () => undefined));
  await Promise.all(sockets.slice(0, 50).map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  for (const socket of sockets) socket.destroy();
  for (;;) {
    const answer = await console_.ask(LOOK).catch(() => undefined);
    if (answer?.status === 200) break;
  }
});

it('closes a connection whose question does not come to its end', async () => {
  const socket = connect(console_.port, '127.0.0.1').on('error', () => undefined);
  socket.write(`POST /session HTTP/1.1\r\nHost: 127.0.0.1:${console_.port}\r\nContent-Length: 1000\r\n\r\n{`);
  // seldom: what is sent to a connection that is closed has its answer thrown away
  const drip = setInterval(() => socket.write(' '), 3_000);
  const [first] = await socket.resume().toArray();
  clearInterval(drip);
  expect(String(first)).toMatch(/^HTTP\/1.1 408 /);
});

it('says nothing of its token but in the address that it prints', async () => {
  expect(console_.cli.out.split(console_.token)).toHaveLength(2);
  expect(console_.cli.err).not.toContain(console_.token);
  expect(new URL(console_.url).search).toBe('');
});
