import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { DeferredEvent } from '../../../../core/events/deferred-event.ts';
import { partGroup, partKeys, placeOf } from '../../../../core/events/table.ts';
import { DAY_MS } from '../../../../core/units.ts';
import { runCli, runOnTerminal } from '../../../worlds/cli.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();

const own = () => ['--function', world.functionName];
const events = (...words: string[]) => runCli(['events', ...words], { environment: world.environment });
const onTerminal = (words: string[], more: object = {}) =>
  runOnTerminal(['events', ...words], { environment: world.environment, ...more });

async function list(...words: string[]): Promise<{ events: { id: string }[]; next?: string }> {
  return JSON.parse((await events('list', '-o', 'json', ...own(), ...words)).out);
}
const idsIn = async (...words: string[]) => (await list(...words)).events.map(({ id }) => id);

describe('maintenance-window events list', () => {
  it('lists what is not finished, oldest first', async () => {
    const ids = await world.storeMany(3);
    await world.table.setStatus(ids[1] ?? '', 'failed');
    const { code, out, err } = await events('list', ...own());
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [head, ...rows] = out.trimEnd().split('\n');
    expect(head?.split(/ {2,}/)).toEqual([
      'ID',
      'FUNCTION',
      'SOURCE',
      'STATUS',
      'DEFERRED',
      'SIZE',
      'ATTEMPTS',
      'LAST ERROR',
    ]);
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual(
      ids.map((id, index) => [
        id,
        world.functionName,
        'direct',
        index === 1 ? 'failed' : 'pending',
        expect.stringMatching(/^2026-11-21T00:\d\d:\d\dZ$/),
        '11 B',
        '0',
      ]),
    );
  });

  it('tells programs the same, and where the next page begins', async () => {
    const ids = await world.storeMany(7);
    const first = await list('--limit', '3');
    expect(first.events.map(({ id }) => id)).toEqual(ids.slice(0, 3));
    expect(first.events[0]).toEqual({
      id: ids[0],
      function: world.functionName,
      source: 'direct',
      status: 'pending',
      deferredAt: expect.stringMatching(/^2026-11-21T/),
      bytes: 11,
      attempts: 0,
    });
    const second = await list('--limit', '3', '--after', first.next ?? '');
    const third = await list('--limit', '3', '--after', second.next ?? '');
    expect([...second.events, ...third.events].map(({ id }) => id)).toEqual(ids.slice(3));
    expect(third.next).toBeUndefined();
    expect((await events('list', '--limit', '3', ...own())).err).toContain(`--after '${first.next}'`);
  });

  it('filters by source, status, time and window', async () => {
    const store = async (changes: Partial<DeferredEvent>) => (await world.store(changes)).id;
    const old = await store({ deferredAt: Date.UTC(2026, 10, 1), source: 'sqs', windowReason: 'CHG-7 vacuum' });
    const fresh = await store({ source: 'sns', windowStartAt: Date.UTC(2026, 10, 20, 22) });
    const failed = await store({ source: 'sqs' });
    await world.table.setStatus(failed, 'failed');
    expect(await idsIn('--source', 'sqs')).toEqual([old, failed]);
    expect(await idsIn('--status', 'failed')).toEqual([failed]);
    expect(await idsIn('--until', '2026-11-02T00:00:00Z')).toEqual([old]);
    expect(await idsIn('--from', '2026-11-02T00:00:00Z', '--source', 'sns', 's3')).toEqual([fresh]);
    expect(await idsIn('--window', 'chg-7')).toEqual([old]);
    expect(await idsIn('--window', '2026-11-20T22:00:00Z')).toEqual([fresh]);
  });

  it('shows finished events on request', async () => {
    const [id = ''] = await world.storeMany(1);
    await world.replay();
    expect(await idsIn()).toEqual([]);
    expect(await idsIn('--status', 'replayed')).toEqual([id]);
    expect((await events('list', ...own())).out).toBe('No event.\n');
  });

  it('counts by function, source and status, with sizes', async () => {
    await world.storeMany(3);
    await world.store({ source: 'sqs' }, JSON.stringify('x'.repeat(2_000)));
    const { out } = await events('list', '--count', ...own());
    expect(out.replaceAll(/ {2,}/g, '|').split('\n').slice(1, 3)).toEqual([
      expect.stringMatching(/^orders-\d+\|direct\|pending\|3\|33 B\|2026-/),
      expect.stringMatching(/^orders-\d+\|sqs\|pending\|1\|2.0 KB\|2026-/),
    ]);
    expect(out).toMatch(/\n4 events, 2.0 KB\n$/);
    const json = JSON.parse((await events('list', '--count', '-o', 'json', ...own())).out);
    expect(json).toMatchObject({ events: 4, bytes: 2_035, groups: [{ events: 3 }, { events: 1, source: 'sqs' }] });
  });

  it('has a bold head on a terminal, and none with NO_COLOR', async () => {
    await world.storeMany(1);
    const bold = '\u001b[1mID\u001b[22m';
    expect((await onTerminal(['list', ...own()])).out).toContain(bold);
    const plain = await onTerminal(['list', ...own()], { environment: { ...world.environment, NO_COLOR: '1' } });
    expect(plain.out).toMatch(/^ID +FUNCTION/);
  });

  it('lets nobody else’s text play with the terminal', async () => {
    const { id } = await world.store({ windowReason: 'evil\u001b[31mred\nline' });
    await world.store({ source: 'evil\u001b[31mred\nline' });
    const environment = { ...world.environment, NO_COLOR: '1' };
    expect((await onTerminal(['show', id], { environment })).out).toContain('evil\\u001b[31mred\\u000aline');
    const { out } = await onTerminal(['list', ...own()], { environment });
    expect(out).toContain('pending, damaged');
    expect(out).not.toContain('\u001b');
  });
});

