import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { scheduledEvent } from '../../../data/scheduled-event.ts';
import { runCli, runOnTerminal } from '../../../worlds/cli.ts';
import { cliWorldForEach, startCli } from '../../../worlds/replay-cli.ts';

// What a replay says before it begins, after its canary, and while it goes on.

const world = cliWorldForEach();

const own = () => ['--function', world.functionName];
const plainEnvironment = () => ({ ...world.environment, NO_COLOR: '1', TZ: 'Europe/Rome' });
const piped = (...words: string[]) => runCli(['replay', ...words], { environment: world.environment });
const onTerminal = (words: readonly string[], ...typed: (readonly [string, string])[]) =>
  runOnTerminal(['replay', ...words], { environment: plainEnvironment(), typed });
const statuses = (ids: readonly string[]) => Promise.all(ids.map(world.statusOf));
const failsFor = (bad: readonly string[]) =>
  world.lambda.behave(({ replay: id = '' }) =>
    bad.includes(id) ? { kind: 'function-error', text: '{"errorType":"Orders.Unknown"}' } : undefined,
  );
const summaryOf = (out: string) => JSON.parse(out.trimEnd().split('\n').at(-1) ?? '').summary;

/** Sets a window that is active, and gives back how its end is shown on a terminal, as a pattern. */
async function beginWindow(): Promise<string> {
  const second = (at: number) => new Date(at).toISOString().replace(/\.\d+Z/, 'Z');
  const [start, end] = [second(Date.now() - 1_000), second(Date.now() + 3_600_000)];
  await world.setWindows(JSON.stringify({ version: 1, windows: [{ start, end, reason: 'CHG-1042' }] }));
  return `${end} \\([-0-9T: ]+ Europe/Rome\\)`;
}

