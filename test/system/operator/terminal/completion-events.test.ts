import { describe, expect, it } from 'vitest';
import { runCli } from '../../../worlds/cli.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

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
