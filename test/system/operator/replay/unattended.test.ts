import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReplayPlan } from '../../../../core/replay/plan.ts';
import type { ReplayNews } from '../../../../core/replay/progress/news.ts';
import { planOf, type ReplayWish } from '../../../../core/replay/wish.ts';
import { withArchive } from '../../../../operator/access/archive.ts';
import { createOperator, type Operator } from '../../../../operator/access/operator.ts';
import { draftDiscard } from '../../../../operator/events/discard.ts';
import { dryRun } from '../../../../operator/replay/dry-run.ts';
import { meantByFilter } from '../../../../operator/replay/meant.ts';
import { type Replayed, type ReplayOptions, replayEvents } from '../../../../operator/replay/replay.ts';
import { createTimes } from '../../../../operator/times/times.ts';
import { startScriptedService } from '../../../fakes/scripted-service.ts';
import { type CliWorld, startCliWorld } from '../../../worlds/replay-cli.ts';

// Operations as an unattended drain or a console calls them: no process, no terminal, nobody to ask.

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  world.begin();
  for (const [name, value] of Object.entries(world.environment)) vi.stubEnv(name, value);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'operator');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  expect(written.splice(0)).toEqual([]);
});

/** What reached the terminal: nothing ever should. */
const written: string[] = [];
const remarked: string[] = [];

async function withOperator<Value>(work: (operator: Operator) => Promise<Value>): Promise<Value> {
  const remarks = {
    times: createTimes(),
    note: (text: string) => remarked.push(text),
    warn: (text: string) => remarked.push(text),
  };
  const settings = { parameters: ['maintenance-window'], table: world.table.name, access: {} };
  const operator = createOperator(settings, remarks, { now: Date.now, random: Math.random });
  try {
    return await work(operator);
  } finally {
    operator.close();
  }
}

function planOfWish(wish: ReplayWish): ReplayPlan {
  const planned = planOf(wish, false);
  if (planned.kind === 'none') throw new Error(planned.why.kind);
  return planned.plan;
}

async function replay(
  options: Partial<ReplayOptions> = {},
  wish: ReplayWish = {},
): Promise<{ readonly replayed: Replayed; readonly news: readonly ReplayNews[] }> {
  const news: ReplayNews[] = [];
  const plan = planOfWish(wish);
  const signal = options.signal ?? new AbortController().signal;
  const tell = (each: ReplayNews) => {
    news.push(each);
    options.tell?.(each);
  };
  const replayed = await withOperator((operator) =>
    withArchive(operator, async (archive) => {
      const meant = await meantByFilter(operator, archive, { function: [world.functionName] }, plan);
      return replayEvents(operator, archive, meant, plan, { ttlSeconds: 1, ...options, signal, tell });
    }),
  );
  return { replayed, news };
}

function activeWindow(): string {
  const start = new Date(Date.now() - 1_000).toISOString();
  const end = new Date(Date.now() + 3_600_000).toISOString();
  return JSON.stringify({ version: 1, windows: [{ start, end, reason: 'CHG-1042' }] });
}

it('a preview says that it did not look at all of it, where that would take too long', async () => {
  await world.storeMany(3);
  const plan = planOfWish({});
  const found = await withOperator((operator) =>
    withArchive(operator, async (archive) => {
      const meant = await meantByFilter(operator, archive, { function: [world.functionName] }, plan);
      return Promise.all([0, 60_000].map((forMs) => dryRun(archive, meant, plan, undefined, forMs)));
    }),
  );
  expect(found).toMatchObject([{ isPart: true }, { isPart: false, counts: { events: 3 } }]);
  expect(found[0]?.counts.events).toBeLessThan(3);
});

