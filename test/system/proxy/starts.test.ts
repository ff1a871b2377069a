import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { patchedClient, startClient } from '../../worlds/client-process.ts';
import { HANG_LIMIT_MS } from '../../worlds/hang-limit.ts';
import { hasProxy, PROXY, PROXY_LAYER, proxiedClient, proxyPort, WRAPPER } from '../../worlds/proxy.ts';
import { startSurroundings } from '../../worlds/surroundings.ts';

type Settings = Readonly<Record<string, string | undefined>>;

/** Some of what may be sent to a runtime; the proxy itself would die of most. */
const SIGNALS = ['SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGWINCH', 'SIGPWR'] as const;

/** Starts a proxied client to its end, and says what Lambda was told. */
async function start(environment: Settings, client = proxiedClient()) {
  await using aws = await startSurroundings();
  await using api = await startRuntimeApi({ invocations: [{ text: '{"n":1}' }] });
  const settings = { ...aws.environment, ...(await proxyPort()), ...environment };
  await using process = startClient({
    client,
    handler: 'values.echo',
    runtimeApi: api.address,
    environment: settings,
  });
  const { code, signal, stdout, stderr } = await process.exited;
  const initErrors = api.requests.filter(({ kind }) => kind === 'init-error').map(({ body }) => body.toString());
  return { code, signal, stdout, stderr, initErrors, answers: api.count('answer') };
}

