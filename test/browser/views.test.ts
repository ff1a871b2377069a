/** Each view as somebody sees it: in the light, in the dark, on a telephone, and by whoever hears it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CloudWatch, startCloudWatch } from '../fakes/cloudwatch.ts';
import { type LambdaFunctions, startLambdaFunctions } from '../fakes/lambda-functions.ts';
import { answers } from '../fakes/scripted-service.ts';
import { buildConsole, type ConsoleWorld, startConsoleWorld } from '../worlds/console.ts';
import { cliWorldForEach } from '../worlds/replay-cli.ts';
import { browserForFile, describeInBrowser } from './browser.ts';

const PICTURES = join(import.meta.dirname, '..', '..', 'dist', 'screenshots');
const MARKUP = '<script>alert(document.domain)</script><img src=x onerror=alert(document.cookie)>';
const LONG_NAME = 'a-function-whose-name-is-as-long-as-Lambda-takes-them-of-its-use';
const LONG_ERROR = `Orders.Unavailable: ${'the primary does not answer, and the secondary refuses to write; '.repeat(12)}`;
/** What is cut off at the side: the page itself, and tables, of which a narrow page has none that scrolls. */
const WIDER = `[document.documentElement, ...document.querySelectorAll('.scrolls')]
  .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
  .map(({ textContent }) => textContent.slice(0, 100))`;
/** A view, what stands behind it in the address, and the button that opens what is shown before something is done. */
interface View {
  readonly view: string;
  readonly path: (ids: Ids) => string;
  readonly button?: RegExp;
}
const VIEWS: readonly View[] = [
  ...['now', 'windows', 'backlog', 'events', 'failures', 'replays', 'functions', 'audit', 'report'].map((view) => ({
    view,
    path: () => view,
  })),
  { view: 'event', path: ({ event }) => `events?event=${event}` },
  { view: 'replay', path: ({ replay }) => `replays?replay=${replay}` },
  { view: 'plan-of-a-window', path: () => 'now', button: /^End window/ },
  { view: 'plan-of-a-replay', path: () => 'failures', button: /^Replay the group/ },
  { view: 'no-events', path: () => 'events?function=nobody' },
  { view: 'no-failures', path: () => 'failures?function=nobody' },
  { view: 'no-backlog', path: () => 'backlog?function=nobody' },
  { view: 'no-entries', path: () => 'audit?by=nobody' },
];
const LOOKS = [
  ['light', {}],
  ['dark', { isDark: true }],
  ['narrow', { width: 375 }],
] as const;

/** Names that several buttons have, as a screen reader reads them out: it does not say where each stands. */
async function sameNames(page: Page): Promise<readonly string[]> {
  const cdp = await page.context().newCDPSession(page);
  const { nodes } = await cdp.send('Accessibility.getFullAXTree');
  const names = nodes.flatMap(({ ignored, role, name }) =>
    !ignored && ['button', 'DisclosureTriangle'].includes(role?.value) ? [String(name?.value)] : [],
  );
  return names.filter((name, index) => names.indexOf(name) < index);
}

interface Ids {
  /** One that failed. */
  readonly event: string;
  readonly replay: string;
}

