import { randomUUID } from 'node:crypto';
import { type AttributeValue, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { itemBytes } from '../../../../aws/events/item.ts';
import { sha256Of } from '../../../../core/events/body.ts';
import { eventKey, functionKey, pendingGroups, placeOf } from '../../../../core/events/table.ts';
import { readExampleEvent } from '../../../data/events.ts';
import { POISONS } from '../../../data/poisons.ts';
import { runCli } from '../../../worlds/cli.ts';
import { type CliWorld, cliWorldForEach } from '../../../worlds/replay-cli.ts';

/**
 * Items that a protected function wrote as it liked, with its own role, or that an accident left. One of them must cost
 * nothing but itself: not a replay, an export or a list, not another function, and not the operator's rights.
 */

const world = cliWorldForEach();

const run = (...words: string[]) => runCli(words, { environment: world.environment });
const own = () => ['--function', world.functionName];
const linesOf = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

async function statusInTable(id: string): Promise<string | undefined> {
  const key = { pk: { S: eventKey({ functionName: world.functionName, id }) } };
  const { Item } = await world.table.client.send(
    new GetItemCommand({ TableName: world.table.name, Key: key, ConsistentRead: true }),
  );
  return Item?.['status']?.S;
}

describe('an event that cannot be read', () => {
  it.each(POISONS)('is failed, named and passed by: $what', async ({ attributes, isMended, told }) => {
    const [poison = '', ...others] = await world.storeMany(3);
    await world.spoil(poison, attributes);
    const replay = await world.replay({ concurrency: 1 });
    expect(replay.fault).toBeUndefined();
    expect(replay.counts).toMatchObject({ replayed: 2, failed: 1, taken: 0 });
    expect(replay.events.get(poison)).toMatchObject({ outcome: 'failed', error: expect.stringMatching(told) });
    expect(world.lambda.sent.map(({ replay: id }) => id)).toEqual(others);
    // The next replay does not begin with it again: it is one of those that failed.
    expect(await statusInTable(poison)).toBe('failed');
    expect((await world.replay()).news).toEqual([]);
    const again = await world.replay({ statuses: ['failed'] });
    if (isMended) expect(again.counts).toMatchObject({ replayed: 1 });
    else expect(again.events.get(poison)).toMatchObject({ outcome: 'failed', error: expect.stringMatching(told) });
    expect(world.lambda.ran).toHaveLength(isMended ? 3 : 2);
  });

  it('ends no list, export or discard, and is named by each', async () => {
    const [fine = '', ...poisons] = await world.storeMany(1 + POISONS.length);
    for (const [index, { attributes }] of POISONS.entries()) await world.spoil(poisons[index] ?? '', attributes);

    const list = await run('events', 'list', '--limit', '500', '-o', 'json', ...own());
    expect({ code: list.code, err: list.err }).toEqual({ code: 0, err: '' });
    const { events } = JSON.parse(list.out);
    expect(events.map(({ id }: { id: string }) => id).sort()).toEqual([fine, ...poisons].sort());
    expect((await run('events', 'list', '--count', ...own())).code).toBe(0);
    expect((await run('events', 'list', ...own())).out).not.toContain('\r');

    const exported = await run('events', 'export', ...own());
    expect(exported.code).toBe(1);
    const lines = linesOf(exported.out);
    expect(lines.filter(({ damaged }) => damaged === undefined)).toMatchObject([{ id: fine, text: '{"order":0}' }]);
    for (const [index, { told }] of POISONS.entries()) {
      const line = lines.find(({ id }) => id === poisons[index]);
      expect(line).toMatchObject({ function: world.functionName, damaged: expect.stringMatching(told) });
      expect(exported.err).toContain(`${poisons[index]}: the stored event is damaged`);
    }

    const discarded = await run('events', 'discard', '--yes', ...poisons);
    expect(discarded).toMatchObject({ code: 0, out: `${poisons.length} events discarded\n`, err: '' });
    expect((await run('events', 'list', '-o', 'json', ...own())).out).not.toContain(poisons[0]);
  });

  it('is shown for what is certain of it, and its body for nothing', async () => {
    const [id = ''] = await world.storeMany(1);
    await world.spoil(id, { timeoutMs: { S: 'soon' } });
    const shown = await run('events', 'show', id, '-o', 'json');
    expect(shown.code).toBe(1);
    expect(JSON.parse(shown.out)).toEqual({
      id,
      function: world.functionName,
      status: 'pending',
      damaged: 'the stored event is damaged: its timeoutMs is no whole number from 0 to 86400000',
    });
    expect(await run('events', 'show', id, '--body')).toMatchObject({ code: 65, out: '' });
  });

  it('is named by the tool’s replay too, which goes on with all others', async () => {
    const [poison = '', ...others] = await world.storeMany(4);
    await world.spoil(poison, { body: undefined, parts: { N: '100000000000' }, partsHash: { S: '0123456789abcdef' } });
    const { code, out } = await run('replay', ...own());
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`failed  ${poison}  .*the stored event is damaged: its parts is no whole number`));
    expect(world.lambda.ran.map(({ replay }) => replay).sort()).toEqual(others.sort());
    expect(await run('replay', poison)).toMatchObject({ code: 1, out: expect.stringContaining('damaged') });
  });

  it('does not count where a replay stops at so many failures', async () => {
    const ids = await world.storeMany(24);
    for (const id of ids.slice(0, 20)) await world.spoil(id, { attempts: { S: 'many' } });
    const { counts, stopped } = await world.replay({ stopAfter: { kind: 'count', failures: 1 } });
    expect({ counts, stopped }).toMatchObject({ counts: { failed: 20, replayed: 4 } });
    expect(stopped).toBeUndefined();
  });

  it('is left alone while somebody is at work on it', async () => {
    const [id = ''] = await world.storeMany(1);
    const leaseUntil = { N: String(Date.now() + 60_000) };
    await world.spoil(id, { status: { S: 'replaying' }, leaseUntil, traceId: { N: '1' } });
    expect((await world.replay()).counts).toMatchObject({ leased: 1, failed: 0 });
    expect(await statusInTable(id)).toBe('replaying');
  });

  it('is refused where its client context is nested deeper than can be written again', async () => {
    const [poison = '', ...others] = await world.storeMany(3);
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    await world.spoil(poison, { clientContext: { S: `{"custom":{"a":${deep}}}` } });
    const { fault, events } = await world.replay();
    expect(fault).toBeUndefined();
    expect(events.get(poison)).toMatchObject({
      outcome: 'refused',
      error: expect.stringMatching(/^its client context/),
    });
    expect(world.lambda.sent.map(({ replay: id }) => id).sort()).toEqual(others.sort());
  });

  it.each(['{"Records":[abc]}', '{Records:[]}', ''])(
    'has failed where it is no JSON and its function names records of it: %s',
    async (text) => {
      const [poison = ''] = await world.storeMany(3);
      await world.spoil(poison, {
        source: { S: 'sqs' },
        encoding: { S: 'identity' },
        body: { B: Buffer.from(text) },
        bytes: { N: String(text.length) },
        sha256: { S: sha256Of(text) },
      });
      const names = '{"batchItemFailures":[{"itemIdentifier":"x"}]}';
      world.lambda.behave(({ replay }) => (replay === poison ? { kind: 'reply', text: names } : undefined));
      const { fault, counts, events } = await world.replay();
      expect(fault).toBeUndefined();
      expect(counts).toMatchObject({ replayed: 2, failed: 1 });
      expect(events.get(poison)?.error).toBe('1 batchItemFailures, and the event is no JSON');
    },
  );

  it('gets the status that it has come to, also where no room is left to tell why', async () => {
    const [poison = '', ...others] = await world.storeMany(3);
    const told = { clientContext: { S: '[]' }, status: { S: 'failed' }, lastError: { S: '' }, result: { S: '' } };
    await world.spoil(poison, { ...told, filler: { S: 'x'.repeat(380_000) } });
    const { functionName } = world;
    const key = { pk: { S: eventKey({ functionName, id: poison }) } };
    const { Item = {} } = await world.table.client.send(new GetItemCommand({ TableName: world.table.name, Key: key }));
    // A lease fits in there, and little more.
    const result = { S: 'x'.repeat(400 * 1_024 - itemBytes(Item) - 60) };
    await world.spoil(poison, { result });
    const { fault, counts, events } = await world.replay({ statuses: ['pending', 'failed'] });
    expect(fault).toBeUndefined();
    expect(counts).toMatchObject({ refused: 1, replayed: 2 });
    expect(events.get(poison)?.error).toMatch(/its client context is no object/);
    expect(await statusInTable(poison)).toBe('failed');
    expect(world.lambda.sent.map(({ replay: id }) => id).sort()).toEqual(others.sort());
  });

  it('can be discarded where not a byte is left, its largest attributes instead of the reason', async () => {
    const [full = ''] = await world.storeMany(1);
    const key = { pk: { S: eventKey({ functionName: world.functionName, id: full }) } };
    const { Item = {} } = await world.table.client.send(new GetItemCommand({ TableName: world.table.name, Key: key }));
    const room = 400 * 1_024 - itemBytes(Item) - 'filler'.length;
    let isFull = false;
    for (let bytes = room; !isFull; bytes += 1) {
      isFull = await world.spoil(full, { filler: { S: 'x'.repeat(bytes) } }).then(
        () => false,
        (fault) => /size/i.test(fault.message),
      );
    }
    const command = ['events', 'discard', '--yes', '--reason', 'filled up', full];
    expect(await run(...command)).toMatchObject({ code: 0, out: '1 event discarded\n' });
    const { Item: after = {} } = await world.table.client.send(
      new GetItemCommand({ TableName: world.table.name, Key: key }),
    );
    expect(after).not.toHaveProperty('filler');
    expect(after).toMatchObject({
      status: { S: 'discarded' },
      body: Item['body'],
      result: { S: 'filled up; the item was full, so its largest attributes were taken out' },
    });
  });

  it('holds what comes after it in its order key', async () => {
    const orderKeys = [{ key: 'shard-1', sequence: '1' }];
    const [first, second] = [await world.store({ orderKeys }), await world.store({ orderKeys })];
    await world.spoil(first.id, { sha256: { N: '1' } });
    const { events } = await world.replay({ ordered: true });
    expect(events.get(first.id)).toMatchObject({ outcome: 'failed' });
    expect(events.get(second.id)).toMatchObject({ outcome: 'held' });
  });
});

