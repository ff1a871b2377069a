/** What `status` and `end` say of events that wait. */
import { beforeEach, describe, expect, it } from 'vitest';
import { FAULTS } from '../../../../core/errors.ts';
import type { EventStatus } from '../../../../core/events/deferred-event.ts';
import { type DynamoDbProxy, startDynamoDbProxy } from '../../../fakes/dynamodb-proxy.ts';
import { runCli, runOnTerminal } from '../../../worlds/cli.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';
import { activeWindows } from '../../../worlds/surroundings.ts';

const world = cliWorldForEach();
beforeEach(() => world.clearWindows());

const AT = Date.UTC(2026, 10, 22);
const tool = (...words: string[]) => runCli(words, { environment: world.environment });
const own = () => ['--function', world.functionName];
const json = async (...words: string[]) => {
  const { out, code } = await tool(...words, '-o', 'json');
  return { code, ...JSON.parse(out) };
};

/** Stores an event of each status, a second apart. */
async function storeEach(...statuses: readonly EventStatus[]): Promise<void> {
  for (const [index, status] of statuses.entries()) {
    const { id } = await world.store({ deferredAt: AT + index * 1_000 });
    await world.table.setStatus(id, status, world.functionName);
  }
}

describe('status, outside a window', () => {
  it('says in its first line how many events wait, with the command that goes on', async () => {
    await storeEach('pending', 'pending', 'failed', 'unknown', 'replayed');
    const { code, out, err } = await tool('status', ...own());
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const name = world.functionName;
    expect(
      out
        .replace(/\(.* ago\)/, '(AGO)')
        .split('\n')
        .slice(0, 5),
    ).toEqual([
      `Not under maintenance: ${name}; 4 events wait`,
      '  waiting 2 pending, 1 failed, 1 unknown; oldest 2026-11-22T00:00:00Z (AGO)',
      '  next    none',
      `  to replay  maintenance-window replay --function ${name}`,
      `  to see what failed  maintenance-window events list --status failed --function ${name}`,
    ]);
    expect(await json('status', ...own())).toMatchObject({
      active: false,
      waiting: { events: 4, pending: 2, failed: 1, unknown: 1, replaying: 0, oldestAt: '2026-11-22T00:00:00Z' },
      functions: [{ name, waiting: { pending: 2, failed: 1, unknown: 1, replaying: 0 } }],
    });
  });

  it('has nothing to say where nothing waits', async () => {
    await storeEach('replayed', 'discarded');
    const { out } = await tool('status', ...own());
    expect(out).toMatch(/^Not under maintenance: orders-\S+\n {2}next {4}none\n/);
    expect(await json('status', ...own())).toMatchObject({ waiting: { events: 0, pending: 0 } });
  });

  it('has a row for each function, the fullest first, on a terminal as well', async () => {
    await storeEach('failed');
    const few = world.functionName;
    world.begin();
    await storeEach('pending', 'pending');
    const many = world.functionName;
    const { out } = await runOnTerminal(['status'], { environment: { ...world.environment, NO_COLOR: '1' } });
    expect(out).toMatch(/^Not under maintenance; \d+ events wait\n/);
    expect(out).toMatch(/\nFUNCTION +PENDING +FAILED +UNKNOWN +REPLAYING +OLDEST\n/);
    expect(out).toMatch(new RegExp(`\\n${many} +2 +0 +0 +0 +2026-[\\s\\S]*\\n${few} +0 +1 +0 +0 +2026-`));
  });

  it('names the same place in the command that goes on', async () => {
    await storeEach('pending');
    const place = ['--table', world.table.name, '--region=eu-south-1'];
    const { out } = await tool('status', ...own(), ...place);
    expect(out).toContain(`maintenance-window replay --function ${world.functionName} ${place.join(' ')}\n`);
  });

  it('leaves what waits out of another time', async () => {
    await storeEach('pending');
    expect((await tool('status', ...own(), '--at', '+2h')).out).not.toContain('waits');
    expect(await json('status', ...own(), '--at', '+2h')).not.toHaveProperty('waiting');
  });
});

