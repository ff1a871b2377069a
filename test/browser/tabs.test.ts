/** Many tabs of one browser at the console, which holds six connections open to one server. */
import { setTimeout as pause } from 'node:timers/promises';
import type { BrowserContext, Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { askOf, type LoopbackServer, startScriptedService } from '../fakes/scripted-service.ts';
import { runCli } from '../worlds/cli.ts';
import { cliWorldForEach } from '../worlds/replay-cli.ts';
import { browserForFile, confirm, consoleForFile, describeInBrowser } from './browser.ts';

const TABS = 8;
/** What is looked at again is so after three seconds or more; who is gone is asked after two. */
const NO_LOOK_AGAIN = `{
  const own = window.setTimeout;
  window.setTimeout = (does, ms, ...given) => (ms > 2_500 ? 0 : own(does, ms, ...given));
}`;
const HIDE = `
  Object.defineProperty(document, 'hidden', { value: true });
  document.dispatchEvent(new Event('visibilitychange'));
`;

describeInBrowser('many tabs', () => {
  const world = cliWorldForEach();
  const pages = browserForFile();
  /** In front of the table's. */
  let dynamoDb: LoopbackServer;
  let isHanging = false;
  /** In front of the parameters'. */
  let ssm: LoopbackServer;
  let isSsmHanging = false;
  let profile: BrowserContext | undefined;

  beforeAll(async () => {
    const table = world.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '';
    dynamoDb = await startScriptedService((request) => (isHanging ? { kind: 'hang' } : askOf(table, request)));
    const windows = world.environment['AWS_ENDPOINT_URL_SSM'] ?? '';
    ssm = await startScriptedService((request) => (isSsmHanging ? { kind: 'hang' } : askOf(windows, request)));
  });
  afterAll(async () => {
    await dynamoDb?.close();
    await ssm?.close();
  });
  const served = consoleForFile(world, () => ({
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
    AWS_ENDPOINT_URL_SSM: ssm.url,
  }));
  afterEach(async () => {
    isHanging = false;
    isSsmHanging = false;
    await profile?.close();
    expect(pages.faults).toEqual([]);
  });

  /** Windows, in so many tabs of one person's, each of them seen and loaded. Nothing in them is looked at again by the clock. */
  async function tabs(count: number): Promise<readonly Page[]> {
    const first = await pages.open(served.url);
    profile = first.context();
    await profile.addInitScript(NO_LOOK_AGAIN);
    const opened = [first];
    while (opened.length < count) opened.push(await profile.newPage());
    for (const tab of opened) {
      tab.on('request', (request) => {
        if (request.url().endsWith('/api/news')) hears = tab;
      });
      await tab.goto(`${new URL(served.url).origin}/windows`);
      await card(tab).waitFor();
    }
    return opened;
  }
  /** How many of their looks are not answered, by what is seen over half a second: one may begin before another is told to be over. */
  function looksOf(opened: readonly Page[]): () => Promise<number> {
    const underWay = new Set<Request>();
    const over = (request: Request) => underWay.delete(request);
    const begun = (request: Request) => request.url().includes('/api/look') && underWay.add(request);
    for (const tab of opened) tab.on('request', begun).on('requestfinished', over).on('requestfailed', over);
    return async () => {
      const seen: number[] = [];
      for (let times = 0; times < 5; times += 1) {
        seen.push(underWay.size);
        await pause(100);
      }
      return Math.min(...seen);
    };
  }
  /** The tab that asked for the news last. */
  let hears: Page | undefined;
  const card = (tab: Page) => tab.getByRole('article', { name: /^Window / });
  const tool = async (...words: string[]) => {
    const { out } = await runCli([...words, '-o', 'json'], { environment: world.environment });
    return JSON.parse(out);
  };
  async function addWindow(): Promise<void> {
    await world.clearWindows();
    const words = ['cron(0 2 ? * SUN *)', '--for', '2h', '--function', world.functionName, '--yes'];
    await tool('schedule', 'add', ...words);
  }
  async function removeWindow(tab: Page): Promise<void> {
    await tab.getByRole('button', { name: 'Remove' }).click();
    await confirm(tab, /^Remove /);
  }

  it('each load, and a plan in the last one comes; what is done in it is news in all of them', async () => {
    await addWindow();
    const opened = await tabs(TABS);
    await removeWindow(opened.at(-1) as Page);
    for (const tab of opened) await tab.getByText('No window.').waitFor();
  });

  it.each(['Now', 'Functions'])(
    'leave a connection for what is done while AWS answers none of their looks: %s',
    async (view) => {
      await addWindow();
      const opened = await tabs(TABS);
      const last = opened.at(-1) as Page;
      const looks = looksOf(opened);
      isHanging = true;
      for (const tab of opened.slice(0, -1))
        await tab.getByRole('navigation').getByRole('link', { name: view }).click();
      await expect.poll(looks, { timeout: 60_000 }).toBeGreaterThan(1);
      expect(await looks()).toBeLessThanOrEqual(4);
      await removeWindow(last);
      expect(await looks()).toBeLessThanOrEqual(4);
      isHanging = false;
      for (const tab of opened.slice(0, -1)) await tab.locator('p.command').first().waitFor();
    },
  );

  it('wait for no look that AWS does not answer while others may go on', async () => {
    await addWindow();
    const [silent, other] = (await tabs(2)) as [Page, Page];
    let held = 0;
    // for ever: AWS's silence is over within 15 s
    await silent.route(/\/api\/look\//, () => {
      held += 1;
    });
    await silent.getByRole('navigation').getByRole('link', { name: 'Audit' }).click();
    await expect.poll(() => held).toBe(1);
    const answers = ['whoami', 'schedule list', 'schedule times', 'history'].map((name) =>
      other.waitForResponse((response) => response.url().includes(`/api/look/${encodeURIComponent(name)}?`)),
    );
    await other.reload();
    await Promise.all(answers);
  });

  it('wait for none of four looks that AWS does not answer', async () => {
    await addWindow();
    const opened = await tabs(5);
    const silent = opened.slice(0, -1);
    const other = opened.at(-1) as Page;
    const asked = silent.map((tab) => tab.waitForRequest(/\/api\/look\/status/));
    isSsmHanging = true;
    await Promise.all(silent.map((tab) => tab.getByRole('navigation').getByRole('link', { name: 'Now' }).click()));
    await Promise.all(asked);
    await other.goto(`${new URL(served.url).origin}/events`);
    await other.locator('p.command').waitFor();
    for (const tab of silent) expect(await tab.locator('p.command').count()).toBe(0);
    isSsmHanging = false;
    for (const tab of silent) await tab.locator('p.command').first().waitFor();
  });

  it('hear the news once the one that heard them for all is hidden or closed, and that the console has ended', async () => {
    await addWindow();
    const opened = await tabs(4);
    const [first, second, ...others] = opened as [Page, Page, ...Page[]];
    expect(hears).toBe(first);
    await first.evaluate(HIDE);
    await expect.poll(() => hears).toBe(second);
    await second.close();
    await expect.poll(() => hears).toBe(others[0]);
    await removeWindow(others.at(-1) as Page);
    for (const tab of others) await tab.getByText('No window.').waitFor();

    await served.close();
    for (const tab of others) await tab.getByText('The console does not answer').waitFor();
    await served.startAgain();
    for (const tab of others) await tab.getByText('This console has ended').waitFor();
    for (const tab of others) expect(await tab.getByText('The console does not answer').count()).toBe(0);
  });

  it('show nothing of another console at the same address, whose place may be another one', async () => {
    await addWindow();
    const [old] = (await tabs(1)) as [Page];
    await served.close();
    await served.startAgain();
    await old.getByText('This console has ended').waitFor();
    const other = await (profile as BrowserContext).newPage();
    const hearing = other.waitForRequest(/\/api\/news$/);
    await other.goto(served.url);
    await hearing;
    await old.getByRole('navigation').getByRole('link', { name: 'Events' }).click();
    const answer = await old.waitForResponse((response) => response.url().includes('/api/look/'));
    expect(answer.status()).toBe(401);
    await old.getByText('This console has ended').waitFor();
    await old.reload();
    await old.getByText('Nothing').or(old.locator('p.command')).first().waitFor();
    expect(await old.getByText('This console has ended').count()).toBe(0);
  });
});
