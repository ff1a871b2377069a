import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { runCli, runOnTerminal } from '../../../worlds/cli.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();
const piped = (...words: string[]) => runCli(words, { environment: world.environment });
const terminal = (...words: string[]) => runOnTerminal(words, { environment: { ...world.environment, NO_COLOR: '1' } });

/** Two ids that begin alike, and with nothing else's. */
function idsAlike(): readonly [string, string] {
  const id = randomUUID();
  const last = id.endsWith('0') ? '1' : '0';
  return [id, id.slice(0, -1) + last];
}

it('a table on a terminal has ids as short as they differ, a pipe and JSON have them whole', async () => {
  const [first = '', second = ''] = await world.storeMany(2);
  const own = ['events', 'list', '--function', world.functionName];
  const { out } = await terminal(...own);
  expect(out).toMatch(new RegExp(`^ID +FUNCTION.* ATTEMPTS\n${first.slice(0, 8)} .*\n${second.slice(0, 8)} .*\n$`));
  expect((await piped(...own)).out).toMatch(new RegExp(`^ID +FUNCTION.* LAST ERROR\n${first} .*\n${second} .*\n$`));
  expect(JSON.parse((await piped(...own, '-o', 'json')).out).events.map(({ id }: { id: string }) => id)).toEqual([
    first,
    second,
  ]);
});

it.each(['pending', 'discarded'] as const)('the beginning of an id names one that is %s', async (status) => {
  const { id } = await world.store({}, '{"order":17}');
  const short = id.slice(0, 8);
  if (status === 'discarded')
    expect((await piped('events', 'discard', short, '--yes')).out).toBe('1 event discarded\n');
  expect(JSON.parse((await piped('events', 'show', short, '-o', 'json')).out)).toMatchObject({ id, status });
  expect((await piped('events', 'show', `${world.functionName}#${short}`, '--body')).out).toBe('{"order":17}');
});

it('restore and replay take it as well', async () => {
  const { id } = await world.store();
  await world.archive.discard(id, 'a duplicate');
  expect(await piped('events', 'restore', id.slice(0, 8))).toMatchObject({ code: 0 });
  expect(await piped('replay', id.slice(0, 8), '--yes')).toMatchObject({ code: 0 });
  expect(await world.statusOf(id)).toBe('replayed');
});

/** An id, a beginning of it, and with its function. */
const namesOf = (id: string) => [id, id.slice(0, 12), `${world.functionName}#${id}`];

it('an event that is named in three ways is sent once, also again or as a copy', async () => {
  const { id } = await world.store();
  const one = (outcome: string) => expect.stringMatching(new RegExp(`^ +1 {2}${outcome}.*\nin \\d+ s\n$`));
  for (const [words, outcome] of [
    [[], 'replayed'],
    [['--again', '--yes'], 'replayed'],
    [['--to', 'billing'], 'sent to billing as copies'],
  ] as const) {
    world.lambda.reset();
    const run = await piped('replay', ...namesOf(id), '--concurrency', '1', ...words);
    expect(run).toMatchObject({ code: 0, out: one(outcome) });
    expect(world.lambda.requests).toBe(1);
  }
});

it('an event that is named in three ways is discarded and restored once', async () => {
  const { id } = await world.store();
  expect(await piped('events', 'discard', ...namesOf(id), '--yes')).toMatchObject({ code: 0, err: '' });
  expect(await piped('events', 'restore', ...namesOf(id))).toMatchObject({
    code: 0,
    out: `Restored: ${id} is pending again\n`,
    err: '',
  });
});

it('one that fits two events is refused, with both named', async () => {
  const [one, other] = idsAlike();
  await world.store({ id: one });
  await world.store({ id: other });
  const { code, out, err } = await piped('events', 'discard', one.slice(0, 12), '--yes');
  expect({ code, out }).toEqual({ code: 64, out: '' });
  const [first, second] = [one, other].toSorted();
  expect(err).toBe(
    `maintenance-window: the ids of 2 events begin with ${one.slice(0, 12)}: say which one is meant, ${first} or ${second}\n`,
  );
  expect(await world.statusOf(one)).toBe('pending');
});

it('the rest of a batch has a short id of its own', async () => {
  const { id } = await world.store();
  await world.store({ id: `${id}.1` });
  const { out } = await terminal('events', 'list', '--function', world.functionName);
  expect(out.split('\n').map((line) => line.split(' ')[0])).toContain(`${id.slice(0, 8)}.1`);
  const shownId = async (named: string) => JSON.parse((await piped('events', 'show', named, '-o', 'json')).out).id;
  expect([await shownId(id.slice(0, 8)), await shownId(`${id.slice(0, 8)}.1`)]).toEqual([id, `${id}.1`]);
});

it('one that fits nothing is an event that there is not', async () => {
  const { code, err } = await piped('events', 'show', '00000000-ffff-0');
  expect(code).toBe(66);
  expect(err).toContain('there is no event 00000000-ffff-0');
});
