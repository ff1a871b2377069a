/** The window source in a process of its own: what it loads, whom it trusts, what a freeze does to it, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startSteadyService, TEST_CERTIFICATE } from '../../fakes/scripted-service.ts';
import {
  delayed,
  denies,
  holds,
  inTurn,
  type MisbehavingSsm,
  startMisbehavingSsm,
  throttles,
} from '../../fakes/ssm-misbehaving.ts';
import { HANG_LIMIT_MS } from '../../worlds/hang-limit.ts';
import type { Report } from './window-source-program.ts';

type Environment = Readonly<Record<string, string>>;

const PROGRAM = join(import.meta.dirname, 'window-source-program.ts');
/** Who makes the connections, with what of Node's options that takes. */
const SOCKETS: Readonly<Record<string, readonly string[]>> = {
  'Node’s sockets': [],
  'Native sockets': ['--import', join(import.meta.dirname, 'native-sockets-program.ts')],
};
const ALWAYS = holds({ 'maintenance-window': '2000-01-01T00:00:00Z,2100-01-01T00:00:00Z' });
const NEVER = holds({ 'maintenance-window': '{"version":1,"windows":[]}' });
const KEYS: Environment = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' };

let preload: readonly string[] = [];
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

describe('With the keys in the environment', () => {
  test('neither the SDK nor undici is loaded, and a token is sent along', async () => {
    const ssm = await ssmThat(ALWAYS);
    const [report] = await run(ssm, ['start', 'report'], KEYS);
    expect(report).toEqual({ active: true, entries: [], sdk: false, undici: false });
    expect(ssm.requests[0]?.headers).toMatchObject({
      authorization: expect.stringContaining('Credential=key/'),
      'x-amz-security-token': 'token',
    });
  });

  test('an empty token is none', async () => {
    const ssm = await ssmThat(ALWAYS);
    const [report] = await run(ssm, ['start', 'report'], { ...KEYS, AWS_SESSION_TOKEN: '' });
    expect(report).toMatchObject({ active: true, sdk: false });
    expect(ssm.requests[0]?.headers).not.toHaveProperty('x-amz-security-token');
  });

  test('a handler that changes the environment does not change the keys', async () => {
    const ssm = await ssmThat(ALWAYS);
    await run(ssm, ['start', 'rekey', 'refresh'], KEYS);
    expect(ssm.requests[1]?.headers.authorization).toContain('Credential=key/');
  });
});

describe('Elsewhere the SDK finds them', () => {
  test('at an endpoint for credentials, as under SnapStart', async () => {
    const ssm = await ssmThat(ALWAYS);
    await using credentials = await startSteadyService(
      JSON.stringify({
        AccessKeyId: 'held',
        SecretAccessKey: 'secret',
        Token: 'token',
        Expiration: '2100-01-01T00:00:00Z',
      }),
    );
    const [report] = await run(ssm, ['start', 'report', 'refresh'], {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: credentials.url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'bearer',
    });
    expect(report).toMatchObject({ active: true, entries: [], sdk: true });
    expect(ssm.requests.map(({ headers }) => headers.authorization)).toEqual([
      expect.stringContaining('Credential=held/'),
      expect.stringContaining('Credential=held/'),
    ]);
    expect(ssm.connections).toBe(1);
  });

  test('in a profile, which goes before keys in the environment', async () => {
    const ssm = await ssmThat(ALWAYS);
    const folder = mkdtempSync(join(tmpdir(), 'window-source-'));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'credentials'), '[team]\naws_access_key_id = profile\naws_secret_access_key = secret\n');
    const [report] = await run(ssm, ['start', 'report'], {
      ...KEYS,
      AWS_PROFILE: 'team',
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    });
    expect(report).toMatchObject({ active: true, sdk: true });
    expect(ssm.requests[0]?.headers.authorization).toContain('Credential=profile/');
  });

  test('and where it finds none, the read fails and the process lives', async () => {
    const ssm = await ssmThat(ALWAYS);
    const emptied = Object.fromEntries(Object.keys(KEYS).map((name) => [name, '']));
    const [report] = await run(ssm, ['start', 'report'], { ...emptied, AWS_EC2_METADATA_DISABLED: 'true' });
    expect(report).toMatchObject({
      active: false,
      entries: [{ kind: 'window-read-failed', cause: expect.stringContaining('Could not load credentials') }],
    });
    expect(ssm.requests).toEqual([]);
  });

  test('errors are sorted as elsewhere', async () => {
    const ssm = await ssmThat(inTurn(throttles, denies, ALWAYS));
    const viaSdk = { ...KEYS, AWS_PROFILE: 'default', AWS_SHARED_CREDENTIALS_FILE: keysFile() };
    const [report, later] = await run(ssm, ['start', 'report', 'refresh', 'report'], viaSdk);
    expect(report).toMatchObject({ active: false, sdk: true });
    expect(report?.entries).toMatchObject([{ cause: expect.stringMatching(/^AccessDeniedException: User/) }]);
    expect(later).toMatchObject({ active: true });
    expect(ssm.requests).toHaveLength(3);
  });
});

