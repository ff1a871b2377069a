import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { createRunStore } from '../../../../aws/events/run-store.ts';
import { FAULTS } from '../../../../core/errors.ts';
import { runKey } from '../../../../core/events/table.ts';
import { STOPPED } from '../../../../operator/cli/exit-code.ts';
import { dynamoDbAt } from '../../../contract/events/event-store-table.ts';
import { sampleRun } from '../../../contract/events/run-store.ts';
import { startDynamoDbProxy } from '../../../fakes/dynamodb-proxy.ts';
import { runCli, runOnTerminal } from '../../../worlds/cli.ts';
import { cliWorldForEach, type RunningCli, startCli } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();

const own = () => ['--function', world.functionName];
const tool = (...words: string[]) => runCli(words, { environment: world.environment });
const json = async (...words: string[]) => JSON.parse((await tool(...words, '-o', 'json')).out);

interface Listed {
  readonly id: string;
  readonly status: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly [field: string]: unknown;
}

async function newest(): Promise<Listed> {
  const { replays } = (await json('replays', 'list', '--limit', '1')) as { replays: readonly Listed[] };
  const [run] = replays;
  if (!run) throw new Error('there is no replay');
  return run;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(50);
}

/** What a replay is told, it says of itself a heartbeat later. */
function untilNewest(expected: object): Promise<void> {
  const look = async () => expect(await newest()).toMatchObject(expected);
  return vi.waitFor(look, { timeout: 120_000, interval: 50 });
}

/** A replay of slow events that is under way, with its id. */
async function startReplay(...words: string[]): Promise<{ readonly running: RunningCli; readonly id: string }> {
  const running = startCli(['replay', '-o', 'json', ...own(), ...words], world.environment);
  await until(async () => world.lambda.ran.length > 0);
  await until(async () => (await newest())['functions']?.toString() === world.functionName);
  return { running, id: (await newest()).id };
}

