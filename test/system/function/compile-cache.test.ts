import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { type Client, FUNCTIONS_FOLDER, patchedClient, startClient } from '../../worlds/client-process.ts';
import { startSurroundings } from '../../worlds/surroundings.ts';

/** `bootstrap --compile-cache`, and what the client makes of what it has baked. Each test has a client of its own. */

const HANDLER = 'surroundings.environment';
const UNUSED = '"maintenanceWindow":"compile-cache-unused"';

let folder: string;
let client: Client;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compile-cache-'));
  cpSync(patchedClient().folder, folder, { recursive: true });
  client = patchedClient(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

function bake(handler = HANDLER) {
  const { status, stdout, stderr } = spawnSync(join(folder, 'bootstrap'), ['--compile-cache', handler], {
    cwd: FUNCTIONS_FOLDER,
    env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** Invokes the function once. What Node did with the cache stands in `log`. */
async function run(environment: Readonly<Record<string, string | undefined>> = {}) {
  await using aws = await startSurroundings();
  await using api = await startRuntimeApi({ invocations: [{}] });
  await using running = startClient({
    client,
    handler: HANDLER,
    runtimeApi: api.address,
    environment: { ...aws.environment, NODE_DEBUG_NATIVE: 'COMPILE_CACHE', ...environment },
  });
  await api.seen('response', 1);
  running.kill();
  const { stdout, stderr } = await running.exited;
  const accepted = [...stderr.matchAll(/V8 code cache for \w+ (?:file:\/\/)?(\S+) was accepted/g)].map(
    ([, file]) => file,
  );
  const seen: Record<string, string> = JSON.parse(String(api.requests.find(({ kind }) => kind === 'response')?.body));
  return { accepted: new Set(accepted), seen, log: `${stdout}${stderr}` };
}

describe('a compile cache that was baked in', () => {
  it('has the client and the handler, for Lambda’s user and two more', () => {
    const { status, stderr } = bake();
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(
        /^compile cache of \d+ files, \d+ kB, for v24\S+ and the users 0, 993, 1000(, \d+)?\n$/,
      ),
    });
    const [cache = '', ...links] = readdirSync(join(folder, 'compile-cache')).sort();
    expect(links).toEqual(expect.arrayContaining([`${cache}-0`, `${cache}-993`, `${cache}-1000`]));
    expect(new Set(links.map((link) => readlinkSync(join(folder, 'compile-cache', link))))).toEqual(new Set([cache]));
  });

  it('is used for every file of INIT, and the handler sees nothing of it', async () => {
    bake();
    const { accepted, seen, log } = await run();
    const files = [
      join(folder, 'index.mjs'),
      join(folder, 'maintenance-window.mjs'),
      join(FUNCTIONS_FOLDER, 'surroundings.mjs'),
    ];
    expect(files.filter((file) => !accepted.has(file))).toEqual([]);
    expect(seen).not.toHaveProperty('NODE_COMPILE_CACHE');
    expect(log).not.toContain(UNUSED);
  });

  it('is used by the worker threads of several invocations at once', async () => {
    bake();
    const { accepted, seen, log } = await run({ AWS_LAMBDA_MAX_CONCURRENCY: '2', AWS_LAMBDA_NODEJS_WORKER_COUNT: '2' });
    expect(accepted).toContain(join(FUNCTIONS_FOLDER, 'surroundings.mjs'));
    expect(seen).not.toHaveProperty('NODE_COMPILE_CACHE');
    expect(log).not.toContain(UNUSED);
  });

  it('gives way to one that the function brings itself', async () => {
    bake();
    const own = join(folder, 'own');
    const { accepted, seen, log } = await run({ NODE_COMPILE_CACHE: own });
    expect(accepted.size).toBe(0);
    expect(seen).toHaveProperty('NODE_COMPILE_CACHE', own);
    expect(log).not.toContain(UNUSED);
  });

  it('replaces the one before', () => {
    bake();
    expect(bake('values.echo')).toMatchObject({ status: 0 });
    expect(readdirSync(folder).filter((name) => name.startsWith('compile-cache'))).toEqual(['compile-cache']);
  });

  it('is not made for a function that does not start, and leaves nothing behind', () => {
    expect(bake('broken/throws.handler')).toMatchObject({
      status: 69,
      stderr: expect.stringContaining('LoadFailed: thrown while loading'),
    });
    expect(readdirSync(folder)).toEqual(readdirSync(patchedClient().folder));
  });
});

describe('a compile cache that does not fit', () => {
  it('because V8 runs with other flags is not used; one line says so, and the function runs', async () => {
    bake();
    const { accepted, seen, log } = await run({ NODE_OPTIONS: '--interpreted-frames-native-stack' });
    expect(accepted.size).toBe(0);
    expect(seen).not.toHaveProperty('NODE_COMPILE_CACHE');
    expect(log.split(UNUSED).length).toBe(2);
    expect(log).toMatch(/looks for v24\S+-\d+; there are (v24\S+-\d+, )+v24\S+-\d+"/);
  });

  it('because another user runs it is not used; one line says so, and the function runs', async () => {
    bake();
    const cache = join(folder, 'compile-cache');
    rmSync(join(cache, readdirSync(cache).find((name) => name.endsWith(`-${process.getuid?.()}`)) ?? 'none'));
    const { accepted, log } = await run();
    expect(accepted.size).toBe(0);
    expect(log.split(UNUSED).length).toBe(2);
  });
});