describe('before it begins, on a terminal', () => {
  it('shows how many, of which functions, from when to when, the first three and until when, and asks', async () => {
    const at = (hour: number, functionName: string) =>
      world.store({ functionName, source: 'sqs', deferredAt: Date.UTC(2026, 10, 20, hour) });
    const [a, b] = [`${world.functionName}-a`, `${world.functionName}-b`];
    const stored = [];
    for (const [hour, name] of [a, b, b, b].entries()) stored.push(await at(hour, name));
    const words = ['--function', a, b, '--rate', '2/s'];
    const { code, out } = await onTerminal(words, ['Replay them? [y/N] ', 'n\n']);
    expect(code).toBe(1);
    const lines = out.split('\n');
    expect(lines[0]).toBe('To replay: 4 events, 44 B');
    expect(lines[1]).toMatch(/^FUNCTION +EVENTS +OLDEST \(Europe\/Rome\) +NEWEST \(Europe\/Rome\)$/);
    expect(lines[2]).toMatch(/-b +3 +2026-11-20T01:00:00Z \(02:00\) +2026-11-20T03:00:00Z \(04:00\)$/);
    expect(lines[3]).toMatch(/-a +1 +2026-11-20T00:00:00Z \(01:00\) +2026-11-20T00:00:00Z \(01:00\)$/);
    expect(lines.slice(4, 7)).toEqual(
      stored.slice(0, 3).map(({ id }, index) => {
        const [word, name] = [index === 0 ? 'first' : 'then ', index === 0 ? a : b];
        return `${word}  ${id}  ${name}  sqs  2026-11-20T0${index}:00:00Z (0${index + 1}:00)`;
      }),
    );
    expect(lines[7]).toMatch(
      /^up to 10 at once, at most 2\/s \(a tenth of it at first, all of it after 30 s\): at least 9 s, until \S+Z \((?:[-\d]+ )?\d\d:\d\d Europe\/Rome\)$/,
    );
    expect(lines[8]).toContain('Replay them? [y/N] ');
    expect(out).toContain('note: nothing was changed\n');
    expect(await statuses(stored.map(({ id }) => id))).toEqual(Array(4).fill('pending'));
  });

  it('replays after one yes, and asks nothing with --yes or where nothing is to be done', async () => {
    await world.storeMany(2);
    const yes = await onTerminal(own(), ['Replay them? [y/N] ', 'y\n']);
    expect(yes).toMatchObject({
      code: 0,
      out: expect.stringMatching(/as fast as they are answered\n.* 2 {2}replayed/s),
    });
    expect(yes.out.match(/\[y\/N\]/g)).toHaveLength(1);
    expect((await onTerminal(own())).out).toMatch(/No event to replay\.\n$/);
    await world.storeMany(1);
    const unasked = await onTerminal([...own(), '--yes']);
    expect(unasked.code).toBe(0);
    expect(unasked.out).not.toMatch(/To replay|\[y\/N\]/);
  });

  it('asks once where it discards as well, and says what waits for a window first', async () => {
    for (const day of [21, 22]) await world.store({}, scheduledEvent('nightly', `2026-11-${day}T02:00:00Z`));
    const end = await beginWindow();
    try {
      const question = 'Discard 1 earlier run of schedules, and replay the last of each? [y/N] ';
      const { code, out } = await onTerminal([...own(), '--latest-per', 'resource'], [question, 'n\n']);
      expect(code).toBe(1);
      expect(out).toContain('To replay: 1 event, ');
      expect(out).toContain('Would discard 1 event, as a later tick of the same schedule is there.\n');
      expect(out).toMatch(
        new RegExp(`^${world.functionName} waits until ${end}: a maintenance window \\(CHG-1042\\) is active$`, 'm'),
      );
      expect(out.match(/\[y\/N\]/g)).toHaveLength(1);
    } finally {
      await world.clearWindows();
    }
  });

  it('says in a dry run which functions would wait, until when and for what', async () => {
    await world.storeMany(2);
    const end = await beginWindow();
    try {
      const { code, out } = await onTerminal(['--dry-run', '--rate', '2/s', ...own()]);
      expect(code).toBe(0);
      const why = 'a maintenance window \\(CHG-1042\\) is active';
      expect(out).toMatch(new RegExp(`\n${world.functionName} would wait until ${end}: ${why}\n`));
      expect(out).toMatch(/\nWould take at least \d+ s, at most 2\/s \(.*\), until \S+Z \(.* Europe\/Rome\)\.\n$/);
      const json = JSON.parse((await piped('--dry-run', '-o', 'json', ...own())).out);
      const until = expect.stringMatching(/Z$/);
      expect(json.waits).toEqual([{ function: world.functionName, why: expect.stringContaining('CHG-1042'), until }]);
      expect((await piped('--dry-run', '--during-window', ...own())).out).not.toContain('wait');
      const refused = await piped('--dry-run', '--mode', 'event', ...own());
      expect({ code: refused.code, err: refused.err }).toMatchObject({
        code: 75,
        err: expect.stringContaining('is active, and --mode event would store its events a second time'),
      });
    } finally {
      await world.clearWindows();
    }
  });

  it('has the rate, the first ones and how long it takes in a dry run as well', async () => {
    const ids = await world.storeMany(4);
    const { out } = await piped('--dry-run', '--rate', '2/s', ...own());
    expect(out).toMatch(
      /\nWould take at least 9 s, at most 2\/s \(a tenth of it at first, all of it after 30 s\), until \S+Z\.\n$/,
    );
    const dry = JSON.parse((await piped('--dry-run', '-o', 'json', '--rate', '2/s', ...own())).out);
    expect(dry).toMatchObject({ events: 4, first: ids.slice(0, 3), ratePerSecond: 2 });
    expect(dry.takesAtLeastMs).toBeGreaterThan(8_000);
    expect(dry.takesAtLeastMs).toBeLessThan(10_000);
  });
});

