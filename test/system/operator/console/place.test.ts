/** Where a console works: where it began to, whatever becomes of its context. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
