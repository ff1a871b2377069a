/** Windows in the console: when they are active, and two people who edit them at once. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../worlds/cli.ts';
import { buildConsole, type ConsoleWorld, startConsoleWorld } from '../worlds/console.ts';
import { cliWorldForEach } from '../worlds/replay-cli.ts';
import { browserForFile, describeInBrowser } from './browser.ts';

const PICTURES = join(import.meta.dirname, '..', '..', 'dist', 'screenshots');

describeInBrowser('windows', () => {
  const world = cliWorldForEach();
  const pages = browserForFile();
  let served: ConsoleWorld;

  beforeAll(async () => {
    buildConsole();
    mkdirSync(PICTURES, { recursive: true });
    served = await startConsoleWorld(world.environment);
  });
  afterAll(() => served?.close());
  afterEach(() => expect(pages.faults).toEqual([]));

  const tool = async (...words: string[]) => {
    const { out } = await runCli([...words, '-o', 'json'], { environment: world.environment });
    return JSON.parse(out);
  };
  async function opened(query = '', how: Parameters<typeof pages.open>[1] = {}): Promise<Page> {
    const page = await pages.open(served.url, how);
    await page.goto(`${new URL(served.url).origin}/windows${query}`);
    await page.getByRole('heading', { name: 'Windows' }).waitFor();
    return page;
  }

  describe('the timeline', () => {
    beforeAll(async () => {
      const add = (...words: string[]) => tool('schedule', 'add', ...words, '--yes');
      await add('cron(30 2 ? * SAT,SUN *)', '--for', '2h', '--timezone', 'Europe/Rome', '--reason', 'weekly vacuum');
      await add('--start', '2040-10-27T22:00:00Z', '--for', '5h', '--function', 'orders-*', '--reason', 'CHG-7');
      await tool('begin', '--for', '1h', '--function', 'orders-*', '--reason', '<b>now</b>', '--yes');
    });

    it('shows a span of the address in its zone, with what daylight saving does', async () => {
      const page = await opened('?from=2040-10-22&until=2040-10-29&timezone=Europe%2FRome');
      const day = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Sun 28 Oct' }) });
      await day.getByText('clocks go back 1 h at 03:00: a day of 25 h').waitFor();
      await day.getByText('02:30 comes twice that day in Europe/Rome: begins at the first').waitFor();
      await day.getByRole('link', { name: '00:00 to 04:00' }).waitFor();
      await day.getByText('together 00:00 to 04:00: orders-*').waitFor();
      await page.getByLabel('Time zone', { exact: true }).fill('Asia/Kathmandu');
      await page.getByRole('button', { name: 'Show' }).click();
      await page.waitForURL(/timezone=Asia%2FKathmandu/);
      await page.getByRole('link', { name: '03:45 to 08:45' }).waitFor();
      await page.getByRole('link', { name: 'Events' }).click();
      await page.waitForURL(/events\?timezone=Asia%2FKathmandu/);
    });

    it.each([
      ['week', '', {}],
      ['week-dark', '', { isDark: true }],
      ['month', '?from=2040-10-01&until=2040-11-01', {}],
      ['month-narrow', '?from=2040-10-01&until=2040-11-01', { width: 375 }],
    ])('%s', async (name, query, how) => {
      const page = await opened(query, how);
      await page.locator('ol.timeline').waitFor();
      await page.screenshot({ path: join(PICTURES, `windows-${name}.png`), fullPage: true });
      await page.context().close();
    });
  });
});