describe('a canary', () => {
  it('goes on off a terminal where all of it succeeded', async () => {
    await world.storeMany(5);
    const { code, out } = await piped('--canary', '2', '-o', 'json', ...own());
    expect(code).toBe(0);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.findIndex(({ canary }) => canary)).toBe(2);
    expect(lines[2]).toMatchObject({ canary: { replayed: 2, failed: 0 } });
    expect(summaryOf(out)).toMatchObject({ replayed: 5 });
  });

  it('stops off a terminal where not all of it did: with 3, what failed, and what is left', async () => {
    const ids = await world.storeMany(6);
    failsFor(ids.slice(1, 2));
    const { code, out, err } = await piped('--canary', '3', ...own());
    expect({ code, err }).toEqual({
      code: 3,
      err: 'warning: stopped: 1 of the 3 events of the canary did not succeed\n',
    });
    expect(out).toMatch(new RegExp(`^replayed  ${ids[0]}  ${world.functionName}  in \\d+ m?s$`, 'm'));
    expect(out).toMatch(new RegExp(`^failed  ${ids[1]}  ${world.functionName}  Orders.Unknown`, 'm'));
    expect(out).toContain(
      `3 left to replay: to go on,  maintenance-window replay --canary 3 --function ${world.functionName}\n`,
    );
    expect(world.lambda.requests).toBe(3);
    expect(await statuses(ids.slice(3))).toEqual(Array(3).fill('pending'));
  });

  it('asks on a terminal, whatever became of it; on yes replays nothing of it twice', async () => {
    const ids = await world.storeMany(6);
    for (const id of ids) await world.table.setStatus(id, 'failed');
    failsFor(ids.slice(0, 1));
    const first = ['Replay the first 2 of them? [y/N] ', 'y\n'] as const;
    const then = '1 of 2 succeeded. Go on with the other 4? [y/N] ';
    const words = ['--canary', '2', '--status', 'failed', ...own()];
    const { code, out } = await onTerminal(words, first, [then, 'y\n']);
    expect(code).toBe(1);
    expect(out).toMatch(/ 5 {2}replayed\n +1 {2}failed/);
    expect(world.lambda.requests).toBe(6);
  });

  it('ends with 1 where the answer is no, and says how to go on', async () => {
    const ids = await world.storeMany(4);
    const words = ['--canary', '1', ...own()];
    const first = ['Replay the first 1 of them? [y/N] ', 'y\n'] as const;
    const { code, out } = await onTerminal(words, first, ['1 of 1 succeeded. Go on with the other 3? [y/N] ', 'n\n']);
    expect(code).toBe(1);
    expect(out).toMatch(/3 left to replay: to go on, {2}maintenance-window replay --canary 1 /);
    expect(await statuses(ids)).toEqual(['replayed', 'pending', 'pending', 'pending']);
  });

  it('asks nothing where there is no more, or with --yes', async () => {
    await world.storeMany(2);
    const all = await onTerminal(['--canary', '2', ...own()], ['Replay them? [y/N] ', 'y\n']);
    expect(all.code).toBe(0);
    expect(all.out.match(/\[y\/N\]/g)).toHaveLength(1);
    const ids = await world.storeMany(4);
    failsFor(ids);
    const { code, out } = await onTerminal(['--canary', '2', '--yes', ...own()]);
    expect(code).toBe(3);
    expect(out).not.toContain('[y/N]');
    expect(await statuses(ids.slice(2))).toEqual(['pending', 'pending']);
  });

  it('is refused where there is no outcome to look at', async () => {
    const { code, err } = await piped('--canary', '2', '--mode', 'event', ...own());
    expect({ code, err }).toMatchObject({ code: 64, err: expect.stringMatching(/--mode event brings no outcomes/) });
  });
});

describe('while it goes on', () => {
  it('says on the line what it waits for and until when, and of how many', async () => {
    await world.storeMany(3);
    const end = await beginWindow();
    try {
      const ended = onTerminal([...own(), '--yes']);
      const line = `0 of 3 done · 0\\.0/s · 0 failed · ${world.functionName} waits until ${end}: a maintenance window`;
      await sleep(6_000);
      await world.clearWindows();
      const { code, out } = await ended;
      expect(code).toBe(0);
      expect(out).toMatch(new RegExp(line));
      expect(out.match(/note: .* waits until /g)).toHaveLength(1);
    } finally {
      await world.clearWindows();
    }
  });

  it('piped says once what it waits for and until when, be it a window or its rate', async () => {
    await world.storeMany(3);
    const cli = startCli(['replay', '--rate', '0.5/s', ...own()], world.environment);
    await cli.said('note: 1 of 3 done');
    cli.child.kill('SIGINT');
    expect(await cli.ended()).toBe(130);
    const told = cli.err.match(/^note: the replay waits.*$/gm);
    expect(told).toEqual([
      expect.stringMatching(
        /^note: the replay waits until 2\S+Z: the rate that was asked for \(--rate\) lets no event go before; /,
      ),
    ]);

    await beginWindow();
    const waiting = startCli(['replay', ...own()], world.environment);
    try {
      await waiting.said('waits until');
      await sleep(11_000); // the line of how it goes on is due after 10 s
      expect(waiting.err.match(/waits until/g)).toHaveLength(1);
    } finally {
      waiting.child.kill('SIGINT');
      await waiting.ended();
      await world.clearWindows();
    }
  });

  it('piped writes a line every 10 s, with what follows from the rate and its ramp', async () => {
    await world.storeMany(60);
    const cli = startCli(['replay', '--rate', '4/s', ...own()], world.environment);
    await cli.said(' done · ');
    cli.child.kill('SIGINT');
    expect(await cli.ended()).toBe(130);
    const [, done, left] = /^note: (\d+) of 60 done · \d+\.\d\/s · 0 failed · (\d+) s left$/m.exec(cli.err) ?? [];
    // 4/s with its ramp: 10 events or so in 10 s, and 60 in 28.6 s. A busy machine is slower, and then it says more.
    expect(Number(done)).toBeLessThanOrEqual(11);
    expect(Number(left)).toBeGreaterThanOrEqual(17);
    expect(Number(left)).toBeLessThanOrEqual(60);
  });
});
