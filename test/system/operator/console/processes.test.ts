/** What becomes of what a console does where a process of its is ended, by whomever. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Answer, FILE_HEADER, OWN_HEADER } from '../../../../operator/console/answer.ts';
import { type DynamoDbProxy, startDynamoDbProxy } from '../../../fakes/dynamodb-proxy.ts';
import { runCli } from '../../../worlds/cli.ts';
import { buildConsole, type ConsoleWorld, startConsoleWorld } from '../../../worlds/console.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();
let proxy: DynamoDbProxy;
let console_: ConsoleWorld;

beforeAll(buildConsole);
beforeEach(async () => {
  await world.clearWindows();
  proxy = await startDynamoDbProxy(world.tableUrl);
  console_ = await startConsoleWorld({ ...world.environment, AWS_ENDPOINT_URL_DYNAMODB: proxy.url });
});
afterEach(async () => {
  await console_.close();
  await proxy.close();
});

const own = () => ({ function: [world.functionName] });
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 60_000, interval: 20 });

async function json(...words: string[]) {
  return JSON.parse((await runCli([...words, '-o', 'json'], { environment: world.environment })).out);
}

/** Statuses of the test's events, with their numbers. */
async function statuses() {
  const all = ['pending', 'replaying', 'replayed', 'discarded'];
  const { groups } = await json('events', 'list', '--count', '--function', world.functionName, '--status', ...all);
  return Object.fromEntries(groups.map(({ status, events }: { status: string; events: number }) => [status, events]));
}

/** Processes that the console has begun: they go on apart from it. */
function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number);
}

/** Ends them as the kernel does where memory is short. */
async function killChildren(): Promise<void> {
  const pid = Number(console_.cli.child.pid);
  await until(() => expect(childrenOf(pid)).not.toEqual([]));
  for (const child of childrenOf(pid)) process.kill(child, 'SIGKILL');
}

/** Asks for a file, reads some of it, and goes on as it is told. */
function takeFile(then: (leave: () => void) => void): Promise<{ readonly lines: number; readonly id: string }> {
  return new Promise((resolve, reject) => {
    const { port, key, cookie } = console_;
    const headers = { [OWN_HEADER]: key, origin: `http://127.0.0.1:${port}`, cookie };
    const asking = request({ port, host: '127.0.0.1', method: 'POST', path: '/api/file/events%20export', headers });
    asking.on('response', (response) => {
      const pieces: Buffer[] = [];
      const told = () => ({
        lines: Buffer.concat(pieces).toString().split('\n').length - 1,
        id: String(response.headers[FILE_HEADER]),
      });
      response.once('data', () => then(() => asking.destroy()));
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('close', () => resolve(told()));
      response.on('error', () => undefined);
    });
    asking.on('error', reject);
    asking.end(JSON.stringify({ options: own() }));
  });
}

describe('a replay', () => {
  it('finishes what is under way where Ctrl-C comes from the terminal, which sends it to all of its processes', async () => {
    await world.storeMany(20);
    world.lambda.behave(() => ({ kind: 'reply', afterMs: 1_500 }));
    await console_.carryOut('replay', { options: own() });
    await until(() => expect(world.lambda.requests).toBeGreaterThan(0));
    const group = readFileSync(`/proc/${console_.cli.child.pid}/stat`, 'utf8').split(' ')[4];
    for (const child of childrenOf(Number(console_.cli.child.pid))) {
      const of = readFileSync(`/proc/${child}/stat`, 'utf8').split(' ')[4];
      if (of === group) process.kill(child, 'SIGINT');
    }
    console_.cli.child.kill('SIGINT');
    await console_.cli.ended();
    const { replayed = 0, ...others } = await statuses();
    expect(replayed).toBe(world.lambda.ran.length);
    expect(others).toEqual({ pending: 20 - replayed });
  });

  it('that is killed before it has a record is not done', async () => {
    await world.storeMany(3);
    const { plan } = await console_.plan('replay', { options: own() });
    proxy.behave(() => ({ kind: 'delay', ms: 500 }));
    const asking = console_.ask('/api/do', { body: { plan } });
    await killChildren();
    const answer = (await asking).json() as Answer;
    expect(answer).toMatchObject({
      exitCode: 137,
      remarks: expect.arrayContaining([{ kind: 'fault', text: expect.stringContaining('SIGKILL') }]),
    });
    expect(await statuses()).toEqual({ pending: 3 });
  });

  it('that may have no record is told to have begun, and not at its end', async () => {
    await world.storeMany(3);
    const { promise: isLetGo, resolve: letGo } = Promise.withResolvers<void>();
    world.lambda.behave(async () => {
      await isLetGo;
      return { kind: 'reply' };
    });
    proxy.behave(({ operation, pk }) =>
      operation === 'PutItem' && pk.startsWith('#run#') ? { kind: 'fail', code: 'AccessDeniedException' } : undefined,
    );
    const answer = await console_.carryOut('replay', { options: own() });
    expect(answer).toMatchObject({
      exitCode: 0,
      results: [],
      remarks: expect.arrayContaining([{ kind: 'warning', text: expect.stringContaining('has no record') }]),
    });
    expect(await statuses()).not.toHaveProperty('replayed');
    letGo();
    await until(async () => expect(await statuses()).toEqual({ replayed: 3 }));
  });
});

describe('an export', () => {
  it('that is killed is no file, and says why', async () => {
    await world.storeMany(3_000);
    const { id } = await takeFile(() => void killChildren());
    const answer = (await console_.ask(`/api/filed/${id}`)).json();
    expect(answer).toMatchObject({
      exitCode: 137,
      remarks: [{ kind: 'fault', text: expect.stringContaining('SIGKILL') }],
    });
  });

  it('that nobody takes to its end is noted', async () => {
    await world.storeMany(3_000);
    const { lines } = await takeFile((leave) => leave());
    const noted = async () => (await json('audit', '--limit', '1')).entries[0];
    await until(async () => expect(await noted()).toMatchObject({ kind: 'exported', functions: [world.functionName] }));
    const { events } = await noted();
    expect(events).toBeGreaterThanOrEqual(lines);
    expect(events).toBeLessThan(3_000);
  });
});

describe('a discard in a console that is ended by Ctrl-C', () => {
  it('stops, is waited for, and is noted with what it has done', async () => {
    await world.storeMany(500);
    const { plan } = await console_.plan('events discard', { options: own() });
    let writes = 0;
    proxy.behave(({ operation }) => {
      if (operation !== 'UpdateItem') return undefined;
      writes += 1;
      return { kind: 'delay', ms: 50 };
    });
    void console_.ask('/api/do', { body: { plan } }).catch(() => undefined);
    await until(() => expect(writes).toBeGreaterThan(50));
    await console_.close();
    const { discarded = 0, pending } = await statuses();
    expect(pending).toBe(500 - discarded);
    expect((await json('audit', '--limit', '1')).entries).toEqual([
      expect.objectContaining({ kind: 'discarded', events: discarded }),
    ]);
  });
});
