/** What waits, as somebody on call looks at it: how much, how it came about, when it would be empty, and what to do with it. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../core/units.ts';
import { scheduledEvent } from '../data/scheduled-event.ts';
import { type CloudWatch, startCloudWatch } from '../fakes/cloudwatch.ts';
import { runCli } from '../worlds/cli.ts';
import { cliWorldForEach } from '../worlds/replay-cli.ts';
import { browserForFile, confirm, consoleForFile, describeInBrowser } from './browser.ts';

const PICTURES = join(import.meta.dirname, '..', '..', 'dist', 'screenshots');
const PERIOD_MS = 5 * MINUTE_MS;
const MOST_BYTES = 250_000;

describeInBrowser('the backlog', () => {
  const world = cliWorldForEach();
  const pages = browserForFile();
  let cloudWatch: CloudWatch;
  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    cloudWatch = await startCloudWatch();
    cloudWatch.pageSize = 100;
  });
  afterAll(() => cloudWatch?.close());
  const served = consoleForFile(world, () => ({ AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.url }));
  let page: Page;
  beforeAll(async () => {
    page = await pages.open(served.url);
  });
  afterEach(() => expect(pages.faults).toEqual([]));

  const tool = async (...words: string[]) => {
    const { out } = await runCli([...words, '-o', 'json'], { environment: world.environment });
    return JSON.parse(out);
  };
  const origin = () => new URL(served.url).origin;
  const view = (query = `function=${world.functionName}`, on = page) => on.goto(`${origin()}/backlog?${query}`);
  const see = (text: string | RegExp, on = page) => on.getByText(text).first().waitFor();
  const row = (source: string) => page.getByRole('row').filter({ hasText: source });

  /** A night: events of three functions pile up from two sources; the monitor failed for an hour. */
  async function night(functions: readonly string[]): Promise<void> {
    const now = Date.now();
    for (const [index, functionName] of functions.entries()) {
      for (let event = 0; event < 6 * (3 - index); event += 1) {
        const deferredAt = now - (event + 1) * 13 * MINUTE_MS;
        await world.store({ functionName, deferredAt, source: event % 3 === 0 ? 's3' : 'sqs' }, `{"order":${event}}`);
      }
    }
    const last = Math.floor(now / PERIOD_MS) * PERIOD_MS;
    const ofTable = { tableName: world.table.name.replace(/^.*\//, ''), metric: 'PendingEvents' } as const;
    cloudWatch.data = Array.from({ length: 144 }, (_, index) => last - index * PERIOD_MS)
      .filter((at) => at < last - 4 * HOUR_MS || at > last - 3 * HOUR_MS)
      .flatMap((at) => [
        { ...ofTable, at, value: 1 },
        ...functions.map((functionName, index) => ({
          functionName,
          metric: 'PendingEvents' as const,
          at,
          value: Math.max(0, Math.round((6 * (3 - index) * (at - last + 10 * HOUR_MS)) / (10 * HOUR_MS))),
        })),
      ]);
  }

  it.each([
    ['light', {}],
    ['dark', { isDark: true }],
    ['narrow', { width: 375 }],
  ] as const)('is drawn as the monitor measured it, and told as a table: %s', async (name, how) => {
    const functions = ['orders-api', 'billing', 'a-function-with-a-rather-long-name-for-a-table'].map(
      (each) => `${each}-${name}`,
    );
    await night(functions);
    const own = await pages.open(served.url, how);
    await view(functions.map((each) => `function=${each}`).join('&'), own);
    await see('All that waited, failed events too, as the monitor measured it.', own);
    await own.locator('.plot canvas').waitFor();
    await own.screenshot({ path: join(PICTURES, `backlog-night-${name}.png`), fullPage: true });
    await own.getByText('The same as a table').click();
    const cells = await own.locator('.plot tbody tr').last().locator('td').allTextContents();
    const { groups } = await tool('events', 'backlog', '--count-all', '--function', ...functions);
    const waits = (each: string) =>
      groups
        .filter((group: { function: string }) => group.function === each)
        .reduce((sum: number, { events }: { events: number }) => sum + events, 0);
    expect(cells.map(Number)).toEqual(functions.map(waits));
    expect(await own.locator('.plot tbody td', { hasText: 'not known' }).count()).toBeGreaterThan(0);
    const { violations } = await new AxeBuilder({ page: own }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    expect(await own.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    await own.context().close();
  });

  it('says why the monitor is not asked, and draws when what waits was deferred, by function and by source', async () => {
    cloudWatch.data = [];
    await world.store({ deferredAt: Date.now() - HOUR_MS, source: 'sqs' });
    await world.store({ deferredAt: Date.now() - 2 * HOUR_MS, source: 's3' });
    await view();
    await see(/^What the monitor measured is not known: CloudWatch has no PendingEvents .* had been deferred by then/);
    await page
      .getByRole('listitem')
      .filter({ hasText: `${world.functionName} 2` })
      .waitFor();
    await page.getByRole('combobox', { name: 'By', exact: true }).selectOption('source');
    await page.getByRole('listitem').filter({ hasText: 's3 1' }).waitFor();
    await page.getByRole('listitem').filter({ hasText: 'sqs 1' }).waitFor();
  });

  it('says when it would be empty at a rate, and goes on to a replay at that rate', async () => {
    await world.storeMany(65);
    await view();
    await see(/65 pending events: empty in/);
    await page.getByRole('slider').fill('3');
    // the ramp's 30 s bring 165 at 10/s: 65 of them take half of it and a little
    await see(/65 pending events: empty in 18 s/);
    await page.getByRole('link', { name: 'Replay at 10/s…' }).click();
    expect(await page.getByLabel('At a rate of').inputValue()).toBe('10/s');
    await page.getByRole('button', { name: 'Replay…' }).click();
    await see('65 events');
    await page.getByRole('dialog').getByRole('button', { name: 'Back' }).click();
  });

  it('exports a selection with its bodies, as the tool does, and notes who did', async () => {
    await world.storeMany(3);
    const { text } = await world.store({ source: 'sqs' }, '{"customer":"<img src=x onerror=alert(1)>"}');
    await view();
    await row('sqs').getByRole('button', { name: 'Export…' }).click();
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Write the file' }).click();
    const written = readFileSync(await (await downloading).path(), 'utf8');
    const words = ['events', 'export', '--function', world.functionName, '--source', 'sqs'];
    expect(written).toBe((await runCli(words, { environment: world.environment })).out);
    expect(JSON.parse(written)).toMatchObject({ source: 'sqs', text });
    await see('The file is written.');
    await see('1 event exported');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    const { entries } = await tool('audit', '--limit', '2');
    expect(entries).toEqual(Array(2).fill(expect.objectContaining({ kind: 'exported', events: 1 })));
  });

  it('keeps the last run of a schedule, and discards a row', async () => {
    world.lambda.behave(() => undefined);
    for (const minute of [1, 2, 3])
      await world.store({}, scheduledEvent('nightly', new Date(Date.UTC(2026, 10, 21, 3, minute)).toISOString()));
    const queued = await world.store({ source: 'sqs' });
    await view();
    await row('eventbridge').getByRole('button', { name: 'Keep the latest…' }).click();
    await see('2 events would be discarded: a later run of the same schedule is there.');
    await confirm(page, /^Replay the last run of each schedule/);
    await row('eventbridge').waitFor({ state: 'detached' });
    const { groups } = await tool(
      'events',
      'list',
      '--function',
      world.functionName,
      '--count',
      '--status',
      'replayed',
      'discarded',
    );
    expect(groups.map(({ status, events }: { status: string; events: number }) => [status, events])).toEqual([
      ['discarded', 2],
      ['replayed', 1],
    ]);
    await row('sqs').getByRole('button', { name: 'Discard…' }).click();
    await confirm(page, /^Discard 1 pending event/);
    await see('Nothing waits.');
    expect(await world.statusOf(queued.id)).toBe('discarded');
  });

  it('is a page of 250 kB at most, compressed', async () => {
    const { gzipSync } = await import('node:zlib');
    const files = ['console.js', 'console.css', 'index.html'].map((name) =>
      readFileSync(join(import.meta.dirname, '..', '..', 'dist', 'console', name)),
    );
    expect(files.reduce((sum, file) => sum + gzipSync(file).length, 0)).toBeLessThan(MOST_BYTES);
  });
});
