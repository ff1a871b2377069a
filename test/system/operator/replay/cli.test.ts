import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../../../operator/cli/exit-code.ts';
import { scheduledEvent } from '../../../data/scheduled-event.ts';
import { startDynamoDbProxy } from '../../../fakes/dynamodb-proxy.ts';
import { deniesAnyOf, holds, startMisbehavingSsm } from '../../../fakes/ssm-misbehaving.ts';
import { runCli, runOnTerminal } from '../../../worlds/cli.ts';
import { cliWorldForEach, NO_WINDOWS, startCli } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();

const ERASE_LINE = '\r\u001b[K';
const own = () => ['--function', world.functionName];
const replay = (...words: string[]) => runCli(['replay', ...words], { environment: world.environment });
const statuses = (ids: readonly string[]) => Promise.all(ids.map(world.statusOf));
const functionError = {
  kind: 'function-error',
  text: '{"errorType":"Orders.Unknown","errorMessage":"no such order"}',
} as const;
const jsonLines = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

function activeWindow(ms: number): string {
  const start = new Date(Date.now() - 1_000).toISOString();
  const end = new Date(Date.now() + ms).toISOString();
  return JSON.stringify({ version: 1, windows: [{ start, end, reason: 'database upgrade CHG-1042' }] });
}

describe('maintenance-window replay', () => {
  it('replays everything pending, and says so', async () => {
    const ids = await world.storeMany(5);
    const { code, out, err } = await replay();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^ +5 {2}replayed\nin \d+ s\n$/);
    expect(await statuses(ids)).toEqual(Array(5).fill('replayed'));
    expect((await replay()).out).toBe('No event to replay.\n');
  });

  it('says what its statuses leave out, and how that is replayed: the whole command, which does it', async () => {
    const ids = await world.storeMany(3);
    for (const [index, status] of (['failed', 'failed', 'unknown'] as const).entries())
      await world.table.setStatus(ids[index] ?? '', status);
    const more = ['--status', 'pending', '--rate', '50/s', ...own()];
    const words = `--rate 50/s --function ${world.functionName}`;
    const hint = `No event to replay, but 2 failed and 1 unknown: to replay those,  maintenance-window replay ${words} --status failed unknown\n`;
    expect(await replay(...more)).toMatchObject({ code: 0, out: hint });
    expect(await replay('--dry-run', ...more)).toMatchObject({ code: 0, out: hint });
    const [json] = jsonLines((await replay('-o', 'json', ...more)).out);
    expect(json).toMatchObject({ summary: { passedOver: { failed: 2, unknown: 1 } } });
    const some = await world.store();
    expect((await replay('--dry-run', ...own())).out).toMatch(
      new RegExp(`\nWould leave 2 failed: to replay those, {2}.* --function ${world.functionName} --status failed\n$`),
    );
    expect((await replay(some.id)).out).not.toContain('failed');
    const { code, out } = await replay(...words.split(' '), '--status', 'failed', 'unknown');
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/^ +3 {2}replayed$/m) });
    expect((await replay(...own())).out).toBe('No event to replay.\n');
  });

  it('writes one line of JSON for each event, and a summary', async () => {
    const ids = await world.storeMany(3);
    const lines = jsonLines((await replay('-o', 'json', '--concurrency', '1')).out);
    expect(lines).toMatchObject([
      ...ids.map((id) => ({ id, function: world.functionName, source: 'direct', outcome: 'replayed', attempt: 1 })),
      { summary: { replayed: 3, failed: 0, unknown: 0 } },
    ]);
  });

  it('names what failed, and ends with 1', async () => {
    const [good = '', bad = ''] = await world.storeMany(2);
    world.lambda.behave(({ replay: id }) => (id === bad ? functionError : undefined));
    const { code, out } = await replay();
    expect(code).toBe(1);
    expect(out).toContain(`failed  ${bad}  ${world.functionName}  Orders.Unknown: no such order\n`);
    expect(out).not.toContain(good);
    expect(out).toMatch(
      / 1 {2}failed: look at them with {2}maintenance-window events list --status failed {2}and replay them with {2}maintenance-window replay --status failed\n/,
    );
  });

  it('stops where too much fails, and ends with 3', async () => {
    await world.storeMany(20);
    world.lambda.behave(() => functionError);
    const { code, err } = await replay('--stop-after-failures', '2', '--concurrency', '1');
    expect({ code, err }).toEqual({ code: 3, err: 'warning: stopped: 2 of 2 failed\n' });
    expect(world.lambda.requests).toBe(2);
  });

  it('stops of itself once half of ten or more have failed', async () => {
    await world.storeMany(30);
    world.lambda.behave(() => functionError);
    expect(await replay('--concurrency', '1')).toMatchObject({ code: 3, err: 'warning: stopped: 10 of 10 failed\n' });
  });

  it('stops for a function whose reserved concurrency is 0', async () => {
    await world.storeMany(2);
    world.lambda.reserve(0);
    world.lambda.behave(() => ({ kind: 'fail', status: 429, code: 'TooManyRequestsException' }));
    const { code, err } = await replay(...own());
    expect(code).toBe(3);
    expect(err).toBe(
      `warning: stopped for ${world.functionName}: its reserved concurrency is 0, so it never runs: raise it, then replay again\n`,
    );
  });

  it('replays what is named, although it failed before, and nothing else', async () => {
    const [failed = '', other = ''] = await world.storeMany(2);
    await world.table.setStatus(failed, 'failed');
    expect(await replay(failed)).toMatchObject({ code: 0 });
    expect(await statuses([failed, other])).toEqual(['replayed', 'pending']);
    expect(await replay(failed)).toMatchObject({
      code: 64,
      err: expect.stringMatching(/is replayed: there is nothing left/),
    });
    expect(await replay('nobody')).toMatchObject({ code: 66, err: expect.stringMatching(/there is no event nobody/) });
    expect(await replay(other, '--source', 'sqs')).toMatchObject({ code: 64 });
  });

  it('counts what it would replay, and replays nothing', async () => {
    const ids = await world.storeMany(4);
    const { code, out } = await replay('--dry-run', '--limit', '3', ...own());
    expect(code).toBe(0);
    expect(out).toMatch(/^Would replay:\nFUNCTION.*\n.*direct +pending +3 .*\n3 events, 33 B\n$/);
    expect(
      jsonLines(`${JSON.stringify(JSON.parse((await replay('--dry-run', '-o', 'json', ...own())).out))}\n`),
    ).toMatchObject([{ dryRun: true, events: 4, groups: [{ function: world.functionName, events: 4 }] }]);
    expect(await statuses(ids)).toEqual(Array(4).fill('pending'));
    expect(world.lambda.requests).toBe(0);
  });

  it('counts the same events that it would take with that limit, whatever function they are of', async () => {
    const at = (deferredAt: number, functionName: string) => world.store({ functionName, deferredAt });
    const [a, b] = [`${world.functionName}-a`, `${world.functionName}-b`];
    for (const [index, name] of [b, b, a, a].entries()) await at(Date.UTC(2026, 10, 20) + index, name);
    const words = ['--limit', '3', '--function', a, b];
    const { out } = await replay('--dry-run', '-o', 'json', ...words);
    expect(JSON.parse(out).groups).toMatchObject([
      { function: b, events: 2 },
      { function: a, events: 1 },
    ]);
    expect((await replay(...words)).code).toBe(0);
    expect((await replay('--function', a)).out).toMatch(/^ +1 {2}replayed/);
  });

  it('counts apart what it would discard, refuse or hold back', async () => {
    for (const day of [21, 22, 23]) await world.store({}, scheduledEvent('nightly', `2026-11-${day}T02:00:00Z`));
    await world.store({ source: 'sqs' });
    const order = (sequence: string) => ({ source: 'kinesis', orderKeys: [{ key: 'shard-1', sequence }] });
    const failed = await world.store(order('1'));
    await world.store(order('2'));
    await world.table.setStatus(failed.id, 'failed');

    const dry = async (...words: string[]) =>
      JSON.parse((await replay('--dry-run', '-o', 'json', ...words, ...own())).out);
    expect(await dry('--latest-per', 'resource')).toMatchObject({ events: 3, discarded: 2, refused: 0, held: 0 });
    expect(await dry('--mode', 'event')).toMatchObject({ events: 3, discarded: 0, refused: 2, held: 0 });
    expect(await dry('--ordered')).toMatchObject({ events: 4, discarded: 0, refused: 0, held: 1 });
    const { out } = await replay('--dry-run', '--latest-per', 'resource', '--ordered', ...own());
    expect(out).toMatch(
      /2 events, .*\nWould discard 2 events, as a later tick.*\nWould hold back 1 event behind what is not done.*\nWould leave 1 failed: .*\n$/,
    );
    expect(world.lambda.requests).toBe(0);
    await world.archive.discard(failed.id, 'the test is over');
    expect((await replay('--latest-per', 'resource', '--yes', ...own())).out).toMatch(
      / 3 {2}replayed\n +2 {2}discarded/,
    );
  });

  it('counts what uses up the limit without being replayed, as the run does', async () => {
    const [damaged = '', leased = ''] = await world.storeMany(2);
    await world.spoil(damaged, { attempts: { S: 'many' } });
    const claim = await world.archive.claim(leased, ['pending']);
    await world.store({ source: 'sqs' });
    await world.storeMany(3);
    const words = ['--mode', 'event', '--limit', '3', ...own()];
    const dry = JSON.parse((await replay('--dry-run', '-o', 'json', ...words)).out);
    expect(dry).toMatchObject({ events: 1, damaged: 1, refused: 1, leased: 1 });
    expect((await replay('--dry-run', ...words)).out).toMatch(
      /\nWould refuse 1 event.*\nWould mark 1 event as failed, as .*\nWould leave 1 event that may still be running/,
    );
    const { summary } = jsonLines((await replay('-o', 'json', ...words)).out).at(-1) as { summary: object };
    expect(summary).toMatchObject({ accepted: 1, failed: 1, refused: 1, leased: 1 });
    if (claim) await world.archive.end(claim, { status: 'released' });
  });

  it('counts in the order of sequences, as an ordered run goes', async () => {
    const order = (sequence: string) => ({ source: 'kinesis', orderKeys: [{ key: 'shard-1', sequence }] });
    await world.store(order('2'));
    await world.table.setStatus((await world.store(order('1'))).id, 'failed');
    const dry = JSON.parse((await replay('--dry-run', '--ordered', '-o', 'json', ...own())).out);
    expect(dry).toMatchObject({ events: 0, held: 1 });
    expect((await replay('--ordered', ...own())).out).toMatch(/^ +1 {2}held back/);
    expect(world.lambda.requests).toBe(0);
  });

  it.each(['', 'a b', '$OLD', 'x'.repeat(129)])('refuses what is no version and no alias: %j', async (qualifier) => {
    const [id = ''] = await world.storeMany(1);
    const { code, err } = await replay('--qualifier', qualifier, ...own());
    expect({ code, err }).toMatchObject({ code: 64, err: expect.stringContaining('Write a version or an alias') });
    expect(await statuses([id])).toEqual(['pending']);
  });

  it('refuses one that is named and left out at once', async () => {
    const [id = ''] = await world.storeMany(1);
    const { code, out, err } = await replay(id, '--status', 'failed');
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toContain(`${id} is pending, which --status or --skip-unknown leaves out`);
    expect(await statuses([id])).toEqual(['pending']);
  });

  it('runs again what has run, where it is named and that is said: piped with --yes alone', async () => {
    const [id = '', other = ''] = await world.storeMany(2);
    await replay(...own());
    const plain = await replay(id);
    expect({ code: plain.code, out: plain.out }).toEqual({ code: 64, out: '' });
    expect(plain.err).toContain(
      `${id} is replayed: there is nothing left to replay; to run it again on purpose, say --again`,
    );
    const unasked = await replay(id, '--again');
    expect({ code: unasked.code, out: unasked.out }).toEqual({ code: 64, out: '' });
    expect(unasked.err).toMatch(
      new RegExp(
        `^note: ${id} was replayed at \\S+Z, by \\S+@\\S+\n.*Run it again\\? Nobody is here to answer: say --yes`,
        's',
      ),
    );
    expect((await replay('--again', ...own(), '--yes')).code).toBe(64);
    expect((await replay(id, '--again', '--latest-per', 'resource', '--yes')).code).toBe(64);
    expect(world.lambda.ran).toHaveLength(2);
    const { code, out, err } = await replay(id, '--again', '--yes');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^ +1 {2}replayed\nin \d+ s\n$/);
    expect(world.lambda.ran.map(({ replay: ran }) => ran)).toEqual([id, other, id].map(() => expect.any(String)));
    expect(world.lambda.ran[2]?.replay).toBe(id);
    expect(await world.archive.look(id)).toMatchObject({ status: 'replayed', attempts: 2, timesAgain: 1 });
    expect((await replay(...own())).out).toBe('No event to replay.\n');
    expect(world.lambda.ran).toHaveLength(3);
  });

  it('asks on a terminal before what has run runs again, and says when and by whom it was replayed', async () => {
    const [id = ''] = await world.storeMany(1);
    await replay(...own());
    const question = 'Run it again? [y/N] ';
    const run = (answer: string) =>
      runOnTerminal(['replay', id, '--again'], { environment: world.environment, typed: [[question, answer]] });
    const no = await run('n\n');
    expect(no.code).toBe(1);
    expect(no.out).toMatch(new RegExp(`${id} was replayed at \\S+Z.*, by \\S+@`));
    expect(world.lambda.ran).toHaveLength(1);
    expect((await run('y\n')).code).toBe(0);
    expect(world.lambda.ran).toHaveLength(2);
  });

  it('sends copies to another function, marked as such, and changes nothing of the events but their history', async () => {
    const [pending = '', done = ''] = await world.storeMany(2);
    await replay(done);
    await world.archive.discard(pending, 'a duplicate');
    const before = await statuses([pending, done]);
    world.lambda.behave(({ replay: id }) => (id === done ? functionError : undefined));
    const { code, out, err } = await replay(pending, done, '--to', 'orders-repaired:live');
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toContain('1  sent to orders-repaired:live as copies, and did not fail\n');
    expect(out).toContain('1  sent to orders-repaired:live as copies, and failed\n');
    expect(out).toContain(`failed  ${done}  ${world.functionName}  Orders.Unknown: no such order\n`);
    expect(await statuses([pending, done])).toEqual(before);
    const copies = world.lambda.ran.slice(1);
    expect(copies.map(({ functionName }) => functionName)).toEqual(Array(2).fill('orders-repaired:live'));
    expect(copies.map(({ clientContext }) => clientContext)).toEqual(
      [pending, done].map((id) => ({
        custom: expect.objectContaining({
          'maintenance-window.replay': id,
          'maintenance-window.copyOf': world.functionName,
        }),
      })),
    );
    expect((await world.archive.look(pending))?.history).toMatchObject([
      { outcome: 'replayed', to: 'orders-repaired:live', by: expect.stringContaining('@') },
    ]);
    expect((await runCli(['events', 'show', done], { environment: world.environment })).out).toMatch(
      /failed as a copy by orders-repaired:live in .*, by .*: Orders\.Unknown: no such order\n$/,
    );
    const lines = jsonLines((await replay(pending, '--to', 'orders-repaired', '-o', 'json')).out);
    expect(lines).toMatchObject([
      { id: pending, function: world.functionName, outcome: 'replayed', to: 'orders-repaired' },
      { summary: { replayed: 1, to: 'orders-repaired' } },
    ]);
    const onTerminal = ['replay', pending, '--to', 'orders-repaired', '--yes'];
    expect((await runOnTerminal(onTerminal, { environment: world.environment })).out).toContain(
      '1  sent to orders-repaired as copies, and did not fail\n',
    );
    expect(await statuses([pending, done])).toEqual(before);
  });

  it('sends no copy to the function itself, nor to another account or region', async () => {
    const [id = ''] = await world.storeMany(1);
    const arn = (region: string, account: string) => `arn:aws:lambda:${region}:${account}:function:orders-repaired`;
    for (const [to, message] of [
      [world.functionName, `it was sent to ${world.functionName} itself`],
      [arn('eu-south-1', '210987654321'), 'in eu-south-1 of 210987654321: a copy stays in one account and region'],
      [arn('eu-west-1', '123456789012'), 'in eu-west-1 of 123456789012: a copy stays in one account and region'],
    ] as const) {
      const { code, out } = await replay(id, '--to', to);
      expect({ to, code }).toEqual({ to, code: 1 });
      expect(out).toContain(message);
    }
    expect(world.lambda.requests).toBe(0);
    expect((await replay(id, '--to', arn('eu-south-1', '123456789012'))).code).toBe(0);
    expect(await statuses([id])).toEqual(['pending']);
    expect(await world.archive.look(id)).toMatchObject({ attempts: 0 });
  });

  it('says of a copy that the other function is missing, or that its gate lets nothing run', async () => {
    const [id = ''] = await world.storeMany(1);
    world.lambda.behave(() => ({ kind: 'fail', status: 404, code: 'ResourceNotFoundException' }));
    const missing = await replay(id, '--to', 'orders-repaired:live');
    expect(missing.code).toBe(3);
    expect(missing.err).toContain('stopped for orders-repaired:live: ResourceNotFoundException');
    expect(missing.out).toContain('Not all was sent');
    let held = 0;
    world.lambda.behave(() => {
      held += 1;
      return held === 1 ? { kind: 'gate-held', by: 'MaintenanceWindow.Active' } : { kind: 'reply' };
    });
    expect((await replay(id, '--to', 'orders-repaired:live')).code).toBe(0);
    expect((await world.archive.look(id))?.history).toHaveLength(1);
    expect(await statuses([id])).toEqual(['pending']);
  });

  it.each([
    [['--mode', 'event'], /leave out the mode/],
    [['--ordered'], /leave out --ordered/],
    [['--latest-per', 'resource'], /leave out one of them/],
    [['--again'], /leave out --again/],
    [['--qualifier', 'live'], /leave out --qualifier/],
    [['--to', 'a b'], /Write FUNCTION, FUNCTION:ALIAS or its ARN/],
  ])('refuses %j with copies', async (words, message) => {
    const { code, out, err } = await replay('--to', 'orders-repaired', ...words);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toMatch(message);
  });

  it('sends what is discarded to where it is taken back', async () => {
    const [id = ''] = await world.storeMany(1);
    await world.archive.discard(id, 'a duplicate');
    for (const words of [[], ['--again', '--yes']]) {
      const { code, err } = await replay(id, ...words);
      expect(code).toBe(64);
      expect(err).toContain(
        `${id} is discarded: to replay it, take it back by  maintenance-window events restore ${id}`,
      );
    }
    expect(world.lambda.ran).toHaveLength(0);
  });

  it('selects by function, source, status, window and time', async () => {
    const chosen = { source: 'sqs', windowReason: 'database upgrade CHG-1042', deferredAt: Date.UTC(2026, 10, 20) };
    const { id } = await world.store(chosen);
    await world.store({ ...chosen, source: 'sns' });
    await world.store({ ...chosen, windowReason: 'weekly vacuum' });
    await world.store({ ...chosen, deferredAt: Date.UTC(2026, 10, 19) });
    await world.table.setStatus((await world.store(chosen)).id, 'failed');
    const words = [
      '--source',
      'sqs',
      '--window',
      'chg-1042',
      '--from',
      '2026-11-20T00:00:00Z',
      '--until',
      '2026-11-20T00:00:01Z',
    ];
    expect(await replay(...own(), ...words)).toMatchObject({ code: 0 });
    expect(world.lambda.ran.map(({ replay: ran }) => ran)).toEqual([id]);
  });

  it('in order, leaves what comes behind something that is not done, be that among those that are meant or not', async () => {
    const day = (date: number) => Date.UTC(2026, 10, date);
    const of = (key: string, date: number, windowReason: string) =>
      world.store({ source: 'sqs', orderKeys: [{ key: `q#${key}` }], deferredAt: day(date), windowReason });
    const first = await of('alice', 1, 'vacuum');
    const behind = await of('alice', 2, 'upgrade');
    const [free, also] = [await of('bob', 2, 'upgrade'), await of('dave', 2, 'upgrade')];
    const later = await of('carol', 3, 'upgrade');
    const ran: string[] = [];
    const ways = [
      { id: free.id, words: [behind.id, free.id] },
      { id: also.id, words: [...own(), '--window', 'upgrade', '--until', '2026-11-03T00:00:00Z'] },
      { id: later.id, words: [...own(), '--from', '2026-11-02T00:00:00Z', '--limit', '1'] },
    ];
    for (const { id, words } of ways) {
      const dry = JSON.parse((await replay('--ordered', '--dry-run', '-o', 'json', ...words)).out);
      expect(dry).toMatchObject({ events: 1, held: 1 });
      const { code, out } = await replay('--ordered', ...words);
      expect({ code, out }).toEqual({ code: 1, out: expect.stringMatching(/1 {2}replayed\n +1 {2}held back/) });
      ran.push(id);
      expect(world.lambda.ran.map(({ replay: id }) => id)).toEqual(ran);
    }
    expect(await replay('--ordered', ...own())).toMatchObject({ code: 0 });
    expect(world.lambda.ran.map(({ replay: id }) => id)).toEqual([...ran, first.id, behind.id]);
  });

  it('asks before it discards a schedule’s earlier runs', async () => {
    const ids = [];
    for (const day of [21, 22, 23])
      ids.push((await world.store({}, scheduledEvent('nightly', `2026-11-${day}T02:00:00Z`))).id);
    const words = ['--latest-per', 'resource', ...own()];
    expect(await replay(...words)).toMatchObject({ code: 64, err: expect.stringMatching(/Discard 2 earlier runs/) });
    expect(await replay(...words, '--yes')).toMatchObject({ code: 0 });
    expect(await statuses(ids)).toEqual(['discarded', 'discarded', 'replayed']);
  });

  it.each([
    [['--mode', 'event', '--source', 's3', 'sqs'], /--mode event --source sqs: .* leave out the mode/],
    [['--mode', 'event', '--ordered'], /--mode event gives up all order/],
    [['--mode', 'event', '--during-window'], /cannot run a handler inside a window/],
    [['--status', 'replayed'], /an event that is replayed is dealt with/],
    [['--status', 'done'], /Write one of pending, /],
    [['--rate', 'fast'], /Write events a second, 0\.001\/s or more: 50\/s/],
    [['--rate', '1'.repeat(140)], /Write events a second, 0\.001\/s or more: 50\/s/],
    [['--rate', '0.00000001'], /Write events a second, 0\.001\/s or more: 50\/s/],
    [['--rate', '9'.repeat(400)], /Write events a second, 0\.001\/s or more: 50\/s/],
    [['--rate', `0.${'0'.repeat(139)}1`], /Write events a second, 0\.001\/s or more: 50\/s/],
    [['--concurrency', '501'], /from 1 to 500/],
    [['--stop-after-failures', '101%'], /Write a number of failures/],
    [['--function', 'no-such-*'], /no function no-such-\* ever deferred an event/],
  ])('refuses %j, and says what to write', async (words, message) => {
    const { code, out, err } = await replay(...words);
    expect([64, 66]).toContain(code);
    expect(out).toBe('');
    expect(err).toMatch(message);
    expect(err).not.toMatch(/ at .*:\d+:\d+/);
  });

  it.each([
    [{ AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' }, 69, /DynamoDB cannot be reached/],
    [{ MAINTENANCE_WINDOW_TABLE: 'no-such-table' }, 66, /the table no-such-table does not exist/],
    [{ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }, 77, /no AWS credentials/],
    [{ AWS_REGION: undefined }, 78, /no region is set/],
  ])('says in one line what is wrong with %j', async (changes, exitCode, message) => {
    const { code, err } = await runCli(['replay'], { environment: { ...world.environment, ...changes } });
    expect(code).toBe(exitCode);
    expect(err).toMatch(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(EXIT_CODES.has(exitCode)).toBe(true);
  });

  it('has a line with rate, failures and time left on a terminal, and takes it away', async () => {
    await world.storeMany(60);
    world.lambda.behave(() => ({ kind: 'reply', afterMs: 60 }));
    const { code, out } = await runOnTerminal(['replay', '--concurrency', '2', '--yes', ...own()], {
      environment: world.environment,
    });
    expect(code).toBe(0);
    const written = out.split(ERASE_LINE);
    expect(written.slice(0, -1).join('\n')).toMatch(/^\d+ of 60 done · [\d.]+\/s · 0 failed · \d+ s left$/m);
    expect(written.at(-1)).toMatch(/^ +60 {2}replayed\nin \d+ s\n$/);
  });
});

describe('maintenance-window replay, interrupted', () => {
  it('finishes what is under way, gives the rest back, and ends with 130', async () => {
    const ids = await world.storeMany(30);
    world.lambda.behave(() => ({ kind: 'reply', afterMs: 300 }));
    const tool = startCli(['replay', '--concurrency', '3', '-o', 'json', ...own()], world.environment);
    while (world.lambda.requests < 4) await sleep(10);
    tool.child.kill('SIGINT');
    expect(await tool.ended()).toBe(130);
    expect(tool.err).toMatch(/finishing what is under way/);
    const now = await statuses(ids);
    expect(now.filter((status) => status === 'replayed')).toHaveLength(world.lambda.ran.length);
    expect(now.filter((status) => status === 'pending')).toHaveLength(30 - world.lambda.ran.length);
    expect(tool.lines().at(-1)).toMatchObject({ summary: { replayed: world.lambda.ran.length } });
  });

  it('ends at once the second time, and what was under way is leased', async () => {
    const ids = await world.storeMany(3);
    world.lambda.behave(() => ({ kind: 'hang', when: 'after' }));
    const tool = startCli(['replay', '--concurrency', '2', ...own()], world.environment);
    while (world.lambda.requests < 2) await sleep(10);
    tool.child.kill('SIGINT');
    await tool.said('finishing what is under way');
    tool.child.kill('SIGINT');
    expect(await tool.ended()).toBe(130);
    expect((await statuses(ids)).sort()).toEqual(['pending', 'replaying', 'replaying']);
  });
});

describe('maintenance-window replay, stopped before its end', () => {
  const lastLine = (out: string) => out.trimEnd().split('\n').at(-1);

  it('says what is left and how to go on, where it is interrupted before its first event', async () => {
    await world.storeMany(7);
    await world.setWindows(activeWindow(3_600_000));
    const glob = world.functionName.replace('r', '?'); // no other function's name
    const tool = startCli(['replay', '--function', glob], world.environment);
    try {
      await tool.said('database upgrade CHG-1042');
      tool.child.kill('SIGINT');
      expect(await tool.ended()).toBe(130);
    } finally {
      await world.clearWindows(); // nor must a failure here hold up whatever comes after it
    }
    expect(tool.out).toBe(`7 left to replay: to go on,  maintenance-window replay --function '${glob}'\n`);
  });

  it('says so for programs, too, in the summary', async () => {
    await world.storeMany(12);
    world.lambda.behave(() => functionError);
    const { code, out } = await replay('-o', 'json', '--stop-after-failures', '3', '--limit', '9', ...own());
    expect(code).toBe(3);
    const lines = jsonLines(out);
    const { failed, left } = lines.at(-1).summary;
    expect(failed).toBeGreaterThanOrEqual(3);
    expect(left).toBe(9 - failed);
    expect(lines.at(-1).summary).toMatchObject({
      stopped: expect.stringMatching(/ failed$/),
      goOn: `maintenance-window replay -o json --stop-after-failures 3 --limit ${left} --function ${world.functionName}`,
    });
    expect(lines.at(-1).summary.leftAtLeast).toBeUndefined();
    expect(lines).toContainEqual({ stopped: { why: expect.stringMatching(/^3 of 3 failed$/) } });
  });

  it('says so where Lambda cannot be reached, and where the table is gone meanwhile', async () => {
    const ids = await world.storeMany(3);
    world.lambda.behave(() => ({ kind: 'fail', status: 404, code: 'ResourceNotFoundException' }));
    const { code, out } = await replay('--limit=2', ...ids);
    expect(code).toBe(3);
    expect(lastLine(out)).toBe(`2 left to replay: to go on,  maintenance-window replay --limit=2 ${ids.join(' ')}`);
  });

  it('names of the events that were named those that are left', async () => {
    const [first = '', ...rest] = await world.storeMany(3);
    world.lambda.behave(({ replay: id }) =>
      id === first ? undefined : { kind: 'fail', status: 403, code: 'ExpiredTokenException' },
    );
    const { code, out } = await replay('--concurrency', '1', first, ...rest);
    expect(code).toBe(3);
    expect(lastLine(out)).toBe(
      `2 left to replay: to go on,  maintenance-window replay --concurrency 1 ${rest.join(' ')}`,
    );
  });

  it('has nothing to go on with where all of it has an outcome', async () => {
    await world.storeMany(2);
    world.lambda.behave(() => functionError);
    const { out } = await replay('--stop-after-failures', '1', '--concurrency', '1', '--limit', '1', ...own());
    expect(out).not.toMatch(/left/);
    expect(out).toMatch(/ 1 {2}failed: .*\nin \d+ s\n$/);
  });
});

describe('maintenance-window replay, waiting', () => {
  it('says within some seconds why it is throttled, piped, although it may not ask how many are reserved', async () => {
    await world.storeMany(1);
    world.lambda.reserve('denied');
    const reason = 'ReservedFunctionConcurrentInvocationLimitExceeded';
    world.lambda.behave(() => ({ kind: 'fail', status: 429, code: 'TooManyRequestsException', reason }));
    const tool = startCli(['replay', '-o', 'json', ...own()], world.environment);
    await tool.said('waits: Lambda turns it away (TooManyRequestsException');
    expect(tool.err).toContain(`(${reason})); it is tried again; whether its reserved concurrency is 0 is not known`);
    await tool.wrote('"waiting"');
    expect(tool.lines()).toMatchObject([
      {
        waiting: {
          function: world.functionName,
          why: expect.stringContaining('lambda:GetFunctionConcurrency is not allowed'),
        },
      },
    ]);
    tool.child.kill('SIGINT');
    expect(await tool.ended()).toBe(130);
    expect(tool.lines().at(-1)).toMatchObject({ summary: { left: 1, replayed: 0 } });
  });

  it('gives whoever has to get the credentials the time that it takes, and says so', async () => {
    const [id = ''] = await world.storeMany(1);
    const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
    const config = join(folder, 'config');
    const keys = '{\\"Version\\":1,\\"AccessKeyId\\":\\"operator\\",\\"SecretAccessKey\\":\\"secret\\"}';
    writeFileSync(config, `[default]\ncredential_process = sh -c "sleep 7; echo '${keys}'"\n`);
    const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_CONFIG_FILE: config };
    const environment = { ...world.environment, ...none };
    const { code, out, err } = await runCli(['replay', ...own()], { environment, keepsWaiting: true });
    rmSync(folder, { recursive: true });
    expect({ code, out, err }).toMatchObject({ code: 0, out: expect.stringMatching(/1 {2}replayed/) });
    expect(err).toContain('still waiting: there are no AWS credentials yet');
    expect(await world.statusOf(id)).toBe('replayed');
  });

  it('says that a function has not answered yet', async () => {
    await world.store({ invokedFunctionArn: `${world.functionArn}:live` });
    world.lambda.behave(() => ({ kind: 'reply', afterMs: 6_000 }));
    const { code, err } = await replay(...own());
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringContaining(`${world.functionName}:live waits: it has not answered yet`),
    });
  });

  it('says that the table does not answer, and what it said last', async () => {
    await world.storeMany(1);
    const table = await startDynamoDbProxy(world.tableUrl);
    table.behave(({ operation }) =>
      operation === 'UpdateItem' ? { kind: 'fail', code: 'ThrottlingException', message: 'slow down' } : undefined,
    );
    const tool = startCli(['replay', ...own()], { ...world.environment, AWS_ENDPOINT_URL_DYNAMODB: table.url });
    await tool.said(`waits: the table ${world.table.name} has not answered yet (ThrottlingException: slow down)`);
    table.behave(() => undefined);
    expect(await tool.ended()).toBe(0);
    await table.close();
  });
});

