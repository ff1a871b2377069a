import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';
import { CHROMIUM, CHROMIUM_OPTIONS } from '../../test/browser/chromium.ts';
import { type Finding, writeMegabytes, writeMilliseconds } from '../measure/findings.ts';
import { estimate } from '../measure/pairs.ts';
import { residentBytes } from '../measure/process-cost.ts';
import { startOwnProcess } from '../processes/own-process.ts';
import type { ReplayUrls, StoreOrder } from '../processes/replay-process.ts';
import { type ToolEnvironment, toolEnvironment } from '../processes/tool-environment.ts';

const HOME = join(import.meta.dirname, '..', '..');
const TOOL = join(HOME, 'dist', 'cli', 'main.mjs');
const PAGE = join(HOME, 'dist', 'console');
const FAILED_ONE_OF = 50;
/** The embedded DynamoDB takes some 4 KB for an event. */
const TABLE_HEAP = '--max-old-space-size=5500';
const LOOK_MS = 250;
const SAYS_WITHIN_MS = 120_000;
/** Seen by the page itself, as it happens: who waits for an element from outside looks for it each half second after a while. */
const SAYS_WHAT_WAITS = `
  whatWaits = new Promise((seen, fail) => {
    const says = () => [...document.links].some(({ textContent }) => /^[1-9][\\d,]*\\+?\\s*pending/.test(textContent));
    new MutationObserver(() => says() && seen()).observe(document, {
      childList: true, subtree: true, characterData: true,
    });
    setTimeout(() => fail(new Error('the console has not said what waits')), ${SAYS_WITHIN_MS});
  });
`;

/** The console over a large backlog, in a browser: how soon it shows something, and what its server takes. */
export async function measureConsole({
  rounds = 5,
  backlog = 1_000_000,
  watchesForMs = 20_000,
} = {}): Promise<Finding[]> {
  for (const name of ['cli', 'console']) {
    execFileSync(process.execPath, [join(HOME, 'build', `${name}.ts`)], { cwd: HOME });
  }
  await using aws = startOwnProcess(import.meta.resolve('../processes/replay-process.ts'), [TABLE_HEAP]);
  const urls = await aws.ask<ReplayUrls>({ events: backlog, failedOneOf: FAILED_ONE_OF } satisfies StoreOrder);
  if (CHROMIUM === undefined) throw new Error('there is no Chromium: apt-get install chromium');
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_OPTIONS });
  try {
    const paints: number[] = [];
    const counts: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await using served = await startTool(toolEnvironment(urls));
      const { paintMs, countMs } = await firstView(browser, served.url);
      paints.push(paintMs);
      counts.push(countMs);
    }
    const peaks = await watchAll(browser, toolEnvironment(urls), watchesForMs);
    const basis = `${backlog} events that wait, one of ${FAILED_ONE_OF} failed; ${rounds} consoles, each opened once, in Chromium`;
    return [
      {
        what: 'the console’s first paint',
        figure: estimate(paints),
        write: writeMilliseconds,
        target: { kind: 'at most', value: 1_000 },
        basis,
      },
      {
        what: 'until it says what waits',
        figure: estimate(counts),
        write: writeMilliseconds,
        target: { kind: 'at most', value: 1_000 },
        basis: `${basis}; from the opening of its address`,
      },
      {
        what: 'resident memory of its server, at most',
        figure: estimate([Math.max(...peaks.map(({ bytes }) => bytes))]),
        write: writeMegabytes,
        basis: `each view watched for ${watchesForMs / 1_000} s: ${peaks.map(({ view, bytes }) => `${view} ${writeMegabytes(bytes)}`).join(', ')}`,
      },
      {
        what: 'the page, compressed',
        figure: estimate([pageBytes()]),
        write: writeMegabytes,
        target: { kind: 'at most', value: 250_000 },
        basis: 'script, style and frame by gzip',
      },
    ];
  } finally {
    await browser.close();
  }
}

/** From the opening of the address, in milliseconds. */
async function firstView(browser: Browser, url: string): Promise<{ paintMs: number; countMs: number }> {
  const page = await (await browser.newContext()).newPage();
  await page.addInitScript(SAYS_WHAT_WAITS);
  const openedAt = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.evaluate('whatWaits');
  const countMs = performance.now() - openedAt;
  const paintMs = Number(await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"));
  await page.context().close();
  return { paintMs, countMs };
}

/** Looks at each view for a while, one after the other. */
async function watchAll(
  browser: Browser,
  environment: ToolEnvironment,
  forMs: number,
): Promise<{ view: string; bytes: number }[]> {
  await using served = await startTool(environment);
  const page = await (await browser.newContext()).newPage();
  await page.goto(served.url);
  const links = page.getByRole('navigation').getByRole('link');
  await links.first().waitFor();
  const names = await links.allTextContents();
  if (names.length === 0) throw new Error('the page names no view');
  const peaks: { view: string; bytes: number }[] = [];
  for (const view of names) {
    await links.filter({ hasText: view }).first().click();
    let bytes = 0;
    for (const endsAt = performance.now() + forMs; performance.now() < endsAt; await pause(LOOK_MS)) {
      bytes = Math.max(bytes, residentBytes(served.pid));
    }
    peaks.push({ view, bytes });
  }
  await page.context().close();
  return peaks;
}

/** The built console, at a port of its own. */
async function startTool(environment: ToolEnvironment) {
  const child = spawn(process.execPath, [TOOL, 'console', '--port', '0', '-o', 'json'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const { value: line } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (typeof line !== 'string') throw new Error('the console has ended before it told its address');
  const { url } = JSON.parse(line) as { readonly url: string };
  return {
    url,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

function pageBytes(): number {
  return readdirSync(PAGE)
    .filter((name) => /^console\.|^index\./.test(name))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(PAGE, name))).length, 0);
}
