/** Each view as somebody sees it: in the light, in the dark, on a telephone, and by whoever hears it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildConsole, type ConsoleWorld, startConsoleWorld } from '../worlds/console.ts';
import { cliWorldForEach } from '../worlds/replay-cli.ts';
import { browserForFile, describeInBrowser } from './browser.ts';

const PICTURES = join(import.meta.dirname, '..', '..', 'dist', 'screenshots');
const VIEWS = ['now', 'windows', 'backlog', 'events', 'failures', 'replays', 'functions', 'audit', 'report'];
const MARKUP = '<script>alert(document.domain)</script><img src=x onerror=alert(document.cookie)>';
const LOOKS = [
  ['light', {}],
  ['dark', { isDark: true }],
  ['narrow', { width: 375 }],
] as const;

describeInBrowser('a view', () => {
  const world = cliWorldForEach();
  const pages = browserForFile();
  let served: ConsoleWorld;

  beforeAll(async () => {
    buildConsole();
    mkdirSync(PICTURES, { recursive: true });
    served = await startConsoleWorld(world.environment);
    const [id = ''] = await world.storeMany(12);
    world.lambda.behave(({ replay }) =>
      replay === id
        ? { kind: 'function-error', text: JSON.stringify({ errorMessage: MARKUP, errorType: MARKUP }) }
        : undefined,
    );
    await served.carryOut('replay', { options: { limit: ['3'], name: [MARKUP], reason: [MARKUP] } });
    await served.carryOut('begin', { options: { for: ['1h'], function: ['orders-*'], reason: [MARKUP] } });
    await served.carryOut('schedule add', {
      names: ['cron(0 2 ? * SUN *)'],
      options: { for: ['2h'], timezone: ['Europe/Rome'], function: ['orders-*'], reason: ['weekly vacuum'] },
    });
    for (;;) {
      const { results, remarks } = await served.look('replays list');
      const [found] = results as readonly { replays: readonly { status: string }[] }[];
      if (!found) throw new Error(JSON.stringify(remarks));
      const [run] = found.replays;
      if (run && !['running', 'paused', 'stopping'].includes(run.status)) break;
    }
  });
  afterAll(() => served?.close());

  describe.each(LOOKS)('%s', (name, how) => {
    it.each(VIEWS)('%s', async (view) => {
      const page = await pages.open(served.url, how);
      await page.goto(`${new URL(served.url).origin}/${view}`);
      await page.getByRole('heading', { level: 2 }).first().waitFor();
      await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
      await page.locator('p.command').first().waitFor();
      await page.screenshot({ path: join(PICTURES, `${view}-${name}.png`), fullPage: true });
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(
        0,
      );
      // texts of events, errors and reasons are texts
      expect(await page.locator('main script, main img').count()).toBe(0);
      expect(pages.faults).toEqual([]);
      await page.context().close();
    });
  });

  it('shows what was written as markup as it was written', async () => {
    const page = await pages.open(served.url);
    for (const view of ['now', 'windows', 'failures', 'replays', 'audit']) {
      await page.goto(`${new URL(served.url).origin}/${view}`);
      await page.getByText('<script>alert(document.domain)</script>').first().waitFor();
    }
    expect(pages.faults).toEqual([]);
  });
});
