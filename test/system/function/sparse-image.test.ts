import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryOf } from '../../../ric/rehearsal/init.ts';
import { type RuntimeApi, startRuntimeApi } from '../../fakes/runtime-api.ts';
import { startSteadyService } from '../../fakes/scripted-service.ts';
import { type Client, FUNCTIONS_FOLDER, patchedClient, startClient } from '../../worlds/client-process.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

// An image may have no shell for `bootstrap`, and its user no home.

const { folder } = patchedClient();
const INDEX = join(folder, 'index.mjs');
const CHROOT = '/usr/sbin/chroot';

let aws: Surroundings;
let scratch: string;
beforeAll(async () => {
  aws = await startSurroundings(activeWindows());
  scratch = mkdtempSync(join(tmpdir(), 'sparse-image-'));
});
afterAll(async () => {
  rmSync(scratch, { recursive: true, force: true });
  await aws[Symbol.asyncDispose]();
});

/** What the client makes of one invocation, and what it wrote. */
async function answerOf(command: Client['command'], environment: Readonly<Record<string, string | undefined>>) {
  await using api = await startRuntimeApi({
    invocations: [{ id: randomUUID(), text: '{"order":1}' }],
    afterwards: 'hold',
  });
  return await answerAt(api, command, environment);
}

async function answerAt(
  api: RuntimeApi,
  command: Client['command'],
  environment: Readonly<Record<string, string | undefined>>,
) {
  await using client = startClient({
    client: { folder, command },
    handler: '',
    runtimeApi: api.address,
    environment: { ...aws.environment, ...environment },
  });
  const ended = client.exited.then(({ stdout, stderr }) => {
    throw new Error(`the client has ended: ${stdout}${stderr}`);
  });
  await Promise.race([api.seen('answer'), ended]);
  const answer = api.requests.find(({ kind }) => kind === 'response' || kind === 'error' || kind === 'init-error');
  return `${answer?.body}`;
}