describe('maintenance-window events show', () => {
  it('shows who replayed an event, with which result', async () => {
    const { id } = await world.store({ windowReason: 'CHG-7' });
    await world.replay();
    const shown = JSON.parse((await events('show', id, '-o', 'json')).out);
    expect(shown).toMatchObject({
      id,
      function: world.functionName,
      status: 'replayed',
      attempts: 1,
      result: '{"ok":true}',
      doneBy: expect.stringMatching(/^test\/1\/\d+$/),
      doneAt: expect.stringMatching(/^\d{4}-/),
      windowReason: 'CHG-7',
    });
    const { code, out } = await events('show', id);
    expect(code).toBe(0);
    expect(out).toMatch(/^status +replayed$/m);
    expect((await onTerminal(['show', id])).out).toContain('\u001b[1mstatus');
  });

  it('shows each attempt: a line for people, an entry of the list for programs', async () => {
    const { id } = await world.store();
    world.lambda.behave(() => ({
      kind: 'function-error',
      text: '{"errorType":"Orders.Late","errorMessage":"evil\\u001b[31mred"}',
    }));
    await world.replay();
    world.lambda.behave(() => ({ kind: 'reply', text: '{"ok":true}' }));
    await world.replay({ statuses: ['failed'] });
    const { history, attempts } = JSON.parse((await events('show', id, '-o', 'json')).out);
    const entry = {
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      by: expect.stringMatching(/^test\/1\/\d+$/),
      tookMs: expect.any(Number),
    };
    expect({ history, attempts }).toEqual({
      attempts: 2,
      history: [
        { ...entry, outcome: 'failed', error: 'Orders.Late: evil\u001b[31mred' },
        { ...entry, outcome: 'replayed' },
      ],
    });
    const lines = (await events('show', id)).out.trimEnd().split('\n').slice(-2);
    expect(lines).toEqual([
      expect.stringMatching(
        /^history +2\d{3}-\S+Z {2}failed in .+, by test\/1\/\d+: Orders\.Late: evil\\u001b\[31mred$/,
      ),
      expect.stringMatching(/^ +2\d{3}-\S+Z {2}replayed in .+, by test\/1\/\d+$/),
    ]);
    expect((await onTerminal(['show', id])).out).toMatch(/history.*failed in .*\n.*replayed in /);
  });

  it('writes the exact bytes of an event, and nothing else', async () => {
    const text = `\n{"order": "größer 😀 \\u0000", "n": 12345678901234567890.10}\t`;
    const { id } = await world.store({}, text);
    expect(await events('show', id, '--body')).toEqual({ code: 0, out: text, err: '' });
    const large = JSON.stringify(Array.from({ length: 200_000 }, () => Math.random()));
    expect((await events('show', (await world.store({}, large)).id, '--body')).out).toBe(large);
  });

  it.each([
    ['nobody', [], 66, /there is no event nobody/],
    ['nobody', ['--body'], 66, /there is no event nobody/],
  ])('says that there is no event %s with %j', async (id, words, exitCode, message) => {
    const { code, out, err } = await events('show', id, ...words);
    expect({ code, out }).toEqual({ code: exitCode, out: '' });
    expect(err).toMatch(message);
  });

  it('does not write a body that is damaged', async () => {
    const { id } = await world.store();
    await world.damage(id);
    expect(await events('show', id, '--body')).toMatchObject({
      code: 65,
      out: '',
      err: expect.stringMatching(/damaged/),
    });
  });
});

describe('maintenance-window events export', () => {
  it('writes one line of JSON for each event, with its text', async () => {
    const texts = ['{"order":1}', '"größer\\n"', '[1, 2 ]'];
    for (const text of texts) await world.store({}, text);
    const { code, out, err } = await events('export', ...own());
    expect(code).toBe(0);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ text }) => text)).toEqual(texts);
    expect(lines[0]).toMatchObject({ function: world.functionName, status: 'pending', attempts: 0 });
    expect(err).toBe('note: 3 events exported\n');
  });

  it('goes on past an event that is damaged, says so, and ends with 1', async () => {
    const { id } = await world.store();
    await world.damage(id);
    await world.store();
    const { code, out, err } = await events('export', ...own());
    expect(code).toBe(1);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => 'damaged' in JSON.parse(line)),
    ).toEqual([true, false]);
    expect(err).toContain(`warning: ${id}: the stored event is damaged`);
  });

  it('exports to a terminal, too', async () => {
    await world.store({}, '{"order":1}');
    expect((await onTerminal(['export', ...own()])).out).toContain('"text":"{\\"order\\":1}"');
  });
});