describe('an item that a function wrote for another one', () => {
  const PAYMENTS = 'arn:aws:lambda:eu-south-1:123456789012:function:payments-refund:live';

  /** What a stolen role may do: any item under its own function's name, with any attribute. */
  async function forge(attributes: Parameters<CliWorld['spoil']>[1], id: string = randomUUID()): Promise<string> {
    const thief = `${world.functionName}-thief`;
    await world.store({ functionName: thief, id }, '{"refund":1000000,"to":"mallory"}');
    await world.spoil(id, attributes);
    return thief;
  }

  it('has no function invoked but its own, whatever ARN it names', async () => {
    const thief = await forge({ invokedFunctionArn: { S: PAYMENTS } });
    const { code, out } = await run('replay', '--during-window', '--function', thief);
    expect(code).toBe(1);
    expect(out).toMatch(/its invokedFunctionArn is none of the function orders-\d+-thief, whose key it has/);
    expect(world.lambda.sent).toEqual([]);
  });

  it('is not taken for that one’s, wherever it stands in the index, and is told of once', async () => {
    const { id } = await world.store();
    const at = Date.UTC(2020, 0, 1);
    let thief = '';
    for (const group of pendingGroups(world.functionName)) {
      const forged = randomUUID();
      thief = await forge(
        {
          gpk: { S: group },
          gsk: { S: placeOf(at, forged) },
          functionName: { S: world.functionName },
          invokedFunctionArn: { S: world.functionArn },
        },
        forged,
      );
    }
    const all = ['--during-window', '--function', world.functionName];
    for (const words of [['replay', '--dry-run'], ['events', 'list'], ['events', 'export'], ['replay']]) {
      const { out, err } = await run(...words, '-o', 'json', ...(words[0] === 'replay' ? all : own()));
      expect(out).not.toContain('mallory');
      expect(err.match(/passed by 8 items of the index that no client of ours put there/g)).toHaveLength(1);
      expect(err).toContain(`under keys of ${thief} (`);
    }
    expect(world.lambda.sent.map(({ replay }) => replay)).toEqual([id]);
  });

  it('does not keep the rest of another function’s batch from being replayed', async () => {
    const id = randomUUID();
    const first = await world.store();
    const rest = await world.store({ id: `${id}.1` });
    const thief = `${world.functionName}-thief`;
    const [record] = JSON.parse(readExampleEvent('sqs')).Records;
    const batch = { Records: ['a', 'b'].map((messageId) => ({ ...record, messageId })) };
    await world.store({ functionName: thief, id, deferredAt: 1_000 }, JSON.stringify(batch));
    world.lambda.behave(({ functionName }) =>
      functionName.endsWith('-thief')
        ? { kind: 'reply', text: '{"batchItemFailures":[{"itemIdentifier":"b"}]}' }
        : undefined,
    );
    const functionNames = [thief, world.functionName];
    const { counts, events } = await world.replay({ concurrency: 1 }, { functionNames });
    expect(events.get(id)).toMatchObject({ rest: rest.id });
    expect(counts).toMatchObject({ failed: 1, replayed: 2 });
    expect(world.lambda.ran.map(({ replay }) => replay)).toEqual([id, first.id, rest.id]);
  });

  it('does not hide another one’s event behind its own of the same id', async () => {
    const { id } = await world.store({}, '{"order":"real"}');
    const thief = await forge({}, id);
    const keys = [`${thief}#${id}`, `${world.functionName}#${id}`];
    for (const words of [['events', 'show'], ['events', 'discard', '--yes'], ['replay']]) {
      const { code, out, err } = await run(...words, id);
      expect({ code, out }).toEqual({ code: 64, out: '' });
      for (const key of keys) expect(err).toContain(`'${key}'`);
    }
    const real = `${world.functionName}#${id}`;
    expect((await run('events', 'show', real, '--body')).out).toBe('{"order":"real"}');
    expect((await run('replay', real)).code).toBe(0);
    expect(world.lambda.ran.map(({ text }) => text)).toEqual(['{"order":"real"}']);
    expect(await run('events', 'discard', '--yes', keys[0] ?? '')).toMatchObject({
      code: 0,
      out: '1 event discarded\n',
    });
    expect((await run('events', 'show', 'orders#nobody')).code).toBe(66);
  });

  it('is not sent to another account where the credentials say whose they are', async () => {
    const { id } = await world.store();
    const { events } = await world.replay({}, { account: '999999999999' });
    expect(events.get(id)).toMatchObject({ outcome: 'refused', error: expect.stringContaining('123456789012') });
    expect(world.lambda.sent).toEqual([]);
    expect(await statusInTable(id)).toBe('pending');

    const as = (AWS_ACCOUNT_ID: string) =>
      runCli(['replay', ...own()], { environment: { ...world.environment, AWS_ACCOUNT_ID } });
    expect(await as('999999999999')).toMatchObject({
      code: 1,
      out: expect.stringContaining('credentials are of 999999999999'),
    });
    expect((await as('123456789012')).code).toBe(0);
    expect(world.lambda.ran.map(({ replay }) => replay)).toEqual([id]);
  });
});