describe.skipIf(!hasProxy)('the start of the proxy', () => {
  it('ends INIT where its port is taken, and names the variable', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const { code, stderr, initErrors, answers } = await start({ MAINTENANCE_WINDOW_PROXY_PORT: String(port) });
    other.close();
    expect([code, answers]).toEqual([69, 0]);
    for (const text of [stderr, ...initErrors]) {
      expect(text).toContain(`port ${port} is taken`);
      expect(text).toContain('set MAINTENANCE_WINDOW_PROXY_PORT to a free one');
    }
    expect(initErrors.length).toBe(1);
  });

  it.each<readonly [what: string, settings: Settings, message: string]>([
    ['a setting that is not allowed', { MAINTENANCE_WINDOW_TTL: '0' }, 'MAINTENANCE_WINDOW_TTL: "0" is not allowed'],
    ['a setting that nobody knows', { MAINTENANCE_WINDOW_PROXI: '1' }, 'MAINTENANCE_WINDOW_PROXI is no setting'],
    ['a port that is none', { MAINTENANCE_WINDOW_PROXY_PORT: '70000' }, 'MAINTENANCE_WINDOW_PROXY_PORT: \\"70000\\"'],
    ['a port with a sign', { MAINTENANCE_WINDOW_PROXY_PORT: '+9010' }, 'MAINTENANCE_WINDOW_PROXY_PORT: \\"+9010\\"'],
    ['an upstream that is none', { MAINTENANCE_WINDOW_PROXY_UPSTREAM: 'here' }, 'write host:port'],
    ...['http://127.0.0.1:9001', 'me@127.0.0.1:9001', '127.0.0.1:0'].flatMap((upstream) =>
      ['MAINTENANCE_WINDOW_PROXY_UPSTREAM', 'LRAP_RUNTIME_API_ENDPOINT'].map(
        (name) => [`${upstream} as ${name}`, { [name]: upstream }, `${name}: \\"${upstream}\\" is not`] as const,
      ),
    ),
    [
      'itself as its upstream',
      { MAINTENANCE_WINDOW_PROXY_PORT: '9010', MAINTENANCE_WINDOW_PROXY_UPSTREAM: '127.0.0.1:9010' },
      "is the proxy's own port",
    ],
    ...['0.0.0.0:9010', '127.1:9010', 'LOCALHOST:9010', '[::ffff:127.0.0.1]:9010'].map(
      (upstream) =>
        [
          `itself as its upstream by the name of ${upstream}`,
          { MAINTENANCE_WINDOW_PROXY_PORT: '9010', MAINTENANCE_WINDOW_PROXY_UPSTREAM: upstream },
          "is the proxy's own port",
        ] as const,
    ),
    [
      'a wrapper that nobody runs in an image',
      { MAINTENANCE_WINDOW_EXEC_WRAPPER: '/opt/monitor' },
      'MAINTENANCE_WINDOW_EXEC_WRAPPER: "/opt/monitor" was not run, since the proxy is the image\'s entry',
    ],
    ['a profile', { AWS_PROFILE: 'work' }, 'AWS_PROFILE: the proxy reads no profiles'],
    ['no credentials', { AWS_ACCESS_KEY_ID: undefined }, 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set'],
    ['a region that is none', { AWS_REGION: 'here' }, 'AWS_REGION: '],
    ['a flag that is none', { AWS_USE_FIPS_ENDPOINT: 'yes' }, 'AWS_USE_FIPS_ENDPOINT: '],
    ['an odd endpoint', { AWS_ENDPOINT_URL_SSM: 'ftp://here' }, 'AWS_ENDPOINT_URL_SSM: '],
    [
      'an endpoint with a user, whose password the log does not have',
      { AWS_ENDPOINT_URL_SSM: 'http://me:secret@here/' },
      'AWS_ENDPOINT_URL_SSM: \\"http://…@here/\\" is not',
    ],
    ['a word about streams', { MAINTENANCE_WINDOW_PROXY_STREAMING: 'yes' }, 'MAINTENANCE_WINDOW_PROXY_STREAMING: '],
  ])('refuses %s, by name', async (_, settings, message) => {
    const { code, stderr, initErrors, answers } = await start(settings);
    expect([code, answers, initErrors.length]).toEqual([78, 0, 1]);
    expect(stderr).toContain(message.replaceAll('\\"', '"'));
    expect(initErrors[0]).toContain('"errorType":"MaintenanceWindow.Config"');
    expect(JSON.parse(initErrors[0] ?? '').errorMessage).toContain(message.replaceAll('\\"', '"'));
  });

  it('is refused by the client: two gates would both store', async () => {
    const { code, initErrors } = await start({}, proxiedClient(patchedClient().command));
    expect(code).toBe(1);
    expect(initErrors[0]).toContain('both the client for Node and the Runtime API proxy guard this function');
  });

  it('refuses the client’s layer beside it, which refuses the proxy in the same words', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'two-layers-'));
    cpSync(patchedClient().folder, folder, { recursive: true });
    copyFileSync(PROXY, join(folder, 'proxy'));
    const ended = await start({}, { folder, command: [join(folder, 'proxy'), '--', 'true'] });
    const command = ['/var/lang/bin/node', '/var/runtime/index.mjs'] as const;
    const client = await start({}, { folder, command: [join(folder, 'exec-wrapper'), ...command] });
    rmSync(folder, { recursive: true });
    expect([ended.code, client.code]).toEqual([78, 78]);
    const words = `${folder} holds both the client for Node and the proxy, which would both store each event: take one of the two layers away\n`;
    expect(ended.stderr).toBe(`maintenance-window: ERROR MaintenanceWindow.Config: ${words}`);
    expect(client.stderr).toBe(`exec-wrapper: ${words}`);
  });

  it('says as an ERROR and a metric that no runtime has connected', async () => {
    const { stdout } = await start({}, proxiedClient(['sleep', '14']));
    const line = stdout.split('\n').find((one) => one.includes('proxy-unused')) ?? '';
    expect(line).toContain('\tERROR\t');
    expect(line).toContain('/opt/maintenance-window/wrapper');
    expect(stdout).toContain('"GateFault":1');
  });

  it('ends as the runtime ends, and passes signals on', async () => {
    expect(await start({}, proxiedClient(['sh', '-c', 'exit 7']))).toMatchObject({ code: 7 });
    expect(await start({}, proxiedClient(['sh', '-c', 'kill -KILL $$']))).toMatchObject({ code: 137 });
    expect(await start({}, proxiedClient(['/nowhere']))).toMatchObject({ code: 69 });

    await using aws = await startSurroundings();
    await using api = await startRuntimeApi();
    const script = `${SIGNALS.map((name) => `trap "echo ${name}" ${name.slice(3)}`).join(';')}; trap "exit 9" TERM
      echo ready; while :; do sleep 0.05; done`;
    const child = spawn(PROXY, ['--', 'sh', '-c', script], {
      env: {
        PATH: process.env['PATH'],
        AWS_LAMBDA_RUNTIME_API: api.address,
        AWS_REGION: 'eu-south-1',
        AWS_ACCESS_KEY_ID: 'key',
        AWS_SECRET_ACCESS_KEY: 'secret',
        ...aws.environment,
        ...(await proxyPort()),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise((resolve) => child.once('close', resolve));
    const said = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
    expect((await said.next()).value).toBe('ready\n');
    for (const name of SIGNALS) {
      child.kill(name);
      expect((await said.next()).value).toBe(`${name}\n`);
    }
    child.kill('SIGTERM');
    expect(await exited).toBe(9);
  });

  it.each([
    ['carriage returns', '#!/bin/sh\r\nexit 0\r\n'],
    ['an interpreter that is not there', '#!/no/such/shell\nexit 0\n'],
  ])('says of a script with %s that it is there, and what is not', async (_, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'script-'));
    writeFileSync(join(folder, 'main'), text, { mode: 0o755 });
    const { code, stderr } = await start({}, proxiedClient([join(folder, 'main')]));
    rmSync(folder, { recursive: true });
    expect(code).toBe(69);
    expect(stderr).toContain(
      `${folder}/main cannot be started: the interpreter that its first line names is not there`,
    );
  });

  it('says as an extension what Lambda refuses, and does not take it for the end of the environment', async () => {
    await using aws = await startSurroundings();
    const body = '{"errorType":"Extension.UnknownExtensionIdentifier"}';
    await using api = await startRuntimeApi({
      answer: ({ kind }) => (kind === 'extension-next' ? { status: 403, body } : undefined),
    });
    await using extension = startClient({
      client: { folder: PROXY_LAYER, command: [PROXY, '--extension', 'maintenance-window'] },
      handler: '',
      runtimeApi: api.address,
      environment: { ...aws.environment, ...(await proxyPort()) },
    });
    const { code, stderr } = await extension.exited;
    expect([code, stderr]).toEqual([
      70,
      `maintenance-window: ERROR Lambda's Extensions API: it refuses (403): ${body}\n`,
    ]);
  });

  it('ends as it should where nobody takes what it says', () => {
    const full = openSync('/dev/full', 'w');
    const { status, signal } = spawnSync(PROXY, ['orders'], { stdio: ['ignore', full, full] });
    closeSync(full);
    expect([status, signal]).toEqual([64, null]);
  });

  it('gives a runtime its words as they are, be they no UTF-8', async () => {
    const command = ['sh', '-c', `exec ${PROXY} -- printf %s "$(printf 'a\\377')"`] as const;
    const { code, stderr } = await start({}, { folder: '/', command });
    expect([code, stderr]).toEqual([0, '']);
  });

  it('says how it is used', () => {
    const { status, stderr } = spawnSync(PROXY, ['orders'], { encoding: 'utf8' });
    expect(status).toBe(64);
    expect(stderr).toContain('usage: proxy --extension NAME');
  });
});