describe('maintenance-window events discard', () => {
  it('discards what is named, and says why', async () => {
    const ids = await world.storeMany(3);
    const { code, out } = await events('discard', ids[0] ?? '', ids[2] ?? '', '--yes', '--reason', 'a duplicate');
    expect({ code, out }).toEqual({ code: 0, out: '2 events discarded\n' });
    expect(await world.archive.look(ids[0] ?? '')).toMatchObject({ status: 'discarded', result: 'a duplicate' });
    expect(await idsIn()).toEqual([ids[1]]);
  });

  it('discards what filters mean: pending events, unless said otherwise', async () => {
    const [first = '', second = ''] = await world.storeMany(2);
    await world.table.setStatus(first, 'failed');
    expect((await events('discard', ...own(), '--yes')).out).toBe('1 event discarded\n');
    expect([await world.statusOf(first), await world.statusOf(second)]).toEqual(['failed', 'discarded']);
    expect((await events('discard', ...own(), '--status', 'failed', '--yes')).out).toBe('1 event discarded\n');
    expect((await events('discard', ...own(), '--yes')).out).toBe('No event.\n');
  });

  it('leaves alone what comes after it was asked for', async () => {
    const [id = ''] = await world.storeMany(1);
    const later = await world.store({ deferredAt: Date.now() + 60_000 });
    expect((await events('discard', ...own(), '--yes')).out).toBe('1 event discarded\n');
    expect(await Promise.all([id, later.id].map(world.statusOf))).toEqual(['discarded', 'pending']);
  });

  it('asks on a terminal, and takes anything but yes for no', async () => {
    const [id = ''] = await world.storeMany(1);
    const question = 'Discard 1 event? Nobody will replay it. [y/N] ';
    const no = await onTerminal(['discard', id], { typed: [[question, '\r']] });
    expect(no.code).toBe(1);
    expect(await world.statusOf(id)).toBe('pending');
    const yes = await onTerminal(['discard', id], { typed: [[question, 'y\r']] });
    expect(yes).toMatchObject({ code: 0, out: expect.stringMatching(/1 event discarded\n$/) });
    expect(await world.statusOf(id)).toBe('discarded');
  });

  it('does nothing where nobody can be asked', async () => {
    const [id = ''] = await world.storeMany(1);
    expect(await events('discard', id)).toMatchObject({ code: 64, err: expect.stringMatching(/--yes/) });
    expect(await world.statusOf(id)).toBe('pending');
  });

  it('wants to be told which', async () => {
    const message = expect.stringMatching(/say which events to discard/);
    expect(await events('discard', '--yes')).toMatchObject({ code: 64, err: message });
    expect(await events('discard', 'an-id', '--all', '--yes')).toMatchObject({ code: 64, err: message });
    expect(await events('discard', 'nobody', '--yes')).toMatchObject({ code: 66 });
  });

  it('leaves what is being replayed, says so, and ends with 1', async () => {
    const [id = ''] = await world.storeMany(1);
    await world.archive.claim(id, ['pending']);
    const { code, out, err } = await events('discard', id, '--yes');
    expect({ code, out }).toEqual({ code: 1, out: '0 events discarded\n' });
    expect(err).toContain(`warning: ${id} is not discarded: it is being replayed`);
  });
});