describe('the record of a replay', () => {
  it('says who, what, why and how far, and which events it had', async () => {
    const ids = await world.storeMany(3);
    const [bad = '', ...good] = ids;
    world.lambda.behave(({ replay }) =>
      replay === bad ? { kind: 'function-error', text: '{"errorMessage":"no such order"}' } : undefined,
    );
    await tool('replay', ...own(), '--rate', '40/s', '--name', 'after the upgrade', '--reason', 'CHG-4711');
    const other = await world.store();
    await tool('replay', other.id);
    const [byName, run] = (await json('replays', 'list', '--limit', '2')).replays;
    expect(byName).toMatchObject({ name: `1 event of ${world.functionName}`, status: 'done', counts: { replayed: 1 } });
    expect(run).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{8}$/),
      name: 'after the upgrade',
      reason: 'CHG-4711',
      status: 'incomplete',
      by: expect.stringContaining('@'),
      functions: [world.functionName],
      counts: { replayed: 2, failed: 1 },
      ratePerSecond: 40,
      concurrency: 10,
    });
    const listed = async (...words: string[]) => (await json('events', 'list', ...words)).events as Listed[];
    expect((await listed('--run', run.id)).map(({ id }) => id)).toEqual(ids);
    expect((await listed('--run', run.id.slice(0, 7), '--status', 'replayed')).map(({ id }) => id)).toEqual(good);
    expect((await listed('--run', byName.id)).map(({ id }) => id)).toEqual([other.id]);
    const shown = await json('replays', 'show', run.id.slice(0, 7));
    expect(shown).toMatchObject({ ...run, events: { functions: [world.functionName] }, wanted: { status: 'running' } });
    const { out } = await runOnTerminal(['replays', 'show', run.id], { environment: world.environment });
    for (const text of ['CHG-4711', '2 replayed, 1 failed', '40/s, 10 at once', ': it came to its end']) {
      expect(out).toContain(text);
    }
    expect((await tool('replays', 'list')).out).toMatch(new RegExp(`^${run.id} +after the upgrade +incomplete `, 'm'));
  });

  it('is made by what replays, and by nothing that looks', async () => {
    await world.storeMany(1);
    await tool('replay', ...own());
    const { id } = await newest();
    await world.storeMany(1);
    await tool('replay', '--dry-run', ...own());
    expect((await newest()).id).toBe(id);
  });

  it('ends with a Ctrl-C, and says so', async () => {
    await world.storeMany(20);
    world.lambda.behave(() => ({ kind: 'reply', text: '{}', afterMs: 500 }));
    const { running, id } = await startReplay('--rate', '2/s');
    running.child.kill('SIGINT');
    expect(await running.ended()).toBe(130);
    expect(await json('replays', 'show', id)).toMatchObject({ status: 'stopped', why: 'interrupted at its terminal' });
  });

  it('may be refused by an older grant: the replay goes on, and says once which action it takes', async () => {
    await world.storeMany(3);
    const guarded = await startDynamoDbProxy(world.tableUrl);
    guarded.behave(({ pk }) =>
      pk.startsWith(runKey('')) ? { kind: 'fail', code: 'AccessDeniedException' } : undefined,
    );
    try {
      const environment = { ...world.environment, AWS_ENDPOINT_URL_DYNAMODB: guarded.url };
      const { code, out, err } = await runCli(['replay', ...own()], { environment });
      expect([code, out]).toEqual([0, expect.stringMatching(/^ +3 {2}replayed\n/)]);
      expect(err.match(/dynamodb:PutItem on the table .* is not allowed/g)).toHaveLength(1);
      expect(err).toContain('nobody else can pause or cancel it');
    } finally {
      await guarded.close();
    }
  });

  it('may fall silent: the replay goes on to its end, and says that nobody is heard', async () => {
    await world.storeMany(30);
    const guarded = await startDynamoDbProxy(world.tableUrl);
    let isSilent = false;
    guarded.behave(({ pk }) =>
      isSilent && pk.startsWith(runKey('')) ? { kind: 'fail', code: 'AccessDeniedException' } : undefined,
    );
    try {
      const running = startCli(['replay', ...own(), '--rate', '3/s'], {
        ...world.environment,
        AWS_ENDPOINT_URL_DYNAMODB: guarded.url,
      });
      await until(async () => world.lambda.ran.length > 0);
      isSilent = true;
      await running.said('hears nobody who pauses or cancels it');
      isSilent = false;
      await running.said('the record of this replay is written again');
      expect(await running.ended()).toBe(0);
      expect(await newest()).toMatchObject({ status: 'done', counts: { replayed: 30 } });
    } finally {
      await guarded.close();
    }
  });
});

describe('a replay that goes on elsewhere', () => {
  it('is paused, resumed, set and cancelled from another process', async () => {
    const ids = await world.storeMany(400);
    const { running, id } = await startReplay('--rate', '50/s');
    const sent = () => world.lambda.ran.length;
    expect((await tool('replays', 'pause', id.slice(0, 7))).out).toBe(
      `Pauses within 5 s, once what is under way has ended: ${id} (${world.functionName})\n`,
    );
    await untilNewest({ status: 'paused', waiting: { why: expect.stringMatching(/^paused by .*@/) } });
    const whenPaused = sent();
    await sleep(1_500);
    expect(sent()).toBe(whenPaused);
    expect((await tool('replays', 'pause', id)).out).toContain('Was to pause before: ');
    await tool('replays', 'set', id, '--rate', '1/s', '--concurrency', '2');
    await tool('replays', 'resume', id);
    await until(async () => sent() > whenPaused);
    await untilNewest({ status: 'running', ratePerSecond: 1, concurrency: 2 });
    await tool('replays', 'set', id, '--rate', '20/s');
    const slow = sent();
    await until(async () => sent() >= slow + 30);
    await tool('replays', 'set', id, '--rate', '1/s');
    await until(async () => (running.err.match(/has set it to 1\/s, 2 at once/g) ?? []).length === 2);
    expect((await tool('replays', 'cancel', id)).code).toBe(0);
    expect(await running.ended()).toBe(STOPPED);
    const noted = (await json('audit', '--limit', '100')) as { readonly entries: readonly Listed[] };
    const ofThis = noted.entries.filter(({ replays }) => String(replays) === id);
    const kinds = ['cancelled', 'set', 'set', 'resumed', 'set', 'paused'];
    expect(ofThis.map(({ kind }) => kind).sort()).toEqual(kinds.sort());
    expect(ofThis[0]).toMatchObject({ functions: [world.functionName], by: expect.stringContaining('@') });
    expect((await tool('audit', '--limit', '100')).out).toContain(
      `cancelled the replay ${id} of ${world.functionName}`,
    );
    expect(running.err).toMatch(/stopped: cancelled by .*@/);
    expect(running.err).toMatch(/has set it to 1\/s, 2 at once/);
    const summary = running.lines().at(-1)?.['summary'];
    expect(summary).toMatchObject({ run: id, stopped: expect.stringMatching(/^cancelled by/), released: 0 });
    const run = await newest();
    expect(run).toMatchObject({ id, status: 'stopped', why: expect.stringMatching(/^cancelled by/) });
    const statuses: (string | undefined)[] = [];
    for (const each of ids) statuses.push(await world.statusOf(each));
    expect(statuses.filter((status) => status === 'replayed')).toHaveLength(run.counts['replayed'] ?? 0);
    expect(statuses.filter((status) => status === 'pending')).toHaveLength(400 - (run.counts['replayed'] ?? 0));
    const { code, err } = await tool('replays', 'pause', id);
    expect([code, err]).toEqual([1, expect.stringContaining(`${id} is left as it is: it is stopped`)]);
  });

  it('waits for its end beside another replay of the same events: each runs once', async () => {
    const ids = await world.storeMany(60);
    const both = [1, 2].map(() => startCli(['replay', ...own(), '--rate', '40/s'], world.environment));
    expect(await Promise.all(both.map((each) => each.ended()))).toEqual([0, 0]);
    expect(world.lambda.ran.map(({ replay }) => replay).sort()).toEqual([...ids].sort());
    const { replays } = (await json('replays', 'list', '--limit', '2')) as { replays: readonly Listed[] };
    expect(replays.reduce((sum, { counts }) => sum + (counts['replayed'] ?? 0), 0)).toBe(60);
  });
});

