import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRuntimeApi } from '../fakes/runtime-api.ts';
import {
  BUILD_LIMIT_MS,
  buildImage,
  copyContext,
  describeWithEngine,
  docker,
  emulatorListens,
  type Image,
  inLambda,
  invoke,
  REPOSITORY,
  runToEnd,
  startContainer,
} from './containers.ts';

const BASE = 'node:24-bookworm-slim';
const BOOTSTRAP = '/opt/maintenance-window/bootstrap';
/** As Lambda runs an image. */
const AS_IN_LAMBDA = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
const ANY_PORT = ['--publish', '127.0.0.1:0:8080'];
const ORDER = '{"id":"A-1","item":"moka pot","quantity":1}';

const { version: VERSION } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));

let image: Image;
/** The same with the emulator in it. */
let local: Image;
beforeAll(async () => {
  [image, local] = await Promise.all([
    buildImage({ arguments: { VERSION, REVISION: '0123abc' } }),
    buildImage({ target: 'local' }),
  ]);
}, BUILD_LIMIT_MS);
afterAll(async () => {
  await image?.[Symbol.asyncDispose]();
  await local?.[Symbol.asyncDispose]();
});

async function filesOf(tag: string): Promise<Set<string>> {
  const find = 'find / -xdev -not -type d -not -path "/proc/*" -not -path "/sys/*" -not -path "/dev/*"';
  const { stdout } = await runToEnd(tag, ['--user', '0', '--entrypoint', 'sh'], ['-c', find]);
  return new Set(stdout.trim().split('\n'));
}