describe('maintenance-window events sweep', () => {
  async function putPart(eventId: string, at: number): Promise<string> {
    const [pk = ''] = partKeys({ functionName: world.functionName, id: eventId }, '0123456789abcdef', 1);
    const Item = {
      pk: { S: pk },
      gpk: { S: partGroup(pk) },
      gsk: { S: placeOf(at, pk) },
      body: { B: Buffer.from('x') },
    };
    await world.table.client.send(new PutItemCommand({ TableName: world.table.name, Item }));
    return pk;
  }

  it('deletes parts whose event never came, a day old or older, and nothing else', async () => {
    const orphan = await putPart('gone', Date.now() - 2 * DAY_MS);
    const fresh = await putPart('coming', Date.now() - DAY_MS / 2);
    const text = JSON.stringify(Array.from({ length: 60_000 }, () => Math.random()));
    const { id } = await world.store({ deferredAt: Date.now() - 2 * DAY_MS }, text);
    expect(await events('sweep')).toEqual({ code: 0, out: '1 part deleted\n', err: '' });
    expect(await world.table.item(orphan)).toBeUndefined();
    expect(await world.table.item(fresh)).toBeDefined();
    expect((await world.archive.read(id))?.body).toEqual({ kind: 'text', text });
    expect((await onTerminal(['sweep'])).out).toBe('0 parts deleted\n');
  });
});

describe('maintenance-window events', () => {
  it.each([
    [{ AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' }, 69, /DynamoDB cannot be reached/],
    [{ MAINTENANCE_WINDOW_TABLE: 'no-such-table' }, 66, /the table no-such-table does not exist/],
    [{ MAINTENANCE_WINDOW_TABLE: '!' }, 78, /MAINTENANCE_WINDOW_TABLE/],
  ])('say in one line what is wrong with %j', async (changes, exitCode, message) => {
    const { code, err } = await runCli(['events', 'list'], { environment: { ...world.environment, ...changes } });
    expect(code).toBe(exitCode);
    expect(err).toMatch(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each(['list', 'show', 'failures', 'discard', 'export', 'sweep'])(
    'have help with examples for %s',
    async (verb) => {
      const { code, out } = await events(verb, '--help');
      expect(code).toBe(0);
      expect(out).toMatch(new RegExp(`Examples:\\n {2}maintenance-window events ${verb}`));
    },
  );
});

describe('maintenance-window events restore', () => {
  it('takes a discarded event back, which the next replay runs', async () => {
    const { id } = await world.store();
    await events('discard', id, '--yes', '--reason', 'a duplicate');
    const { code, out, err } = await events('restore', id, '--reason', 'it was none');
    expect({ code, out, err }).toEqual({ code: 0, out: `Restored: ${id} is pending again\n`, err: '' });
    const shown = (await events('show', id)).out;
    expect(shown).toMatch(/discarded, by .*: a duplicate\n.*restored, by .*: it was none\n$/);
    await world.replay();
    expect(await world.statusOf(id)).toBe('replayed');
  });

  it('says the same on a terminal, and lists for programs', async () => {
    const [first = '', second = ''] = await world.storeMany(2);
    for (const id of [first, second]) await events('discard', id, '--yes');
    expect(await onTerminal(['restore', first])).toEqual({
      code: 0,
      out: `Restored: ${first} is pending again\n`,
    });
    const { code, out, err } = await events('restore', second, first, '-o', 'json');
    expect({ code, json: JSON.parse(out) }).toEqual({
      code: 1,
      json: { restored: [{ id: second, status: 'pending' }], left: [first] },
    });
    expect(err).toBe(`warning: ${first} is not restored: it is pending, and not discarded\n`);
  });

  it('refuses what is damaged, what does not exist, and a reason that says nothing', async () => {
    const { id } = await world.store();
    await events('discard', id, '--yes');
    await world.damage(id);
    expect(await events('restore', id)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/is not restored: the stored event is damaged/),
    });
    expect(await world.statusOf(id)).toBe('discarded');
    expect((await events('restore', 'nobody')).code).toBe(66);
    expect((await events('restore', id, '--reason', ' ')).code).toBe(64);
  });
});