describe('maintenance-window replay, around a window', () => {
  it('waits for the end, and until every environment can have seen it; stores nothing twice', async () => {
    const ids = await world.storeMany(3);
    await world.setWindows(activeWindow(3_600_000));
    const tool = startCli(['replay', ...own()], world.environment);
    await tool.said('database upgrade CHG-1042');
    expect(tool.err).toMatch(/waits until .*Z: a maintenance window \(.*\) is active; Ctrl-C ends the replay/);
    expect(await runCli(['end'], { environment: world.environment })).toMatchObject({ code: 0 });
    const endedAt = await world.windowsWrittenAt();
    expect(await tool.ended()).toBe(0);
    expect(await statuses(ids)).toEqual(Array(3).fill('replayed'));
    // A TTL of 1 s with its jitter, and a second for the reading.
    for (const { at } of world.lambda.ran) expect(at).toBeGreaterThan(endedAt + 1_000);
    await world.clearWindows();
  });

  it('of the function that gets copies waits, and says for which; one of the event’s own function does not', async () => {
    const [id = ''] = await world.storeMany(1);
    const around = (functionName: string) => {
      const { windows } = JSON.parse(activeWindow(60_000)) as { windows: object[] };
      return JSON.stringify({ version: 1, windows: [{ ...windows[0], functions: [functionName] }] });
    };
    await world.setWindows(around('orders-repaired'));
    const cli = startCli(['replay', id, '--to', 'orders-repaired:live'], world.environment);
    await cli.said('orders-repaired:live waits until ');
    expect(world.lambda.requests).toBe(0);
    await world.setWindows(around(world.functionName));
    expect(await cli.ended()).toBe(0);
    expect(world.lambda.ran).toMatchObject([{ functionName: 'orders-repaired:live' }]);
    await world.clearWindows();
  });

  it('runs the handler inside one on request, at once', async () => {
    const { id } = await world.store();
    await world.setWindows(activeWindow(3_600_000));
    expect(await replay('--during-window', '--ordered', ...own())).toMatchObject({ code: 0 });
    const mark = {
      'maintenance-window.replay': id,
      'maintenance-window.dispatch': 'true',
      'maintenance-window.proof': expect.stringMatching(/^[\w-]{22}$/),
    };
    expect(world.lambda.ran).toMatchObject([{ clientContext: { custom: mark } }]);
    await world.clearWindows();
  });

  it('refuses to go through Lambda’s own queue inside one', async () => {
    await world.store();
    await world.setWindows(activeWindow(3_600_000));
    const { code, err } = await replay('--mode', 'event', ...own());
    expect(code).toBe(75);
    expect(err).toMatch(/--mode event would store its events a second time/);
    expect(world.lambda.requests).toBe(0);
    await world.clearWindows();
  });
});

