/** Windows in the console: when they are active, and two people who edit them at once. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../worlds/cli.ts';
import { startConsoleWorld } from '../worlds/console.ts';
import { cliWorldForEach } from '../worlds/replay-cli.ts';
import { browserForFile, confirm, consoleForFile, describeInBrowser } from './browser.ts';

const MARKUP = '<script>alert(document.domain)</script>';
const PICTURES = join(import.meta.dirname, '..', '..', 'dist', 'screenshots');

describeInBrowser('windows', () => {
  const world = cliWorldForEach();
  const pages = browserForFile();
  const served = consoleForFile(world);

  beforeAll(() => void mkdirSync(PICTURES, { recursive: true }));
  /** Those of a test: an open page asks on. */
  const open: Page[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((page) => page.context().close()));
    expect(pages.faults).toEqual([]);
  });

  const tool = async (...words: string[]) => {
    const { out } = await runCli([...words, '-o', 'json'], { environment: world.environment });
    return JSON.parse(out);
  };
  async function opened(query = '', how: Parameters<typeof pages.open>[1] = {}): Promise<Page> {
    const page = await pages.open(served.url, how);
    open.push(page);
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
    });
  });

  describe('an edit', () => {
    const ada = () => opened();
    const card = (page: Page, id: string) => page.getByRole('article', { name: `Window ${id}`, exact: true });
    const form = (page: Page, id: string) => page.getByRole('article', { name: `Edit ${id}`, exact: true });
    const dialog = (page: Page) => page.getByRole('dialog');

    async function edit(page: Page, id: string, fields: Readonly<Record<string, string>>): Promise<void> {
      await card(page, id).getByRole('button', { name: 'Edit' }).click();
      for (const [label, text] of Object.entries(fields)) await form(page, id).getByLabel(label).fill(text);
    }
    const change = (page: Page, id: string) => form(page, id).getByRole('button', { name: 'Change…' }).click();
    const windowOf = async (id: string) =>
      (await tool('schedule', 'list')).windows.find((one: { id: string }) => one.id === id);
    async function added(...words: string[]): Promise<string> {
      await world.clearWindows();
      const { window } = await tool('schedule', 'add', ...words, '--function', world.functionName, '--yes');
      return window.id;
    }
    const COMING = ['--start', '2040-01-14T22:00:00Z', '--for', '4h', '--reason', 'CHG-1'] as const;

    it('adds a window, once its next times, its functions and other windows then were shown', async () => {
      const other = await added(
        'cron(0 23 * * ? *)',
        '--for',
        '1h',
        '--from',
        '2040-01-01',
        '--reason',
        '<i>nightly</i>',
      );
      const functions = [{ FunctionName: world.functionName, Timeout: 10, PackageType: 'Image' as const }];
      world.lambda.know(functions);
      const page = await ada();
      await page.getByText('Add a window').click();
      await page.getByLabel('When: a time').fill('cron(0 22 ? * SAT *)');
      await page.getByLabel('Nothing starts before').fill('2040-01-01');
      await page.getByLabel('Its time zone').fill('UTC');
      const adding = page.getByRole('group').filter({ hasText: 'Add a window' });
      // of a name alone Lambda is asked what it does not tell here: that keeps nobody from a plan
      for (const [named, told] of [
        [world.functionName, /^not known: /],
        ['no-such-*', '0 functions'],
      ] as const) {
        await adding.getByLabel('Functions').fill(named);
        await adding.getByRole('button', { name: 'Add…' }).click();
        await dialog(page).getByText(told).waitFor();
        expect(await dialog(page).getByRole('button', { name: 'Add the window' }).isEnabled()).toBe(true);
        await dialog(page).getByRole('button', { name: 'Back' }).click();
      }
      await adding.getByLabel('Functions').fill(`${world.functionName}*`);
      await adding.getByLabel('Reason').fill(MARKUP);
      await adding.getByRole('button', { name: 'Add…' }).click();
      await dialog(page).getByText('1 function', { exact: true }).waitFor();
      expect(await dialog(page).locator('dd').first().getByRole('listitem').count()).toBe(5);
      await dialog(page).getByText(`${other} ${world.functionName}, <i>nightly</i>`).first().waitFor();
      await page.screenshot({ path: join(PICTURES, 'windows-plan.png') });
      await confirm(page, 'Add the window');
      const { windows } = await tool('schedule', 'list');
      const [, made] = windows;
      expect(made).toMatchObject({
        schedule: 'cron(0 22 ? * SAT *)',
        reason: MARKUP,
        functions: [`${world.functionName}*`],
      });
      await card(page, made.id).getByText(MARKUP).waitFor();
    });

    it('is of the parameter that was chosen, and says what becomes of its events', async () => {
      await world.clearWindows();
      const parameters = 'maintenance-window,team-windows';
      const several = await startConsoleWorld({ ...world.environment, MAINTENANCE_WINDOW_PARAMETER: parameters });
      try {
        const page = await pages.open(several.url);
        open.push(page);
        await page.getByText('Begin a window').click();
        const begin = page.getByRole('group').filter({ hasText: 'Begin a window' });
        await begin.getByLabel('Its events').fill('{"rate":"10 a second"}');
        await begin.getByLabel('Parameter').selectOption('team-windows');
        await begin.getByRole('button', { name: 'Begin…' }).click();
        await dialog(page)
          .getByText(/Write manual, auto, or JSON as a window has it/)
          .waitFor();
        await dialog(page).getByRole('button', { name: 'Back' }).click();

        await begin.getByLabel('Its events').fill('{"rate":"10/s"}');
        await begin.getByRole('button', { name: 'Begin…' }).click();
        await dialog(page)
          .getByText(/^\+ .*"replay":\{"rate":"10\/s"\}/)
          .waitFor();
        // the one that is meant is typed, not the first
        await dialog(page).getByLabel('To go on, type').fill('team-windows');
        await confirm(page, 'Begin the window');
      } finally {
        await several.close();
      }
      const { windows } = await tool('schedule', 'list', '--parameter', 'team-windows');
      expect(windows).toMatchObject([{ parameter: 'team-windows', replay: { rate: '10/s' }, active: true }]);
      expect(await tool('schedule', 'list')).toMatchObject({ windows: [] });
    });

    it('has what is there filled in, changes what was typed alone, and takes away what was emptied', async () => {
      // not of a Sunday on which this runs: what was active is told as over later
      const limits = ['--from', '2040-01-01', '--until', '2041-01-01'];
      const id = await added('cron(0 2 ? * SUN *)', '--for', '2h', ...limits, '--reason', 'vacuum');
      const page = await ada();
      await edit(page, id, { Lasts: '3h', Reason: '' });
      await page.screenshot({ path: join(PICTURES, 'windows-edit.png'), fullPage: true });
      await change(page, id);
      await confirm(page, `Change ${id}`);
      await form(page, id).waitFor({ state: 'detached' });
      const { reason, ...others } = await windowOf(id);
      expect(reason).toBeUndefined();
      expect(others).toMatchObject({
        schedule: 'cron(0 2 ? * SUN *)',
        duration: 'PT3H',
        until: '2041-01-01T00:00:00Z',
      });
    });

    it('takes times in the zone in which they are shown', async () => {
      const id = await added(...COMING);
      const page = await opened('?timezone=Asia%2FKathmandu');
      await card(page, id).getByRole('button', { name: 'Edit' }).click();
      expect(await form(page, id).getByLabel('Starts').inputValue()).toBe('2040-01-15 03:45:00');
      await form(page, id).getByLabel('Starts').fill('2040-01-15 04:45');
      await change(page, id);
      await confirm(page, `Change ${id}`);
      expect(await windowOf(id)).toMatchObject({ start: '2040-01-14T23:00:00Z', end: '2040-01-15T02:00:00Z' });
    });

    it('that two people make at once shows the other one’s first, and loses neither', async () => {
      const id = await added(...COMING);
      const [one, other] = await Promise.all([ada(), ada()]);
      await edit(one, id, { Reason: 'of the first' });
      await edit(other, id, { 'Ends (': '2040-01-15 04:00' });
      await change(one, id);
      await confirm(one, `Change ${id}`);
      await form(other, id).getByText('was written since you opened this').waitFor();
      await change(other, id);
      const meanwhile = dialog(other).getByRole('region', { name: 'Written meanwhile' });
      await meanwhile.getByText(/user\/operator, .*: edited/).waitFor();
      await meanwhile.getByText(/^\+ .*of the first/).waitFor();
      expect(
        await dialog(other)
          .getByRole('button', { name: `Change ${id}` })
          .isDisabled(),
      ).toBe(true);
      await other.screenshot({ path: join(PICTURES, 'windows-conflict.png') });
      await meanwhile.getByRole('button', { name: /^Plan anew/ }).click();
      await dialog(other)
        .getByText(/^\+ .*2040-01-15T03:00:00Z/)
        .waitFor();
      await confirm(other, `Change ${id}`);
      expect(await windowOf(id)).toMatchObject({ reason: 'of the first', end: '2040-01-15T03:00:00Z' });
    });

    it('that somebody overtakes between the plan and its click is not written, and can be planned anew', async () => {
      const id = await added(...COMING);
      const page = await ada();
      await edit(page, id, { Reason: 'mine' });
      await change(page, id);
      await dialog(page)
        .getByText(/^\+ .*mine/)
        .waitFor();
      await tool('schedule', 'edit', id, '--for', '5h');
      await dialog(page)
        .getByRole('button', { name: `Change ${id}` })
        .click();
      await dialog(page).getByText('Not done.').waitFor();
      await dialog(page)
        .getByRole('button', { name: /^Plan anew/ })
        .click();
      await confirm(page, `Change ${id}`);
      expect(await windowOf(id)).toMatchObject({ reason: 'mine', end: '2040-01-15T03:00:00Z' });
    });

    it('keeps what was typed where somebody takes the window out meanwhile', async () => {
      const id = await added(...COMING);
      const [page, other] = await Promise.all([ada(), ada()]);
      await edit(page, id, { Reason: 'a long story' });
      await card(other, id).getByRole('button', { name: 'Remove' }).click();
      await confirm(other, `Remove ${id}`);
      await form(page, id).getByRole('alert').waitFor();
      expect(await form(page, id).getByLabel('Reason').inputValue()).toBe('a long story');
    });

    it('extends an active window, ends it and takes it out; the tool says the same', async () => {
      await world.clearWindows();
      const begun = await tool('begin', '--for', '1h', '--function', world.functionName, '--yes');
      const { id, end } = begun.window;
      const page = await ada();
      await card(page, id).getByText('Another length, or why it ends').click();
      await card(page, id).getByLabel('Longer by').fill('45m');
      await card(page, id)
        .getByRole('button', { name: /^Extend…/ })
        .click();
      await confirm(page, `Extend ${id}`);
      expect(Date.parse((await windowOf(id)).end) - Date.parse(end)).toBe(45 * 60_000);
      await card(page, id).getByRole('textbox', { name: 'Why it ends' }).fill(MARKUP);
      await card(page, id).getByRole('button', { name: /^End…/ }).click();
      await confirm(page, `End ${id} with this reason`);
      expect((await tool('status')).active).toBe(false);
      await page.getByText(`ended ${id} (${MARKUP})`).waitFor();
      await card(page, id).getByRole('button', { name: 'Remove' }).click();
      await confirm(page, `Remove ${id}`);
      expect((await tool('schedule', 'list')).windows).toEqual([]);
      await page.getByText('No window.').waitFor();
      const { times } = await tool('schedule', 'times', '--from', '2h ago');
      expect(times).toEqual([expect.objectContaining({ id, state: 'past' })]);
      await page.getByRole('listitem').getByText('(over, once)').waitFor();
    });
  });
});
