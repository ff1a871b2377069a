import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { runCli, runOnTerminal } from '../../../worlds/cli.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();
const own = () => ['--function', world.functionName];
const piped = (...words: string[]) => runCli(['events', ...words], { environment: world.environment });
const terminal = (...words: string[]) =>
  runOnTerminal(['events', ...words], { environment: { ...world.environment, NO_COLOR: '1' } });

/** Three orders that nobody knows, and one time-out. */
async function failFour(): Promise<readonly string[]> {
  const ids = await world.storeMany(4);
  world.lambda.behave(({ text }) => {
    const { order } = JSON.parse(text);
    const error =
      order < 3
        ? { errorType: 'Orders.Unknown', errorMessage: `order ${order} of ${ids[order]} is unknown` }
        : { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 3.00 seconds' };
    return { kind: 'function-error', text: JSON.stringify(error) };
  });
  await world.replay({ concurrency: 1 });
  return ids;
}

it('events failures groups by function and by error without numbers, ids and times', async () => {
  const ids = await failFour();
  const { code, out, err } = await piped('failures', ...own());
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const [head, first, second, sum] = out.split('\n').map((line) => line.split(/ {2,}/));
  expect(head).toEqual(['EVENTS', 'FUNCTION', 'ERROR', 'FIRST', 'LAST', 'SAMPLE']);
  const instant = expect.stringMatching(/^2\d{3}-.*Z$/);
  const unknown = 'Orders.Unknown: order <n> of <id> is unknown';
  expect(first).toEqual(['3', world.functionName, unknown, instant, instant, ids[2]]);
  expect(second?.slice(0, 3)).toEqual([
    '1',
    world.functionName,
    expect.stringContaining('timed out after <n> seconds'),
  ]);
  expect(sum).toEqual(['4 events in 2 groups']);
  const json = JSON.parse((await piped('failures', ...own(), '-o', 'json', '--limit', '1')).out);
  expect(json).toEqual({
    events: 4,
    groups: [
      {
        function: world.functionName,
        error: unknown,
        events: 3,
        first: instant,
        last: instant,
        sample: { id: ids[2], error: `Orders.Unknown: order 2 of ${ids[2]} is unknown` },
      },
    ],
    more: 1,
  });
});

it('that is done in the time which it was given says nothing of it', async () => {
  await failFour();
  const { code, out, err } = await piped('failures', ...own(), '--within', '5m', '-o', 'json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toMatchObject({ events: 4, groups: [{ events: 3 }, { events: 1 }] });
  expect(JSON.parse(out).atLeast).toBeUndefined();
});

it('on a terminal it has short ids, and the command that replays the first group', async () => {
  const ids = await failFour();
  const { out } = await terminal('failures', ...own());
  expect(out).toMatch(new RegExp(` ${ids[2]?.slice(0, 8)}$`, 'm'));
  const [, command = ''] = /to replay the first group: {2}maintenance-window (replay .*)$/m.exec(out) ?? [];
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  expect(words.at(-1)).toBe('Orders.Unknown: order <n> of <id> is unknown');
  world.lambda.behave(() => ({ kind: 'reply', text: '{}' }));
  expect(await runCli([...words, '--yes'], { environment: world.environment })).toMatchObject({ code: 0 });
  expect(await Promise.all(ids.map(world.statusOf))).toEqual(['replayed', 'replayed', 'replayed', 'failed']);
});

it('an event that was discarded and restored failed when it failed', async () => {
  const [id = ''] = await failFour();
  const before = JSON.parse((await piped('failures', ...own(), '-o', 'json')).out);
  await sleep(1_100); // instants are shown to the second
  await world.archive.discard(id, 'a duplicate');
  expect(await world.archive.restore(id)).toMatchObject({ kind: 'restored', status: 'failed' });
  expect(JSON.parse((await piped('failures', ...own(), '-o', 'json')).out)).toEqual(before);
});

it('says so where nothing failed, and refuses what is none', async () => {
  await world.store();
  expect((await piped('failures', ...own())).out).toBe('No event failed.\n');
  expect(await piped('failures', '--status', 'pending')).toMatchObject({
    code: 64,
    err: expect.stringContaining('--status pending: what failed, or may have, is failed or unknown'),
  });
});

it('events list has the last error of each, and --error finds by its words', async () => {
  const ids = await failFour();
  const pending = await world.store();
  const error = (order: number) => `Orders.Unknown: order ${order} of ${ids[order]} is unknown`;
  const cells = (await piped('list', ...own())).out
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/)[7]);
  expect(cells).toEqual(['LAST ERROR', ...[0, 1, 2].map(error), expect.stringContaining('timed out'), undefined]);
  const onTerminal = (await terminal('list', ...own())).out.split('\n');
  expect(onTerminal[1]?.split(/ {2,}/)[7]).toBe(`${error(0).slice(0, 59)}…`);
  expect(onTerminal[1]?.startsWith(`${ids[0]?.slice(0, 8)} `)).toBe(true);
  const found = async (...words: string[]) =>
    JSON.parse((await piped('list', ...own(), '-o', 'json', ...words)).out).events;
  expect((await found('--error', 'orders.UNKNOWN: order 1 ')).map(({ id }: { id: string }) => id)).toEqual([ids[1]]);
  expect((await found('--error', 'order <n> of')).map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 3));
  const json = await found();
  expect(json[0]).toMatchObject({ id: ids[0], lastError: error(0) });
  expect(json[4]).not.toHaveProperty('lastError');
  expect(json[4].id).toBe(pending.id);
});

