import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { buildConsole, type ConsoleWorld, startConsoleWorld } from '../worlds/console.ts';
import type { CliWorld } from '../worlds/replay-cli.ts';
import { CHROMIUM, CHROMIUM_OPTIONS } from './chromium.ts';

/** Where container tests are required, so are these. */
const isRequired = process.env['MAINTENANCE_WINDOW_TEST_DOCKER'] === 'required';

/** `describe` for what needs a browser: skipped where there is no Chromium (`apt-get install chromium`), unless it is required. */
export const describeInBrowser = CHROMIUM !== undefined || isRequired ? describe : describe.skip;

/** A browser for all tests of a file. */
export interface Pages {
  /**
   * Opens an address as somebody of their own does, and fails the test that follows where the page has a fault.
   *
   * @param how `aheadMs`: so far its clock is ahead; negative: behind
   */
  open(
    url: string,
    how?: { readonly isDark?: boolean; readonly width?: number; readonly aheadMs?: number },
  ): Promise<Page>;
  /** What pages have said of faults so far. */
  readonly faults: readonly string[];
  /** The same, for a test that wants them: none is left. */
  takeFaults(): readonly string[];
}

export function browserForFile(): Pages {
  let browser: Browser;
  const faults: string[] = [];
  beforeAll(async () => {
    if (CHROMIUM === undefined) throw new Error('there is no Chromium: apt-get install chromium');
    browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_OPTIONS });
  });
  afterAll(() => browser?.close());
  return {
    faults,
    takeFaults: () => faults.splice(0),
    async open(url, { isDark = false, width = 1_200, aheadMs } = {}) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: isDark ? 'dark' : 'light',
        timezoneId: 'Europe/Rome',
        reducedMotion: 'reduce',
      });
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      if (aheadMs !== undefined) await page.clock.install({ time: Date.now() + aheadMs });
      page.on('pageerror', ({ message }) => faults.push(message));
      page.on('dialog', (dialog) => {
        faults.push(`a dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('console', (line) => {
        if (line.type() === 'error' && !/Failed to load resource/.test(line.text())) faults.push(line.text());
      });
      page.on('request', (request) => {
        if (new URL(request.url()).origin !== new URL(url).origin && !request.url().startsWith('data:'))
          faults.push(`asked elsewhere: ${request.url()}`);
      });
      await page.goto(url);
      // who goes elsewhere before has no key yet
      await page.getByRole('navigation').or(page.getByRole('alert')).first().waitFor();
      return page;
    },
  };
}

/** A console for all tests of a file. */
export interface FileConsole extends ConsoleWorld {
  /** Begins another one at the same port, once this one was closed. */
  startAgain(): Promise<void>;
}

/** @param beside what its environment has besides that of the world; asked for once all that was begun before is there */
export function consoleForFile(
  world: CliWorld,
  beside: () => Readonly<Record<string, string>> = () => ({}),
): FileConsole {
  let served: ConsoleWorld;
  const environment = () => ({ ...world.environment, ...beside() });
  beforeAll(async () => {
    buildConsole();
    served = await startConsoleWorld(environment());
  });
  afterAll(() => served?.close());
  const startAgain = async () => {
    served = await startConsoleWorld(environment(), '--port', String(served.port));
  };
  return new Proxy({} as FileConsole, {
    get: (_, name) => (name === 'startAgain' ? startAgain : Reflect.get(served, name)),
  });
}

/** Does what the dialog shows that is open, once what it asks for was typed, and closes it when it has told that all is done, or that a replay has begun. */
export async function confirm(page: Page, title: string | RegExp, typed?: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: title });
  if (typed !== undefined) await dialog.getByRole('textbox').fill(typed);
  await dialog.getByRole('button', { name: title }).click();
  await dialog.getByText(/^(?:Done\.|It has begun: )/).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
}
