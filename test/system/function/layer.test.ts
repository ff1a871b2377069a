import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elfNeeds } from '../../../build/machine/elf.ts';
import { whyUnfit } from '../../../build/machine/managed-runtime.ts';
import { metricsLine } from '../../../core/metrics.ts';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { type Client, FUNCTIONS_FOLDER, patchedClient, startClient } from '../../worlds/client-process.ts';
import { HANG_LIMIT_MS } from '../../worlds/hang-limit.ts';
import { canLayOut, layOutManagedRuntime, type ManagedRuntime } from '../../worlds/managed-runtime.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

/** The zips of `dist/layer` as Lambda unpacks them into `/opt`, and what `exec-wrapper` does in a managed runtime. */

const root = join(import.meta.dirname, '../../..');
const LAYER = join(root, 'dist', 'layer');
const OWN = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const WRAPPER = '/opt/maintenance-window/exec-wrapper';
const MAX_BYTES = 600_000;

describe.each(readdirSync(LAYER))('the layer %s', (name) => {
  const file = join(LAYER, name);
  const architecture = name.includes('arm64') ? 'arm64' : 'x64';
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'layer-'));
    execFileSync('unzip', ['-q', file, '-d', folder]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is small', () => {
    expect(statSync(file).size).toBeLessThanOrEqual(MAX_BYTES);
  });

  it('has the client in one folder, as it is built, but for what is of one Node alone', () => {
    expect(readdirSync(folder)).toEqual(['maintenance-window']);
    const client = join(root, 'dist', 'ric');
    const shipped = readdirSync(join(folder, 'maintenance-window')).sort();
    // Without a compiler for it the other architecture's has no sockets of its own.
    const ofTheCpu = ['rapid-client.node', 'sockets.node'];
    const isHere = (one: string) => name.includes(OWN) || one !== 'sockets.node';
    expect(shipped.filter(isHere)).toEqual(
      readdirSync(client)
        .filter((one) => one !== 'gate.cache' && isHere(one))
        .sort(),
    );
    for (const one of shipped.filter((one) => ![...ofTheCpu, 'bill-of-materials.cdx.json'].includes(one))) {
      const [ours, built] = [join(folder, 'maintenance-window', one), join(client, one)];
      expect([one, readFileSync(ours).equals(readFileSync(built))]).toEqual([one, true]);
      expect([one, statSync(ours).mode & 0o555]).toEqual([one, statSync(built).mode & 0o111 ? 0o555 : 0o444]);
    }
  });

  it('has a native part that Amazon Linux 2023 can load, with a C++ library of its own', () => {
    const native = readFileSync(join(folder, 'maintenance-window', 'rapid-client.node'));
    expect(whyUnfit(native, architecture)).toBeUndefined();
    const { libraries } = elfNeeds(native);
    const remedy = 'compiled without its C++ library: rm -r ric/upstream/node_modules && npm run prepare';
    expect(libraries, remedy).not.toContain('libstdc++.so.6');
    expect(libraries).toContain('libc.so.6');
  });

  it.runIf(name.includes(OWN))('has native sockets that Amazon Linux 2023 can load, and that link nothing', () => {
    const sockets = readFileSync(join(folder, 'maintenance-window', 'sockets.node'));
    expect(whyUnfit(sockets, architecture)).toBeUndefined();
    expect(elfNeeds(sockets).libraries).toEqual(['libc.so.6']);
  });

  it('has a bill of materials with the hash of each of its files', () => {
    const bill = join(folder, 'maintenance-window', 'bill-of-materials.cdx.json');
    const { components } = JSON.parse(readFileSync(bill, 'utf8')).metadata.component;
    const told = components.map(({ name, hashes }: { name: string; hashes: { content: string }[] }) => [
      name,
      hashes[0]?.content,
    ]);
    const sums = execFileSync('sh', ['-c', 'sha256sum *'], {
      cwd: join(folder, 'maintenance-window'),
      encoding: 'utf8',
    });
    const found = [...sums.matchAll(/^(\w+) +(.*)$/gm)].map(([, sum, one]) => [one, sum]);
    expect(new Map(told)).toEqual(new Map(found.filter(([one]) => one !== 'bill-of-materials.cdx.json') as []));
  });
});