const STORED = expect.stringMatching(/^\{"errorType":"MaintenanceWindow.Active","errorMessage":"stored as /);
const NO_WINDOWS = { MAINTENANCE_WINDOW_PARAMETER: 'there-is-none' };

describe('without a shell, Node’s own entry point', () => {
  it('takes the handler from its argument, as for an image in Lambda, and stores what comes inside a window', async () => {
    const environment = { LAMBDA_TASK_ROOT: FUNCTIONS_FOLDER };
    expect(await answerOf(['node', INDEX, 'values.echo'], environment)).toEqual(STORED);
  });

  it.each<[string, Readonly<Record<string, string | undefined>>]>([
    ['is not named', { LAMBDA_TASK_ROOT: undefined }],
    ['is not there', { LAMBDA_TASK_ROOT: '/no/such/folder' }],
    ['has no such handler', { LAMBDA_TASK_ROOT: '/usr' }],
  ])('loads it from the working directory where the task root %s', async (_, environment) => {
    const answer = await answerOf(['node', INDEX, './values.echo'], { ...environment, ...NO_WINDOWS });
    expect(JSON.parse(answer)).toEqual({ order: 1 });
  });

  it('has a thread of the pool for each worker, and four, and hides that from the handler', async () => {
    const several = { AWS_LAMBDA_MAX_CONCURRENCY: '64', AWS_LAMBDA_NODEJS_WORKER_COUNT: '6', ...NO_WINDOWS };
    writeFileSync(join(scratch, 'pool.mjs'), 'export const size = async () => process.env.UV_THREADPOOL_SIZE ?? null;');
    await using api = await startRuntimeApi({ invocations: afterPolls(6), afterwards: 'hold' });
    const environment = { ...several, LAMBDA_TASK_ROOT: scratch };
    expect(await answerAt(api, ['node', INDEX, 'pool.size'], environment)).toBe('null');

    async function* afterPolls(polls: number) {
      await api.seen('next', polls);
      yield { id: 'r-1', text: '{}' };
    }
  });

  it('says what is missing', () => {
    const start = (words: readonly string[]) => {
      const env = { PATH: dirname(process.execPath) };
      const { status, stderr } = spawnSync(process.execPath, [INDEX, ...words], { env, encoding: 'utf8' });
      return { status, stderr };
    };
    expect(start([])).toEqual({
      status: 64,
      stderr: 'maintenance-window: no handler: give it as the argument (index.handler) or in _HANDLER\n',
    });
    const { status, stderr } = start(['index.handler']);
    expect(status).toBe(69);
    expect(stderr).toContain('this is not Lambda (AWS_LAMBDA_RUNTIME_API is not set)');
    expect(stderr).toContain(
      `--entrypoint /aws-lambda/aws-lambda-rie IMAGE \\\n    ${process.execPath} ${INDEX} index.handler\n`,
    );
  });

  it('is what a rehearsal starts, too', () => {
    expect(entryOf('/opt/maintenance-window', '/no/such/shell')).toEqual([
      process.execPath,
      '/opt/maintenance-window/index.mjs',
    ]);
    expect(entryOf('/opt/maintenance-window')).toEqual(['/opt/maintenance-window/bootstrap']);
  });

  /** Another root, which only root may have. */
  it.runIf(process.getuid?.() === 0 && existsSync(CHROOT))('works where there is nothing but Node', async () => {
    const root = join(scratch, 'root');
    const into = (file: string, as = file) => {
      mkdirSync(dirname(join(root, as)), { recursive: true });
      copyFileSync(file, join(root, as));
    };
    into(process.execPath, '/nodejs/bin/node');
    const { stdout } = spawnSync('/usr/bin/ldd', [process.execPath, join(folder, 'rapid-client.node')], {
      encoding: 'utf8',
    });
    for (const library of new Set(stdout.match(/\/\S+\.so\S*/g))) into(library);
    cpSync(folder, join(root, 'opt/maintenance-window'), { recursive: true });
    mkdirSync(join(root, 'app'));
    writeFileSync(join(root, 'app/app.mjs'), 'export const handler = async () => 1;');
    mkdirSync(join(root, 'tmp'));
    mkdirSync(join(root, 'dev'));
    writeFileSync(join(root, 'dev/null'), ''); // a container engine makes the real one

    const inside: Client['command'] = [CHROOT, root, '/nodejs/bin/node'];
    const environment = { LAMBDA_TASK_ROOT: '/app' };
    const entry = '/opt/maintenance-window/index.mjs';
    expect(await answerOf([...inside, entry, 'app.handler'], environment)).toEqual(STORED);

    const rehearse = [root, '/nodejs/bin/node', '/opt/maintenance-window/rehearse.mjs', 'compile-cache', 'app.handler'];
    const { status, stderr } = spawnSync(CHROOT, rehearse, { env: environment, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^compile cache of \d+ files, /)]);
    const baked = { ...environment, NODE_COMPILE_CACHE: '/opt/maintenance-window/compile-cache' };
    expect(await answerOf([...inside, entry, 'app.handler'], baked)).toEqual(STORED);
  });
});

describe('without a home directory', () => {
  /** As Node answers a user whom /etc/passwd does not name. */
  const HOMELESS = `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module';
    os.homedir = () => { throw new Error('uv_os_homedir returned ENOENT'); }; syncBuiltinESMExports();`;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(HOMELESS)}`;
  const NO_KEYS = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_SESSION_TOKEN: undefined };

  it('AWS’s SDK finds keys all the same, the windows are read and the event is stored', async () => {
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    const found = { AccessKeyId: 'a', SecretAccessKey: 'b', Token: 'c', Expiration };
    await using keys = await startSteadyService(JSON.stringify(found));
    const environment = { ...NO_KEYS, NODE_OPTIONS, AWS_CONTAINER_CREDENTIALS_FULL_URI: keys.url };
    expect(await answerOf([join(folder, 'bootstrap'), 'values.echo'], environment)).toEqual(STORED);
  });

  it('a function runs where no keys are found either', async () => {
    const environment = { ...NO_KEYS, NODE_OPTIONS, AWS_EC2_METADATA_DISABLED: 'true' };
    expect(JSON.parse(await answerOf([join(folder, 'bootstrap'), 'values.echo'], environment))).toEqual({ order: 1 });
  });
});
