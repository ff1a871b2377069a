import { describe, expect, it } from 'vitest';
import { runCli, runShell } from '../../worlds/cli.ts';
import { cliWorldForEach, startCli } from '../../worlds/replay-cli.ts';

// The tool, when what it writes to goes away or is full.

const world = cliWorldForEach();

/** Runs a script in which `$MW` is the tool, and gives back what it says on stderr, its own exit code last. */
async function shell(script: string): Promise<readonly string[]> {
  const { err } = await runShell(script, { ...world.environment, FN: world.functionName });
  return err.trimEnd().split('\n');
}
/** So that the reader is gone before the first line comes. */
const UNREAD = 'sh -c "exec <&-; sleep 1"';

describe('a replay whose output goes away', () => {
  it('finishes what is under way, gives the rest back, and ends with 141', async () => {
    const ids = await world.storeMany(60);
    world.lambda.behave(() => ({ kind: 'reply', afterMs: 30 }));
    const said = await shell('{ $MW replay -o json --concurrency 5 --function "$FN"; echo "code $?" >&2; } | head -1');
    expect(said.at(-1)).toBe('code 141');
    const statuses = await Promise.all(ids.map(world.statusOf));
    expect(world.lambda.ran.length).toBeLessThan(60);
    expect(statuses.filter((status) => status === 'replayed')).toHaveLength(world.lambda.ran.length);
    expect(statuses.filter((status) => status === 'pending')).toHaveLength(60 - world.lambda.ran.length);
  });

  it('does so too where it is stderr that goes away', async () => {
    const ids = await world.storeMany(20);
    world.lambda.behave(() => ({ kind: 'fail', status: 404, code: 'ResourceNotFoundException' }));
    const said = await shell(`{ $MW replay --function "$FN" 2>&1 >/dev/null; echo "code $?" >&2; } | ${UNREAD}`);
    expect(said).toEqual(['code 141']);
    expect(await Promise.all(ids.map(world.statusOf))).toEqual(ids.map(() => 'pending'));
  });

  it('has one line for a full disk, and ends with 74', async () => {
    const ids = await world.storeMany(40);
    world.lambda.behave(() => ({ kind: 'reply', afterMs: 30 }));
    const said = await shell('$MW replay -o json --concurrency 2 --function "$FN" > /dev/full; echo "code $?" >&2');
    expect(said[0]).toMatch(/^maintenance-window: the output cannot be written \(ENOSPC: .*\)$/);
    expect(said.at(-1)).toBe('code 74');
    const statuses = await Promise.all(ids.map(world.statusOf));
    expect(world.lambda.ran.length).toBeLessThan(40);
    expect(statuses.filter((status) => status === 'replayed')).toHaveLength(world.lambda.ran.length);
    expect(statuses.filter((status) => status === 'replaying')).toEqual([]);
  });

  it('ends as on Ctrl-C where its terminal is gone, with 129', async () => {
    const ids = await world.storeMany(30);
    world.lambda.behave(() => ({ kind: 'reply', afterMs: 200 }));
    const tool = startCli(['replay', '-o', 'json', '--function', world.functionName], world.environment);
    await tool.wrote('"outcome"');
    tool.child.kill('SIGHUP');
    expect(await tool.ended()).toBe(129);
    const statuses = await Promise.all(ids.map(world.statusOf));
    expect(statuses.filter((status) => status === 'replayed')).toHaveLength(world.lambda.ran.length);
    expect(tool.lines().at(-1)).toMatchObject({ summary: { left: 30 - world.lambda.ran.length } });
  });
});

describe('other commands that change things', () => {
  it.each([
    ['begin', '$MW begin --for 1h --function nobody --yes'],
    ['end', '$MW end'],
    ['schedule add', "$MW schedule add 'cron(0 2 ? * SUN *)' --for 1h --function nobody --yes"],
    ['events discard', '$MW events discard --all --yes'],
    ['events sweep', '$MW events sweep'],
    ['invoke', '$MW invoke orders'],
    ['replay of nothing', '$MW replay --function "$FN" --until 2020-01-01T00:00:00Z'],
  ])('end with 141 where nobody reads what they did: %s', async (_name, command) => {
    await world.storeMany(2);
    const said = await shell(`{ ${command}; echo "code $?" >&2; } | ${UNREAD}`);
    expect(said.at(-1)).toBe('code 141');
  });

  it('did what they were asked for all the same', async () => {
    await world.clearWindows();
    await shell(`$MW begin --for 1h --function nobody --yes | ${UNREAD}`);
    const { out } = await runCli(['status', '-o', 'json'], { environment: world.environment });
    expect(out).toContain('nobody');
    await world.clearWindows();
    const ids = await world.storeMany(3);
    await shell(`$MW events discard --function "$FN" --yes | ${UNREAD}`);
    expect(await Promise.all(ids.map(world.statusOf))).toEqual(ids.map(() => 'discarded'));
  });

  it('say that the disk is full, and end with 74', async () => {
    await world.storeMany(1);
    const said = await shell('$MW events discard --function "$FN" --yes > /dev/full; echo "code $?" >&2');
    expect(said).toEqual([
      expect.stringMatching(/^maintenance-window: the output cannot be written \(ENOSPC/),
      'code 74',
    ]);
  });
});

describe('commands that only show', () => {
  const SHOWS = [
    '$MW events list',
    '$MW events export',
    '$MW status',
    '$MW replay --dry-run',
    '$MW --help',
    '$MW history',
  ];

  it.each(SHOWS)('%s ends quietly where nobody reads on', async (command) => {
    await world.storeMany(1);
    expect(await shell(`{ ${command} 2>/dev/null; echo "code $?" >&2; } | ${UNREAD}`)).toEqual(['code 0']);
  });

  it.each(SHOWS)('%s says in one line that the disk is full, and ends with 74', async (command) => {
    await world.storeMany(1);
    const said = await shell(`${command} > /dev/full; echo "code $?" >&2`);
    expect(said).toEqual([
      expect.stringMatching(/^maintenance-window: the output cannot be written \(ENOSPC/),
      'code 74',
    ]);
  });

  it('writes all that it shows, although nobody reads its notes', async () => {
    await world.storeMany(3);
    const { out, err } = await runShell(
      `exec 3>&1; { $MW events export --function "$FN" 2>&1 >&3; echo "code $?" >&2; } | ${UNREAD}`,
      { ...world.environment, FN: world.functionName },
    );
    expect(err).toBe('code 0\n');
    expect(out.trimEnd().split('\n')).toHaveLength(3);
  });
});