describe('a replay without a terminal', () => {
  it('comes to its end, and leaves nothing', async () => {
    const ids = await world.storeMany(3);
    const { replayed, news } = await replay({}, { concurrency: 1 });
    expect(replayed).toMatchObject({ kind: 'ended', counts: { replayed: 3 }, tookMs: expect.any(Number) });
    expect(replayed).not.toHaveProperty('left');
    expect(news.map((each) => each.kind === 'event' && [each.row.id, each.outcome])).toEqual(
      ids.map((id) => [id, 'replayed']),
    );
  });

  it('gives what is left as data where its time is up', async () => {
    await world.storeMany(20);
    world.lambda.behave(() => ({ kind: 'reply', afterMs: 50 }));
    const timeUp = new AbortController();
    const { replayed } = await replay({ signal: timeUp.signal, tell: () => timeUp.abort() }, { concurrency: 1 });
    const ran = world.lambda.ran.length;
    expect(ran).toBeLessThan(20);
    expect(replayed).toMatchObject({
      kind: 'ended',
      counts: { replayed: ran },
      left: { events: 20 - ran, isPart: false, limitLeft: Number.POSITIVE_INFINITY },
    });
  });

  it('ends at once where its time is up while the windows do not answer', async () => {
    await world.storeMany(2);
    const timeUp = new AbortController();
    await using silent = await startScriptedService(() => {
      timeUp.abort();
      return { kind: 'hang' };
    });
    vi.stubEnv('AWS_ENDPOINT_URL_SSM', silent.url);
    const { replayed } = await replay({ signal: timeUp.signal }); // who waited for SSM would end with a fault
    expect(replayed).toMatchObject({ kind: 'ended', counts: { replayed: 0 }, left: { events: 2 } });
    expect(world.lambda.requests).toBe(0);
  });

  it('says why it stopped, with what is left', async () => {
    await world.storeMany(5);
    world.lambda.behave(() => ({ kind: 'fail', status: 404, code: 'ResourceNotFoundException' }));
    const { replayed, news } = await replay();
    expect(replayed).toMatchObject({ kind: 'ended', stopped: { why: expect.any(String) }, left: { events: 5 } });
    expect(news).toContainEqual(expect.objectContaining({ kind: 'stopped' }));
  });

  it('tells its callback of a window that it waits for, and is refused one through Lambda’s own queue', async () => {
    await world.storeMany(2);
    await world.setWindows(activeWindow());
    try {
      const timeUp = new AbortController();
      const tell = ({ kind }: ReplayNews) => kind === 'waiting' && timeUp.abort();
      const { replayed, news } = await replay({ signal: timeUp.signal, tell });
      expect(news).toEqual([expect.objectContaining({ kind: 'waiting', why: expect.stringContaining('CHG-1042') })]);
      expect(replayed).toMatchObject({ kind: 'ended', left: { events: 2 } });
      expect((await replay({}, { mode: 'event' })).replayed).toEqual({
        kind: 'inside-window',
        functionName: world.functionName,
        why: expect.stringContaining('CHG-1042'),
      });
    } finally {
      await world.clearWindows();
    }
    expect(world.lambda.requests).toBe(0);
  });
});

it('a discard is counted first, and done only in a second call', async () => {
  const ids = await world.storeMany(3);
  const statuses = () => Promise.all(ids.map(world.statusOf));
  await withOperator((operator) =>
    withArchive(operator, async (archive) => {
      const filter = { function: [world.functionName] };
      const { counts, commit } = await draftDiscard(operator, archive, { kind: 'filtered', filter });
      expect({ events: counts.events, statuses: await statuses() }).toEqual({
        events: 3,
        statuses: ids.map(() => 'pending'),
      });
      expect(await commit('a drill', new AbortController().signal)).toEqual({ discarded: 3, left: [] });
    }),
  );
  expect(await statuses()).toEqual(ids.map(() => 'discarded'));
});

it('a discard ends what it counted, and nothing that came to be meant before the second call', async () => {
  const ids = await world.storeMany(4);
  world.lambda.behave(() => ({ kind: 'function-error', text: '{"errorType":"E","errorMessage":"boom"}' }));
  await world.replay({ limit: 2 });
  await withOperator((operator) =>
    withArchive(operator, async (archive) => {
      const filter = { function: [world.functionName], status: ['failed' as const] };
      const { counts, commit } = await draftDiscard(operator, archive, { kind: 'filtered', filter, limit: 3 });
      expect(counts.events).toBe(2);
      await world.replay({ limit: 1 });
      expect(await commit('a drill', new AbortController().signal)).toEqual({ discarded: 2, left: [] });
    }),
  );
  expect(await Promise.all(ids.map(world.statusOf))).toEqual(['discarded', 'discarded', 'failed', 'pending']);
});
