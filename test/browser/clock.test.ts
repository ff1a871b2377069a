/** A machine whose clock is off, with its browser: the console goes by AWS's clock, as the functions do. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../core/units.ts';
import { runCli } from '../worlds/cli.ts';
import { buildConsole, type ConsoleWorld, startConsoleWorld } from '../worlds/console.ts';
import { cliWorldForEach } from '../worlds/replay-cli.ts';
import { browserForFile, describeInBrowser } from './browser.ts';

const SET_CLOCK = pathToFileURL(join(import.meta.dirname, '../worlds/set-clock.mjs')).href;
/** A page takes its seconds on a busy machine. */
const TOLERANCE_MS = 10 * MINUTE_MS;

describeInBrowser.each([
  ['ahead', HOUR_MS],
  ['behind', -HOUR_MS],
])('a clock that is %s', (_, aheadMs) => {
  const world = cliWorldForEach();
  const pages = browserForFile();
  let served: ConsoleWorld | undefined;
  beforeAll(buildConsole);
  afterEach(async () => {
    await served?.close();
    expect(pages.faults).toEqual([]);
  });

  it('moves no time that is compared with now', async () => {
    // handlers may run for half an hour: whoever has not read the windows does not know of them
    const environment = { ...world.environment, MAINTENANCE_WINDOW_TTL: '1800' };
    await runCli(['begin', '--for', '2h', '--yes'], { environment });
    served = await startConsoleWorld({
      ...environment,
      NODE_OPTIONS: `--import ${SET_CLOCK}`,
      SET_CLOCK_MS: String(aheadMs),
    });
    const page = await pages.open(served.url, { aheadMs });
    await page.getByRole('heading', { name: 'Under maintenance, and not quiet yet' }).waitFor();
    await page.getByText(/^ends in 1 h 5\d min/).waitFor();
    const head = await page.locator('header .where').textContent();
    const [, shown = ''] = /(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)/.exec(head ?? '') ?? [];
    const rome = new Date().toLocaleString('sv', { timeZone: 'Europe/Rome' });
    expect(Math.abs(Date.parse(shown) - Date.parse(rome))).toBeLessThan(TOLERANCE_MS);
    await page.getByRole('link', { name: 'Windows' }).click();
    await page.locator('ol.timeline .active').first().waitFor();
  });
});
