/** What holds on every view: the address, dialogs, and what a tab is called. */
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCli } from '../worlds/cli.ts';
import { cliWorldForEach } from '../worlds/replay-cli.ts';
import { browserForFile, consoleForFile, describeInBrowser } from './browser.ts';

describeInBrowser('the page', () => {
  const world = cliWorldForEach();
  const pages = browserForFile();
  const served = consoleForFile(world);
  let page: Page;

  beforeEach(async () => {
    page = await pages.open(served.url);
    await page.getByRole('navigation').waitFor();
  });
  afterEach(async () => {
    await page.context().close();
    expect(pages.faults).toEqual([]);
  });

  const origin = () => new URL(served.url).origin;

  it('takes the token of an address that is opened where a console is shown already', async () => {
    await page.goto(served.url);
    await page.waitForURL(`${origin()}/`);
    await page.getByRole('navigation').waitFor();
  });

  it('tells in its dialog what a write came to, whoever wants to close it meanwhile; then the focus is where it was', async () => {
    await runCli(['begin', '--for', '1h', '--yes'], { environment: world.environment });
    const { promise: isLetGo, resolve: letGo } = Promise.withResolvers<void>();
    await page.route('**/api/do', async (route) => {
      await isLetGo;
      await route.continue();
    });
    const button = page.getByRole('button', { name: '+30 min' });
    await button.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: /^Extend/ });
    const asked = page.waitForRequest('**/api/do');
    await dialog.getByRole('button', { name: /^Extend/ }).click();
    await asked;
    for (let times = 0; times < 3; times += 1) await page.keyboard.press('Escape');
    letGo();
    await dialog.getByText('Done.').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => button.evaluate((element) => element.matches(':focus'))).toBe(true);
    await page.keyboard.press('Enter');
    await dialog.waitFor();
  });

  it('shows Now under a name that is of no view', async () => {
    for (const name of ['constructor', '__proto__', 'nothing']) {
      await page.goto(`${origin()}/${name}`);
      await page.getByRole('button', { name: 'Begin…' }).or(page.getByText('Begin a window')).first().waitFor();
    }
  });

  it('does nothing by a key that is still held once its dialog is there', async () => {
    const done: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/api/change/')) done.push(request.url());
    });
    await page.getByText('Smoke test').click();
    await page.getByLabel('Function', { exact: true }).fill(world.functionName);
    await page.getByRole('button', { name: 'Run it…' }).focus();
    for (let repeated = 0; repeated < 10; repeated += 1) await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    const dialog = page.getByRole('dialog', { name: /^Run / });
    await dialog.getByRole('button', { name: /^Run / }).waitFor();
    expect(done).toEqual([]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await dialog.getByText(/^(?:Done|Not all is done)/).waitFor();
    expect(done).toHaveLength(1);
  });

  it.each([
    ['reply', 'The function answered'],
    ['function-error', 'The function failed with'],
  ] as const)('shows what a function answers as it was written: %s', async (kind, told) => {
    world.lambda.behave(() => ({ kind, text: '{"order":12345678901234567890}' }));
    await page.getByText('Smoke test').click();
    await page.getByLabel('Function', { exact: true }).fill(world.functionName);
    await page.getByRole('button', { name: 'Run it…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /^Run / }).click();
    await dialog.getByText(told).waitFor();
    await dialog.getByText('12345678901234567890').waitFor();
  });

  it('closes a dialog where somebody goes back behind it', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Events' }).click();
    await page.getByText('Discard', { exact: true }).click();
    await page.getByRole('button', { name: 'Discard all of these…' }).click();
    await page.getByRole('dialog').waitFor();
    await page.goBack();
    await page.getByText('Begin a window').waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('tells of a replay that it has begun, and leads to it', async () => {
    await world.clearWindows();
    const { id } = await world.store();
    await page.goto(`${origin()}/events?event=${id}`);
    await page.getByRole('button', { name: 'Replay', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: `Replay ${id}` });
    await dialog.getByRole('button', { name: `Replay ${id}` }).click();
    await dialog.getByText('It has begun:').waitFor();
    await dialog.getByRole('link', { name: /^replay / }).click();
    await page.getByText('All replays').waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('shows a window that ends before it is quiet, and the button that lets it last longer', async () => {
    await world.clearWindows();
    await runCli(['begin', '--for', '2m', '--yes'], { environment: world.environment });
    await page.getByRole('heading', { name: 'Under maintenance, and not quiet yet' }).waitFor();
    await page.getByText('not before it ends:').waitFor();
    await page.getByRole('button', { name: '+30 min' }).waitFor();
  });

  it('keeps what it showed and what was typed while AWS answers no look, and tells since when', async () => {
    await world.clearWindows();
    await runCli(['begin', '--for', '1h', '--yes'], { environment: world.environment });
    await page.getByRole('button', { name: '+30 min' }).waitFor();
    await page.getByText('Begin a window').click();
    const reason = page.getByLabel('Reason', { exact: true });
    await reason.fill('CHG-1042');
    const failed = {
      exitCode: 75,
      results: [],
      remarks: [{ kind: 'fault', text: 'SSM throttles' }],
      command: 'maintenance-window status',
      againMs: 500,
    };
    await page.route('**/api/look/status*', (route) => route.fulfill({ json: failed }));
    await page.getByText('SSM throttles').waitFor();
    await page.getByText(/what is shown is of \d{4}-/).waitFor();
    await page.getByRole('button', { name: '+30 min' }).waitFor();
    expect(await reason.inputValue()).toBe('CHG-1042');
    await page.unroute('**/api/look/status*');
    await page.getByText('SSM throttles').waitFor({ state: 'detached' });
    expect(await reason.inputValue()).toBe('CHG-1042');
    expect(await reason.isVisible()).toBe(true);
  });

  it('shows a view again whose defect was one of a moment', async () => {
    await page.getByRole('heading', { level: 2 }).waitFor();
    const broken = { exitCode: 0, results: [{}], remarks: [], command: 'maintenance-window status', againMs: 500 };
    await page.route('**/api/look/status*', (route) => route.fulfill({ json: broken }));
    await page.getByText('A defect of this page').waitFor();
    await page.unroute('**/api/look/status*');
    await page.getByRole('heading', { level: 2 }).waitFor();
    expect(pages.takeFaults()).not.toEqual([]);
  });

  it('lets a reason that is written from right to left turn nothing beside it', async () => {
    await world.clearWindows();
    const reason = 'CHG-1042 \u202Etxet';
    await runCli(['begin', '--for', '1h', '--reason', reason, '--yes'], { environment: world.environment });
    const spelled = 'CHG-1042 \\u202etxet';
    const shown = page.getByText(spelled);
    await shown.first().waitFor();
    for (const one of await shown.all()) {
      expect(await one.evaluate((element) => Reflect.get(globalThis, 'getComputedStyle')(element).unicodeBidi)).toBe(
        'isolate',
      );
      expect(await one.textContent()).toBe(spelled);
    }
  });

  it('spells out what hides in a name, also in that of an address', async () => {
    await page.goto(`${origin()}/events?run=x%E2%80%AEtxet%E2%80%8B&event=orders%23%E2%81%A6a`);
    await page.getByText('Of the replay x\\u202etxet\\u200b alone.').waitFor();
    expect(await page.evaluate('document.body.innerText')).not.toMatch(/[\u202e\u200b\u2066]/);
  });

  it('spells out what would turn the lines of a parameter, or of a command, around', async () => {
    await world.clearWindows();
    await page.getByText('Begin a window').click();
    await page.getByLabel('Reason', { exact: true }).fill('x \u202Etxet');
    await page.getByRole('button', { name: 'Begin…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('ins').filter({ hasText: 'x \\u202etxet' }).waitFor();
    await dialog.locator('.command').filter({ hasText: 'x \\u202etxet' }).waitFor();
    for (const one of await dialog.locator('ins, code').all()) expect(await one.textContent()).not.toContain('\u202E');
  });

  it('says which view a tab shows', async () => {
    await expect.poll(() => page.title()).toBe('Now · Maintenance windows');
    await page.getByRole('navigation').getByRole('link', { name: 'Events' }).click();
    await expect.poll(() => page.title()).toBe('Events · Maintenance windows');
  });
});
