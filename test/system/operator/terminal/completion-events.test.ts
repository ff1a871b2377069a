import { describe, expect, it } from 'vitest';
import { pause } from '../../../fakes/scripted-service.ts';
import { runCli } from '../../../worlds/cli.ts';
import { cliWorldForEach, startCli } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();
const complete = async (...words: readonly string[]) =>
  (await runCli(['__complete', 'fish', '--', ...words], { environment: world.environment })).out.trimEnd().split('\n');

describe('events that are offered', () => {
  it('are those of the first page of a list, and what they are', async () => {
    const { id } = await world.store({});
    const gone = await world.store({});
    const { environment } = world;
    expect(await runCli(['events', 'discard', gone.id, '--yes'], { environment })).toMatchObject({ code: 0 });
    const begun = id.slice(0, 8);
    for (const words of [['replay'], ['events', 'show'], ['events', 'discard'], ['replay', '--rate', '5/s']]) {
      const [first, ...others] = await complete(...words, begun);
      expect(first).toMatch(new RegExp(`^${id}\t${world.functionName}, \\w+, pending, \\d{4}-\\d\\d-\\d\\dT\\S+Z$`));
      expect(others).toEqual([]);
    }
    expect(await complete('replay', gone.id.slice(0, 8))).toEqual(['']);
    expect(await complete('events', 'restore', gone.id.slice(0, 8))).toEqual([
      expect.stringMatching(new RegExp(`^${gone.id}\t.*, discarded, `)),
    ]);
    expect(await complete('events', 'restore', begun)).toEqual(['']);
    // one that is named already is not offered again
    expect(await complete('replay', id, begun)).toEqual(['']);
  });
});

describe('replays that are offered', () => {
  it('are those that there are; to be changed, those under way', async () => {
    const { environment } = world;
    await world.storeMany(60);
    expect(await runCli(['replay', '--limit', '1', '--name', 'first'], { environment })).toMatchObject({ code: 0 });
    const running = startCli(['replay', '--rate', '5/s', '--name', 'second'], environment);
    while (world.lambda.ran.length < 2) await pause(20);
    const [, first] = await complete('replays', 'show', '');
    const [second, ...others] = await complete('replays', 'pause', '');
    expect(first).toMatch(/^[0-9a-f]{8}\tfirst, done, \S+@\S+$/);
    expect([second, others]).toEqual([expect.stringMatching(/^[0-9a-f]{8}\tsecond, running, \S+@\S+$/), []]);
    expect(await complete('events', 'list', '--run', '')).toHaveLength(2);
    running.child.kill('SIGINT');
    await running.ended();
  });
});