describe('a replay that is named', () => {
  it.each<[string[], string]>([
    [['show', '00000000'], 'there is no replay 00000000'],
    [['pause', 'orders'], 'there is no replay orders'],
    [['set', '00000000'], 'say what to set: --rate, --concurrency or both'],
    [['set', '00000000', '--rate', 'fast'], 'Write events a second, 0.001/s or more, or none: 50/s'],
    [['set', '00000000', '--rate', '0.0001/s'], 'Write events a second, 0.001/s or more, or none: 50/s'],
  ])('wrongly is refused in one line: replays %j', async (words, message) => {
    const { code, out, err } = await tool('replays', ...words);
    expect([code === 0, out]).toEqual([false, '']);
    expect(err).toContain(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('by a beginning that several have is asked for more of it', async () => {
    const dynamoDb = dynamoDbAt(world.tableUrl, 'sdk');
    const clock = { now: Date.now, random: Math.random };
    const store = createRunStore({ dynamoDb, table: world.table.name, clock });
    for (const id of ['abcdef01', 'abcdef02']) await store.create(sampleRun(Date.now(), { id }), 1, Date.now());
    dynamoDb.disconnect();
    const { code, err } = await tool('replays', 'show', 'abcdef');
    expect(code).toBe(FAULTS['MaintenanceWindow.Usage'].exitCode);
    expect(err).toContain('the ids of 2 replays begin with abcdef: say which one is meant, abcdef02 or abcdef01');
  });

  it('and has a record that cannot be read is told apart from one that there is not', async () => {
    const dynamoDb = dynamoDbAt(world.tableUrl, 'sdk');
    const clock = { now: Date.now, random: Math.random };
    const store = createRunStore({ dynamoDb, table: world.table.name, clock });
    const run = sampleRun(Date.now(), { id: 'fade0001' });
    await store.create({ ...run, plan: { ...run.plan, concurrency: -1 } }, 1, Date.now());
    dynamoDb.disconnect();
    for (const words of [
      ['show', 'fade0001'],
      ['watch', 'fade'],
      ['cancel', 'fade0001'],
    ]) {
      const { code, err } = await tool('replays', ...words);
      expect(code).toBe(FAULTS['MaintenanceWindow.NotFound'].exitCode);
      expect(err).toContain('the record of the replay fade0001 cannot be read: a newer version may have written it');
    }
  });
});