describe('maintenance-window invoke', () => {
  const invoke = (...words: string[]) => runCli(['invoke', ...words], { environment: world.environment });

  it('runs the function once, marked so that no gate keeps the event', async () => {
    const { code, out } = await invoke('orders:live', '--payload', '{"ping":true}');
    expect({ code, out }).toEqual({ code: 0, out: '{"ok":true}\n' });
    expect(world.lambda.ran).toMatchObject([
      {
        functionName: 'orders:live',
        text: '{"ping":true}',
        clientContext: {
          custom: {
            'maintenance-window.replay': expect.stringMatching(/^smoke-test-/),
            'maintenance-window.deferredAt': expect.stringMatching(/^\d{4}-.*Z$/),
            'maintenance-window.proof': expect.stringMatching(/^[\w-]{22}$/),
            'maintenance-window.dispatch': 'true',
          },
        },
      },
    ]);
  });

  it('says that the function has not answered yet', async () => {
    world.lambda.behave(() => ({ kind: 'reply', afterMs: 6_000 }));
    const { environment } = world;
    const { code, err } = await runCli(['invoke', 'orders'], { environment, keepsWaiting: true });
    expect(code).toBe(0);
    expect(err).toContain('note: still waiting: orders has not answered yet; a handler may take up to its time-out\n');
  });

  it('takes the event from stdin, and {} for none', async () => {
    const environment = world.environment;
    await runCli(['invoke', 'orders', '--payload-file', '-'], { environment, input: '[1]' });
    await invoke('orders');
    expect(world.lambda.ran.map(({ text }) => text)).toEqual(['[1]', '{}']);
  });

  it('says that the function failed, and ends with 1', async () => {
    world.lambda.behave(() => functionError);
    const { code, out, err } = await invoke('orders', '-o', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({ function: 'orders', failed: true, answer: JSON.parse(functionError.text) });
    expect(err).toMatch(/^warning: orders failed: look into its log/);
  });

  it('tells a fault of the gate, which proves that nothing ran, from a handler’s word', async () => {
    world.lambda.behave(() => ({ kind: 'gate-held', by: 'MaintenanceWindow.Fault' }));
    for (const name of ['orders:live', 'arn:aws:lambda:eu-south-1:123456789012:function:orders:live']) {
      const { code, err } = await invoke(name);
      expect({ code, err }).toEqual({
        code: 1,
        err: `warning: ${name} did not run: the gate in it failed; look into its log\n`,
      });
    }
    const text = '{"errorType":"MaintenanceWindow.Active","errorMessage":"under maintenance"}';
    world.lambda.behave(() => ({ kind: 'function-error', text }));
    const { code, err } = await invoke('orders');
    expect(code).toBe(1);
    expect(err).toMatch(/^warning: orders failed: look into its log .*; it may have run, as its gate does not prove/);
  });

  it.each([
    [['orders', '--payload', 'no JSON'], 64, /--payload is no JSON: .*; a text wants its quotes/],
    [['orders', '--payload-file', '/nonexistent'], 66, /cannot be read/],
    [['orders', '--payload-file', process.execPath], 65, /line 1 is no UTF-8/],
  ])('refuses %j with one line', async (words, exitCode, message) => {
    const { code, err } = await invoke(...words);
    expect(code).toBe(exitCode);
    expect(err).toMatch(message);
  });

  it.each([
    [{ kind: 'fail', status: 404, code: 'ResourceNotFoundException' }, 66, /did not run: ResourceNotFoundException/],
    [{ kind: 'fail', status: 429, code: 'TooManyRequestsException' }, 75, /did not run/],
    [{ kind: 'cut', when: 'after' }, 69, /nobody knows whether orders ran/],
  ] as const)('says in one line what became of %j', async (behaviour, exitCode, message) => {
    world.lambda.behave(() => behaviour);
    const { code, err } = await invoke('orders');
    expect(code).toBe(exitCode);
    expect(err).toMatch(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(world.lambda.requests).toBe(1);
  });

  it('shows the answer on a terminal', async () => {
    const { code, out } = await runOnTerminal(['invoke', 'orders'], { environment: world.environment });
    expect({ code, out }).toEqual({ code: 0, out: '{"ok":true}\n' });
  });
});

it('sees a window of one parameter begin while another one is denied', async () => {
  const none = { team: NO_WINDOWS, stack: NO_WINDOWS };
  const ssm = await startMisbehavingSsm(holds(none));
  await world.storeMany(200);
  world.lambda.behave(() => ({ kind: 'reply', afterMs: 300 }));
  const words = ['replay', '-o', 'json', '--concurrency', '1', '--parameter', 'team,stack', ...own()];
  const cli = startCli(words, { ...world.environment, AWS_ENDPOINT_URL_SSM: ssm.url });
  await cli.wrote('"outcome"');
  ssm.behave(deniesAnyOf(['stack'], holds({ ...none, team: '2000-01-01T00:00:00Z,2090-01-01T00:00:00Z' })));
  await cli.said(': a maintenance window');
  cli.child.kill('SIGINT');
  expect(await cli.ended()).toBe(130);
  expect(cli.err.match(/parameter stack is not allowed .*; the replay goes on with what it said before/g)).toHaveLength(
    1,
  );
  expect(world.lambda.ran.length).toBeLessThan(200);
  await ssm.close();
});
