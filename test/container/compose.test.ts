import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findFreePort } from '../../local/port.ts';
import { browserForFile, describeInBrowser } from '../browser/browser.ts';
import { visitConsole } from '../worlds/console.ts';
import { emulatorFile } from '../worlds/emulator.ts';
import {
  BUILD_LIMIT_MS,
  blocksUnder,
  buildImage,
  containerNamed,
  describeWithEngine,
  docker,
  type Ended,
  emulatorListens,
  REPOSITORY,
  run,
  uniqueName,
} from './containers.ts';

/** docs/container.md, copied and pasted: only ports and names are others, so that two runs do not meet. */

const SQS = readFileSync(join(REPOSITORY, 'handler', 'events', 'sqs.json'));
const ANSWER = '{"batchItemFailures":[]}';
const BOOKED = 'booked A-1001 (6 × espresso cup), A-1002 (2 × caffè crema, 1 kg)';
const project = uniqueName('compose');
const [
  up = '',
  consoleLog = '',
  invoke = '',
  begin = '',
  invokeAndLook = '',
  end = '',
  replay = '',
  inPython = '',
  ...more
] = blocksUnder('Try it', 'sh');
const [byItself = '', lookAfter = '', handOver = '', down = ''] = more;

let isPlugin: boolean;
let consolePort: number;
beforeAll(async () => {
  consolePort = await findFreePort();
  isPlugin = (await run('docker', ['compose', 'version'])).code === 0;
});

/** Runs a block of the page in a shell, in the root of the repository. */
async function paste(block: string, replaced: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const here = Object.entries({ ...(isPlugin ? {} : { 'docker compose': 'docker-compose' }), ...replaced });
  const script = here.reduce((text, [theirs, ours]) => text.replaceAll(theirs, ours), block);
  const ports = { CONSOLE_PORT: String(consolePort), LAMBDA_PORT: '0', SSM_PORT: '0', DYNAMODB_PORT: '0' };
  const environment = { COMPOSE_PROJECT_NAME: project, ...ports, ...(replaced['~'] ? { HOME: replaced['~'] } : {}) };
  return run('bash', ['-euc', script], { environment });
}

async function addressOf(service: string, port: number): Promise<string> {
  const { stdout } = await paste(`docker compose port ${service} ${port}`);
  return stdout.trim();
}

/** Where the page's ports are in this run. */
async function addresses(): Promise<Record<string, string>> {
  return {
    'localhost:9000': await addressOf('lambda', 9000),
  };
}

/** As the console's log has it, which it writes once it listens. */
async function consoleUrl(): Promise<string> {
  let [url = ''] = [''];
  await until(async () => {
    [url = ''] = /http:\S+#token=\S+/.exec((await paste(consoleLog)).stdout) ?? [];
    return url !== '';
  });
  return url;
}

