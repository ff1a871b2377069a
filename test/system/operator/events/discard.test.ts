import { expect, it } from 'vitest';
import { runCli, runOnTerminal } from '../../../worlds/cli.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();
const own = () => ['--function', world.functionName];
const discard = (...words: string[]) => runCli(['events', 'discard', ...words], { environment: world.environment });

it('--dry-run counts, asks nothing and changes nothing', async () => {
  const [first = '', second = ''] = await world.storeMany(3);
  const { code, out, err } = await discard(...own(), '--limit', '2', '--dry-run');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out.replaceAll(/ {2,}/g, '|')).toMatch(
    /^Would discard:\nFUNCTION\|SOURCE\|STATUS\|EVENTS\|SIZE\|OLDEST\norders-\d+\|direct\|pending\|2\|22 B\|2\S+\n2 events, 22 B\n$/,
  );
  const json = JSON.parse((await discard(first, second, '--dry-run', '-o', 'json')).out);
  expect(json).toMatchObject({ dryRun: true, events: 2, groups: [{ status: 'pending', events: 2 }] });
  const onTerminal = await runOnTerminal(['events', 'discard', first, '--dry-run'], { environment: world.environment });
  expect(onTerminal).toMatchObject({ code: 0, out: expect.stringContaining('Would discard:') });
  expect(await world.statusOf(first)).toBe('pending');
});

it('--limit takes the oldest of what a filter means, and none of what is named', async () => {
  const ids = await world.storeMany(3);
  expect((await discard(...own(), '--limit', '2', '--yes')).out).toBe('2 events discarded\n');
  expect(await Promise.all(ids.map(world.statusOf))).toEqual(['discarded', 'discarded', 'pending']);
  expect(await discard(ids[2] ?? '', '--limit', '1', '--yes')).toMatchObject({ code: 64 });
  const exported = await runCli(['events', 'export', ...own(), '--status', 'discarded', '--limit', '1'], {
    environment: world.environment,
  });
  expect(exported).toMatchObject({ code: 0, err: 'note: 1 event exported\n' });
  expect(JSON.parse(exported.out)).toMatchObject({ id: ids[0] });
});

it('--if-events discards what was shown, and nothing where others are meant by now', async () => {
  const ids = await world.storeMany(4);
  const failed = [...own(), '--status', 'failed'];
  const fail = async (limit: number) => {
    world.lambda.behave(() => ({ kind: 'function-error', text: '{"errorType":"E","errorMessage":"boom"}' }));
    await world.replay({ limit });
  };
  await fail(2);
  const dry = async () => JSON.parse((await discard(...failed, '--dry-run', '-o', 'json')).out);
  const { fingerprint } = await dry();
  expect(fingerprint).toMatch(/^2-[0-9a-f]{12}$/);
  expect((await dry()).fingerprint).toBe(fingerprint);
  await fail(1);
  const late = await discard(...failed, '--if-events', fingerprint, '--yes');
  const message = '2 events were shown, and 3 are meant now: nothing was discarded; look again';
  expect(late).toEqual({ code: 75, out: '', err: `maintenance-window: ${message}\n` });
  const { fingerprint: other } = JSON.parse((await discard(...own(), '--dry-run', '-o', 'json')).out);
  expect(await discard(...own(), '--if-events', other, '--yes')).toMatchObject({ code: 0, out: '1 event discarded\n' });
  expect(await discard(...failed, '--if-events', (await dry()).fingerprint, '--yes')).toMatchObject({ code: 0 });
  expect(await Promise.all(ids.map(world.statusOf))).toEqual(Array(4).fill('discarded'));
  expect(await discard(ids[0] ?? '', '--if-events', fingerprint, '--yes')).toMatchObject({ code: 64 });
  expect(await discard(...own(), '--if-events', '2', '--yes')).toMatchObject({ code: 64 });
});

it('a second time says that it was before, by whom, and asks nothing', async () => {
  const { id } = await world.store();
  expect((await discard(id, '--yes', '--reason', 'a duplicate')).out).toBe('1 event discarded\n');
  const again = await discard(id, '--reason', 'another one');
  expect(again).toMatchObject({ code: 0, err: '' });
  expect(again.out).toMatch(new RegExp(`^${id} is discarded already, since 2\\S+Z, by \\S+\n$`));
  const json = JSON.parse((await discard(id, '-o', 'json')).out);
  expect(json).toEqual({ discarded: 0, left: [], already: [{ id, status: 'discarded' }] });
  expect(await world.archive.look(id)).toMatchObject({ result: 'a duplicate' });
});

it('what was dealt with is named, and nothing is tried', async () => {
  const { id } = await world.store();
  await world.replay();
  const { code, out, err } = await discard(id, '--yes');
  expect({ code, out }).toEqual({ code: 1, out: '0 events discarded\n' });
  expect(err).toMatch(new RegExp(`^warning: ${id} is not discarded: it is replayed, since 2\\S+Z\n$`));
});

it('the help of a command names the statuses that it takes, and no others', async () => {
  const help = async (...words: string[]) =>
    (await runCli([...words, '--help'])).out.replaceAll(/\s+/g, ' ').split('--status <statuses...> ')[1] ?? '';
  expect(await help('events', 'discard')).toMatch(/^in these statuses: pending, replaying, failed, unknown --/);
  expect(await help('replay')).toMatch(/^in these statuses: pending, unknown, replaying, failed; with --to any --/);
  expect(await help('events', 'failures')).toMatch(/^in these statuses: failed, unknown \(default: both\) --/);
  expect(await discard('--status', 'replayed', '--yes')).toMatchObject({
    code: 64,
    err: expect.stringContaining('--status replayed: an event that is replayed is dealt with'),
  });
});

it('leaseBy stands in events show for as long as somebody has the event', async () => {
  const { id } = await world.store();
  const show = async () => (await runCli(['events', 'show', id], { environment: world.environment })).out;
  await world.archive.claim(id, ['pending']);
  expect(await show()).toMatch(/^leaseBy /m);
  const done = await world.store();
  await world.replay();
  const { out } = await runCli(['events', 'show', done.id], { environment: world.environment });
  expect(out).not.toContain('leaseBy');
  expect(out).toMatch(/^doneBy /m);
});
