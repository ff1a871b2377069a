/** What an operator looks at by day: the last hour, one event, several, coverage, who did what; and what AWS refuses. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type CloudWatch, startCloudWatch } from '../fakes/cloudwatch.ts';
import { startRecordingProxy } from '../fakes/recording-proxy.ts';
import { fails, type LoopbackServer } from '../fakes/scripted-service.ts';
import { cliWorldForEach } from '../worlds/replay-cli.ts';
import { browserForFile, confirm, consoleForFile, describeInBrowser } from './browser.ts';

describeInBrowser('a day', () => {
  const world = cliWorldForEach();
  const pages = browserForFile();
  let cloudWatch: CloudWatch;
  let ssm: LoopbackServer;
  let mayWrite = true;
  beforeAll(async () => {
    cloudWatch = await startCloudWatch();
    ssm = await startRecordingProxy(
      world.environment['AWS_ENDPOINT_URL_SSM'] ?? '',
      (action) => mayWrite || action !== 'ssm:PutParameter',
    );
  });
  afterAll(async () => {
    await ssm?.close();
    await cloudWatch?.close();
  });
  const served = consoleForFile(world, () => ({
    AWS_ENDPOINT_URL_SSM: ssm.url,
    AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.url,
  }));
  let page: Page;
  beforeAll(async () => {
    page = await pages.open(served.url);
  });
  afterEach(() => expect(pages.faults).toEqual([]));

  const goTo = (path: string) => page.goto(new URL(path, served.url).href);
  const see = (text: string | RegExp) => page.getByText(text).first().waitFor();

  it('shows what the last hour brought that nobody sees in the table', async () => {
    await world.storeMany(1);
    const { functionName } = world;
    const at = Date.now() - 5 * 60_000;
    cloudWatch.data = [
      { functionName, metric: 'Deferred', at, value: 1_204 },
      { functionName, metric: 'DeferralFailed', at, value: 3 },
      { functionName, metric: 'WindowReadFailed', at, value: 2 },
    ];
    await goTo('/now');
    await see(/^3not stored, last hour$/);
    await see(/^2windows not read, last hour$/);
    const card = page.getByRole('article').filter({ hasText: functionName });
    await card
      .getByRole('img', { name: '1,204 deferred, 0 rejected in the last hour, at most 1,204 a minute' })
      .waitFor();
  });

  it('says which permission it takes where CloudWatch refuses', async () => {
    cloudWatch.instead = () => fails(400, 'AccessDeniedException', { message: 'not authorized' });
    await goTo('/now');
    await see(/cloudwatch:GetMetricData on the metrics of client and monitor is not allowed/);
    await see(/^–not stored, last hour$/);
    cloudWatch.instead = () => undefined;
  });

  it('runs a function once, with what was typed, and shows its answer', async () => {
    world.lambda.behave(() => ({ kind: 'reply', text: '{"booked":"<b>A-1001</b>"}' }));
    await goTo('/now');
    await page.getByText('Smoke test').click();
    await page.getByLabel('Function', { exact: true }).fill(world.functionName);
    await page.getByLabel('Event, as JSON').fill('{"ping":true}');
    await page.getByRole('button', { name: 'Run it…' }).click();
    const dialog = page.getByRole('dialog', { name: `Run ${world.functionName} once` });
    await dialog.getByRole('button', { name: `Run ${world.functionName} once` }).click();
    await dialog.getByText('"booked": "<b>A-1001</b>"').waitFor();
    expect(world.lambda.ran.at(-1)?.text).toBe('{"ping":true}');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
  });

  it('does with several events what is done with one, shown before', async () => {
    const ids = await world.storeMany(3);
    await goTo(`/events?function=${world.functionName}`);
    for (const id of ids.slice(0, 2)) await page.getByLabel(`Select ${id.slice(0, 8)}`).check();
    await see('2 events selected');
    await page.getByLabel('Reason to discard or restore').fill('duplicates');
    await page.getByRole('button', { name: 'Discard', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Discard 2 events' });
    for (const id of ids.slice(0, 2)) await dialog.getByText(id).first().waitFor();
    await confirm(page, 'Discard 2 events');
    expect(await Promise.all(ids.map(world.statusOf))).toEqual(['discarded', 'discarded', 'pending']);
  });

  it('shows each attempt of an event, and no log where there is none of AWS', async () => {
    const [id = ''] = await world.storeMany(1);
    world.lambda.behave(() => ({
      kind: 'function-error',
      text: '{"errorMessage":"no such order","errorType":"Orders.Unknown"}',
    }));
    await goTo(`/events?function=${world.functionName}&event=${id}`);
    await page.getByRole('button', { name: 'Replay', exact: true }).click();
    await confirm(page, `Replay ${id}`);
    await page.getByRole('region', { name: 'Attempts' }).getByText('Orders.Unknown').waitFor();
    expect(await page.getByRole('link', { name: 'its log' }).count()).toBe(0);
    await goTo('/failures');
    // on a busy machine a second may find a part
    await see(/^all that (failed|was found to have failed)$/);
  });

  it('has a line for each function: whether it is on, and what could be lost', async () => {
    await world.storeMany(1);
    await goTo('/functions');
    await page
      .getByRole('row', { name: new RegExp(world.functionName) })
      .first()
      .waitFor();
    await see('Parameters, table and place');
  });

  it('finds in the audit what one person did, and of one kind', async () => {
    await goTo('/audit?kind=discarded');
    await page.getByRole('cell', { name: /discarded 2 events/ }).waitFor();
    await goTo('/audit?kind=discarded&by=nobody-like-this');
    await see('Nothing of the kind.');
  });

  it('greys what takes an action that AWS refused, and names it; and reports a window on paper', async () => {
    await served.carryOut('begin', { options: { for: ['1h'], function: [world.functionName], reason: ['CHG-7'] } });
    mayWrite = false;
    await goTo('/now');
    await page.getByRole('button', { name: /^End window/ }).click();
    const dialog = page.getByRole('dialog', { name: /^End/ });
    await dialog.getByRole('button', { name: /^End/ }).click();
    await dialog.getByText(/ssm:PutParameter on .* is not allowed/).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    expect(await page.getByRole('button', { name: /^End window/ }).isDisabled()).toBe(true);
    await see('needs ssm:PutParameter');
    // whatever takes it, of another name and on another view as well
    const isGrey = (name: string) => page.getByRole('button', { name }).isDisabled();
    for (const name of ['+30 min', '+1 h']) expect([name, await isGrey(name)]).toEqual([name, true]);
    await page.getByText('Begin a window').click();
    expect(await isGrey('Begin…')).toBe(true);
    await page.getByRole('navigation').getByRole('link', { name: 'Windows' }).click();
    await page.getByRole('article', { name: /^Window / }).waitFor();
    expect(await isGrey('Remove')).toBe(true);
    await page.getByRole('navigation').getByRole('link', { name: 'Backlog' }).click();
    expect(await page.getByRole('button', { name: 'Discard…' }).first().isDisabled()).toBe(false);
    await goTo('/report');
    await page.getByRole('heading', { name: /^Maintenance window .*: CHG-7/ }).waitFor();
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('navigation').isVisible()).toBe(false);
    expect(await page.getByRole('heading', { name: /CHG-7/ }).isVisible()).toBe(true);
  });
});