describe('status, inside a window', () => {
  it('says what waits behind the windows', async () => {
    await storeEach('pending');
    await world.setWindows(activeWindows());
    const { out } = await tool('status', ...own());
    expect(out).toMatch(/^Under maintenance: /);
    expect(out).toMatch(/\n\n1 event waits: 1 pending; oldest 2026-11-22T00:00:00Z \(.* ago\)\n/);
  });
});

describe('status --exit-code', () => {
  it('is 0 where nothing waits, 12 where something does, and that of the fault where that is not known', async () => {
    await storeEach('replayed');
    expect(await tool('status', ...own(), '--exit-code')).toMatchObject({ code: 0 });
    await storeEach('failed');
    expect(await tool('status', ...own(), '--exit-code')).toMatchObject({ code: 12 });
    expect(await tool('status', ...own())).toMatchObject({ code: 0 });
    const { exitCode } = FAULTS['MaintenanceWindow.NotFound'];
    expect(await tool('status', '--exit-code', '--table', 'no-such-table')).toMatchObject({ code: exitCode });
  });

  it('is 11 inside a window, 10 once it is quiet, whatever the table says', async () => {
    const soon = new Date(Date.now() - 1_000).toISOString();
    const end = new Date(Date.now() + 3_600_000).toISOString();
    await world.setWindows(JSON.stringify({ version: 1, windows: [{ start: soon, end }] }));
    expect(await tool('status', ...own(), '--exit-code', '--table', 'no-such-table')).toMatchObject({ code: 11 });
    await world.setWindows(activeWindows());
    expect(await json('status', ...own(), '--exit-code', '--at', '+1h')).toMatchObject({ code: 10, active: true });
  });
});

describe('end', () => {
  it('says what waits, or that nothing does', async () => {
    await storeEach('pending', 'pending');
    await world.setWindows(activeWindows());
    const { code, out } = await tool('end');
    expect(code).toBe(0);
    expect(out).toMatch(
      /\n {2}\d+ events wait: \d+ pending.*; oldest .*\n {2}to replay {2}maintenance-window replay\n/,
    );
    await world.setWindows(activeWindows());
    const { waiting, functions } = await json('end');
    expect(functions).toContainEqual({
      name: world.functionName,
      waiting: { pending: 2, failed: 0, unknown: 0, replaying: 0, oldestAt: '2026-11-22T00:00:00Z' },
    });
    expect(waiting.events).toBeGreaterThanOrEqual(2);
  });

  it('ends the window where the table cannot be read, and says that', async () => {
    await world.setWindows(activeWindows());
    const { code, out } = await tool('end', '--table', 'no-such-table');
    expect(code).toBe(0);
    expect(out).toMatch(/\n {2}what waits is not known: the table no-such-table does not exist.*\n {2}to replay /);
  });
});

describe('a table that is slow to count', () => {
  it('is counted in part, unless all of it is asked for', async () => {
    await storeEach('pending', 'failed'); // of two statuses: two counts, whichever shards they fall in
    await using proxy: DynamoDbProxy = await startDynamoDbProxy(world.tableUrl);
    let counts = 0;
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    proxy.behave(async ({ input }) => {
      if (input['Select'] !== 'COUNT') return undefined;
      counts += 1;
      if (counts > 1) await released;
      return undefined;
    });
    const environment = { ...world.environment, AWS_ENDPOINT_URL_DYNAMODB: proxy.url };
    const words = ['status', ...own()];
    const part = await runCli(words, { environment });
    expect(part.out).toMatch(/; (?:at least 1 event waits|events may wait)\n {2}waiting .*counted in part; oldest/);
    expect(JSON.parse((await runCli([...words, '-o', 'json'], { environment })).out).waiting).toMatchObject({
      atLeast: true,
      oldestAt: '2026-11-22T00:00:00Z',
    });
    const all = runCli([...words, '--count-all'], { environment });
    setTimeout(release, 1_500);
    expect((await all).out).toMatch(/; 2 events wait\n {2}waiting 1 pending, 1 failed; oldest/);
  });
});
