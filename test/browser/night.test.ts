/** A night of maintenance in the console, as `docs/runbook.md` has it: a browser, the built tool, and a function that fails. */
import type { Page } from 'playwright-core';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { runCli } from '../worlds/cli.ts';
import { cliWorldForEach } from '../worlds/replay-cli.ts';
import { browserForFile, confirm, consoleForFile, describeInBrowser } from './browser.ts';

describeInBrowser('a night', () => {
  const world = cliWorldForEach();
  const pages = browserForFile();
  const served = consoleForFile(world);
  let page: Page;

  beforeAll(async () => {
    page = await pages.open(served.url);
  });
  afterEach(() => expect(pages.faults).toEqual([]));

  const tool = async (...words: string[]) => {
    const { out } = await runCli([...words, '-o', 'json'], { environment: world.environment });
    return JSON.parse(out);
  };
  /** How many events of the test's function are in each status. */
  async function statuses(): Promise<Readonly<Record<string, number>>> {
    const all = ['pending', 'replaying', 'failed', 'unknown', 'replayed', 'discarded'];
    const { groups } = await tool('events', 'list', '--function', world.functionName, '--count', '--status', ...all);
    const own = groups as readonly { readonly status: string; readonly events: number }[];
    return Object.fromEntries(own.map(({ status, events }) => [status, events]));
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo()));
  }

  const view = (name: string) => page.getByRole('navigation').getByRole('link', { name }).click();
  const see = (text: string | RegExp) => page.getByText(text).first().waitFor();

  it('takes the token out of the address at once', async () => {
    await see('Not under maintenance, and nothing waits');
    expect(page.url()).toBe(`http://127.0.0.1:${served.port}/`);
    expect(await page.evaluate('history.length')).toBe(2);
  });

  it('begins a window for every function, once the name of its parameter was typed', async () => {
    await page.getByText('Begin a window').click();
    await page.getByLabel('Reason').fill('<b>database</b> upgrade CHG-1042');
    await page.getByRole('button', { name: 'Begin…' }).click();
    await see(/^\+ .*CHG-1042/);
    const button = page.getByRole('dialog').getByRole('button', { name: 'Begin the window' });
    expect(await button.isDisabled()).toBe(true);
    await confirm(page, 'Begin the window', 'maintenance-window');
    await see(/^Under maintenance, and/);
    await see('<b>database</b> upgrade CHG-1042');
    const { windows } = await tool('status');
    expect(windows).toEqual([expect.objectContaining({ reason: '<b>database</b> upgrade CHG-1042' })]);
  });

  it('shows what is deferred meanwhile, extends the window and ends it', async () => {
    await world.storeMany(3);
    await page.getByRole('link', { name: /^3\s*pending/ }).waitFor();
    const before = (await tool('status')).windows[0].end;
    await page.getByRole('button', { name: '+30 min' }).click();
    await confirm(page, /^Extend/);
    expect(Date.parse((await tool('status')).windows[0].end) - Date.parse(before)).toBe(30 * 60_000);
    await page.getByRole('button', { name: /^End window/ }).click();
    await confirm(page, /^End/);
    await see(/Not under maintenance; 3 events wait/);
    expect((await tool('status')).active).toBe(false);
  });

  it('shows a body once it is asked for, and notes that somebody did', async () => {
    const { id } = await world.store({}, '{"customer":"<img src=x onerror=alert(1)>"}');
    await view('Events');
    await page.getByRole('link', { name: id.slice(0, 8) }).click();
    await page.getByRole('button', { name: 'Show the body' }).waitFor();
    expect(await page.getByText('customer').count()).toBe(0);
    await page.getByRole('button', { name: 'Show the body' }).click();
    await see('"customer": "<img src=x onerror=alert(1)>"');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await view('Audit');
    await see(/looked at the body of 1 event/);
    const { entries } = await tool('audit', '--limit', '1');
    expect(entries).toEqual([expect.objectContaining({ kind: 'looked', ids: [id] })]);
  });

  it('replays the oldest alone, and then the others, of which one fails', async () => {
    const ids = await world.storeMany(3);
    world.lambda.behave(({ replay }) =>
      replay === ids[2]
        ? { kind: 'function-error', text: '{"errorMessage":"no such order","errorType":"Orders.Unknown"}' }
        : undefined,
    );
    await view('Events');
    await page.getByLabel('Function', { exact: true }).fill(world.functionName);
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/function=/);
    await page.getByText('Replay', { exact: true }).click();
    await page.getByLabel('The oldest alone').fill('1');
    await page.getByRole('button', { name: 'Replay…' }).click();
    await see('1 event');
    await confirm(page, 'Replay these events');
    await until(async () => (await statuses()).replayed === 1);
    await page.getByLabel('The oldest alone').fill('');
    await page.getByRole('button', { name: 'Replay…' }).click();
    await confirm(page, 'Replay these events');
    await until(async () => (await statuses()).failed === 1);
    expect(await statuses()).toEqual({ replayed: 2, failed: 1 });
    await view('Replays');
    await page.getByRole('row', { name: /1 failed/ }).waitFor();
    await view('Failures');
    await see(/no such order/);
    await page.getByRole('button', { name: 'Discard the group' }).click();
    await confirm(page, /^Discard \d+ events?$/);
    expect(await statuses()).toEqual({ replayed: 2, discarded: 1 });
    await see('Nothing failed.');
  });

  it('pauses a replay, resumes and cancels it; what is left stays pending', async () => {
    world.lambda.behave(() => undefined);
    await world.storeMany(200);
    await view('Events');
    await page.getByLabel('Function', { exact: true }).fill(world.functionName);
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(new RegExp(`function=${world.functionName}`));
    await page.getByText('Replay', { exact: true }).click();
    await page.getByLabel('At a rate of').fill('10/s');
    await page.getByLabel('Name').fill('a slow one');
    await page.getByRole('button', { name: 'Replay…' }).click();
    await confirm(page, 'Replay these events');
    await view('Replays');
    await page
      .getByRole('row', { name: /a slow one running/ })
      .getByRole('link')
      .click();
    await page.getByRole('heading', { name: 'While it is watched' }).waitFor();
    await page.getByRole('link', { name: /^1\d\d\s*still pending/ }).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await confirm(page, /^Pause/);
    await page.getByRole('heading', { name: /paused/ }).waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await confirm(page, /^Resume/);
    await page.getByRole('heading', { name: /running/ }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await confirm(page, /^Cancel/);
    await page.getByRole('heading', { name: /stopped/ }).waitFor();
    const { pending = 0, replayed = 0 } = await statuses();
    expect(pending).toBeGreaterThan(0);
    expect(pending + replayed).toBe(200);
  });

  it('restores what was discarded, and says the same as the tool', async () => {
    const [id = ''] = await world.storeMany(1);
    await view('Events');
    await page.goto(`${new URL(page.url()).origin}/events?function=${world.functionName}&event=${id}`);
    await page.getByRole('button', { name: 'Discard', exact: true }).click();
    await confirm(page, /^Discard/);
    expect(await statuses()).toEqual({ discarded: 1 });
    await page.getByRole('button', { name: 'Restore' }).click();
    await confirm(page, /^Restore/);
    expect(await statuses()).toEqual({ pending: 1 });
  });

  it('says that its server is gone, and goes on once another one is there', async () => {
    await served.close();
    await page.getByRole('alert').filter({ hasText: 'does not answer' }).waitFor();
    await served.startAgain();
    await page.getByRole('alert').filter({ hasText: 'This console has ended' }).waitFor();
    await page.goto(served.url);
    await page.getByRole('heading', { level: 2 }).first().waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });
});