/** The events in the table, unpacked with nothing of the product's code. */
async function storedEvents(): Promise<{ status: string | undefined; body: Buffer }[]> {
  const endpoint = `http://${await addressOf('dynamodb', 8000)}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  const { Items = [] } = await client.send(new ScanCommand({ TableName: 'maintenance-window-events' }));
  client.destroy();
  return Items.flatMap(({ status, body, encoding }) => {
    if (!body?.B) return [];
    const bytes = Buffer.from(body.B);
    return [{ status: status?.S, body: encoding?.S === 'gzip' ? gunzipSync(bytes) : bytes }];
  });
}

async function leftovers(): Promise<string[]> {
  const label = ['--filter', `label=com.docker.compose.project=${project}`, '--quiet'];
  const lists = [
    docker('ps', '--all', ...label),
    docker('network', 'ls', ...label),
    docker('volume', 'ls', ...label),
    docker('images', '--quiet', '--filter', `reference=${project}*`),
  ];
  return (await Promise.all(lists)).flatMap((list) => list.split('\n')).filter(Boolean);
}

describeWithEngine('docker compose', () => {
  let story: Record<string, string>;
  afterAll(async () => {
    await paste(down);
  }, BUILD_LIMIT_MS);

  it('brings everything up from nothing, in order', { timeout: BUILD_LIMIT_MS }, async () => {
    expect(await paste(up)).toMatchObject({ code: 0 });
    story = await addresses();
    const { stdout } = await paste('docker compose logs --no-color setup');
    expect(stdout).toContain('table maintenance-window-events made');
  });

  it('answers the first invocation', async () => {
    const { code, stdout } = await paste(invoke, story);
    expect({ code, answer: stdout.split('\n')[0] }).toEqual({ code: 0, answer: ANSWER });
    expect(stdout).toContain(BOOKED);
  });

  it('inside a window stores the event byte for byte, and does not call the function', async () => {
    expect(await paste(begin, story)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Under maintenance: every function, until /),
    });
    const { code, stdout } = await paste(invokeAndLook, story);
    expect({ code, answer: stdout.split('\n')[0] }).toEqual({ code: 0, answer: ANSWER });
    expect(stdout).toMatch(/ sqs .* pending/);
    expect(await storedEvents()).toEqual([{ status: 'pending', body: SQS }]);
  });

  it('calls the function again once the window has ended', async () => {
    expect((await paste(end, story)).stdout.trim().split('\n').at(-1)).toBe(ANSWER);
    const { stdout } = await paste('docker compose logs --no-color function');
    expect(stdout.split(BOOKED).length - 1).toBe(2);
  });

  it('gives the function what was stored', async () => {
    const { code, stdout } = await paste(replay, story);
    expect({ code, booked: stdout.split(BOOKED).length - 1 }).toEqual({ code: 0, booked: 3 });
    expect(stdout).toMatch(/ 1 {2}replayed\r?\n/);
    expect(await storedEvents()).toEqual([{ status: 'replayed', body: SQS }]);
  });

  it('does the same with the function in Python, behind the proxy', async () => {
    const address = `${story['localhost:9000']}/2015-03-31/functions/python/invocations`;
    const direct = await fetch(`http://${address}`, { method: 'POST', body: SQS });
    expect(await direct.json()).toEqual(JSON.parse(ANSWER));

    const { code, stdout } = await paste(inPython, story);
    expect({ code, answers: stdout.split('\n').filter((line) => line === ANSWER) }).toEqual({
      code: 0,
      answers: [ANSWER],
    });
    expect(stdout).toMatch(/ sqs .* pending/);
    expect(stdout).toMatch(/ 1 {2}replayed\r?\n/);
    // outside the window, and by the replay
    expect(stdout.split(BOOKED).length - 1).toBe(2);
    expect(await storedEvents()).toEqual([
      { status: 'replayed', body: SQS },
      { status: 'replayed', body: SQS },
    ]);
  });

  it('serves the console to who has its address, on the loopback of this machine alone', async () => {
    const address = await addressOf('console', consolePort);
    expect(address).toBe(`127.0.0.1:${consolePort}`);
    const visit = await visitConsole(await consoleUrl());
    expect(visit.port).toBe(consolePort);
    const { exitCode, results } = await visit.look('events list', 'status=replayed');
    const [{ events } = { events: [] }] = results as readonly { readonly events: readonly unknown[] }[];
    expect({ exitCode, events: events.length }).toEqual({ exitCode: 0, events: (await storedEvents()).length });

    const look = '/api/look/status';
    expect((await visit.ask(look, { headers: { cookie: undefined } })).status).toBe(401);
    const inside = { host: `console:${consolePort}`, origin: `http://console:${consolePort}` };
    expect((await visit.ask(look, { headers: inside })).status).toBe(421);
  });

  it('begins and ends a window in the console, which the tool sees', async () => {
    const visit = await visitConsole(await consoleUrl());
    expect(await visit.carryOut('begin', { options: { for: ['1h'], reason: ['by hand'] } })).toMatchObject({
      exitCode: 0,
    });
    expect((await paste('docker compose run --rm tool status')).stdout).toMatch(/^Under maintenance: every function/);
    expect(await visit.carryOut('end', {})).toMatchObject({ exitCode: 0 });
    expect((await paste('docker compose run --rm tool status')).stdout).toMatch(/^Not under maintenance/);
  });

  describeInBrowser('in a browser', () => {
    const pages = browserForFile();

    it('the console shows what was stored, and every service behind it answers', async () => {
      const page = await pages.open(await consoleUrl());
      await page.getByRole('link', { name: /pending/ }).waitFor();
      await page.goto(`${new URL(page.url()).origin}/events?status=replayed`);
      await page.getByRole('cell', { name: 'replayed' }).first().waitFor();
      await page.getByRole('link', { name: 'Functions' }).click();
      for (const name of ['function', 'python']) await page.getByText(name, { exact: true }).first().waitFor();
      expect(pages.faults).toEqual([]);
      await page.context().close();
    });
  });

  it('ends the console at once, as docker compose stop asks it to', async () => {
    expect(await paste('docker compose stop console')).toMatchObject({ code: 0 });
    const container = (await paste('docker compose ps --all --quiet console')).stdout.trim();
    // SIGTERM, and not killed for taking no notice
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', container)).toBe('143');
  });

  it('replays by itself what a window left that says so, and tells of it', async () => {
    const before = await storedEvents();
    expect(await paste(byItself, story)).toMatchObject({ code: 0, stdout: expect.stringContaining(ANSWER) });
    await until(async () => (await paste('docker compose logs --no-color drain')).stdout.includes('Replay Finished'));
    expect(await storedEvents()).toEqual([...before, { status: 'replayed', body: SQS }]);
    const { code, stdout } = await paste(lookAfter, story);
    expect(code).toBe(0);
    const said = stdout.split('\n').flatMap((line) => /(Window \w+|Replay \w+): /.exec(line)?.[1] ?? []);
    expect(said.slice(-4)).toEqual(['Window Began', 'Window Ended', 'Replay Started', 'Replay Finished']);
    expect(stdout).toMatch(/ done +monitor .* 1 replayed /);
  });

  it('takes a replay over from the tool, which follows it', async () => {
    const before = await storedEvents();
    const { code, stdout } = await paste(handOver, story);
    expect({ code, answers: stdout.split('\n').filter((line) => line === ANSWER) }).toEqual({
      code: 0,
      answers: [ANSWER],
    });
    const [, id] = /The drain has it: ([0-9a-f]{8})/.exec(stdout) ?? [];
    const watched = await paste(`docker compose run --rm tool replays watch ${id}`);
    expect(watched).toMatchObject({ code: 0, stdout: expect.stringMatching(/done: 1 replayed\s*$/) });
    expect(await storedEvents()).toEqual([...before, { status: 'replayed', body: SQS }]);
    const shown = await paste(`docker compose run --rm tool replays show ${id} -o json`);
    expect(JSON.parse(shown.stdout)).toMatchObject({ from: 'drain', status: 'done', counts: { replayed: 1 } });
  });

  it('makes table and parameter once: what is there stays as it is', async () => {
    const { code, stdout } = await paste('docker compose run --rm setup');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/parameter maintenance-window is there already\s+table \S+ is there already/),
    });
  });

  it('has the same story for docker run with the emulator mounted', { timeout: BUILD_LIMIT_MS }, async () => {
    await using image = await buildImage();
    await using container = containerNamed(uniqueName('run'));
    const home = mkdtempSync(join(tmpdir(), 'home-'));
    try {
      mkdirSync(join(home, '.aws-lambda-rie'));
      cpSync(await emulatorFile(), join(home, '.aws-lambda-rie', 'aws-lambda-rie'));
      const [block = ''] = blocksUnder('The image itself', 'sh');
      const network = await docker('inspect', '--format', '{{json .NetworkSettings.Networks}}', await idOf('function'));
      const started = await paste(aws(block), {
        '~': home,
        'docker build -t orders .': '',
        'docker run --rm --name orders': `docker run --detach --name ${container.name} --network ${Object.keys(JSON.parse(network))[0]}`,
        '127.0.0.1:9000': '127.0.0.1:0',
        '  orders\n': `  ${image.tag}\n`,
      });
      expect(started).toMatchObject({ code: 0 });
      const address = await container.address(8080);
      const here = { ...story, 'localhost:9000': address };
      await emulatorListens(address);
      const before = (await storedEvents()).length;

      expect(await paste(invoke.split('docker')[0] ?? '', here)).toMatchObject({ stdout: `${ANSWER}\n` });
      expect(await paste(begin, here)).toMatchObject({ code: 0 });
      expect((await paste(invokeAndLook, here)).stdout.split('\n')[0]).toBe(ANSWER);
      const stored = await storedEvents();
      expect(stored.slice(before).length).toBe(1);
      expect(stored.filter(({ body }) => !body.equals(SQS))).toEqual([]);
      expect((await paste(end, here)).stdout.trim().split('\n').at(-1)).toBe(ANSWER);
      expect((await container.logs()).split(BOOKED).length - 1).toBe(2);
      expect(await container.stop()).toBe(0);
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it('goes without a trace', async () => {
    expect(await paste(down)).toMatchObject({ code: 0 });
    expect(await leftovers()).toEqual([]);
  });
});

/** A hang is the test's time-out. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 500));
}

async function idOf(service: string): Promise<string> {
  return (await paste(`docker compose ps --quiet ${service}`)).stdout.trim();
}

/** What the shell has, in front of a block that passes it on. */
function aws(block: string): string {
  return `export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local MAINTENANCE_WINDOW_TTL=1
export AWS_ENDPOINT_URL_SSM=http://ssm:5000 AWS_ENDPOINT_URL_DYNAMODB=http://dynamodb:8000
${block}`;
}
