/** A replay whose process is killed, as others see it: at once, and two minutes later. */
import { expect, it } from 'vitest';
import { MINUTE_MS } from '../../../../core/units.ts';
import { NOT_ALL_DONE, STOPPED } from '../../../../operator/cli/exit-code.ts';
import { runCli } from '../../../worlds/cli.ts';
import { startLater } from '../../../worlds/later.ts';
import { cliWorldForEach, startCli } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();

const EVENTS = 30;
/** What takes half a minute and more at 20 a second, with its ramp: a busy machine looks late. */
const MANY = 400;
const IN_HAND = 4;

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly counts: { readonly replayed?: number; readonly unknown?: number };
}

it('is lost once its heartbeat is over, keeps what it told, and another one takes up what it left', async () => {
  const ids = await world.storeMany(EVENTS);
  let answered = 0;
  // The first six are answered; what comes after that is in hand, for ever.
  world.lambda.behave(() => {
    answered += 1;
    return answered > 6 ? { kind: 'hang', when: 'after' } : undefined;
  });
  const own = ['--function', world.functionName];
  const replay = startCli(['replay', ...own, '--concurrency', String(IN_HAND)], world.environment);
  const tool = (words: readonly string[], environment = world.environment) => runCli(words, { environment });
  const newest = async (environment = world.environment): Promise<Shown> => {
    const { out } = await tool(['replays', 'list', '--limit', '1', '-o', 'json'], environment);
    return JSON.parse(out).replays[0];
  };
  let told = await newest();
  while (told?.counts.replayed !== 6 || world.lambda.ran.length < 6 + IN_HAND) told = await newest();
  replay.child.kill('SIGKILL');
  expect(await replay.ended()).toBeNull();
  const { id } = told;
  expect((await newest()).status).toBe('running'); // nobody can know yet

  await using later = await startLater(world.environment, 2 * MINUTE_MS);
  const then = later.environment;
  expect(await newest(then)).toMatchObject({ id, status: 'lost', counts: { replayed: 6 } });
  const { out: shown } = await tool(['replays', 'show', id], then);
  expect(shown).toMatch(/status +lost: nobody has heard of it for a minute, or its execution has ended: /);
  expect(shown).toMatch(/last heard +\S+ .*\(2 min(?: \d+ s)? ago\)/);
  const listed = async (...words: string[]) =>
    JSON.parse((await tool(['events', 'list', '--run', id, ...words, '-o', 'json'], then)).out).events as {
      id: string;
      status: string;
    }[];
  expect((await listed()).map((event) => event.id).sort()).toEqual(ids.slice(0, 6 + IN_HAND).sort());
  expect(await listed('--status', 'replayed')).toHaveLength(6);
  expect((await listed('--status', 'replaying')).map((event) => event.id).sort()).toEqual(
    ids.slice(6, 6 + IN_HAND).sort(),
  );

  for (const words of [['pause'], ['resume'], ['set', '--rate', '5/s']]) {
    const { code, out, err } = await tool(['replays', ...words, id], then);
    expect([words, code, out]).toEqual([words, NOT_ALL_DONE, '']);
    expect(err).toContain(
      `${id} is left as it is: it is lost, nobody has heard of it for a minute, or its execution has ended: who did it is gone, or cut off; ` +
        'replay takes up what it left, and replays cancel ends its record',
    );
  }

  world.lambda.behave(() => undefined);
  const before = world.lambda.ran.length;
  const next = await tool(['replay', ...own, '-o', 'json'], then);
  expect(next.code).toBe(0);
  expect(JSON.parse(next.out.trimEnd().split('\n').at(-1) ?? '').summary).toMatchObject({
    replayed: EVENTS - 6,
  });
  const again = world.lambda.ran.slice(before).map(({ replay: event }) => event);
  expect(again.sort()).toEqual(ids.slice(6).sort());
  for (const event of ids) expect(await world.statusOf(event)).toBe('replayed');
  // What may have run twice says so, and still has the replay that was killed.
  for (const event of ids.slice(6, 6 + IN_HAND))
    expect(await world.archive.look(event)).toMatchObject({ lastError: expect.stringMatching(/may have run twice/) });

  const cancelled = await tool(['replays', 'cancel', id], then);
  expect([cancelled.code, cancelled.out]).toEqual([
    0,
    expect.stringMatching(/^Cancelled: .*; nobody was at work on it\n/),
  ]);
  const { out: ended } = await tool(['replays', 'show', id, '-o', 'json'], then);
  expect(JSON.parse(ended)).toMatchObject({
    status: 'stopped',
    why: expect.stringMatching(/^cancelled by /),
    counts: { replayed: 6 },
  });
});

it('was cancelled while it was cut off: it ends once it goes on, and its record has what it did', async () => {
  await world.storeMany(MANY);
  const own = ['--function', world.functionName];
  const replay = startCli(['replay', ...own, '--rate', '20/s', '--concurrency', '1'], world.environment);
  // By another clock others may be newer.
  const seen = async (): Promise<Shown | undefined> => {
    const { out } = await runCli(['replays', 'list', '-o', 'json'], { environment: world.environment });
    return JSON.parse(out).replays.find(({ name }: { name: string }) => name === world.functionName);
  };
  let told = await seen();
  while (!told?.counts.replayed) told = await seen();
  replay.child.kill('SIGSTOP');
  await using later = await startLater(world.environment, 2 * MINUTE_MS);
  const { id } = told;
  const cancelled = await runCli(['replays', 'cancel', id], { environment: later.environment });
  expect(cancelled.out).toMatch(/^Cancelled: .*; nobody was at work on it\n/);
  const before = (await seen())?.counts.replayed ?? 0;
  replay.child.kill('SIGCONT');
  expect(await replay.ended()).toBe(STOPPED);
  const ran = world.lambda.ran.length;
  expect(ran).toBeGreaterThan(before);
  expect(ran).toBeLessThan(MANY);
  expect(await seen()).toMatchObject({ id, status: 'stopped', counts: { replayed: ran } });
});