describeInBrowser('a view', () => {
  const world = cliWorldForEach();
  const pages = browserForFile();
  let cloudWatch: CloudWatch;
  let lambda: LambdaFunctions;
  let served: ConsoleWorld;
  let ids: Ids;

  beforeAll(async () => {
    buildConsole();
    mkdirSync(PICTURES, { recursive: true });
    cloudWatch = await startCloudWatch();
    cloudWatch.pageSize = 100;
    const at = Date.now() - 10 * 60_000;
    cloudWatch.data = Array.from({ length: 40 }, (_, minute) => ({
      functionName: 'orders-api',
      metric: minute === 7 ? ('DeferralFailed' as const) : ('Deferred' as const),
      at: at - minute * 60_000,
      value: (minute * 7) % 11,
    }));
    const Variables = {
      MAINTENANCE_WINDOW_PARAMETER: 'maintenance-window',
      MAINTENANCE_WINDOW_TABLE: world.table.name,
    };
    const told = { Timeout: 30, PackageType: 'Image' as const, Environment: { Variables } };
    lambda = await startLambdaFunctions([
      {
        ...told,
        FunctionName: 'orders-api',
        DeadLetterConfig: { TargetArn: 'arn:aws:sqs:eu-south-1:012345678912:orders-api-failed' },
      },
      { ...told, FunctionName: LONG_NAME },
      { ...told, FunctionName: 'billing', PackageType: 'Zip', Runtime: 'nodejs24.x' },
    ]);
    const mapping = { FunctionArn: 'arn:aws:lambda:eu-south-1:012345678912:function:orders-api', State: 'Enabled' };
    lambda.mappings = [
      { ...mapping, EventSourceArn: 'arn:aws:sqs:eu-south-1:012345678912:orders' },
      {
        ...mapping,
        EventSourceArn: 'arn:aws:kinesis:eu-south-1:012345678912:stream/clicks',
        MaximumRecordAgeInSeconds: 3_600,
      },
    ];
    // all that are sent fail, but those of one function
    lambda.instead = (path) => {
      if (!path.endsWith('/invocations')) return undefined;
      const [errorMessage, errorType] = path.includes('billing') ? [LONG_ERROR, 'Error'] : [MARKUP, MARKUP];
      return path.includes(LONG_NAME)
        ? answers(200, {})
        : answers(200, { errorMessage, errorType }, { 'x-amz-function-error': 'Unhandled' });
    };
    served = await startConsoleWorld({
      ...world.environment,
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
      AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.url,
    });
    const { id: event } = await world.store({ functionName: 'orders-api', source: 'http', deferredAt: at });
    await world.store({ functionName: 'billing', source: 'sqs', deferredAt: at });
    for (const source of ['eventbridge', 's3', 'kinesis'] as const)
      await world.store({ functionName: LONG_NAME, source, deferredAt: at });
    await served.carryOut('replay', { options: { name: [MARKUP], reason: [MARKUP] } });
    const { id: replay } = await ended();
    for (const source of ['eventbridge', 's3', 'kinesis'] as const)
      await world.store({ functionName: LONG_NAME, source, deferredAt: at });
    await served.carryOut('begin', { options: { for: ['1h'], function: ['orders-*'], reason: [MARKUP] } });
    await served.carryOut('begin', { options: { for: ['1h'], function: ['billing'], reason: ['CHG-1042'] } });
    await served.carryOut('schedule add', {
      names: ['cron(0 2 ? * SUN *)'],
      options: { for: ['2h'], timezone: ['Europe/Rome'], function: ['orders-*', LONG_NAME], reason: ['weekly vacuum'] },
    });
    ids = { event, replay };
  });
  afterAll(async () => {
    await served?.close();
    await lambda?.close();
    await cloudWatch?.close();
  });

  /** The replay, once it has ended. */
  async function ended(): Promise<{ readonly id: string }> {
    for (;;) {
      const { results, remarks } = await served.look('replays list');
      const [found] = results as readonly { replays: readonly { id: string; status: string }[] }[];
      if (!found) throw new Error(JSON.stringify(remarks));
      const [run] = found.replays;
      if (run && !['running', 'paused', 'stopping'].includes(run.status)) return run;
    }
  }

  describe.each(LOOKS)('%s', (name, how) => {
    it.each(VIEWS)('$view', async ({ view, path, button }) => {
      const page = await pages.open(served.url, how);
      await page.goto(`${new URL(served.url).origin}/${path(ids)}`);
      await page.getByRole('heading', { level: 2 }).first().waitFor();
      await page.locator('p.command').first().waitFor();
      if (button !== undefined) await page.getByRole('button', { name: button }).first().click();
      await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
      await page.screenshot({ path: join(PICTURES, `${view}-${name}.png`), fullPage: true });
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      expect(await page.evaluate(WIDER)).toEqual([]);
      expect(await sameNames(page)).toEqual([]);
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
