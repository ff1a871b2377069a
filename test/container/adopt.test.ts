import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ServedInvocation, startRuntimeApi } from '../fakes/runtime-api.ts';
import { FUNCTIONS_FOLDER } from '../worlds/client-process.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../worlds/surroundings.ts';
import {
  BUILD_LIMIT_MS,
  blocksUnder,
  buildImage,
  describeWithEngine,
  type Image,
  inLambda,
  invoke,
  REPOSITORY,
  runToEnd,
  startContainer,
} from './containers.ts';

/** The two lines of docs/container.md, in images that were there before. */

const ORDER = '{"order": 9007199254740993}';
const WRAPPER = join(FUNCTIONS_FOLDER, 'adopted', 'wrapper');
const [ON_NODE = '', ON_AWS = ''] = blocksUnder('An image that you have', 'dockerfile');

let aws: Surroundings;
const images: Image[] = [];
let client: Image;
let awsBase: Image;
beforeAll(async () => {
  aws = await startSurroundings();
  const [upstream, emulator] = await Promise.all([build({ target: 'upstream' }), build({ target: 'emulator' })]);
  client = await build({ target: 'client' });
  awsBase = await build({
    context: join(REPOSITORY, 'test', 'container', 'aws-base-image'),
    arguments: { UPSTREAM: upstream.tag, EMULATOR: emulator.tag },
  });
}, BUILD_LIMIT_MS);
afterAll(async () => {
  await aws?.[Symbol.asyncDispose]();
  for (const image of images) await image[Symbol.asyncDispose]();
});

async function build(options: Parameters<typeof buildImage>[0]): Promise<Image> {
  const image = await buildImage(options);
  images.push(image);
  return image;
}

/** Builds a Dockerfile of the page beside the function that it copies. */
async function buildAdopted(dockerfile: string): Promise<Image> {
  const context = mkdtempSync(join(tmpdir(), 'adopted-'));
  try {
    cpSync(join(FUNCTIONS_FOLDER, 'adopted'), context, { recursive: true });
    const named = dockerfile
      .replace('--from=maintenance-window', `--from=${client.tag}`)
      .replace('public.ecr.aws/lambda/nodejs:24', awsBase.tag);
    writeFileSync(join(context, 'Dockerfile'), named);
    return await build({ context });
  } finally {
    rmSync(context, { recursive: true });
  }
}

/** Runs an image in Lambda through these invocations, and gives what it answered. */
async function runInLambda(
  image: string,
  invocations: readonly ServedInvocation[],
  environment: Readonly<Record<string, string>> = {},
  options: readonly string[] = [],
) {
  await using api = await startRuntimeApi({ invocations, afterwards: 'hold' });
  await using container = await startContainer(image, [
    ...['--read-only', '--tmpfs', '/tmp', '--user', '993', '--cap-drop', 'ALL'],
    ...['--volume', `${WRAPPER}:/opt/wrapper:ro`],
    ...options,
    ...inLambda(api.address, { ...aws.environment, ...environment }),
  ]);
  await api.seen('next', invocations.length + 1);
  const answers = api.requests.filter(({ kind }) => kind === 'response' || kind === 'error');
  return { answers: answers.map(({ kind, body }) => ({ kind, body: String(body) })), logs: await container.logs() };
}