describe.each(Object.keys(SOCKETS))('%s', (sockets) => {
  beforeEach(() => {
    preload = SOCKETS[sockets] ?? [];
  });
  afterEach(() => {
    preload = [];
  });

  describe('Over TLS', () => {
    test('a certificate of NODE_EXTRA_CA_CERTS is trusted, and the connection is kept', async () => {
      const ssm = await ssmThat(ALWAYS, { tls: true });
      const steps = ['written', 'start', 'refresh', 'report'];
      const [report] = await run(ssm, steps, { ...KEYS, NODE_EXTRA_CA_CERTS: TEST_CERTIFICATE });
      expect(report).toEqual({ active: true, entries: [], sdk: false, undici: false });
      expect(ssm.requests).toHaveLength(2);
      expect(ssm.connections).toBe(1);
    });

    test('no other certificate is', async () => {
      const ssm = await ssmThat(ALWAYS, { tls: true });
      const [report] = await run(ssm, ['start', 'report'], KEYS);
      expect(report).toMatchObject({
        active: false,
        entries: [{ cause: expect.stringMatching(/self-signed certificate/) }],
      });
      expect(ssm.requests).toEqual([]);
    });
  });

  describe('The process', () => {
    test.each(['signed here', 'by the SDK'])('ends by itself with a connection kept open, %s', async (how) => {
      const ssm = await ssmThat(ALWAYS);
      const profile = how === 'by the SDK' ? { AWS_PROFILE: 'default', AWS_SHARED_CREDENTIALS_FILE: keysFile() } : {};
      // It rejects where the process does not end: the server never closes a connection by itself.
      await run(ssm, ['start', 'refresh', 'report'], { ...KEYS, ...profile });
      expect(ssm.connections).toBe(1);
    });

    test('lives until the first read is answered, though nothing else keeps it', async () => {
      const ssm = await ssmThat(delayed(400, ALWAYS));
      const [report] = await run(ssm, ['start', 'report'], KEYS);
      expect(report).toMatchObject({ active: true });
    });
  });

  describe('A time-out that fires late, because', () => {
    test('the event loop was held, finds the answer that has long arrived', async () => {
      const ssm = await ssmThat(delayed(50, ALWAYS));
      const [report] = await run(ssm, ['written', 'block:1700', 'start', 'report'], KEYS);
      expect(report).toMatchObject({ active: true, entries: [] });
      expect(ssm.requests).toHaveLength(1);
    });

    test('the event loop was held for longer than a first read may take, leaves time for another try', async () => {
      const ssm = await ssmThat(inTurn(throttles, ALWAYS));
      const [report] = await run(ssm, ['written', 'block:5100', 'start', 'report'], KEYS);
      expect(report).toMatchObject({ active: true, entries: [] });
      expect(ssm.requests).toHaveLength(2);
    });

    test('the process was frozen, finds the answer that arrived meanwhile', async () => {
      const ssm = await ssmThat(inTurn(NEVER, delayed(200, ALWAYS)));
      const program = start(ssm, ['start', 'refresh', 'report'], KEYS);
      while (ssm.requests.length < 2) await pause(1);
      program.child.kill('SIGSTOP');
      await pause(1_500);
      program.child.kill('SIGCONT');
      const [report] = await program.reports;
      expect(report).toMatchObject({ active: true, entries: [] });
      expect(ssm.requests).toHaveLength(2);
    });
  });
});

async function ssmThat(...settings: Parameters<typeof startMisbehavingSsm>): Promise<MisbehavingSsm> {
  const ssm = await startMisbehavingSsm(...settings);
  cleanUps.push(ssm.close);
  return ssm;
}

/** A file of the same keys as {@link KEYS}, for a profile. */
function keysFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'window-source-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'credentials');
  writeFileSync(file, '[default]\naws_access_key_id = key\naws_secret_access_key = secret\n');
  return file;
}

function run(ssm: MisbehavingSsm, steps: readonly string[], environment: Environment): Promise<readonly Report[]> {
  return start(ssm, steps, environment).reports;
}

/** `reports` rejects where the process does not end well by itself. */
function start(
  ssm: MisbehavingSsm,
  steps: readonly string[],
  environment: Environment,
): { readonly child: ChildProcess; readonly reports: Promise<readonly Report[]> } {
  const child = spawn(process.execPath, [...preload, PROGRAM, ...steps], {
    env: {
      PATH: process.env['PATH'],
      HOME: '/nowhere',
      AWS_REGION: 'eu-south-1',
      AWS_ENDPOINT_URL_SSM: ssm.url,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: HANG_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<string>((resolve) => child.once('exit', (code, signal) => resolve(`${signal ?? code}`)));
  const reports = Promise.all([ended, text(child.stdout), text(child.stderr)]).then(([end, stdout, stderr]) => {
    if (end !== '0') throw new Error(`the process ended with ${end}\n${stdout}\n${stderr}`);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line): Report => JSON.parse(line));
  });
  return { child, reports };
}