it('the same client makes the same zips, wherever and whenever they are made', () => {
  const checkout = mkdtempSync(join(tmpdir(), 'checkout-'));
  try {
    for (const one of ['build', 'core', 'ric', 'package.json', 'package-lock.json']) {
      cpSync(join(root, one), join(checkout, one), { recursive: true, verbatimSymlinks: true });
    }
    cpSync(join(root, 'dist', 'ric'), join(checkout, 'dist', 'ric'), { recursive: true });
    execFileSync('ln', ['-s', join(root, 'node_modules'), join(checkout, 'node_modules')]);
    execFileSync('sh', ['-c', `umask 077; exec "${process.execPath}" build/layer.ts`], {
      cwd: checkout,
      env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, TZ: 'Asia/Tokyo' },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    const made = readdirSync(join(checkout, 'dist', 'layer'));
    expect(made).toEqual(readdirSync(LAYER));
    for (const one of made) {
      const [again, before] = [join(checkout, 'dist', 'layer', one), join(LAYER, one)];
      expect([one, readFileSync(again).equals(readFileSync(before))]).toEqual([one, true]);
    }
  } finally {
    rmSync(checkout, { recursive: true });
  }
});

describe.skipIf(!canLayOut)('a zip function of a managed Node runtime with the layer', () => {
  let runtime: ManagedRuntime;
  let aws: Surroundings;
  beforeAll(async () => {
    runtime = layOutManagedRuntime();
    execFileSync('unzip', ['-q', join(LAYER, `maintenance-window-${OWN}.zip`), '-d', runtime.opt]);
    aws = await startSurroundings();
  });
  afterAll(async () => {
    await aws[Symbol.asyncDispose]();
    runtime[Symbol.dispose]();
  });

  /** Puts a wrapper into another layer. */
  function addWrapper(name: string, lines: string): string {
    writeFileSync(join(runtime.opt, name), `#!/bin/bash\n${lines}\nexec "$@"\n`, { mode: 0o755 });
    return `/opt/${name}`;
  }

  async function run(
    client: Client,
    { environment = {}, id = 'one', handler = 'surroundings.environment' }: RunOptions = {},
  ) {
    await using api = await startRuntimeApi({ invocations: [{ id, text: '{"order": 9007199254740993}' }] });
    await using running = startClient({
      client,
      handler,
      runtimeApi: api.address,
      environment: { ...aws.environment, ...environment },
    });
    const { code, stdout, stderr } = await running.exited;
    const answers = api.requests.filter(({ kind }) => kind === 'response' || kind === 'error');
    return { code, stdout, stderr, answer: answers.map(({ body }) => String(body)).join() };
  }
  interface RunOptions {
    readonly environment?: Readonly<Record<string, string | undefined>>;
    readonly id?: string;
    readonly handler?: string;
  }

  /** What a handler sees of its environment, but for what differs between any two starts. */
  async function seenBy(client: Client, environment: RunOptions['environment'] = {}) {
    const { AWS_LAMBDA_RUNTIME_API: _, ...seen } = JSON.parse((await run(client, { environment })).answer);
    return seen;
  }

  it('stores what comes inside a window, byte for byte', async () => {
    await aws.setWindows(activeWindows());
    const { answer } = await run(runtime.wrappedBy(WRAPPER), { id: 'layered' });
    await aws.setWindows('{"version":1,"windows":[]}');
    expect(answer).toContain('MaintenanceWindow.Active');
    expect(String(await aws.storedBytes('layered'))).toBe('{"order": 9007199254740993}');
  });

  it('finds the environment that it has without the layer', async () => {
    expect(await seenBy(runtime.wrappedBy(WRAPPER))).toEqual(await seenBy(runtime.stock));
  });

  it('has its own wrapper next, with the command, the environment and the name that it would have had', async () => {
    // as monitoring tools do it: looks whether the wrapper is itself, sets options of Node and another handler
    const own = addWrapper(
      'monitor',
      `[ "$AWS_LAMBDA_EXEC_WRAPPER" = /opt/monitor ] || exit 3
echo "wrapped: $# $1 $2 handler=$_HANDLER \${MAINTENANCE_WINDOW_EXEC_WRAPPER-gone}"
export NODE_OPTIONS="$NODE_OPTIONS --stack-trace-limit=7" SET_BY_WRAPPER=yes ORIGINAL_HANDLER="$_HANDLER"`,
    );
    const before = await run(runtime.wrappedBy(own));
    const chained = await run(runtime.wrappedBy(WRAPPER), {
      environment: { MAINTENANCE_WINDOW_EXEC_WRAPPER: own },
    });
    const lineOf = (stdout: string) => /^wrapped: .*$/m.exec(stdout)?.[0];
    expect(lineOf(chained.stdout)).toBe(lineOf(before.stdout));
    expect(lineOf(chained.stdout)).toBe(
      'wrapped: 7 /var/lang/bin/node --expose-gc handler=surroundings.environment gone',
    );
    const [seen, seenBefore] = [chained, before].map(({ answer }) => {
      const { AWS_LAMBDA_RUNTIME_API: _, ...variables } = JSON.parse(answer);
      return variables;
    });
    expect(seen).toEqual(seenBefore);
    expect(seen).toMatchObject({ SET_BY_WRAPPER: 'yes', AWS_LAMBDA_EXEC_WRAPPER: own });
  });

  it('is protected, too, where a wrapper sends the client to another address of the Runtime API', async () => {
    await using api = await startRuntimeApi({ invocations: [{}] });
    const own = addWrapper('proxying', `export AWS_LAMBDA_RUNTIME_API=${api.address}`);
    await using running = startClient({
      client: runtime.wrappedBy(WRAPPER),
      handler: 'values.echo',
      runtimeApi: '127.0.0.1:1',
      environment: { ...aws.environment, MAINTENANCE_WINDOW_EXEC_WRAPPER: own },
    });
    await running.exited;
    expect(api.count('response')).toBe(1);
  });

  it.each([
    ['is not there', '/opt/nothing'],
    ['is a folder', '/opt/maintenance-window'],
    ['cannot be executed', '/opt/maintenance-window/gate.cjs'],
    ['is this wrapper itself', WRAPPER],
  ])('does not start where the next wrapper %s, and says which variable names it', async (_, own) => {
    const environment = { MAINTENANCE_WINDOW_EXEC_WRAPPER: own };
    const { code, stderr } = await run(runtime.wrappedBy(WRAPPER), { environment });
    expect(code).toBe(78);
    expect(stderr).toBe(
      `exec-wrapper: MAINTENANCE_WINDOW_EXEC_WRAPPER is "${own}", which is no executable file beside this wrapper: name the ` +
        'wrapper that runs next, or take the variable away\n',
    );
  });

  it('does not start where the next wrapper has carriage returns, and says so', async () => {
    const own = addWrapper('windows', '\r');
    writeFileSync(join(runtime.opt, 'windows'), '#!/bin/bash\r\nexec "$@"\r\n');
    const { code, stderr } = await run(runtime.wrappedBy(WRAPPER), {
      environment: { MAINTENANCE_WINDOW_EXEC_WRAPPER: own },
    });
    expect(code).toBe(78);
    expect(stderr).toContain(`"${own}", whose first line ends in a carriage return (CRLF)`);
  });

  it('runs once, where the wrapper that it calls calls it again', async () => {
    const own = addWrapper('again', `exec ${WRAPPER} "$@"`);
    const { answer } = await run(runtime.wrappedBy(WRAPPER), { environment: { MAINTENANCE_WINDOW_EXEC_WRAPPER: own } });
    expect(JSON.parse(answer)).toMatchObject({ _HANDLER: 'surroundings.environment' });
    const forEver = addWrapper('for-ever', `export MAINTENANCE_WINDOW_EXEC_WRAPPER=$0; exec ${WRAPPER} "$@"`);
    const { code, stderr } = await run(runtime.wrappedBy(WRAPPER), {
      environment: { MAINTENANCE_WINDOW_EXEC_WRAPPER: forEver },
    });
    expect(code).toBe(78);
    expect(stderr).toContain(`"${forEver}", which calls this wrapper, which would call it again`);
  });

  /** Its lines about the client that was looked for, and their metrics, once nobody looks any more. */
  async function watched(own: string, environment: Record<string, string> = {}) {
    await using api = await startRuntimeApi({ afterwards: 'hold' });
    await using running = startClient({
      client: runtime.wrappedBy(WRAPPER),
      handler: 'values.echo',
      runtimeApi: api.address,
      environment: { ...aws.environment, MAINTENANCE_WINDOW_EXEC_WRAPPER: own, ...environment },
    });
    await api.seen('next');
    const watchers = expect.poll(() => watchersOf(running.pid), { timeout: HANG_LIMIT_MS, interval: 100 });
    await watchers.toEqual([]);
    await api.close(); // which ends the client, be it the wrapper's child
    const { stdout } = await running.exited;
    return stdout.split('\n').filter((line) => line.includes('client-unused') || line.includes('_aws'));
  }

  it('leaves no watch behind where the next wrapper starts the client, whichever way', async () => {
    expect(await watched(addWrapper('passes-on', ':'))).toEqual([]);
    expect(await watched(addWrapper('waits', '"$@"; exit'))).toEqual([]);
  });

  // Both at once: each looks for the client for as long as INIT may take.
  it.concurrent('says as an ERROR and a metric that the next wrapper starts AWS’s client in its place', async () => {
    const own = addWrapper('in-its-place', 'exec /var/lang/bin/node /var/runtime/index.mjs');
    const [line = '', metrics = ''] = await watched(own);
    expect(line).toMatch(/^[\d-]+T[\d:]+\.000Z\t-\tERROR\t\{/);
    expect(JSON.parse(line.split('\t')[3] ?? '')).toMatchObject({
      maintenanceWindow: 'client-unused',
      message: expect.stringContaining('nothing guards this function'),
    });
    const { _aws: found, ...values } = JSON.parse(metrics);
    const { _aws: made, ...same } = JSON.parse(metricsLine({ FunctionName: 'orders' }, { GateFault: 1 }, 0));
    expect([values, { ...found, Timestamp: 0 }]).toEqual([same, made]);
  });

  it.concurrent('says so where the wrapper waits for it, and as JSON where the function logs JSON', async () => {
    const own = addWrapper('waits-for-it', '/var/lang/bin/node /var/runtime/index.mjs; exit');
    const [line = ''] = await watched(own, { AWS_LAMBDA_LOG_FORMAT: 'JSON' });
    expect(JSON.parse(line)).toMatchObject({ level: 'ERROR', maintenanceWindow: 'client-unused' });
  });

  it('uses a compile cache that lies beside the client, and hides it from the handler', async () => {
    const folder = join(runtime.opt, 'maintenance-window', 'compile-cache');
    mkdirSync(folder);
    try {
      const { stderr, answer } = await run(runtime.wrappedBy(WRAPPER), {
        environment: { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' },
      });
      expect(stderr).toContain('/opt/maintenance-window/compile-cache');
      expect(JSON.parse(answer)).not.toHaveProperty('NODE_COMPILE_CACHE');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('a function in an image of its own does not start where a wrapper is named that nobody runs', async () => {
  await using aws = await startSurroundings();
  await using api = await startRuntimeApi({ invocations: [{}] });
  await using running = startClient({
    client: patchedClient(),
    handler: 'values.echo',
    runtimeApi: api.address,
    environment: { ...aws.environment, MAINTENANCE_WINDOW_EXEC_WRAPPER: '/opt/monitor' },
  });
  const { code, stdout } = await running.exited;
  expect(code).toBe(1);
  expect(stdout).toContain('MAINTENANCE_WINDOW_EXEC_WRAPPER: "/opt/monitor" was not run');
  expect(api.count('response')).toBe(0);
});

/** Processes that look for the client of this one, or are about to. */
function watchersOf(pid: number): string[] {
  return readdirSync('/proc').filter((other) => {
    try {
      const words = readFileSync(`/proc/${other}/cmdline`, 'utf8').split('\0');
      const isAbout = Number(other) !== pid && words.includes(WRAPPER) && words.includes('/var/runtime/index.mjs');
      return isAbout || (words.includes(`${dirname(WRAPPER)}/watch-for-client`) && words.includes(String(pid)));
    } catch {
      return false; // it is no process, or has ended
    }
  });
}

describe('exec-wrapper, where the runtime is not one of AWS’s for Node', () => {
  const wrap = (runtime: string | undefined, ...command: readonly string[]) => {
    const { status, stderr } = spawnSync(join(root, 'dist', 'ric', 'exec-wrapper'), command, {
      cwd: FUNCTIONS_FOLDER,
      env: { PATH: '/usr/bin:/bin', ...(runtime && { AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}` }) },
      encoding: 'utf8',
    });
    return { status, lines: stderr.trimEnd().split('\n') };
  };
  const NOT = 'exec-wrapper: this function is not protected, and does not start: ';

  it.each([
    ['python3.13', '/var/lang/bin/python3.13', '/var/runtime/bootstrap.py'],
    ['java21', '/var/lang/bin/java', '-jar'],
    ['dotnet8', '/var/lang/bin/dotnet', 'exec'],
    ['ruby3.4', '/var/lang/bin/ruby', '/var/runtime/index.rb'],
  ])('ends with 69 and names the proxy: %s', (runtime, ...command) => {
    expect(wrap(runtime, ...command)).toEqual({
      status: 69,
      lines: [
        `${NOT}the runtime is ${runtime}, not one of AWS's for Node, and starts: ${command.join(' ')}`,
        'exec-wrapper: the layer is for nodejs22.x and later; for every other language there is the proxy',
      ],
    });
  });

  it.each(['nodejs20.x', 'nodejs18.x', 'nodejs8.10'])('refuses a Node that is too old: %s', (runtime) => {
    const { status, lines } = wrap(runtime, '/var/lang/bin/node', '/var/runtime/index.mjs');
    expect(status).toBe(69);
    expect(lines).toEqual([
      `${NOT}the runtime is ${runtime}, and the client needs Node 22 or later`,
      'exec-wrapper: move the function to nodejs22.x or a later one, or detach the layer',
    ]);
  });

  it('says so where AWS’s bootstrap starts another file', () => {
    const { status, lines } = wrap('nodejs30.x', '/var/lang/bin/node', '/var/runtime/main.mjs');
    expect(status).toBe(69);
    expect(lines[0]).toBe(
      `${NOT}AWS's bootstrap does not start /var/runtime/index.mjs any more, but: /var/lang/bin/node /var/runtime/main.mjs`,
    );
  });

  it('says so where nothing of Lambda is there', () => {
    expect(wrap(undefined, 'node', 'app.mjs').lines[0]).toContain('the runtime is none of Lambda');
  });
});
