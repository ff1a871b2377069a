/** What stands in the address: whose events, of which times, of which report. */
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCli } from '../worlds/cli.ts';
import { cliWorldForEach } from '../worlds/replay-cli.ts';
import { browserForFile, consoleForFile, describeInBrowser } from './browser.ts';

describeInBrowser('an address', () => {
  const world = cliWorldForEach();
  const pages = browserForFile();
  // another zone than that of the browser
  const served = consoleForFile(world, () => ({ TZ: 'America/New_York' }));
  let page: Page;

  beforeEach(async () => {
    page = await pages.open(served.url);
  });
  afterEach(async () => {
    await page.context().close();
    expect(pages.faults).toEqual([]);
  });

  const view = (path: string) => page.goto(`${new URL(served.url).origin}/${path}`);
  const dialog = () => page.getByRole('dialog');

  it('has the zone in which a time of a filter was typed: what is done goes by it, whoever opens it where', async () => {
    await world.store();
    await view(`events?function=${world.functionName}&timezone=Asia/Tokyo`);
    await page.getByLabel('Deferred from').fill('2026-01-14 03:00');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByText('--timezone=Asia/Tokyo').waitFor();
    await page.getByText('Discard', { exact: true }).click();
    await page.getByRole('button', { name: 'Discard all of these…' }).click();
    await dialog().getByText('2026-01-13T18:00:00Z').first().waitFor();

    await view(`events?function=${world.functionName}`);
    await page.getByLabel('Deferred from').fill('2026-01-14 03:00');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/timezone=Europe%2FRome/);
    await page.getByText('--timezone=Europe/Rome').waitFor();
  });

  it('has the zone in which a time of a report was typed', async () => {
    await view('report');
    await page.getByLabel('Active at').fill('2026-01-14 03:00');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL(/timezone=Europe%2FRome/);
    await page.getByText('--timezone=Europe/Rome').waitFor();
  });

  it('means another window’s times in the zone that a form was opened in, whatever zone is chosen then', async () => {
    await world.clearWindows();
    const words = ['schedule', 'add', '--start', '2040-01-14T22:00:00Z', '--for', '4h', '--yes'];
    await runCli([...words, '--function', world.functionName], { environment: world.environment });
    await view('windows');
    await page.getByRole('button', { name: /^Edit/ }).click();
    await page.getByLabel('Time zone', { exact: true }).fill('Asia/Tokyo');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL(/Tokyo/);
    await page.getByLabel('Ends (Europe/Rome)').fill('2040-01-15 04:00');
    await page.getByRole('button', { name: 'Change…' }).click();
    await dialog()
      .getByText(/^\+ .*2040-01-15T03:00:00Z/)
      .waitFor();
  });

  it('of the events of a replay stays one of them where they are filtered further', async () => {
    const { id } = await world.store();
    await world.store();
    await served.carryOut('replay', { names: [id] });
    const run = await replayOf();
    await view(`events?run=${run}`);
    await page.getByText(`Of the replay ${run} alone`).waitFor();
    await page.getByLabel('Status').selectOption('replayed');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/status=replayed/);
    await page.getByText(`Of the replay ${run} alone`).waitFor();
    expect(await page.getByText('Discard', { exact: true }).count()).toBe(0);
    await page.getByRole('link', { name: 'All events' }).click();
    await page.getByText('Discard', { exact: true }).waitFor();
    expect(page.url()).not.toContain('run=');
  });

  async function replayOf(): Promise<string> {
    for (;;) {
      const { results } = await served.look('replays list');
      const [found] = results as readonly { replays: readonly { id: string; status: string }[] }[];
      const [run] = found?.replays ?? [];
      if (run && run.status !== 'running') return run.id;
    }
  }

  it('names an event that has the id of another function’s', async () => {
    const { id, deferredAt } = await world.store();
    await world.store({ id, functionName: `${world.functionName}-other`, deferredAt });
    await view(`events?function=${world.functionName}`);
    const row = page.getByRole('row').filter({ hasText: id.slice(0, 8) });
    await row.getByRole('link').click();
    await dialog().getByText('pending').first().waitFor();
    await dialog().getByRole('button', { name: 'Show the body' }).click();
    await dialog().getByText('"order": 1').waitFor();
    await dialog().getByRole('button', { name: 'Close' }).click();
    await row.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Discard', exact: true }).click();
    await dialog().getByRole('button', { name: 'Discard 1 event' }).click();
    await dialog().getByText('Done.').waitFor();
    await view(`events?function=${world.functionName}-other&status=pending`);
    await row.waitFor();
  });

  it('of a report shows that one, whichever is answered last, and why there is none', async () => {
    const { promise: isLetGo, resolve: letGo } = Promise.withResolvers<void>();
    const told = (text: string) => ({
      json: { exitCode: 2, results: [], remarks: [{ kind: 'fault', text }], command: 'report', againMs: 1 },
    });
    await page.route(/look\/report.*name=first/, async (route) => {
      await isLetGo;
      await route.fulfill(told('the first one'));
    });
    await page.route(/look\/report.*name=second/, (route) => route.fulfill(told('the second one')));
    await page.route(/look\/report.*name=third/, (route) => route.fulfill({ status: 400, json: { why: 'not so' } }));
    await view('report?window=first');
    await page.getByLabel('Window (').fill('second');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText('the second one').waitFor();
    letGo();
    await page.waitForTimeout(500);
    await page.getByText('the second one').waitFor();
    await page.getByLabel('Window (').fill('third');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText('not so').waitFor();
    expect(await page.locator('[aria-busy=true]').count()).toBe(0);
  });
});
