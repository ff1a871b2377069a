/** A replay whose credentials expire: its record tells nobody, and so the page does, on each view. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askOf, fails, type LoopbackServer, startScriptedService } from '../fakes/scripted-service.ts';
import { cliWorldForEach } from '../worlds/replay-cli.ts';
import { browserForFile, confirm, consoleForFile, describeInBrowser } from './browser.ts';

const SERVICES = ['DYNAMODB', 'LAMBDA'].map((service) => `AWS_ENDPOINT_URL_${service}`);

describeInBrowser('a replay whose credentials expire', () => {
  const world = cliWorldForEach();
  const pages = browserForFile();
  let isExpired = false;
  let services: readonly LoopbackServer[] = [];
  beforeAll(async () => {
    services = await Promise.all(
      SERVICES.map((name) =>
        startScriptedService((request) =>
          isExpired ? fails(400, 'ExpiredTokenException') : askOf(world.environment[name] ?? '', request),
        ),
      ),
    );
  });
  afterAll(async () => {
    for (const service of services) await service.close();
  });
  const served = consoleForFile(world, () =>
    Object.fromEntries(SERVICES.map((name, index) => [name, services[index]?.url ?? ''])),
  );

  it('is told of at once with what to do, and until another one is begun', async () => {
    // more than are sent while a busy machine shows the pages
    await world.storeMany(900);
    const page = await pages.open(served.url);
    await page.goto(`${new URL(served.url).origin}/events?function=${world.functionName}&rate=10/s`);
    const replay = async () => {
      await page.getByRole('button', { name: 'Replay…' }).click();
      await confirm(page, 'Replay these events');
    };
    await replay();
    const view = (name: string) => page.getByRole('navigation').getByRole('link', { name }).click();
    await view('Replays');
    await page.getByRole('row', { name: /running/ }).waitFor();
    isExpired = true;
    const told = page.getByRole('alert').filter({ hasText: 'has ended' });
    await told.getByText('the AWS session has expired: log in again (aws sso login)').waitFor();
    isExpired = false;
    await view('Windows');
    await told.getByRole('link').click();
    await page.getByRole('heading', { name: /running/ }).waitFor();
    expect(await told.count()).toBe(1);
    await page.goto(`${new URL(served.url).origin}/events?function=${world.functionName}&rate=10/s`);
    await replay();
    await told.waitFor({ state: 'detached' });
    expect(pages.faults).toEqual([]);
  });
});