describe('a function’s own row', () => {
  const HOUR = 3_600_000;
  const spoilt: Record<string, AttributeValue | undefined>[] = [
    { retriesUntil: { S: 'x' } },
    { retriesUntil: { NULL: true } },
    { retriesUntil: { NS: ['1'] } },
    { retriesUntil: { N: '1E+100' } },
    { retriesUntil: { N: String(Date.now() + 7 * HOUR) } },
    { retriesUntil: { N: String(Date.now() + 7 * HOUR) }, gpk: { S: 'elsewhere' }, gsk: { S: 'nowhere' } },
    {},
  ];

  it.each(spoilt)('is made anew by the next event that is stored, whatever it was: %j', async (attributes) => {
    const pk = { S: functionKey(world.functionName) };
    const Item = Object.fromEntries(Object.entries({ pk, ...attributes })) as Record<string, AttributeValue>;
    await world.table.client.send(new PutItemCommand({ TableName: world.table.name, Item }));
    const store = world.table.open({ functionName: world.functionName });
    const within = () => Date.now() + 20_000;
    // What it should have said is not known: until then each that may be a retry is looked for.
    if (attributes['retriesUntil']) expect(await store.retriesUntil(within())).toBeGreaterThan(Date.now());

    const until = Date.now() + 6 * HOUR;
    const another = await world.store({ functionName: `${world.functionName}-other` });
    const own = { functionName: world.functionName, invokedFunctionArn: world.functionArn };
    await store.put({ ...another, ...own }, within(), until);
    expect(await store.retriesUntil(within())).toBeGreaterThanOrEqual(until);
    expect(await store.retriesUntil(within())).toBeLessThan(until + HOUR);
    expect(await world.archive.functionNames()).toContain(world.functionName);
  });
});