describe.skipIf(!hasProxy)('the wrapper', () => {
  /** What a runtime finds in its environment behind the wrapper. */
  function environmentBehind(settings: Record<string, string>): string {
    const env = { PATH: process.env['PATH'], AWS_LAMBDA_EXEC_WRAPPER: WRAPPER, ...settings };
    return execFileSync(
      WRAPPER,
      ['sh', '-c', 'echo "$AWS_LAMBDA_RUNTIME_API $AWS_LAMBDA_EXEC_WRAPPER $OF_NEXT $*"', 'x', 'a b'],
      {
        env,
        encoding: 'utf8',
      },
    ).trim();
  }

  it('points the runtime at the proxy, by the same names as the proxy', () => {
    expect(environmentBehind({})).toBe('127.0.0.1:9009   a b');
    expect(environmentBehind({ LRAP_LISTENER_PORT: '9001' })).toBe('127.0.0.1:9001   a b');
    expect(environmentBehind({ LRAP_LISTENER_PORT: '9001', MAINTENANCE_WINDOW_PROXY_PORT: '9002' })).toBe(
      '127.0.0.1:9002   a b',
    );
  });

  it('gives the next wrapper its turn, with all that it would have had', () => {
    const folder = mkdtempSync(join(tmpdir(), 'wrapper-'));
    mkdirSync(folder, { recursive: true });
    const next = join(folder, 'next');
    writeFileSync(next, '#!/bin/sh\nOF_NEXT="$AWS_LAMBDA_EXEC_WRAPPER" exec "$@"\n', { mode: 0o755 });
    const seen = environmentBehind({ MAINTENANCE_WINDOW_EXEC_WRAPPER: next });
    rmSync(folder, { recursive: true });
    expect(seen).toBe(`127.0.0.1:9009 ${next} ${next} a b`);
  });

  it('runs once, where the wrapper that it calls calls it again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'wrappers-'));
    const [next, again] = ['next', 'again'].map((name) => join(folder, name));
    writeFileSync(next ?? '', `#!/bin/sh\nexec ${WRAPPER} "$@"\n`, { mode: 0o755 });
    writeFileSync(again ?? '', `#!/bin/sh\nexport MAINTENANCE_WINDOW_EXEC_WRAPPER=$0\nexec ${WRAPPER} "$@"\n`, {
      mode: 0o755,
    });
    const [once, forEver] = [next, again].map((own) =>
      spawnSync(WRAPPER, ['echo', 'called'], {
        env: { PATH: process.env['PATH'], MAINTENANCE_WINDOW_EXEC_WRAPPER: own },
        encoding: 'utf8',
        timeout: HANG_LIMIT_MS,
      }),
    );
    rmSync(folder, { recursive: true });
    expect([once?.stdout, once?.stderr]).toEqual(['called\n', '']);
    expect([forEver?.status, forEver?.stderr]).toEqual([
      78,
      `wrapper: MAINTENANCE_WINDOW_EXEC_WRAPPER is "${again}", which calls this wrapper, which would call it again: each ` +
        'has to run once\n',
    ]);
  });

  it('says that it has no command', () => {
    const { status, stderr } = spawnSync(WRAPPER, [], { env: { PATH: process.env['PATH'] }, encoding: 'utf8' });
    expect([status, stderr]).toEqual([
      64,
      `wrapper: no command: write what starts the runtime behind it, as in  exec ${WRAPPER} ./main\n`,
    ]);
  });

  it('does not start where the next wrapper has carriage returns, and says so', () => {
    const folder = mkdtempSync(join(tmpdir(), 'wrapper-'));
    const own = join(folder, 'next');
    writeFileSync(own, '#!/bin/sh\r\nexec "$@"\r\n', { mode: 0o755 });
    const env = { PATH: process.env['PATH'], MAINTENANCE_WINDOW_EXEC_WRAPPER: own };
    const { status, stderr } = spawnSync(WRAPPER, ['true'], { env, encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect([status, stderr]).toEqual([
      78,
      `wrapper: MAINTENANCE_WINDOW_EXEC_WRAPPER is "${own}", whose first line ends in a carriage return (CRLF): write it ` +
        'with line feeds alone\n',
    ]);
  });

  it('may be called by a link', () => {
    const folder = mkdtempSync(join(tmpdir(), 'link-'));
    symlinkSync(WRAPPER, join(folder, 'wrapper'));
    const { stdout, stderr } = spawnSync(join(folder, 'wrapper'), ['echo', 'linked'], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect([stdout, stderr]).toEqual(['linked\n', '']);
  });

  it('leaves nothing of its own setting to whoever runs next', () => {
    const env = { PATH: process.env['PATH'], MAINTENANCE_WINDOW_EXEC_WRAPPER: '/usr/bin/env' };
    expect(execFileSync(WRAPPER, [], { env, encoding: 'utf8' })).not.toContain('MAINTENANCE_WINDOW_EXEC_WRAPPER');
  });

  it.each([
    ['is not there', '/opt/nothing'],
    ['is a folder', '/opt'],
    ['cannot be executed', join(dirname(WRAPPER), 'next-wrapper')],
    ['is this wrapper itself', WRAPPER],
    ['is empty', ''],
  ])('does not start where the next wrapper %s, and says which variable names it', (_, own) => {
    const env = { PATH: process.env['PATH'], MAINTENANCE_WINDOW_EXEC_WRAPPER: own };
    const { status, stderr } = spawnSync(WRAPPER, ['true'], { env, encoding: 'utf8', timeout: HANG_LIMIT_MS });
    expect(stderr).toBe(
      `wrapper: MAINTENANCE_WINDOW_EXEC_WRAPPER is "${own}", which is no executable file beside this wrapper: name the ` +
        'wrapper that runs next, or take the variable away\n',
    );
    expect(status).toBe(78);
  });
});

describe.skipIf(!hasProxy)('the built proxy', () => {
  it('is as small as was promised', () => {
    const bytes = Number(execFileSync('stat', ['-c', '%s', PROXY], { encoding: 'utf8' }));
    expect(bytes).toBeLessThan(6_000_000);
  });
});
