import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReplayCounts } from '../../../../core/replay/progress/news.ts';
import { readExampleEvent } from '../../../data/events.ts';
import { type ReplayWorld, startReplayWorld } from '../../../worlds/replay-world.ts';

let world: ReplayWorld;
beforeAll(async () => {
  world = await startReplayWorld();
});
afterAll(() => world.close());
beforeEach(() => world.begin());

const ERROR = { kind: 'function-error', text: '{"errorType":"Orders.Unknown"}' } as const;
const idsRun = () => world.lambda.ran.map(({ replay }) => replay);

/** Somebody who is asked, and answers so; with what was shown to him. */
function asked(answer: boolean) {
  const shown: ReplayCounts[] = [];
  const afterCanary = async (counts: ReplayCounts) => {
    shown.push(counts);
    return answer;
  };
  return { shown, afterCanary };
}

describe('a canary', () => {
  it('is the oldest events of all functions, and all of it has ended before anybody is asked', async () => {
    const [a, b] = [`${world.functionName}-a`, `${world.functionName}-b`];
    const stored = [];
    for (const functionName of [a, b, b, a, a]) stored.push(await world.store({ functionName }));
    world.lambda.behave(() => ({ kind: 'reply', afterMs: 100 }));
    const { shown, afterCanary } = asked(false);
    const result = await world.replay({ canary: 3 }, { functionNames: [a, b], afterCanary });
    expect(shown).toMatchObject([{ replayed: 3 }]);
    expect(result).toMatchObject({ isDeclined: true, counts: { replayed: 3, released: 0 } });
    expect(result.stopped).toBeUndefined();
    expect(idsRun().sort()).toEqual(
      stored
        .slice(0, 3)
        .map(({ id }) => id)
        .sort(),
    );
  });

  it.each([1, 4])('is not taken twice, nor what stays of a batch of it: %i at once', async (concurrency) => {
    const batch = JSON.parse(readExampleEvent('sqs')) as { Records: object[] };
    const Records = ['a', 'b'].map((messageId) => ({ ...batch.Records[0], messageId }));
    const { id } = await world.store({}, JSON.stringify({ Records }));
    const others = await world.storeMany(3);
    for (const each of [id, ...others]) await world.table.setStatus(each, 'failed');
    world.lambda.behave(({ replay }) =>
      replay === id ? { kind: 'reply', text: '{"batchItemFailures":[{"itemIdentifier":"b"}]}' } : ERROR,
    );
    const plan = { canary: 2, statuses: ['failed'], concurrency } as const;
    const { counts } = await world.replay(plan, asked(true));
    expect(counts).toMatchObject({ failed: 4 });
    expect(idsRun().sort()).toEqual([id, ...others].sort());
  });

  it('goes on by itself where all succeeded, and stops where one did not', async () => {
    await world.storeMany(4);
    const { counts, news } = await world.replay({ canary: 2 });
    expect(counts.replayed).toBe(4);
    expect(news.map((each) => (each.kind === 'event' ? each.outcome : each.kind))).toEqual([
      'replayed',
      'replayed',
      'canary-ended',
      'replayed',
      'replayed',
    ]);
    const [first] = await world.storeMany(4);
    world.lambda.behave(({ replay }) =>
      replay === first ? { kind: 'fail', status: 500, code: 'ServiceException' } : undefined,
    );
    const stopped = await world.replay({ canary: 2 });
    expect(stopped).toMatchObject({
      stopped: { why: '1 of the 2 events of the canary did not succeed' },
      counts: { unknown: 1, replayed: 1 },
    });
    expect(world.lambda.ran.filter(({ replay }) => replay !== first)).toHaveLength(5);
  });

  it('asks nobody where it is all that there is, or where the run ends before', async () => {
    await world.storeMany(3);
    const { shown, afterCanary } = asked(true);
    expect((await world.replay({ canary: 3 }, { afterCanary })).counts.replayed).toBe(3);
    await world.storeMany(3);
    expect((await world.replay({ canary: 5, limit: 2 }, { afterCanary })).counts.replayed).toBe(2);
    world.lambda.behave(() => ERROR);
    await world.storeMany(3);
    const stopAfter = { kind: 'count', failures: 1 } as const;
    expect((await world.replay({ canary: 2, stopAfter, concurrency: 1 }, { afterCanary })).counts.failed).toBe(1);
    expect(shown).toEqual([]);
  });

  it('begins the rate anew after it', async () => {
    await world.storeMany(3);
    const paced: number[] = [];
    const onNews = ({ kind }: { kind: string }) => {
      if (kind === 'pace') paced.push(world.lambda.ran.length);
    };
    await world.replay({ canary: 2, ratePerSecond: 500 }, { ...asked(true), onNews });
    expect(paced).toEqual([0, 2]);
  });
});
