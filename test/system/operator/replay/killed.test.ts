import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LEASE_MARGIN_MS } from '../../../../core/events/archive.ts';
import { HANG_LIMIT_MS } from '../../../worlds/hang-limit.ts';
import { cliWorldForEach, type RunningCli, startCli } from '../../../worlds/replay-cli.ts';

const EVENTS = 240;
const KILLS = 10;
const TIMEOUT_MS = 3_000;

const world = cliWorldForEach();

const startReplay = (...words: string[]): RunningCli =>
  startCli(['replay', '-o', 'json', '--function', world.functionName, ...words], world.environment);

/** What a tool wrote of each event. */
function newsOf(tool: RunningCli): readonly { id: string; outcome: string; mayHaveRunBefore?: boolean }[] {
  return tool.lines().filter((line) => 'id' in line) as never;
}

/** What it left to do. */
const notDone = (tool: RunningCli) => newsOf(tool).filter(({ outcome }) => !['replayed', 'taken'].includes(outcome));

function countRuns(): ReadonlyMap<string, number> {
  const runs = new Map<string, number>();
  for (const { replay = '' } of world.lambda.ran) runs.set(replay, (runs.get(replay) ?? 0) + 1);
  return runs;
}

describe('a tool that is killed', () => {
  it('loses no event, leaves no lease beyond its time, and none runs twice unless nobody knew of the first', async () => {
    const ids = await world.storeMany(EVENTS);
    world.lambda.behave(() => ({ kind: 'reply', afterMs: Math.random() * 60 }));
    /** Events whose outcome nobody knew when their tool died. */
    const unknown = new Set<string>();
    const told: { id: string; outcome: string; mayHaveRunBefore?: boolean }[] = [];

    for (let kill = 0; kill < KILLS; kill += 1) {
      const tool = startReplay('--concurrency', '8');
      const goal = world.lambda.requests + Math.floor((Math.random() * EVENTS) / KILLS);
      while (world.lambda.requests < goal) await sleep(1);
      await sleep(Math.random() * 30);
      tool.child.kill('SIGKILL');
      expect(await tool.ended()).toBeNull();
      told.push(...newsOf(tool));
      for (const row of await unfinished()) {
        expect(['pending', 'replaying']).toContain(row.status);
        if (row.status !== 'replaying') continue;
        unknown.add(row.id);
        expect(row.leaseUntilAt).toBeLessThanOrEqual(Date.now() + TIMEOUT_MS + LEASE_MARGIN_MS);
      }
      await world.passLeases();
    }

    const last = startReplay('--concurrency', '8');
    expect(await last.ended()).toBe(0);
    told.push(...newsOf(last));
    expect(await unfinished()).toEqual([]);

    const runs = countRuns();
    expect(ids.filter((id) => !runs.has(id))).toEqual([]);
    const twice = ids.filter((id) => (runs.get(id) ?? 0) > 1);
    expect(twice.filter((id) => !unknown.has(id))).toEqual([]);
    for (const id of twice) {
      expect(await world.archive.look(id)).toMatchObject({ lastError: expect.stringMatching(/may have run twice/) });
    }
    const reported = told.filter(({ mayHaveRunBefore }) => mayHaveRunBefore);
    expect(reported.filter(({ id }) => !unknown.has(id))).toEqual([]);
    expect(newsOf(last).filter(({ id }) => (runs.get(id) ?? 0) > 1 && !isReported(id))).toEqual([]);

    function isReported(id: string): boolean {
      return reported.some((news) => news.id === id);
    }
    expect(unknown.size).toBeGreaterThan(0);
  });

  async function unfinished() {
    const query = {
      functionName: world.functionName,
      statuses: ['pending', 'replaying', 'failed', 'unknown'],
    } as const;
    const rows = [];
    for await (const row of world.archive.rows(query)) rows.push(row);
    return rows;
  }
});

describe('two tools at once', () => {
  it('both end well, also where one of them finds only what the other has in hand', async () => {
    // In hand for as long as the second one takes to start.
    await world.store({ timeoutMs: HANG_LIMIT_MS });
    const secondWaits = Promise.withResolvers<void>();
    world.lambda.behave(() => secondWaits.promise.then(() => ({ kind: 'reply' })));
    const first = startReplay();
    while (world.lambda.requests === 0) await sleep(5);
    const second = startReplay();
    await second.said('waits: another replay has events of it in hand; Ctrl-C ends the replay');
    secondWaits.resolve();
    for (const tool of [first, second]) expect([await tool.ended(), notDone(tool)]).toEqual([0, []]);
    const found = newsOf(second).map(({ outcome }) => outcome);
    expect(new Set(found)).toEqual(new Set(['taken']));
  });

  it('give each of 2,000 events to its function exactly once', async () => {
    const ids = await world.storeMany(2_000);
    const tools = [startReplay('--concurrency', '16'), startReplay('--concurrency', '16')];
    for (const tool of tools) expect([await tool.ended(), notDone(tool)]).toEqual([0, []]);
    const runs = countRuns();
    expect(ids.filter((id) => runs.get(id) !== 1)).toEqual([]);
    expect(world.lambda.requests).toBe(2_000);

    const replayed = tools.map((tool) => newsOf(tool).filter(({ outcome }) => outcome === 'replayed').length);
    expect(replayed.reduce((sum, count) => sum + count)).toBe(2_000);
    for (const count of replayed) expect(count).toBeGreaterThan(0);
  });
});