describeWithEngine.each([
  ['a node image', () => ON_NODE, 'none'],
  ['an image laid out as AWS’s base image', () => ON_AWS, 'the base image'],
])('with two lines %s', (_, dockerfile, sdk) => {
  let adopted: Image;
  beforeAll(async () => {
    adopted = await buildAdopted(dockerfile());
  }, BUILD_LIMIT_MS);

  it('runs its function in Lambda, where it was', async () => {
    const { answers } = await runInLambda(adopted.tag, [{ text: '{"id":"A-1"}' }]);
    expect(answers.map(({ kind }) => kind)).toEqual(['response']);
    expect(JSON.parse(answers[0]?.body ?? '')).toMatchObject({ event: { id: 'A-1' }, sdk });
  });

  it('stores what comes inside a maintenance window, byte for byte', async () => {
    const id = `to-${adopted.tag}`;
    await aws.setWindows(activeWindows());
    const { answers } = await runInLambda(adopted.tag, [{ id, text: ORDER }]);
    await aws.setWindows('{"version":1,"windows":[]}');
    expect(answers).toEqual([{ kind: 'error', body: expect.stringContaining('MaintenanceWindow.Active') }]);
    expect(String(await aws.storedBytes(id))).toBe(ORDER);
  });

  it('takes a third line for a compile cache, made for the flags that it runs with', async () => {
    const [line = ''] = blocksUnder('Compile cache', 'dockerfile');
    const cached = await buildAdopted(`${dockerfile()}${line}`);
    const { answers, logs } = await runInLambda(cached.tag, [{}], { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' });
    expect(answers).toMatchObject([{ kind: 'response' }]);
    expect(logs).toMatch(/V8 code cache for ESM \S+app\.mjs was accepted/);
    expect(logs).not.toContain('compile-cache-unused');
  });

  it('says in one message that the handler is not there', async () => {
    const rie = sdk === 'none' ? ['--env', 'AWS_LAMBDA_RIE=/bin/true'] : [];
    const { code, stderr } = await runToEnd(adopted.tag, rie, ['nosuch.handler']);
    expect(code).toBe(69);
    expect(stderr).toMatch(/^bootstrap: the handler nosuch\.handler cannot be loaded from \/\S+: .*\n.*\n$/);
  });
});

describeWithEngine('an image with its function in another folder than /var/task', () => {
  it('runs it where Lambda has an empty /var/task', async () => {
    const adopted = await buildAdopted(ON_NODE);
    const { answers } = await runInLambda(adopted.tag, [{}], {}, ['--tmpfs', '/var/task']);
    expect(answers).toMatchObject([{ kind: 'response' }]);
  });
});

describeWithEngine('an image laid out as AWS’s base image', () => {
  let adopted: Image;
  let stock: Image;
  beforeAll(async () => {
    adopted = await buildAdopted(ON_AWS);
    stock = await buildAdopted(ON_AWS.replace(/^(COPY --from|ENTRYPOINT).*\n/gm, ''));
  }, BUILD_LIMIT_MS);

  async function surroundings(image: Image, environment: Readonly<Record<string, string>> = {}) {
    const settings = { AWS_LAMBDA_FUNCTION_NAME: 'orders', MAINTENANCE_WINDOW_TTL: '60', ...environment };
    const { answers, logs } = await runInLambda(image.tag, [{}], settings);
    const seen = JSON.parse(answers[0]?.body ?? '');
    delete seen.environment.AWS_LAMBDA_RUNTIME_API; // another port
    delete seen.environment.HOSTNAME;
    return { seen, logs };
  }

  it('gives its function the flags, the path, the certificates and the environment that AWS’s own entry gives', async () => {
    const [ours, awss] = await Promise.all([surroundings(adopted), surroundings(stock)]);
    expect(ours.seen).toEqual(awss.seen);
    expect(ours.seen).toMatchObject({ sdk: 'the base image', execArgv: expect.arrayContaining(['--expose-gc']) });
  });

  it('lets a wrapper of the function’s own have its turn', async () => {
    const wrapper = { AWS_LAMBDA_EXEC_WRAPPER: '/opt/wrapper' };
    const { seen, logs } = await surroundings(adopted, wrapper);
    expect(seen.environment).toMatchObject({ SET_BY_WRAPPER: 'yes', ...wrapper });
    expect(logs).toMatch(/^wrapped: \/var\/lang\/bin\/node --expose-gc .* \/opt\/maintenance-window\/index\.mjs$/m);
  });

  it('starts under the emulator that the base image brings', async () => {
    await using container = await startContainer(adopted.tag, ['--publish', '127.0.0.1:0:8080']);
    const answer = await invoke(await container.address(8080), ORDER);
    expect(JSON.parse(answer)).toMatchObject({ sdk: 'the base image' });
  });
});