it('--error-is means the group that failures shows, and none that begins as it does', async () => {
  const ids = await world.storeMany(5);
  world.lambda.behave(({ text }) => {
    const where = JSON.parse(text).order < 2 ? '' : ' in shard 7';
    return { kind: 'function-error', text: `{"errorType":"Orders.Unknown","errorMessage":"no such order${where}"}` };
  });
  await world.replay({ concurrency: 1 });
  const { groups } = JSON.parse((await piped('failures', ...own(), '-o', 'json')).out);
  const meant = async (error: string) => {
    const { code, out } = await piped('list', ...own(), '--error-is', error, '-o', 'json');
    return { code, ids: JSON.parse(out).events.map(({ id }: { id: string }) => id) };
  };
  expect(groups.map(({ events }: { events: number }) => events)).toEqual([3, 2]);
  expect(await meant(groups[1].error)).toEqual({ code: 0, ids: ids.slice(0, 2) });
  expect(await meant(groups[0].error)).toEqual({ code: 0, ids: ids.slice(2) });
  expect((await meant('no such order')).ids).toEqual([]);
  const discard = ['discard', ...own(), '--status', 'failed', '--error-is', groups[1].error, '--yes', '-o', 'json'];
  expect(JSON.parse((await piped(...discard)).out)).toEqual({ discarded: 2, left: [] });
  expect(await Promise.all(ids.map(world.statusOf))).toEqual([
    ...['discarded', 'discarded'],
    ...['failed', 'failed', 'failed'],
  ]);
});

it('--grep finds by the words of a body, and says what reading the bodies took', async () => {
  const nested = JSON.stringify({ body: JSON.stringify({ customer: 'Größe-4711' }) });
  const { id } = await world.store({}, nested);
  await world.store({}, '{"customer":"0815"}');
  await world.store({ source: 'sqs' }, nested);
  const { out, err } = await piped('list', ...own(), '--source', 'direct', '--grep', '"customer":"größe', '-o', 'json');
  expect(JSON.parse(out).events.map((event: { id: string }) => event.id)).toEqual([id]);
  expect(err).toBe('note: the bodies of 2 events were read, for 1 read unit\n');
  const onTerminal = await terminal('list', ...own(), '--grep', '0815');
  expect(onTerminal.out).toMatch(/^ID .*\n.*\nnote: the bodies of 3 events were read, for 1\.5 read units\n$/);
  expect(await piped('list', ...own(), '--grep', 'nobody')).toMatchObject({ code: 0, out: 'No event.\n' });
});

it.each(['--error', '--error-is', '--grep'])('%s wants words', async (option) => {
  const message = `maintenance-window: ${option} says nothing: write words to look for\n`;
  expect(await piped('list', option, ' ')).toEqual({ code: 64, out: '', err: message });
});