/** The steps that were not taken from the cache, as BuildKit's plain progress names them. */
function stepsRunIn(progress: string): string[] {
  const cached = new Set([...progress.matchAll(/^#(\d+) CACHED$/gm)].map(([, number]) => number));
  const steps = [...progress.matchAll(/^#(\d+) (\[(?!internal)[^\]]+\] (?!FROM ).*)$/gm)];
  return [...new Set(steps.flatMap(([, number, step]) => (cached.has(number) || !step ? [] : [step])))];
}

const inspect = async (tag: string, format: string) => JSON.parse(await docker('inspect', '--format', format, tag));

describeWithEngine('the image', () => {
  it('adds the client and the handler to its base, and nothing else: no compiler, no node_modules', async () => {
    const before = await filesOf(BASE);
    const added = [...(await filesOf(image.tag))].filter((file) => !before.has(file));
    expect(added).toContain(BOOTSTRAP);
    expect(added.filter((file) => !/^\/(opt\/maintenance-window|var\/task)\/[^/]+$/.test(file))).toEqual([]);
  });

  it('is at most 5 MB larger than its base', async () => {
    const [size, base] = await Promise.all([inspect(image.tag, '{{.Size}}'), inspect(BASE, '{{.Size}}')]);
    expect(size - base).toBeLessThan(5_000_000);
  });

  it('runs as a user other than root', async () => {
    expect(await inspect(image.tag, '{{json .Config.User}}')).toBe('1000:1000');
  });

  it('is labelled with the versions of what is in it', async () => {
    expect(await inspect(image.tag, '{{json .Config.Labels}}')).toMatchObject({
      'org.opencontainers.image.version': VERSION,
      'org.opencontainers.image.revision': '0123abc',
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.base.name': BASE,
    });
  });

  it('asks for no newer C library than AWS’s base images have, glibc 2.34, and for no C++ library', async () => {
    const files = '/opt/maintenance-window/rapid-client.node /opt/maintenance-window/sockets.node';
    const grep = `grep -ahoE "(GLIBC|GLIBCXX)_[0-9.]+" ${files} | sort -uV`;
    const { stdout } = await runToEnd(image.tag, ['--entrypoint', 'sh'], ['-c', grep]);
    const newest = (library: string) =>
      stdout
        .split('\n')
        .filter((line) => line.startsWith(`${library}_`))
        .at(-1)
        ?.split(/[_.]/)
        .slice(1)
        .map(Number) ?? [];
    expect(newest('GLIBC')[1]).toBeLessThanOrEqual(34);
    expect(newest('GLIBCXX')).toEqual([]);
  });

  it('is built anew from its last layers alone after an edit of the handler', { timeout: BUILD_LIMIT_MS }, async () => {
    const context = mkdtempSync(join(tmpdir(), 'context-'));
    try {
      copyContext(context);
      await using before = await buildImage({ context });
      appendFileSync(join(context, 'handler', 'index.mjs'), `// edited after ${before.tag}\n`);
      await using after = await buildImage({ context });
      const [layersBefore, layersAfter] = await Promise.all(
        [before, after].map(({ tag }) => inspect(tag, '{{json .RootFS.Layers}}')),
      );
      // The handler's, and that of the compile cache that was not asked for: it has times, and may be the same within a second.
      expect(layersAfter.slice(0, -2)).toEqual(layersBefore.slice(0, -2));
      expect(layersAfter.at(-2)).not.toBe(layersBefore.at(-2));
      expect(stepsRunIn(after.progress)).toEqual([
        expect.stringContaining('COPY handler ./'),
        expect.stringContaining('RUN [ -z "'),
      ]);
      const { stdout } = await runToEnd(after.tag, ['--entrypoint', 'cat'], ['/var/task/index.mjs']);
      expect(stdout).toContain(`// edited after ${before.tag}`);
    } finally {
      rmSync(context, { recursive: true });
    }
  });
});

describeWithEngine('docker run says in one message that', () => {
  it('there is no emulator', async () => {
    expect(await runToEnd(image.tag)).toEqual({
      code: 69,
      stdout: '',
      stderr: `bootstrap: this is not Lambda (AWS_LAMBDA_RUNTIME_API is not set), and there is no emulator to run under.
Mount AWS's Runtime Interface Emulator, or name its file in AWS_LAMBDA_RIE:
  docker run -v ~/.aws-lambda-rie:/aws-lambda:ro -p 9000:8080 …
https://github.com/aws/aws-lambda-runtime-interface-emulator/releases has it, as aws-lambda-rie or aws-lambda-rie-arm64.
`,
    });
  });

  it('there is no handler', async () => {
    expect(await runToEnd(local.tag, ['--entrypoint', BOOTSTRAP])).toEqual({
      code: 64,
      stdout: '',
      stderr: 'bootstrap: no handler: give it as the argument (bootstrap index.handler) or in _HANDLER\n',
    });
  });

  it('the handler is not there', async () => {
    expect(await runToEnd(local.tag, AS_IN_LAMBDA, ['orders.handler'])).toEqual({
      code: 69,
      stdout: '',
      stderr: `bootstrap: the handler orders.handler cannot be loaded from /var/task: Error: Cannot find module 'orders'
A handler is FILE.EXPORT: index.handler is what index.mjs, index.js or index.cjs exports as handler. The file’s name ends at its first period.
`,
    });
  });

  it('the configuration is not allowed', async () => {
    const { code, stdout, stderr } = await runToEnd(local.tag, [...AS_IN_LAMBDA, '--env', 'MAINTENANCE_WINDOW_TTL=0']);
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
    expect(stderr).toMatch(/^bootstrap: MAINTENANCE_WINDOW_TTL: "0" is not allowed; write .*\n$/);
  });

  it('the place for a compile cache cannot be written', async () => {
    const { code, stderr } = await runToEnd(image.tag, AS_IN_LAMBDA, ['--compile-cache', 'index.handler']);
    expect(code).toBe(69);
    expect(stderr).toMatch(/^bootstrap: \/opt\/maintenance-window cannot be written .*before USER\.\n$/);
  });
});

describeWithEngine('SIGTERM ends', () => {
  it('the emulator, before an invocation and after', async () => {
    await using idle = await startContainer(local.tag, [...AS_IN_LAMBDA, ...ANY_PORT]);
    await emulatorListens(await idle.address(8080));
    expect(await idle.stop()).toBe(0);
    await using used = await startContainer(local.tag, [...AS_IN_LAMBDA, ...ANY_PORT]);
    expect(await invoke(await used.address(8080), ORDER)).toBe('{"booked":"A-1"}');
    expect(await used.stop()).toBe(0);
  });

  it('the client, where that is the container’s first process', async () => {
    await using api = await startRuntimeApi({ afterwards: 'hold' });
    await using client = await startContainer(image.tag, [...AS_IN_LAMBDA, ...inLambda(api.address)]);
    await api.seen('next');
    expect(await client.stop()).toBe(143);
  });
});

describeWithEngine('a compile cache in the image', () => {
  const UNUSED = '"maintenanceWindow":"compile-cache-unused"';
  let cached: Image;
  beforeAll(async () => {
    cached = await buildImage({ target: 'local', arguments: { COMPILE_CACHE: 'index.handler' } });
  }, BUILD_LIMIT_MS);
  afterAll(() => cached?.[Symbol.asyncDispose]());

  async function startAs(user: number): Promise<{ accepted: number; log: string }> {
    const trace = ['--env', 'NODE_DEBUG_NATIVE=COMPILE_CACHE'];
    const container = await startContainer(cached.tag, [
      ...AS_IN_LAMBDA,
      ...ANY_PORT,
      ...trace,
      '--user',
      String(user),
    ]);
    await using _ = container;
    expect(await invoke(await container.address(8080), ORDER)).toBe('{"booked":"A-1"}');
    const log = await container.logs();
    return { accepted: log.split(' was accepted').length - 1, log };
  }

  it.each([0, 993, 1000])('is used by user %i, on a read-only root', async (user) => {
    const { accepted, log } = await startAs(user);
    expect(accepted).toBeGreaterThanOrEqual(3);
    expect(log).not.toContain(UNUSED);
  });

  it('is not used by a user that it was not made for, which one line tells', async () => {
    const { accepted, log } = await startAs(4711);
    expect(accepted).toBe(0);
    expect(log.split(UNUSED).length).toBe(2);
  });
});
