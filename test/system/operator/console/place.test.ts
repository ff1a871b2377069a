/** Where a console works: where it began to, whatever becomes of its context. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answer, FILE_HEADER } from '../../../../operator/console/answer.ts';
import { runCli } from '../../../worlds/cli.ts';
import { buildConsole, startConsoleWorld } from '../../../worlds/console.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();
let home = '';

beforeAll(() => {
  buildConsole();
  home = mkdtempSync(join(tmpdir(), 'contexts-'));
});
afterAll(() => rmSync(home, { recursive: true }));

it('stays where it is while its context is made anew elsewhere, as the head of its pages does', async () => {
  const { AWS_REGION: _, MAINTENANCE_WINDOW_TABLE: __, ...others } = world.environment;
  const environment = { ...others, XDG_CONFIG_HOME: home };
  const tool = (...words: string[]) => runCli(words, { environment });
  const add = (region: string, ...more: string[]) => tool('context', 'add', 'staging', '--region', region, ...more);
  await add('eu-south-1');
  const served = await startConsoleWorld(environment, '--context', 'staging');
  const before = (await served.look('whoami')).results;
  expect(before).toEqual([expect.objectContaining({ region: 'eu-south-1', table: 'maintenance-window-events' })]);
  await tool('context', 'remove', 'staging');
  await add('us-east-1', '--table', 'other-events', '--parameter', 'other-windows');
  expect((await served.look('whoami')).results).toEqual(before);
  const { shown } = await served.plan('begin', { options: { for: ['1h'], function: ['orders-*'] } });
  expect(shown.remarks[0]?.text).toMatch(
    /region eu-south-1, .*parameter maintenance-window, table maintenance-window-events/,
  );
  await served.close();
});

it('stays without a context where one is chosen later', async () => {
  const { MAINTENANCE_WINDOW_TABLE: _, ...others } = world.environment;
  const environment = { ...others, XDG_CONFIG_HOME: home };
  const tool = (...words: string[]) => runCli(words, { environment });
  await tool('context', 'use', '--none');
  const served = await startConsoleWorld(environment);
  const before = (await served.look('whoami')).results;
  await tool('context', 'add', 'elsewhere', '--region', 'us-east-1', '--table', 'other-events');
  await tool('context', 'use', 'elsewhere');
  expect((await served.look('whoami')).results).toEqual(before);
  const { shown } = await served.plan('begin', { options: { for: ['1h'], function: ['orders-*'] } });
  expect(shown.remarks[0]?.text).toMatch(/table maintenance-window-events/);
  // a process of its own
  const file = await served.ask('/api/file/events%20export', { body: { options: {} } });
  const { remarks } = (await served.ask(`/api/filed/${file.headers[FILE_HEADER]}`)).json() as Answer;
  expect(remarks.at(-1)?.text).toMatch(/^the table maintenance-window-events does not exist/);
  await served.close();
  await tool('context', 'use', '--none');
});

it('wants the name of its context from when on that is marked production, also for what was shown before', async () => {
  const environment = { ...world.environment, XDG_CONFIG_HOME: home };
  const tool = (...words: string[]) => runCli(words, { environment });
  await tool('context', 'add', 'shop', '--region', 'eu-south-1');
  const served = await startConsoleWorld(environment, '--context', 'shop');
  const given = { options: { for: ['1h'], function: ['orders-*'] } };
  expect(await served.look('status')).not.toHaveProperty('production');
  const { plan, typed } = await served.plan('begin', given);
  expect(typed).toBeUndefined();
  await tool('context', 'remove', 'shop');
  await tool('context', 'add', 'shop', '--region', 'eu-south-1', '--production');
  expect(await served.look('status')).toMatchObject({ production: 'shop' });
  expect((await served.ask('/api/console')).json()).toMatchObject({ where: { production: 'shop' } });
  for (const [path, body] of [
    ['/api/do', { plan }],
    ['/api/change/invoke', { names: ['orders'], options: {} }],
  ] as const) {
    const told = await served.ask(path, { body });
    expect(told.status).toBe(409);
    expect(told.json()).toEqual({ why: 'It was not confirmed: type shop.' });
  }
  expect((await served.plan('begin', given)).typed).toBe('shop');
  expect((await served.ask('/api/do', { body: { plan, typed: 'shop' } })).json()).toMatchObject({ exitCode: 0 });
  await served.close();
});
