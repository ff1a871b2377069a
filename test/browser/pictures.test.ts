/**
 * The pictures of docs/console.md, of the console as it is. They are written beside the screenshots of the other tests, and with
 * `MAINTENANCE_WINDOW_TEST_PICTURES=docs` into `docs/`, which has those of the last time that somebody asked for it.
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CloudWatch, startCloudWatch } from '../fakes/cloudwatch.ts';
import { pageText } from '../unit/docs/pages.ts';
import { buildConsole, type ConsoleWorld, startConsoleWorld } from '../worlds/console.ts';
import { cliWorldForEach } from '../worlds/replay-cli.ts';
import { browserForFile, describeInBrowser } from './browser.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER =
  process.env['MAINTENANCE_WINDOW_TEST_PICTURES'] === 'docs' ? join(ROOT, 'docs') : join(ROOT, 'dist', 'screenshots');
const MOST_BYTES = 100_000;
const WIDTH = 900;
const MINUTE_MS = 60_000;
const PICTURES = [
  ['now', { width: WIDTH }],
  ['events', { width: WIDTH, isDark: true }],
  ['windows', { width: WIDTH }],
] as const;

describeInBrowser('a picture for the documentation', () => {
  const world = cliWorldForEach();
  const pages = browserForFile();
  let cloudWatch: CloudWatch;
  let served: ConsoleWorld;

  beforeAll(async () => {
    buildConsole();
    mkdirSync(FOLDER, { recursive: true });
    cloudWatch = await startCloudWatch();
    served = await startConsoleWorld({ ...world.environment, AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.url });
    const startedAt = Date.now() - 40 * MINUTE_MS;
    for (const [functionName, source, count] of [
      ['orders-api', 'http', 7],
      ['billing', 'sqs', 4],
    ] as const) {
      for (let index = 0; index < count; index += 1) {
        await world.store({ functionName, source, deferredAt: startedAt + index * 5 * MINUTE_MS });
      }
      cloudWatch.data = [
        ...cloudWatch.data,
        ...Array.from({ length: 38 }, (_, minute) => ({
          functionName,
          metric: 'Deferred' as const,
          at: Date.now() - (40 - minute) * MINUTE_MS,
          value: (minute * 7) % (count + 3),
        })),
      ];
    }
    const window = { functions: ['orders-*', 'billing'], reason: ['database upgrade CHG-1042'] };
    await served.carryOut('begin', { options: { for: ['2h'], function: window.functions, reason: window.reason } });
    await served.carryOut('schedule add', {
      names: ['cron(0 2 ? * SUN *)'],
      options: { for: ['2h'], timezone: ['Europe/Rome'], function: ['orders-*'], reason: ['weekly vacuum'] },
    });
  });
  afterAll(async () => {
    await served?.close();
    await cloudWatch?.close();
  });

  it.each(PICTURES)('%s', async (view, how) => {
    const page = await pages.open(served.url, how);
    await page.goto(new URL(`/${view}`, served.url).href);
    await page.locator('p.command').first().waitFor();
    await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
    const path = join(FOLDER, `console-${view}.png`);
    await page.screenshot({ path, clip: { x: 0, y: 0, width: WIDTH, height: 760 } });
    expect(statSync(path).size).toBeLessThanOrEqual(MOST_BYTES);
    expect(pageText('docs/console.md')).toContain(`(console-${view}.png)`);
    await page.context().close();
  });
});
